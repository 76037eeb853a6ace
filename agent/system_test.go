package agent_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

var (
	sysGroup          = ber.MustOID("1.3.6.1.2.1.1")
	sysContact        = sysGroup.Append(4, 0)
	sysName           = sysGroup.Append(5, 0)
	sysLocation       = sysGroup.Append(6, 0)
	sysORLastChange   = sysGroup.Append(8, 0)
	sysOREntry        = sysGroup.Append(9, 1)
	enableAuthenTraps = ber.MustOID("1.3.6.1.2.1.11.30.0")
	setSerialNo       = ber.MustOID("1.3.6.1.6.3.1.1.6.1.0")
)

// withSystem runs f with an agent that has a System.
func withSystem(t *testing.T, system *agent.System, f func(t *testing.T, r *rig)) {
	t.Helper()
	inBubble(t, func(a *agent.Agent) {
		a.MIB = mib.NewTree()
		if err := a.RegisterObjects(a.MIB, system); err != nil {
			t.Fatal(err)
		}
	}, f)
}

// get returns the value of an instance.
func (r *rig) get(name ber.OID) pdu.Value {
	r.t.Helper()
	return r.ask(message(pdu.V2c, pdu.GetRequest, names(name)...)).VarBinds[0].Value
}

// set sets an instance and returns how that ended.
func (r *rig) set(name ber.OID, value pdu.Value) pdu.ErrorStatus {
	r.t.Helper()
	return r.ask(private(message(pdu.V2c, pdu.SetRequest, vb(name, value)))).ErrorStatus
}

// TestSystemGroup shows the objects of the system group, and what a SET of each
// gives (RFC 3418).
func TestSystemGroup(t *testing.T) {
	system := &agent.System{
		Descr: "a pump", ObjectID: ber.MustOID("1.3.6.1.4.1.32473.7"), Services: 72,
		Contact: "me", Name: "pump", Location: "the cellar",
	}
	withSystem(t, system, func(t *testing.T, r *rig) {
		text := func(n int) pdu.Value { return pdu.OctetString(strings.Repeat("x", n)) }
		for _, test := range []struct {
			name  ber.OID
			value pdu.Value
			set   pdu.Value
			want  pdu.ErrorStatus
		}{
			{sysGroup.Append(1, 0), pdu.OctetString("a pump"), text(1), pdu.NotWritable},
			{sysGroup.Append(2, 0), pdu.ObjectIdentifier(ber.MustOID("1.3.6.1.4.1.32473.7")), text(1), pdu.NotWritable},
			{sysGroup.Append(3, 0), pdu.TimeTicks(0), pdu.TimeTicks(1), pdu.NotWritable},
			{sysContact, pdu.OctetString("me"), text(256), pdu.WrongLength},
			{sysName, pdu.OctetString("pump"), pdu.OctetString("pümp"), pdu.WrongValue},
			{sysLocation, pdu.OctetString("the cellar"), pdu.Integer(1), pdu.WrongType},
			{sysGroup.Append(7, 0), pdu.Integer(72), pdu.Integer(4), pdu.NotWritable},
			{sysORLastChange, pdu.TimeTicks(0), pdu.TimeTicks(1), pdu.NotWritable},
		} {
			if got := r.get(test.name); got != test.value {
				t.Errorf("%v is %v, want %v", test.name, got, test.value)
			}
			if got := r.set(test.name, test.set); got != test.want {
				t.Errorf("SET %v: %v, want %v", test.name, got, test.want)
			}
			if got := r.get(test.name); got != test.value {
				t.Errorf("%v is %v after a SET that failed", test.name, got)
			}
		}
		for _, name := range []ber.OID{sysContact, sysName, sysLocation} {
			for _, value := range []pdu.Value{text(255), text(0)} {
				if got := r.set(name, value); got != pdu.NoError {
					t.Errorf("SET %v: %v", name, got)
				}
				if got := r.get(name); got != value {
					t.Errorf("%v is %v, want %v", name, got, value)
				}
			}
		}
	})
}

// TestSystemFields shows which fields are refused.
func TestSystemFields(t *testing.T) {
	for _, system := range []*agent.System{
		{Descr: strings.Repeat("x", 256)}, {Contact: strings.Repeat("x", 256)}, {Services: -1}, {Services: 128}, {ObjectID: ber.NewOID(3, 1)},
	} {
		if err := agent.New().RegisterObjects(mib.NewTree(), system); err == nil {
			t.Errorf("%+v is taken", system)
		}
	}
	var system agent.System
	if _, err := system.AddResource(sysGroup, ""); err == nil {
		t.Error("a resource is taken before the objects are registered")
	}
	if err := system.Reconfigure("", "", ""); err == nil {
		t.Error("texts are taken before the objects are registered")
	}
}

// TestSystemSurvives shows that what was set stays over a restart (RFC 3418:
// snmpEnableAuthenTraps should be kept), until its field is another one.
func TestSystemSurvives(t *testing.T) {
	dir := t.TempDir()
	system := func(location string) *agent.System {
		return &agent.System{Name: "pump", Location: location, State: openState(t, dir)}
	}
	withSystem(t, system("the cellar"), func(t *testing.T, r *rig) {
		for name, value := range map[ber.OID]pdu.Value{
			sysLocation: pdu.OctetString("the attic"), sysName: pdu.OctetString("other"), enableAuthenTraps: pdu.Integer(1),
		} {
			if got := r.set(name, value); got != pdu.NoError {
				t.Errorf("SET %v: %v", name, got)
			}
		}
	})
	for _, test := range []struct{ configured, location string }{
		{"the cellar", "the attic"}, {"the roof", "the roof"}, {"the cellar", "the attic"},
	} {
		withSystem(t, system(test.configured), func(t *testing.T, r *rig) {
			for name, want := range map[ber.OID]pdu.Value{
				sysLocation: pdu.OctetString(test.location), sysName: pdu.OctetString("other"), enableAuthenTraps: pdu.Integer(1),
			} {
				if got := r.get(name); got != want {
					t.Errorf("configured %q: %v is %v, want %v", test.configured, name, got, want)
				}
			}
		})
	}
}

// TestSystemStoreFails shows that a SET which cannot be stored fails and changes
// nothing.
func TestSystemStoreFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	withSystem(t, &agent.System{Location: "the cellar", State: openState(t, dir)}, func(t *testing.T, r *rig) {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if got := r.set(sysLocation, pdu.OctetString("the attic")); got != pdu.CommitFailed {
			t.Errorf("SET: %v, want commitFailed", got)
		}
		if got := r.get(sysLocation); got != pdu.OctetString("the cellar") {
			t.Errorf("sysLocation is %v", got)
		}
	})
}

func TestReconfigure(t *testing.T) {
	system := &agent.System{Contact: "me", Location: "the cellar", State: openState(t, t.TempDir())}
	withSystem(t, system, func(t *testing.T, r *rig) {
		r.set(sysLocation, pdu.OctetString("the attic"))
		r.set(sysContact, pdu.OctetString("you"))
		if err := system.Reconfigure("them", "pump", "the cellar"); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[ber.OID]string{sysContact: "them", sysName: "pump", sysLocation: "the attic"} {
			if got := r.get(name); got != pdu.OctetString(want) {
				t.Errorf("%v is %v, want %q", name, got, want)
			}
		}
		if err := system.Reconfigure("", strings.Repeat("x", 256), ""); err == nil {
			t.Error("a name of 256 octets is taken")
		}
	})
}

// TestEnableAuthenTraps shows the values of snmpEnableAuthenTraps (RFC 3418).
func TestEnableAuthenTraps(t *testing.T) {
	withSystem(t, new(agent.System), func(t *testing.T, r *rig) {
		if got := r.get(enableAuthenTraps); got != pdu.Integer(2) {
			t.Errorf("snmpEnableAuthenTraps is %v at first, want disabled(2)", got)
		}
		for n, want := range map[int32]pdu.ErrorStatus{0: pdu.WrongValue, 3: pdu.WrongValue, 1: pdu.NoError, 2: pdu.NoError} {
			if got := r.set(enableAuthenTraps, pdu.Integer(n)); got != want {
				t.Errorf("SET to %d: %v, want %v", n, got, want)
			}
		}
	})
}

// TestSetSerialNo shows that snmpSetSerialNo is a TestAndIncr (RFC 2579 §2): only
// its present value can be set, and then it counts; a SET that fails for another
// reason leaves it as it was.
func TestSetSerialNo(t *testing.T) {
	withSystem(t, new(agent.System), func(t *testing.T, r *rig) {
		n := r.get(setSerialNo).Int()
		if got := r.set(setSerialNo, pdu.Integer(n)); got != pdu.NoError {
			t.Errorf("SET to the present value: %v", got)
		}
		next := n + 1
		if n == math.MaxInt32 {
			next = 0
		}
		if got := r.get(setSerialNo).Int(); got != next {
			t.Errorf("snmpSetSerialNo is %d, want %d", got, next)
		}
		if got := r.set(setSerialNo, pdu.Integer(n)); got != pdu.InconsistentValue {
			t.Errorf("SET to a former value: %v, want inconsistentValue", got)
		}
		if got := r.set(setSerialNo, pdu.Integer(-1)); got != pdu.WrongValue {
			t.Errorf("SET to -1: %v, want wrongValue", got)
		}
		both := private(message(pdu.V2c, pdu.SetRequest, vb(setSerialNo, pdu.Integer(next)), vb(sysGroup.Append(1, 0), pdu.OctetString("x"))))
		if got := r.ask(both); got.ErrorStatus != pdu.NotWritable || got.ErrorIndex != 2 {
			t.Errorf("SET with another one that fails: %v", got)
		}
		if got := r.get(setSerialNo).Int(); got != next {
			t.Errorf("snmpSetSerialNo is %d after a SET that failed, want %d", got, next)
		}
	})
}

// TestResources shows sysORTable following what is added and removed while the
// agent runs (RFC 3418: sysORUpTime and sysORLastChange are the sysUpTime of that).
func TestResources(t *testing.T) {
	system := new(agent.System)
	withSystem(t, system, func(t *testing.T, r *rig) {
		advance := func(want uint32) {
			time.Sleep(time.Second)
			synctest.Wait()
			if got := r.SysUpTime(); got != want {
				t.Fatalf("sysUpTime is %d, want %d", got, want)
			}
		}
		advance(100)
		id := ber.MustOID("1.3.6.1.4.1.32473.9")
		index, err := system.AddResource(id, "pumps")
		if err != nil {
			t.Fatal(err)
		}
		advance(200)
		row := func(arc uint32) pdu.Value { return r.get(sysOREntry.Append(arc, uint32(index))) }
		if got := row(2); got != pdu.ObjectIdentifier(id) {
			t.Errorf("sysORID is %v", got)
		}
		if got := row(3); got != pdu.OctetString("pumps") {
			t.Errorf("sysORDescr is %v", got)
		}
		if got := row(4); got != pdu.TimeTicks(100) {
			t.Errorf("sysORUpTime is %v, want 100", got)
		}
		if got := row(1); got != pdu.NoSuchObject {
			t.Errorf("sysORIndex, which is not accessible, is %v", got)
		}
		if got := r.get(sysORLastChange); got != pdu.TimeTicks(100) {
			t.Errorf("sysORLastChange is %v, want 100", got)
		}
		if !system.RemoveResource(index) || system.RemoveResource(index) {
			t.Error("a row can be removed once")
		}
		if got := row(2); got != pdu.NoSuchInstance {
			t.Errorf("sysORID of a row that is gone is %v", got)
		}
		if got := r.get(sysORLastChange); got != pdu.TimeTicks(200) {
			t.Errorf("sysORLastChange is %v, want 200", got)
		}
		if next, err := system.AddResource(id, ""); err != nil || next <= index {
			t.Errorf("the next row is %d after %d, %v", next, index, err)
		}
		for _, bad := range []struct {
			id    ber.OID
			descr string
		}{{ber.NewOID(3), ""}, {id, strings.Repeat("x", 256)}} {
			if _, err := system.AddResource(bad.id, bad.descr); err == nil {
				t.Errorf("%v with %d octets is taken", bad.id, len(bad.descr))
			}
		}
	})
}

// RegisterObjects says what it lacks.
func TestRegisterObjectsOfNothing(t *testing.T) {
	if err := agent.New().RegisterObjects(nil, &agent.System{}); codeOf(err) != agent.CodeInvalidArgument {
		t.Errorf("no tree: %v", err)
	}
	if err := agent.New().RegisterObjects(mib.NewTree(), nil); codeOf(err) != agent.CodeInvalidArgument {
		t.Errorf("no System: %v", err)
	}
}
