package pdu

import (
	"encoding/hex"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/ber/bertest"
)

// The vectors and the decoded captures describe messages as JSON objects; what
// is below makes the same of ours.

var jsonKinds = map[Kind]string{
	GetRequest: "get", GetNextRequest: "getnext", Response: "response", SetRequest: "set", TrapV1: "trapv1",
	GetBulkRequest: "getbulk", InformRequest: "inform", TrapV2: "trapv2", Report: "report",
}

var jsonTypes = map[Syntax]string{
	TypeInteger: "Integer32", TypeOctetString: "OctetString", TypeNull: "Null", TypeObjectIdentifier: "ObjectIdentifier",
	TypeIPAddress: "IpAddress", TypeCounter32: "Counter32", TypeGauge32: "Unsigned32", TypeTimeTicks: "TimeTicks",
	TypeOpaque: "Opaque", TypeCounter64: "Counter64",
	TypeNoSuchObject: "noSuchObject", TypeNoSuchInstance: "noSuchInstance", TypeEndOfMibView: "endOfMibView",
}

func jsonValue(v Value) any {
	switch v.Syntax() {
	case TypeInteger:
		return v.Int()
	case TypeCounter32, TypeGauge32, TypeTimeTicks:
		return v.Uint()
	case TypeCounter64:
		return strconv.FormatUint(v.Uint(), 10)
	case TypeOctetString, TypeOpaque:
		return hex.EncodeToString([]byte(v.Octets()))
	case TypeObjectIdentifier:
		return v.OID().String()
	case TypeIPAddress:
		return v.Addr().String()
	}
	return nil
}

func jsonVarBinds(list []VarBind) []any {
	out := make([]any, 0, len(list))
	for _, vb := range list {
		out = append(out, map[string]any{"oid": vb.Name.String(), "type": jsonTypes[vb.Value.Syntax()], "value": jsonValue(vb.Value)})
	}
	return out
}

func jsonMessage(m *Message) any {
	p := map[string]any{"type": jsonKinds[m.PDU.Kind]}
	switch m.PDU.Kind {
	case TrapV1:
		p["enterprise"] = m.Trap.Enterprise.String()
		p["agent_addr"] = m.Trap.AgentAddr.String()
		p["generic_trap"] = m.Trap.GenericTrap
		p["specific_trap"] = m.Trap.SpecificTrap
		p["time_stamp"] = m.Trap.TimeStamp
		p["varbinds"] = jsonVarBinds(m.Trap.VarBinds)
	case GetBulkRequest:
		p["request_id"] = m.PDU.RequestID
		p["non_repeaters"] = m.PDU.NonRepeaters
		p["max_repetitions"] = m.PDU.MaxRepetitions
		p["varbinds"] = jsonVarBinds(m.PDU.VarBinds)
	default:
		p["request_id"] = m.PDU.RequestID
		p["error_status"] = int32(m.PDU.ErrorStatus)
		p["error_index"] = m.PDU.ErrorIndex
		p["varbinds"] = jsonVarBinds(m.PDU.VarBinds)
	}
	version := map[Version]string{V1: "v1", V2c: "v2c"}[m.Version]
	return map[string]any{"version": version, "community": hex.EncodeToString(m.Community), "pdu": p}
}

// checkJSON compares what jsonMessage or jsonValue made with what a file says.
func checkJSON(t *testing.T, got any, want json.RawMessage) {
	t.Helper()
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var g, w any
	for _, p := range []struct {
		text []byte
		to   *any
	}{{text, &g}, {want, &w}} {
		d := json.NewDecoder(strings.NewReader(string(p.text)))
		d.UseNumber() // a float has no room for 64 bits
		if err := d.Decode(p.to); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(g, w) {
		t.Errorf("decodes to\n%s\nwant\n%s", text, want)
	}
}

// A vector is an entry of testdata/vectors/ber.json, whose "doc" says what the
// fields mean.
type vector struct {
	Kind         string
	Hex          string
	Expect       string
	Value        json.RawMessage
	Error        string
	LenientValue json.RawMessage `json:"lenient_value"`
	Rule         string
	Note         string
	Observed     json.RawMessage
}

// decode reads the vector's octets as what they are to be, and returns it as
// JSON has it, and encoded again.
func (v *vector) decode(t *testing.T, in []byte, strict bool) (value any, encoded []byte, tolerated int, err error) {
	d := Decoder{Strict: strict}
	if v.Kind == "Message" {
		var m Message
		if err := d.Message(in, &m); err != nil {
			return nil, nil, 0, err
		}
		return jsonMessage(&m), m.Append(nil), d.Tolerated, nil
	}
	r := ber.NewReader(in)
	r.Strict = strict
	w := ber.NewWriter(make([]byte, 70000))
	switch v.Kind {
	case "Sequence":
		r.Leave(r.Enter(ber.Sequence))
	case "VarBind": // as the only one of a list
		w.Octets(ber.Sequence, in)
		r = ber.NewReader(w.Bytes())
		r.Strict = strict
		list, _ := readVarBinds(&r, &d.Arena, nil)
		if r.Err() == nil {
			value = jsonVarBinds(list)[0]
			w = ber.NewWriter(make([]byte, 1000))
			encodeVarBinds(&w, list, nil)
			encoded = w.Bytes()[2:]
		}
	default:
		got := readValue(&r, &d.Arena)
		if r.Err() == nil {
			if jsonTypes[got.Syntax()] != v.Kind && v.Kind != "value" {
				t.Errorf("read a %v, want %s", got.Syntax(), v.Kind)
			}
			value = jsonValue(got)
			got.encode(&w)
			encoded = w.Bytes()
		}
		if r.More() {
			t.Errorf("octets left behind the value")
		}
	}
	return value, encoded, r.Tolerated, r.Err()
}

// These are errors by the vectors, which say that a decoder may accept them. We
// do, also in strict mode.
var accepted = map[string]string{
	"octets behind the message": "302902010104067075626c6963a01c02041dbd5eb1020100020100300e300c06082b06010201010100050000",
	"Counter64 in SNMPv1":       "302a02010004067075626c6963a21d02041dbd5eb1020100020100300f300d06082b06010201010100460105",
	"NsapAddress":               "45030a0b0c",
	"2.4294967295":              "0605908080804f",
}

// What we tolerate of the ill-formed encodings that a decoder may accept, and no
// more: those whose value is unambiguous (package ber).
func (v *vector) tolerable() bool {
	switch v.Error {
	case "non-minimal", "leading 0x80":
		return true
	case "empty":
		return v.Kind == "ObjectIdentifier"
	}
	return false
}

func TestVectors(t *testing.T) {
	vectors := bertest.Vectors[vector](t, "ber.json")
	if len(vectors) < 266 {
		t.Errorf("%d vectors, there were 266", len(vectors))
	}
	unused := make(map[string]bool)
	for _, in := range accepted {
		unused[in] = true
	}
	for i, v := range vectors {
		t.Run(strconv.Itoa(i)+" "+v.Kind+" "+v.Rule, func(t *testing.T) {
			in, err := hex.DecodeString(v.Hex)
			if err != nil {
				t.Fatal(err)
			}
			value, encoded, tolerated, err := v.decode(t, in, false)
			strictValue, _, _, strictErr := v.decode(t, in, true)
			switch {
			case v.Expect == "ok":
				if err != nil || strictErr != nil || tolerated != 0 {
					t.Fatalf("%v; strict: %v; %d tolerated", err, strictErr, tolerated)
				}
				checkJSON(t, value, v.Value)
				checkJSON(t, strictValue, v.Value)
				if again, _, _, err := v.decode(t, encoded, true); err != nil || !reflect.DeepEqual(again, value) {
					t.Errorf("written as % X, which reads as %v, %v", encoded, again, err)
				}
			case v.tolerable():
				if err != nil || tolerated == 0 || strictErr == nil {
					t.Fatalf("%v, %d tolerated; strict: %v", err, tolerated, strictErr)
				}
				checkJSON(t, value, v.LenientValue)
			case unused[v.Hex]:
				delete(unused, v.Hex)
				if err != nil || strictErr != nil {
					t.Fatalf("%v; strict: %v", err, strictErr)
				}
				if v.LenientValue != nil {
					checkJSON(t, value, v.LenientValue)
				}
			default:
				if err == nil || strictErr == nil {
					t.Fatalf("accepted as %v, want: %s", value, v.Error)
				}
			}
		})
	}
	for in := range unused {
		t.Errorf("no vector %s, of which is said that we accept it", in)
	}
}
