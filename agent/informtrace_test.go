package agent_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"snmpstack/agent"
	"snmpstack/agent/manager"
	"snmpstack/pdu"
	"snmpstack/transport"
)

// DecryptLogPackets: each datagram of an inform is traced once, decrypted if it is
// encrypted and has been verified, and otherwise as it is.
func TestInformTraces(t *testing.T) {
	type traced struct {
		what      string
		direction agent.Direction
	}
	var mu sync.Mutex
	var got []traced
	describe := func(packet []byte) string {
		header, err := pdu.ReadHeader3(packet, true)
		if err != nil {
			return err.Error()
		}
		if header.Encrypted {
			return "encrypted"
		}
		var scoped pdu.ScopedPDU
		if err := new(pdu.Decoder).ScopedPDU(header.Data, &scoped); err != nil {
			return err.Error()
		}
		level, _ := header.MsgFlags.Level()
		return level.String() + " " + scoped.PDU.Kind.String()
	}
	configure := func(decrypt bool) func(*agent.Agent) {
		return func(a *agent.Agent) {
			allowAll(a)
			a.DecryptLogPackets = decrypt
			a.OnPacketTrace = func(e *agent.PacketTraceEvent) {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, traced{describe(e.Packet), e.Direction})
			}
		}
	}
	take := func() []traced {
		mu.Lock()
		defer mu.Unlock()
		list := got
		got = nil
		return list
	}
	probe := []traced{{"noAuthNoPriv GetRequest", agent.Outgoing}, {"noAuthNoPriv Report", agent.Incoming}}
	for decrypt, want := range map[bool][]traced{
		false: append(slices.Clone(probe), traced{"encrypted", agent.Outgoing}, traced{"encrypted", agent.Incoming}),
		true:  append(slices.Clone(probe), traced{"authPriv InformRequest", agent.Outgoing}, traced{"authPriv Response", agent.Incoming}),
	} {
		withSink(t, configure(decrypt), func(t *testing.T, r *rig, s *sink) {
			if err := r.Notify(t.Context(), toSink(pdu.V3), linkUpNotification); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			// What is sent is traced after it has left: the answer may be faster.
			byKind := func(a, b traced) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
			list := slices.SortedFunc(slices.Values(take()), byKind)
			if !slices.Equal(list, slices.SortedFunc(slices.Values(want), byKind)) {
				t.Errorf("traced were %v, want %v", list, want)
			}
			if !decrypt {
				return
			}
			// Many at a time: each finds its own.
			var all sync.WaitGroup
			for range 50 {
				all.Go(func() {
					if err := r.Notify(t.Context(), toSink(pdu.V3), linkUpNotification); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			synctest.Wait()
			count := map[traced]int{}
			for _, e := range take() {
				count[e]++
			}
			if len(count) != 2 || count[want[2]] != 50 || count[want[3]] != 50 {
				t.Errorf("traced were %v", count)
			}
			// What comes twice is looked at once, and seen twice.
			s.Trace = func(sent bool, _ netip.AddrPort, d []byte) {
				if sent {
					s.socket.Write([]transport.Packet{{Data: d, Remote: r.to}})
				}
			}
			if err := r.Notify(t.Context(), toSink(pdu.V3), linkUpNotification); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			for _, e := range take() {
				count[e]++
			}
			if len(count) != 3 || count[want[2]] != 51 || count[want[3]] != 51 || count[traced{"encrypted", agent.Incoming}] != 1 {
				t.Errorf("traced were %v", count)
			}
			// What does not verify is seen as it came.
			s.OnNotification = func(n *manager.Notification) { n.Respond = false }
			to := toSink(pdu.V3)
			to.Retries = 0
			s.Trace = func(sent bool, _ netip.AddrPort, d []byte) {
				if !sent { // what looks like the answer to it
					s.socket.Write([]transport.Packet{{Data: notReportable(t, d), Remote: r.to}})
				}
			}
			if err := r.Notify(t.Context(), to, linkUpNotification); codeOf(err) != agent.CodeTimeout {
				t.Error(err)
			}
			synctest.Wait()
			if list := take(); !slices.Equal(list, []traced{want[2], {"encrypted", agent.Incoming}}) {
				t.Errorf("traced were %v", list)
			}
		})
	}
}
