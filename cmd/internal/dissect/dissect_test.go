package dissect

import (
	"encoding/hex"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// packets has messages of every kind and for every rule one that breaks it. want
// is the problem as "offset severity clause", or several of them.
var packets = []struct {
	name, hex string
	want      string
}{
	{"v2c get", "3029 020101 0406 7075626C6963 A01C 0204 1F2E3D4C 020100 020100 300E 300C 0608 2B06010201010100 0500", ""},
	{"v1 response with an error", "3029 020100 0406 7075626C6963 A21C 0204 1F2E3D4C 020102 020101 300E 300C 0608 2B06010201010100 0500", ""},
	{"v2c getbulk", "3026 020101 0406 7075626C6963 A519 020101 020100 02010A 300E 300C 0608 2B06010201010100 0500", ""},
	{"v1 trap", "302F 020100 0406 7075626C6963 A422 0606 2B0601040105 4004 C0000201 020106 020107 430108 3009 3007 0603 2B0601 0500", ""},
	{"every type", "3081 86 020101 0401 78 A27E 020101 020100 020100 3073" +
		"3007 0601 2A 0202 FF7F 3007 0601 2A 0402 6869 3005 0601 2A 0500 3007 0601 2A 0602 2B06" +
		"3009 0601 2A 4004 7F000001 3006 0601 2A 4101 01 3006 0601 2A 4201 02 3006 0601 2A 4301 03 3007 0601 2A 4402 0500" +
		"300E 0601 2A 4609 00FFFFFFFFFFFFFFFF 3005 0601 2A 8000 3005 0601 2A 8100 3005 0601 2A 8200", ""},
	{"v3 discovery", "3037 020103 300D 020101 020205C0 040104 020103 0410 300E 0400 020100 020100 0400 0400 0400 3011 0400 0400 A00B 020101 020100 020100 3000", ""},
	{"v3 without varbinds", "3035 020103 300D 020101 020205C0 040104 020103 0410 300E 0400 020100 020100 0400 0400 0400 300F 0400 0400 A009 020101 020100 020100", "0037 malformed X.690 §8.9.2"},
	{"v3 encrypted", "3048 020103 300D 020101 020205C0 040103 020103 0424 3022 0400 020100 020100 0400 040C 111111111111111111111111 0408 2222222222222222 040E 0102030405060708090A0B0C0D0E", ""},

	{"nothing", "", "0000 malformed RFC 3417 §3.1"},
	{"one octet", "30", "0001 malformed X.690 §8.1.1.1"},
	{"not a SEQUENCE", "3103 020100", "0000 malformed X.690 §8.1.2, 0005 malformed X.690 §8.9.2"},
	{"not even constructed", "0203 020100", "0000 malformed X.690 §8.1.2"},
	{"empty", "3000", "0002 malformed X.690 §8.9.2"},
	{"behind the message", "301B 020101 0400 A014 020101 020100 020100 3009 3007 0603 2B0601 0500 0500", "001D tolerated RFC 3417 §3.1"},
	{"indefinite", "3080 020100 0400 0000", "0001 malformed RFC 3417 §8"},
	{"reserved length", "30FF 020100", "0001 malformed X.690 §8.1.3.5"},
	{"length of more octets than there are", "3084 0000", "0004 malformed X.690 §8.1.3.5"},
	{"length beyond all bounds", "3088 FFFFFFFFFFFFFFFF 020100", "0001 malformed X.690 §8.1.3"},
	{"version 2", "301B 020102 0400 A014 020101 020100 020100 3009 3007 0603 2B0601 0500", "0002 malformed RFC 3412 §4.2.1"},
	{"no version", "3018 0400 A014 020101 020100 020100 3009 3007 0603 2B0601 0500", "0002 malformed X.690 §8.1.2, 0004 malformed X.690 §8.9.2"},
	{"constructed community", "301D 020101 2402 0400 A014 020101 020100 020100 3009 3007 0603 2B0601 0500", "0005 malformed RFC 3417 §8"},
	{"no PDU", "3005 020101 0400", "0007 malformed X.690 §8.9.2"},
	{"unknown PDU", "3007 020101 0400 A900", "0007 malformed RFC 3416 §3"},
	{"getbulk in v1", "301B 020100 0400 A514 020101 020100 020100 3009 3007 0603 2B0601 0500", "0007 malformed RFC 1157 §4.1"},
	{"v1 trap in v2c", "3028 020101 0400 A421 0606 2B0601040105 4004 C0000201 020106 020107 430108 3008 3006 0602 2B06 0500", "0007 malformed RFC 3416 §3"},
	{"padded request-id", "301C 020101 0400 A015 02020001 020100 020100 3009 3007 0603 2B0601 0500", "000B tolerated X.690 §8.3.2"},
	{"empty INTEGER", "301A 020101 0400 A013 0200 020100 020100 3009 3007 0603 2B0601 0500", "000A malformed X.690 §8.3.1"},
	{"request-id of 33 bits", "301F 020101 0400 A018 0205 0100000000 020100 020100 3009 3007 0603 2B0601 0500", "0009 malformed RFC 3416 §3"},
	{"unknown error-status", "301B 020101 0400 A214 020101 020163 020100 3009 3007 0603 2B0601 0500", "000C odd RFC 3416 §3"},
	{"error-status of v2 in v1", "301B 020100 0400 A214 020101 020106 020101 3009 3007 0603 2B0601 0500", "000C odd RFC 1157 §4.1.1"},
	{"error-index beyond", "301B 020101 0400 A214 020101 020105 020102 3009 3007 0603 2B0601 0500", "000F odd RFC 3416 §4.2"},
	{"octets behind the value", "301D 020101 0400 A016 020101 020100 020100 300B 3009 0603 2B0601 0500 0500", "001D malformed X.690 §8.9.2"},
	{"no value", "3019 020101 0400 A012 020101 020100 020100 3007 3005 0603 2B0601", "001B malformed X.690 §8.9.2"},
	{"NULL with contents", "301C 020101 0400 A015 020101 020100 020100 300A 3008 0603 2B0601 0501 00", "001C malformed X.690 §8.8.2"},
	{"a value that is a SEQUENCE", "301D 020101 0400 A016 020101 020100 020100 300B 3009 0603 2B0601 3002 0500", "001B malformed RFC 3416 §3"},
	{"an unknown value", "301C 020101 0400 A015 020101 020100 020100 300A 3008 0603 2B0601 4801 00", "001B malformed RFC 3416 §3"},
	{"an IpAddress of three", "301E 020101 0400 A017 020101 020100 020100 300C 300A 0603 2B0601 4003 010203", "001B malformed RFC 2578 §7.1.5"},
	{"a negative Gauge32", "301C 020101 0400 A015 020101 020100 020100 300A 3008 0603 2B0601 4201 FF", "001B malformed RFC 2578 §7.1"},
	{"a negative Counter64", "301C 020101 0400 A015 020101 020100 020100 300A 3008 0603 2B0601 4601 FF", "001D malformed RFC 2578 §7.1.10"},
	{"Counter64 in v1", "301C 020100 0400 A215 020101 020100 020100 300A 3008 0603 2B0601 4601 01", "001B odd RFC 3584 §4.2.2.1"},
	{"an exception in v1", "301B 020100 0400 A214 020101 020100 020100 3009 3007 0603 2B0601 8000", "001B odd RFC 1157 §4.1"},
	{"UInteger32", "301C 020101 0400 A215 020101 020100 020100 300A 3008 0603 2B0601 4701 01", "001B odd RFC 2578 §7.1"},
	{"NsapAddress", "301C 020101 0400 A215 020101 020100 020100 300A 3008 0603 2B0601 4501 01", "001B odd RFC 2578 §7.1"},
	{"OID without contents", "3018 020101 0400 A011 020101 020100 020100 3006 3004 0600 0500", "0017 tolerated X.690 §8.19.2"},
	{"OID with a leading zero", "301C 020101 0400 A015 020101 020100 020100 300A 3008 0604 2B068001 0500", "001A tolerated X.690 §8.19.2"},
	{"OID that does not end", "301B 020101 0400 A014 020101 020100 020100 3009 3007 0603 2B0681 0500", "001B malformed X.690 §8.19.2"},
	{"OID with too large a number", "301F 020101 0400 A018 020101 020100 020100 300D 300B 0607 2B069080808000 0500", "001E malformed RFC 2578 §3.5"},
	{"v3: msgFlags of two octets", "3035 020103 300E 020101 020205C0 04020300 020103 0410 300E 0400 020100 020100 0400 0400 0400 040E 0102030405060708090A0B0C0D0E",
		"000E malformed RFC 3412 §6.4, 0027 odd RFC 3412 §6.7"},
	{"v3: privacy alone", "303C 020103 300D 020101 020205C0 040102 020103 0418 3016 0400 020100 020100 0400 0400 0408 2222222222222222 040E 0102030405060708090A0B0C0D0E",
		"0010 malformed RFC 3412 §7.2"},
	{"v3: an engine ID of 4 octets", "303B 020103 300D 020101 020205C0 040104 020103 0414 3012 0404 80000001 020100 020100 0400 0400 0400 3011 0400 0400 A00B 020101 020100 020100 3000",
		"0018 odd RFC 3414 §3.2 (3)"},
	{"v3: a MAC of 5 octets, no salt", "3039 020103 300D 020101 020205C0 040103 020103 0415 3013 0400 020100 020100 0400 0405 1111111111 0400 040E 0102030405060708090A0B0C0D0E",
		"0022 odd RFC 3414 §3.2 (6), 0029 odd RFC 3414 §3.2 (8)"},
	{"v3: a MAC and a salt without flags", "304B 020103 300D 020101 020205C0 040104 020103 0424 3022 0400 020100 020100 0400 040C 111111111111111111111111 0408 2222222222222222 3011 0400 0400 A00B 020101 020100 020100 3000",
		"0022 odd RFC 3414 §3.1 (8), 0030 odd RFC 3414 §3.1 (4)"},
	{"v3: msgMaxSize of 483", "3048 020103 300D 020101 020201E3 040103 020103 0424 3022 0400 020100 020100 0400 040C 111111111111111111111111 0408 2222222222222222 040E 0102030405060708090A0B0C0D0E",
		"000A malformed RFC 3412 §6.3"},
}

func TestMessage(t *testing.T) {
	for _, test := range packets {
		t.Run(test.name, func(t *testing.T) {
			data := unhex(test.hex)
			var got []string
			for _, f := range Message(data, Options{}).List {
				for _, p := range f.Problems {
					got = append(got, hexOffset(p.Offset)+" "+p.Severity.String()+" "+p.Clause)
				}
			}
			if s := strings.Join(got, ", "); s != test.want {
				var text strings.Builder
				Message(data, Options{ShowSecrets: true}).Write(&text)
				t.Errorf("problems %s\nwant %s\n%s", s, test.want, text.String())
			}
			check(t, data)
		})
	}
}

func hexOffset(n int) string {
	return strings.ToUpper(hex.EncodeToString([]byte{byte(n >> 8), byte(n)}))
}

// A datagram that is cut off anywhere has one problem: the message's length.
func TestTruncated(t *testing.T) {
	whole := unhex(packets[0].hex)
	for n := 2; n < len(whole); n++ {
		problems := 0
		for _, f := range Message(whole[:n], Options{}).List {
			problems += len(f.Problems)
		}
		if problems != 1 {
			t.Errorf("cut off at %d: %d problems", n, problems)
		}
		check(t, whole[:n])
	}
}

// Every change of one octet to some values that matter keeps the promises of
// FuzzMessage.
func TestAltered(t *testing.T) {
	for _, p := range packets {
		whole := unhex(p.hex)
		for i := range whole {
			for _, octet := range []byte{0x00, 0x01, 0x02, 0x04, 0x1F, 0x30, 0x7F, 0x80, 0x81, 0x84, 0xA0, 0xA4, 0xFF} {
				altered := append([]byte(nil), whole...)
				altered[i] = octet
				check(t, altered)
			}
		}
	}
}

func TestWrite(t *testing.T) {
	o := Options{
		Name: func(o ber.OID) string {
			if o == ber.MustOID("1.3.6.1.2.1.1.1.0") {
				return "sysDescr.0"
			}
			return ""
		},
		Value: func(vb pdu.VarBind) string {
			if vb.Name == ber.MustOID("1.3.6.1.2.1.1.1.0") {
				return "«" + vb.Value.Text() + "»"
			}
			return ""
		},
	}
	response := unhex("3039 020101 0406 7075626C6963 A22C 0204 1F2E3D4C 020100 020100 301E 301C 0608 2B06010201010100 0410 303132333435363738396162636465 FF 00")
	const text = `0000  30 39                                            message SEQUENCE, 57 octets
0002  02 01 01                                           version INTEGER 1 (SNMPv2c)
0005  04 06 ** ** ** ** ** **                            community OCTET STRING, 6 octets, not shown
000D  A2 2C                                              data Response-PDU, 44 octets
000F  02 04 1F 2E 3D 4C                                    request-id INTEGER 523124044
0015  02 01 00                                             error-status INTEGER 0 (noError)
0018  02 01 00                                             error-index INTEGER 0
001B  30 1E                                                variable-bindings SEQUENCE, 30 octets
001D  30 1C                                                  varbind 1 SEQUENCE, 28 octets
001F  06 08 2B 06 01 02 01 01 01 00                            name OBJECT IDENTIFIER 1.3.6.1.2.1.1.1.0 (sysDescr.0)
0029  04 10 30 31 32 33 34 35 36 37 38 39 61 62 63 64          value OCTET STRING «` + "0123456789abcde\xFF" + `»
0039  65 FF
003B  **                                               ? octets, 1 octet, not shown
^     003B tolerated: 1 octet behind the message (RFC 3417 §3.1)
`
	var got strings.Builder
	if err := Message(response, o).Write(&got); err != nil || got.String() != text {
		t.Errorf("%v\n%s\nwant\n%s", err, got.String(), text)
	}
	o.ShowSecrets = true
	got.Reset()
	if err := Message(response, o).Write(&got); err != nil || !strings.Contains(got.String(), `04 06 70 75 62 6C 69 63                            community OCTET STRING "public"`) {
		t.Errorf("%v\n%s", err, got.String())
	}
}
