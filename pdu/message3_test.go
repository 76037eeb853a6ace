package pdu

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"testing"

	"snmpstack/ber"
	"snmpstack/ber/bertest"
)

// discovery is what a manager begins with: a GetRequest without varbinds, user
// and engine (RFC 3414 §4), as Net-SNMP sends it.
const discovery = "303e02010330110204458f7d68020300ffe30401040201030410300e0400020100020100040004000400301404000400a00e02044d4cddbe0201000201003000"

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// RFC 3412 §6
func TestReadHeader3(t *testing.T) {
	good := unhex(t, discovery)
	h, err := ReadHeader3(good, true)
	if err != nil {
		t.Fatal(err)
	}
	want := Header3{
		MsgID: 0x458f7d68, MsgMaxSize: 65507, MsgFlags: FlagReportable, SecurityModel: SecurityModelUSM,
		SecurityParameters: good[26:42], SecurityOffset: 26, Data: good[42:],
	}
	if !reflect.DeepEqual(h, want) {
		t.Errorf("got %+v\nwant %+v", h, want)
	}
	kind, id, ok := PeekScopedPDU(h.Data)
	if kind != GetRequest || id != 0x4d4cddbe || !ok {
		t.Errorf("PeekScopedPDU: %v %x %v", kind, id, ok)
	}

	for _, test := range []struct {
		name   string
		at     int // octet to alter
		octet  byte
		kind   error
		offset int
	}{
		{"version", 4, 1, ErrVersion, 2},
		{"msgID negative", 9, 0x80, ber.ErrInteger, 7},
		{"msgMaxSize too small", 16, 0x00, ber.ErrInteger, 13},
		{"msgFlags of another type", 18, 0x02, ber.ErrTag, 18},
		{"msgSecurityModel 0", 23, 0, ber.ErrInteger, 21},
		{"msgGlobalData too short", 6, 16, ber.ErrTruncated, 23},
		{"msgData of another type", 42, 0x31, ber.ErrTag, 42},
		{"message too short", 1, 0x3d, ber.ErrTruncated, 63},
	} {
		t.Run(test.name, func(t *testing.T) {
			bad := unhex(t, discovery)
			bad[test.at] = test.octet
			_, err := ReadHeader3(bad, false)
			var syntax *ber.SyntaxError
			if !errors.Is(err, test.kind) || !errors.As(err, &syntax) || syntax.Offset != test.offset {
				t.Errorf("error %v, want %v at %d", err, test.kind, test.offset)
			}
		})
	}
	for n := range good {
		if _, err := ReadHeader3(good[:n], false); err == nil {
			t.Errorf("the first %d octets are accepted", n)
		}
	}
}

// RFC 3412 §6.4, §7.2 (5)
func TestMsgFlags(t *testing.T) {
	for flags, want := range map[MsgFlags]SecurityLevel{
		0: NoAuthNoPriv, 4: NoAuthNoPriv, 0xF8: NoAuthNoPriv, 1: AuthNoPriv, 5: AuthNoPriv, 3: AuthPriv, 7: AuthPriv, 0xFF: AuthPriv,
	} {
		if l, ok := flags.Level(); l != want || !ok {
			t.Errorf("flags %02X: level %v, %v", byte(flags), l, ok)
		}
	}
	if _, ok := FlagPriv.Level(); ok {
		t.Error("privacy without authentication is a level")
	}
	for l := NoAuthNoPriv; l <= AuthPriv; l++ {
		if back, ok := l.Flags().Level(); back != l || !ok {
			t.Errorf("%v has flags %02X", l, byte(l.Flags()))
		}
	}
}

// TestMessages3 reads messages that five implementations have sent, up to their
// security model, and the ScopedPDUs that were in them.
func TestMessages3(t *testing.T) {
	data, err := os.ReadFile(bertest.Shared(t, "vectors/usm_messages.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Count   int
		Vectors []struct {
			ID, Message string
			Expect      struct {
				MsgID      int32 `json:"msg_id"`
				MsgMaxSize int32 `json:"msg_max_size"`
				Flags      MsgFlags
				Model      SecurityModel `json:"security_model"`
				ScopedPDU  string        `json:"scoped_pdu"`
				Engine     string        `json:"context_engine_id"`
				Context    string        `json:"context_name"`
				PDU        json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(data, &file); err != nil || file.Count == 0 || len(file.Vectors) != file.Count {
		t.Fatalf("%d of %d vectors, %v", len(file.Vectors), file.Count, err)
	}
	var d Decoder
	for _, v := range file.Vectors {
		h, err := ReadHeader3(unhex(t, v.Message), false)
		if err != nil {
			t.Errorf("%s: %v", v.ID, err)
			continue
		}
		e := v.Expect
		if h.MsgID != e.MsgID || h.MsgMaxSize != e.MsgMaxSize || h.MsgFlags != e.Flags || h.SecurityModel != e.Model || h.Encrypted != (e.Flags&FlagPriv != 0) {
			t.Errorf("%s: header %+v", v.ID, h)
		}
		plain := h.Data
		if e.ScopedPDU != "" {
			plain = append(unhex(t, e.ScopedPDU), 0xFF, 0xFF) // padding
		}
		if h.Encrypted && e.ScopedPDU == "" {
			continue // no key is known
		}
		var s ScopedPDU
		if err := d.ScopedPDU(plain, &s); err != nil {
			t.Errorf("%s: %v", v.ID, err)
			continue
		}
		if hex.EncodeToString([]byte(s.ContextEngineID)) != e.Engine {
			t.Errorf("%s: contextEngineID %x", v.ID, s.ContextEngineID)
		}
		checkJSON(t, jsonMessage(&Message{Version: V2c, PDU: s.PDU}).(map[string]any)["pdu"], e.PDU)
		if kind, id, ok := PeekScopedPDU(plain); !ok || kind != s.PDU.Kind || id != s.PDU.RequestID {
			t.Errorf("%s: PeekScopedPDU gives %v %d %v", v.ID, kind, id, ok)
		}
		w := ber.NewWriter(make([]byte, 65536))
		s.Encode(&w)
		body := 0
		for i := range s.PDU.VarBinds {
			body += s.PDU.VarBinds[i].EncodedLen()
		}
		field2, field3 := int32(s.PDU.ErrorStatus), s.PDU.ErrorIndex
		if s.PDU.Kind == GetBulkRequest {
			field2, field3 = s.PDU.NonRepeaters, s.PDU.MaxRepetitions
		}
		if n := ScopedPDULen(s.ContextEngineID, s.ContextName, PDULen(s.PDU.RequestID, field2, field3, body)); n != w.Len() {
			t.Errorf("%s: ScopedPDULen is %d, %d octets are written", v.ID, n, w.Len())
		}
		var again ScopedPDU
		if err := new(Decoder).ScopedPDU(w.Bytes(), &again); err != nil || !reflect.DeepEqual(s, again) && len(s.PDU.VarBinds) > 0 {
			t.Errorf("%s: reads back as %+v, %v", v.ID, again, err)
		}
	}
}
