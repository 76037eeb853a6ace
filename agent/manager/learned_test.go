package manager

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"snmpstack/pdu"
	"snmpstack/usm"
)

// What one Client has learned of an engine spares another one to ask for it, and is
// asked for as ever where it is not right (RFC 3414 §4).
func TestLearnedEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newSecureAgent(t, engineA)
		c := a.client(pdu.AuthPriv)
		if id, boots, seconds := c.Engine(); id != "" || boots != 0 || seconds != 0 {
			t.Errorf("at first the engine is %q, %d, %d", id, boots, seconds)
		}
		if _, err := c.Get(t.Context(), oid(sysDescr)); err != nil {
			t.Fatal(err)
		}
		id, boots, seconds := c.Engine()
		if id != engineA || boots != 3 || seconds != 1000 {
			t.Errorf("the engine is %q, %d, %d", id, boots, seconds)
		}
		for _, tt := range []struct {
			name  string
			id    usm.EngineID
			boots int32
			want  []string
		}{
			{"right", engineA, 3, []string{"authPriv GetRequest"}},
			{"another clock", engineA, 2, []string{"authPriv NotInTimeWindows", "authPriv GetRequest"}},
			{"another engine", engineB, 3, []string{"authPriv UnknownEngineIDs", "noAuthNoPriv UnknownEngineIDs", "authPriv GetRequest"}},
		} {
			other := a.client(pdu.AuthPriv)
			other.Retries = 0
			other.Security.EngineID, other.Security.Boots, other.Security.Time, other.Security.Learned = tt.id, tt.boots, seconds, true
			a.got = nil
			if _, err := other.Get(t.Context(), oid(sysDescr)); err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
			if !slices.Equal(a.got, tt.want) {
				t.Errorf("%s: the agent got %q, want %q", tt.name, a.got, tt.want)
			}
			if now, _, _ := other.Engine(); now != engineA {
				t.Errorf("%s: then the engine is %q", tt.name, now)
			}
		}
		// Who keeps silent about what is not his is asked at the second attempt; who
		// says nothing at all has not even told his engine.
		silent := a.client(pdu.AuthPriv)
		silent.Retries = 1
		silent.Security.EngineID, silent.Security.Learned = engineB, true
		a.discovery = func(report []byte) []delivery {
			if strings.HasPrefix(a.got[len(a.got)-1], "noAuthNoPriv") {
				return []delivery{{from: agentAddr, data: report}}
			}
			return nil
		}
		if _, err := silent.Get(t.Context(), oid(sysDescr)); err != nil {
			t.Error(err)
		}
		a.discovery = func([]byte) []delivery { return nil }
		nobody := a.client(pdu.AuthPriv)
		nobody.Retries = 0
		for _, discovery := range []bool{true, false} {
			_, err := nobody.Get(t.Context(), oid(sysDescr))
			if timeout, ok := errors.AsType[*TimeoutError](err); !ok || timeout.Discovery != discovery || strings.Contains(err.Error(), "engine ID") != discovery {
				t.Errorf("error %v, want one of discovery: %v", err, discovery)
			}
			nobody = a.client(pdu.AuthPriv)
			nobody.Retries, nobody.Security.EngineID = 0, engineB
		}
	})
}

// What is encrypted is seen in plain text if it is ours or has been verified, and
// everything once.
func TestPlaintext(t *testing.T) {
	a := newSecureAgent(t, engineA)
	a.change = func(_ int, v *usm.Verified, answer pdu.ScopedPDU) []delivery {
		forged := a.respond(v, answer)[0]
		forged.data = slices.Clone(forged.data)
		forged.data[len(forged.data)-1] ^= 1
		return append([]delivery{forged}, a.respond(v, answer)...)
	}
	c := a.client(pdu.AuthPriv)
	var seen []string
	c.Trace = func(sent bool, datagram []byte) {
		header, err := pdu.ReadHeader3(datagram, true)
		seen = append(seen, fmt.Sprint(sent, " encrypted ", header.Encrypted, err))
	}
	c.Plaintext = func(sent bool, datagram, scopedPDU []byte) {
		var scoped pdu.ScopedPDU
		header, _ := pdu.ReadHeader3(datagram, true)
		kind, _, _ := pdu.PeekScopedPDU(scopedPDU)
		if sent {
			if err := new(pdu.Decoder).ScopedPDU(scopedPDU, &scoped); err != nil {
				t.Error(err)
			}
		}
		seen = append(seen, fmt.Sprint(sent, " ", kind, " ", header.Encrypted))
	}
	if _, err := c.Get(t.Context(), oid(sysDescr)); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"true encrypted false <nil>", "false encrypted false <nil>",
		"true GetRequest true", "false encrypted true <nil>", "false Response true",
	}
	if !slices.Equal(seen, want) {
		t.Errorf("seen was %q, want %q", seen, want)
	}
}
