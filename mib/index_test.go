package mib

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"snmpstack/ber"
)

// indexed has a field of each kind that an index can have.
type indexed struct {
	U    uint32
	I    int32
	N    int
	S    string
	MAC  [6]byte
	O    ber.OID
	Addr netip.Addr
}

// TestIndex: the rules of RFC 2578 §7.7, in both directions.
func TestIndex(t *testing.T) {
	tests := []struct {
		name  string
		index func(x *Index, r *indexed)
		row   indexed
		want  string
	}{
		{"integer", func(x *Index, r *indexed) { x.Uint32(&r.U) }, indexed{U: 4294967295}, "4294967295"},
		{"2578-7.7-2 zero is an index", func(x *Index, r *indexed) { x.Int32(&r.I) }, indexed{I: 0}, "0"},
		{"signed", func(x *Index, r *indexed) { x.Int32(&r.I) }, indexed{I: 2147483647}, "2147483647"},
		{"int", func(x *Index, r *indexed) { x.Int(&r.N) }, indexed{N: 7}, "7"},
		{"2578-7.7-4 string has its length first", func(x *Index, r *indexed) { x.String(&r.S) }, indexed{S: "ab"}, "2.97.98"},
		{"2578-7.7-4 empty string", func(x *Index, r *indexed) { x.String(&r.S) }, indexed{}, "0"},
		{"octets are unsigned", func(x *Index, r *indexed) { x.String(&r.S) }, indexed{S: "\x00\xff"}, "2.0.255"},
		{"2578-7.7-5 IMPLIED string", func(x *Index, r *indexed) { x.ImpliedString(&r.S) }, indexed{S: "public"}, "112.117.98.108.105.99"},
		{"fixed string", func(x *Index, r *indexed) { x.FixedString(&r.S, 3) }, indexed{S: "abc"}, "97.98.99"},
		{"2578-7.7-3 MacAddress", func(x *Index, r *indexed) { x.Fixed(r.MAC[:]) }, indexed{MAC: [6]byte{0, 0x1b, 0x21, 1, 2, 255}}, "0.27.33.1.2.255"},
		{"2578-7.7-6 OID has its length first", func(x *Index, r *indexed) { x.OID(&r.O) }, indexed{O: ber.NewOID(1, 3, 6)}, "3.1.3.6"},
		{"2578-7.7-6 IMPLIED OID", func(x *Index, r *indexed) { x.ImpliedOID(&r.O) }, indexed{O: ber.NewOID(1, 3, 6)}, "1.3.6"},
		{"2578-7.7-6 IpAddress", func(x *Index, r *indexed) { x.IPAddress(&r.Addr) }, indexed{Addr: netip.MustParseAddr("10.0.0.1")}, "10.0.0.1"},
		{"several", func(x *Index, r *indexed) { x.Int32(&r.I); x.String(&r.S); x.IPAddress(&r.Addr); x.ImpliedOID(&r.O) },
			indexed{I: 5, S: "x", Addr: netip.MustParseAddr("192.0.2.255"), O: ber.NewOID(9, 8)}, "5.1.120.192.0.2.255.9.8"},
		{"InetAddress ipv4", func(x *Index, r *indexed) { x.InetAddress(&r.Addr) },
			indexed{Addr: netip.MustParseAddr("192.0.2.1")}, "1.4.192.0.2.1"},
		{"InetAddress ipv6", func(x *Index, r *indexed) { x.InetAddress(&r.Addr) },
			indexed{Addr: netip.MustParseAddr("2001:db8::1")}, "2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1"},
		{"InetAddress ipv6z", func(x *Index, r *indexed) { x.InetAddress(&r.Addr) },
			indexed{Addr: netip.MustParseAddr("fe80::1%258")}, "4.20.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.1.2"},
		{"InetAddress unknown", func(x *Index, r *indexed) { x.InetAddress(&r.Addr) }, indexed{}, "0.0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var x Index
			row := tt.row
			if err := encodeIndex(&x, tt.index, &row); err != nil {
				t.Fatal(err)
			}
			if got := ber.OID(x.arcs).String(); got != tt.want {
				t.Errorf("encoded as %s, want %s", got, tt.want)
			}
			if !reflect.DeepEqual(row, tt.row) {
				t.Errorf("encoding changed the row to %+v", row)
			}
			var back indexed
			if err := decodeIndex(ber.MustOID(tt.want), tt.index, &back); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(back, tt.row) {
				t.Errorf("decoded as %+v, want %+v", back, tt.row)
			}
			// A part of a name is no name, and neither is one with more behind it
			// (RFC 2578 §7.7), unless the last object is IMPLIED.
			key := ber.MustOID(tt.want)
			if !strings.Contains(tt.name, "IMPLIED") && tt.name != "several" {
				if err := decodeIndex(key.Slice(0, key.Len()-1), tt.index, &back); err == nil {
					t.Error("a name that is too short was decoded")
				}
				if err := decodeIndex(key.Append(0), tt.index, &back); err == nil {
					t.Error("a name that is too long was decoded")
				}
			}
		})
	}
}

// TestIndexEncodeErrors: values that cannot be an index (RFC 2578 §7.7).
func TestIndexEncodeErrors(t *testing.T) {
	tests := []struct {
		name  string
		index func(x *Index, r *indexed)
		row   indexed
		want  string
	}{
		{"2578-7.7-2 negative", func(x *Index, r *indexed) { x.Int32(&r.I) }, indexed{I: -1}, "the integer -1 is not from 0 to 2147483647"},
		{"negative int", func(x *Index, r *indexed) { x.Int(&r.N) }, indexed{N: -5}, "the integer -5 is not from 0"},
		{"fixed", func(x *Index, r *indexed) { x.FixedString(&r.S, 2) }, indexed{S: "abc"}, "a string of 3 octets was to have 2"},
		{"2578-7.7-5 empty IMPLIED", func(x *Index, r *indexed) { x.ImpliedString(&r.S) }, indexed{}, "an IMPLIED string is empty"},
		{"empty IMPLIED OID", func(x *Index, r *indexed) { x.ImpliedOID(&r.O) }, indexed{}, "an IMPLIED OID is empty"},
		{"IPv6", func(x *Index, r *indexed) { x.IPAddress(&r.Addr) }, indexed{Addr: netip.IPv6Loopback()}, "::1 is not an IPv4 address"},
		{"zone", func(x *Index, r *indexed) { x.InetAddress(&r.Addr) },
			indexed{Addr: netip.MustParseAddr("fe80::1%eth0")}, "the zone of fe80::1%eth0 is not an interface's number"},
		{"nothing", func(x *Index, r *indexed) {}, indexed{}, "it has no sub-identifiers"},
		{"too long", func(x *Index, r *indexed) { x.String(&r.S) }, indexed{S: strings.Repeat("x", 128)}, "it has 129 sub-identifiers"},
		{"the first error counts", func(x *Index, r *indexed) { x.Int32(&r.I); x.ImpliedString(&r.S) }, indexed{I: -1}, "-1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := encodeIndex(new(Index), tt.index, &tt.row)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// TestIndexDecodeErrors: 2578-7.7-8, names that no row can have (RFC 2578 §7.7).
func TestIndexDecodeErrors(t *testing.T) {
	tests := []struct {
		name  string
		index func(x *Index, r *indexed)
		key   string
		want  string
	}{
		{"octet", func(x *Index, r *indexed) { x.String(&r.S) }, "1.256", "sub-identifier 256 is not an octet"},
		{"octet in an address", func(x *Index, r *indexed) { x.IPAddress(&r.Addr) }, "10.0.0.256", "is not an octet"},
		{"length over what follows", func(x *Index, r *indexed) { x.String(&r.S) }, "3.97.98", "too short"},
		{"huge length", func(x *Index, r *indexed) { x.OID(&r.O) }, "4294967295.1", "too short"},
		{"empty", func(x *Index, r *indexed) { x.Uint32(&r.U) }, "", "too short"},
		{"integer", func(x *Index, r *indexed) { x.Int32(&r.I) }, "2147483648", "is not from 0 to 2147483647"},
		{"left over", func(x *Index, r *indexed) { x.Uint32(&r.U) }, "1.2.3", "2 sub-identifiers are left over"},
		{"empty IMPLIED", func(x *Index, r *indexed) { x.Uint32(&r.U); x.ImpliedString(&r.S) }, "1", "IMPLIED string is empty"},
		{"InetAddress of another length", func(x *Index, r *indexed) { x.InetAddress(&r.Addr) }, "1.3.10.0.0", "type 1 cannot have 3 octets"},
		{"InetAddressType", func(x *Index, r *indexed) { x.InetAddress(&r.Addr) }, "3.4.1.2.3.4", "type 3 cannot have 4 octets"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var row indexed
			err := decodeIndex(ber.MustOID(tt.key), tt.index, &row)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}
