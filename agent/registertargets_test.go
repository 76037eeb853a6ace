package agent_test

import (
	"errors"
	"slices"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/notify"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// Managers make targets, and are obeyed; the targets' objects are in sysORTable.
func TestRegisterTargets(t *testing.T) {
	kept := 0
	targets := notify.MustNew(toReceiver("fixed", pdu.V2c, false))
	configure := func(a *agent.Agent) {
		allowAll(a)
		a.MIB, a.Targets = mib.NewTree(), targets
		system := &agent.System{Keep: func() error { kept++; return nil }}
		if err := errors.Join(a.RegisterObjects(a.MIB, system), a.RegisterTargets(a.MIB, system, targets)); err != nil {
			t.Fatal(err)
		}
		if err := a.RegisterTargets(a.MIB, system, targets); err == nil {
			t.Error("registered twice")
		}
		if err := a.RegisterTargets(a.MIB, system, nil); codeOf(err) != agent.CodeInvalidArgument {
			t.Errorf("without Targets: %v", err)
		}
		if err := a.AddUserKeys(keyed(trapper)); err != nil {
			t.Fatal(err)
		}
	}
	const (
		targetMIB, notificationMIB = "1.3.6.1.6.3.12", "1.3.6.1.6.3.13"
		row                        = ".109" // called "m"
	)
	object := func(o string) ber.OID { return ber.MustOID(o) }
	withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
		set := func(vbs ...pdu.VarBind) {
			t.Helper()
			if answer := r.ask(private(message(pdu.V2c, pdu.SetRequest, vbs...))); answer.ErrorStatus != pdu.NoError {
				t.Fatalf("%v: %v", vbs, answer)
			}
			r.settle()
		}
		tell := func(want ...string) {
			t.Helper()
			if err := r.NotifyAll(t.Context(), linkUpNotification); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range s.all() {
				got = append(got, n.User+string(n.Community))
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("told are %q, want %q", got, want)
			}
		}
		tell("fixed's secret")
		set(
			vb(object(targetMIB+".1.3.1.7"+row), pdu.Integer(int32(mib.CreateAndGo))), vb(object(targetMIB+".1.3.1.2"+row), pdu.Integer(3)),
			vb(object(targetMIB+".1.3.1.3"+row), pdu.Integer(3)), vb(object(targetMIB+".1.3.1.4"+row), pdu.OctetString("trapper")),
			vb(object(targetMIB+".1.3.1.5"+row), pdu.Integer(3)),
			vb(object(targetMIB+".1.2.1.9"+row), pdu.Integer(int32(mib.CreateAndGo))), vb(object(targetMIB+".1.2.1.2"+row), pdu.ObjectIdentifier(notify.SnmpUDPDomain)),
			vb(object(targetMIB+".1.2.1.3"+row), pdu.OctetString("\xc0\x00\x02\xa2\x00\xa2")), vb(object(targetMIB+".1.2.1.7"+row), pdu.OctetString("m")),
			vb(object(targetMIB+".1.2.1.6"+row), pdu.OctetString("night day")),
			vb(object(notificationMIB+".1.1.1.5"+row), pdu.Integer(int32(mib.CreateAndGo))), vb(object(notificationMIB+".1.1.1.2"+row), pdu.OctetString("day")),
			vb(object(notificationMIB+".1.1.1.3"+row), pdu.Integer(int32(notify.Inform))),
		)
		if kept == 0 {
			t.Error("nothing was kept")
		}
		tell("fixed's secret", "trapper")
		set(vb(object(targetMIB+".1.2.1.6"+row), pdu.OctetString("night")))
		tell("fixed's secret")
		set(vb(object(targetMIB+".1.2.1.6"+row), pdu.OctetString("day")))
		tell("fixed's secret", "trapper")
		set(vb(object(targetMIB+".1.2.1.9"+row), pdu.Integer(int32(mib.Destroy))))
		tell("fixed's secret")
		found := 0
		for i := range uint32(12) {
			switch r.get(sysOREntry.Append(2, i+1)) {
			case pdu.ObjectIdentifier(object(targetMIB + ".3.1.1")), pdu.ObjectIdentifier(object(notificationMIB + ".3.1.3")):
				found++
			}
		}
		if found != 2 {
			t.Errorf("%d rows of sysORTable", found)
		}
	})
}
