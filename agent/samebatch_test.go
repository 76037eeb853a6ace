package agent_test

import (
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// What is read together is judged one after the other: what a SET takes from somebody, his
// request right behind it has no more, however often he was let in before. Where a worker
// carries it out it is the request behind its answer.
func TestRightsEndInTheSameBatch(t *testing.T) {
	bob := usm.User{Name: "bob", Auth: usm.SHA256, AuthPassword: usm.NewSecret("bob's own password")}
	octets := func(o ber.OID, s string) ber.OID {
		o = o.Append(uint32(len(s)))
		for _, c := range []byte(s) {
			o = o.Append(uint32(c))
		}
		return o
	}
	group := func(column uint32, name string) ber.OID {
		return octets(vacmGroupEntry.Append(column, uint32(pdu.SecurityModelUSM)), name)
	}
	access := func(column uint32) ber.OID {
		return octets(vacmAccessEntry.Append(column), "few").Append(0, uint32(pdu.SecurityModelUSM), 2) // authNoPriv
	}
	family := func(column uint32) ber.OID {
		o := octets(vacmFamilyEntry.Append(column), "little").Append(uint32(title.Len()))
		for arc := range title.Arcs() {
			o = o.Append(arc)
		}
		return o
	}
	const destroy, notInService = int32(mib.Destroy), int32(mib.NotInService)
	for _, tt := range []struct {
		name   string
		taken  []pdu.VarBind
		report ber.OID         // that bob gets
		status pdu.ErrorStatus // else
		value  pdu.Value
		later  bool // by a worker
	}{
		{"the user", []pdu.VarBind{userStatus("bob", mib.Destroy)}, usm.UnknownUserNames.OID(), 0, pdu.Value{}, true},
		{"the user put out of service", []pdu.VarBind{userStatus("bob", mib.NotInService)}, usm.UnknownUserNames.OID(), 0, pdu.Value{}, true},
		{"his group", []pdu.VarBind{vb(group(5, "bob"), pdu.Integer(destroy))}, "", pdu.AuthorizationError, pdu.Value{}, false},
		{"his group for another", []pdu.VarBind{vb(group(3, "bob"), pdu.OctetString("none"))}, "", pdu.AuthorizationError, pdu.Value{}, false},
		{"the group's rights", []pdu.VarBind{vb(access(9), pdu.Integer(destroy))}, "", pdu.AuthorizationError, pdu.Value{}, false},
		{"the group's rights put out of service", []pdu.VarBind{vb(access(9), pdu.Integer(notInService))}, "", pdu.AuthorizationError, pdu.Value{}, false},
		{"its view", []pdu.VarBind{vb(access(5), pdu.OctetString("nothing"))}, "", pdu.AuthorizationError, pdu.Value{}, false},
		{"all of the view", []pdu.VarBind{vb(family(6), pdu.Integer(destroy))}, "", pdu.AuthorizationError, pdu.Value{}, false},
		{"the one thing in the view", []pdu.VarBind{vb(family(4), pdu.Integer(int32(vacm.Excluded)))}, "", 0, pdu.NoSuchObject, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			row := vacm.Row{Storage: mib.NonVolatile, Status: mib.Active}
			p := vacm.MustNew(vacm.UserRule{User: writer.Name, Level: pdu.AuthPriv, Writable: true})
			err := p.Restore(
				vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "bob", GroupName: "few", Row: row},
				vacm.Access{GroupName: "few", ContextMatch: vacm.Exact, Model: pdu.SecurityModelUSM, Level: pdu.AuthNoPriv, ReadViewName: "little", Row: row},
				vacm.ViewTreeFamily{ViewName: "little", Subtree: title, Type: vacm.Included, Row: row},
			)
			if err != nil {
				t.Fatal(err)
			}
			inBubble(t, func(a *agent.Agent) {
				withUsers(t)(a)
				a.Access = p
				system := new(agent.System)
				if err := a.RegisterObjects(a.MIB, system); err != nil {
					t.Fatal(err)
				}
				if err := a.RegisterAccess(a.MIB, system, p); err != nil {
					t.Fatal(err)
				}
				b, _, _ := localizedTo(t, bob)
				if err := a.AddUserEntry(agent.UserEntry{User: b, StorageType: mib.NonVolatile, Status: mib.Active}); err != nil {
					t.Fatal(err)
				}
			}, func(t *testing.T, r *rig) {
				boss, his := r.as(writer, pdu.AuthPriv), r.as(bob, pdu.AuthNoPriv)
				question := get(instance(title))
				for range 3 { // the note is there
					if got := his.ask(question); got.ErrorStatus != 0 || got.VarBinds[0].Value != everything()[0].Value {
						t.Fatalf("before: %v %v", got.ErrorStatus, got.VarBinds)
					}
				}
				datagrams := [][]byte{his.datagram(question), boss.datagram(set(tt.taken...)), his.datagram(question), his.datagram(question)}
				if tt.later {
					r.together(datagrams[:2]...)
					r.settle()
					datagrams = datagrams[2:]
				}
				r.together(datagrams...)
				r.settle()
				answers := r.received()
				if len(answers) != 4 {
					t.Fatalf("%d answers, want 4", len(answers))
				}
				if got := his.response(question, answers[0]); got.ErrorStatus != 0 || got.VarBinds[0].Value != everything()[0].Value {
					t.Errorf("first: %v %v", got.ErrorStatus, got.VarBinds)
				}
				if got := boss.response(set(tt.taken...), answers[1]); got.ErrorStatus != 0 {
					t.Fatalf("the SET: %v at %d", got.ErrorStatus, got.ErrorIndex)
				}
				for _, answer := range answers[2:] {
					if tt.report != "" {
						if _, n := r.report([][]byte{answer}); n.ScopedPDU.PDU.VarBinds[0].Name != tt.report {
							t.Errorf("he is told %v", n.ScopedPDU.PDU.VarBinds)
						}
						continue
					}
					if got := his.response(question, answer); got.ErrorStatus != tt.status || tt.status == 0 && got.VarBinds[0].Value != tt.value {
						t.Errorf("he gets %v %v, want %v %v", got.ErrorStatus, got.VarBinds, tt.status, tt.value)
					}
				}
			})
		})
	}
}
