package agent_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

var (
	vacmContextName = ber.MustOID("1.3.6.1.6.3.16.1.1.1.1")
	vacmGroupEntry  = ber.MustOID("1.3.6.1.6.3.16.1.2.1")
	vacmAccessEntry = ber.MustOID("1.3.6.1.6.3.16.1.4.1")
	vacmFamilyEntry = ber.MustOID("1.3.6.1.6.3.16.1.5.2.1")
	communityEntry  = ber.MustOID("1.3.6.1.6.3.18.1.1.1")
)

// served makes an agent follow a policy and serve its tables.
func served(t *testing.T, p *vacm.Policy) func(*agent.Agent) {
	return func(a *agent.Agent) {
		a.Access, a.MIB = p, mib.NewTree()
		system := &agent.System{Contact: "me", Name: "pump"}
		if err := a.RegisterObjects(a.MIB, system); err != nil {
			t.Fatal(err)
		}
		if err := a.RegisterAccess(a.MIB, system, p); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPolicyObjects shows what the tables have from the agent: its contexts (RFC
// 3415 §2.3, §4, vacmContextTable) and its engine (RFC 3584 §5.3,
// snmpCommunityContextEngineID), and that sysORTable tells of them.
func TestPolicyObjects(t *testing.T) {
	p := vacm.MustNew(
		vacm.CommunityRule{Community: "public"},
		vacm.UserRule{User: writer.Name, Level: pdu.AuthPriv},
	)
	r := newRig(t, withEngine, served(t, p), func(a *agent.Agent) {
		a.Contexts = []string{"vrf-1", "blue"}
		if err := a.AddUserKeys(keyed(writer)); err != nil {
			t.Fatal(err)
		}
	})
	answer := r.ask(bulk(0, 4, names(vacmContextName)...)).VarBinds
	want := []pdu.VarBind{
		vb(vacmContextName.Append(0), pdu.OctetString("")),
		vb(vacmContextName.Append(4, 'b', 'l', 'u', 'e'), pdu.OctetString("blue")),
		vb(vacmContextName.Append(5, 'v', 'r', 'f', '-', '1'), pdu.OctetString("vrf-1")),
	}
	if !slices.Equal(answer[:3], want) || answer[3].Name.HasPrefix(vacmContextName) {
		t.Errorf("vacmContextTable has %v, want %v", answer, want)
	}
	row := []uint32{'0', '0', '0', '0', '0', '1'}
	secret, engine := communityEntry.Append(append([]uint32{2}, row...)...), communityEntry.Append(append([]uint32{4}, row...)...)
	got := r.as(writer, pdu.AuthPriv).ask(pdu.PDU{Kind: pdu.GetRequest, VarBinds: names(secret, engine)}).VarBinds
	if got[0].Value != pdu.OctetString("public") || got[1].Value != pdu.OctetString(string(testEngine)) {
		t.Errorf("at authPriv snmpCommunityTable has %v", got)
	}
	if got := r.get(secret); got != pdu.NoSuchInstance {
		t.Errorf("who came by a community is told %v", got)
	}
	resources := r.ask(bulk(0, 10, names(sysOREntry.Append(2))...)).VarBinds
	for _, id := range []string{"1.3.6.1.6.3.16.2.1.1", "1.3.6.1.6.3.18.2.1.1"} {
		if !slices.ContainsFunc(resources, func(vb pdu.VarBind) bool { return vb.Value == pdu.ObjectIdentifier(ber.MustOID(id)) }) {
			t.Errorf("sysORTable does not have %s", id)
		}
	}
}

// managed is the policy of a manager, boss, who can take all of it back: his rows
// are not statements.
func managed() *vacm.Policy {
	own := vacm.Row{Storage: mib.NonVolatile}
	return vacm.MustNew(
		vacm.Community{Community: "private", SecurityName: "boss"},
		vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: "boss", GroupName: "bosses", Row: own},
		vacm.Access{GroupName: "bosses", ReadViewName: "all", WriteViewName: "all", Row: own},
		vacm.ViewTreeFamily{ViewName: "all", Subtree: ber.MustOID("1.3"), Row: own},
		vacm.CommunityRule{Community: "public", ViewName: "seen"},
	)
}

var (
	bossGroup  = []uint32{2, 4, 'b', 'o', 's', 's'}
	bossAccess = []uint32{6, 'b', 'o', 's', 's', 'e', 's', 0, 0, 1}
	bossView   = []uint32{3, 'a', 'l', 'l', 2, 1, 3}
	seen       = []uint32{4, 's', 'e', 'e', 'n', 8, 1, 3, 6, 1, 2, 1, 1, 5} // sysName
)

// cellOf returns the name of a column in the row with an index.
func cellOf(entry ber.OID, column uint32, index []uint32) ber.OID {
	return entry.Append(append([]uint32{column}, index...)...)
}

// TestLockOut: who takes away what lets himself in gets the answer to that, and
// nothing more (RFC 3415 §3.2: access is checked before the SET).
func TestLockOut(t *testing.T) {
	destroy, empty := pdu.Integer(int32(mib.Destroy)), pdu.OctetString("")
	for _, tt := range []struct {
		name string
		vb   pdu.VarBind
		read pdu.ErrorStatus
		set  pdu.ErrorStatus
	}{
		{"noGroupName", vb(cellOf(vacmGroupEntry, 5, bossGroup), destroy), pdu.AuthorizationError, pdu.AuthorizationError},
		{"noAccessEntry", vb(cellOf(vacmAccessEntry, 9, bossAccess), destroy), pdu.AuthorizationError, pdu.AuthorizationError},
		{"noSuchView, as there is none", vb(cellOf(vacmFamilyEntry, 6, bossView), destroy), pdu.AuthorizationError, pdu.AuthorizationError},
		{"noSuchView, to write", vb(cellOf(vacmAccessEntry, 6, bossAccess), empty), pdu.NoError, pdu.AuthorizationError},
		{"not active", vb(cellOf(vacmAccessEntry, 9, bossAccess), pdu.Integer(int32(mib.NotInService))), pdu.AuthorizationError, pdu.AuthorizationError},
		{"notInView", vb(cellOf(vacmFamilyEntry, 4, bossView), pdu.Integer(2)), pdu.NoError, pdu.NoAccess},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, served(t, managed()))
			if got := r.ask(private(message(pdu.V2c, pdu.SetRequest, tt.vb))); got.ErrorStatus != pdu.NoError || got.VarBinds[0] != tt.vb {
				t.Fatalf("the answer is %+v", got)
			}
			for _, kind := range []pdu.Kind{pdu.GetRequest, pdu.GetNextRequest, pdu.GetBulkRequest} {
				if got := r.ask(private(message(pdu.V2c, kind, names(sysName)...))); got.ErrorStatus != tt.read {
					t.Errorf("%v afterwards: %v, want %v", kind, got.ErrorStatus, tt.read)
				}
			}
			if got := r.set(sysName, pdu.OctetString("x")); got != tt.set {
				t.Errorf("a SET afterwards: %v, want %v", got, tt.set)
			}
		})
	}
}

// TestGrant: what a SET allows or takes away, is for the next request (RFC 3415
// §3.2, RFC 3416 §4.2.1 to §4.2.5).
func TestGrant(t *testing.T) {
	r := newRig(t, served(t, managed()))
	set := func(vbs ...pdu.VarBind) {
		t.Helper()
		if got := r.ask(private(message(pdu.V2c, pdu.SetRequest, vbs...))); got.ErrorStatus != pdu.NoError {
			t.Fatalf("%v: %v at %d", vbs, got.ErrorStatus, got.ErrorIndex)
		}
	}
	get := func() pdu.Value {
		t.Helper()
		answer := r.ask(message(pdu.V2c, pdu.GetRequest, names(sysName)...))
		if answer.ErrorStatus != pdu.NoError {
			return pdu.OctetString(answer.ErrorStatus.String())
		}
		return answer.VarBinds[0].Value
	}
	expect := func(when string, want pdu.Value) {
		t.Helper()
		if got := get(); got != want {
			t.Errorf("%s: %v, want %v", when, got, want)
		}
	}
	status := func(s mib.RowStatus) pdu.VarBind { return vb(cellOf(vacmFamilyEntry, 6, seen), pdu.Integer(int32(s))) }
	kind := func(n int32) pdu.VarBind { return vb(cellOf(vacmFamilyEntry, 4, seen), pdu.Integer(n)) }
	refused := pdu.OctetString(pdu.AuthorizationError.String())
	expect("without the view", refused)
	set(status(mib.CreateAndWait))
	expect("while the view is made", refused)
	set(status(mib.Active))
	expect("with the view", pdu.OctetString("pump"))
	if got := r.ask(message(pdu.V2c, pdu.GetNextRequest, names(sysName)...)).VarBinds[0].Value; got != pdu.EndOfMibView {
		t.Errorf("behind the view there is %v", got)
	}
	set(kind(2))
	expect("with it excluded", pdu.NoSuchObject)
	set(kind(1), vb(cellOf(vacmFamilyEntry, 3, seen), pdu.OctetString("\xff")))
	expect("included again, with a mask", pdu.OctetString("pump"))
	set(status(mib.Destroy))
	expect("without the view again", refused)
}

// TestGuardedTables: who may write everything but the tables can give himself no more,
// and to who may read everything but them they are not there (RFC 3415 §7.4).
func TestGuardedTables(t *testing.T) {
	snmpModules := ber.MustOID("1.3.6.1.6.3")
	p := vacm.MustNew(
		vacm.CommunityRule{Community: "private", ViewName: "guarded", Writable: true},
		vacm.CommunityRule{Community: "public", ViewName: "guarded"},
		vacm.ViewTreeFamily{ViewName: "guarded", Subtree: ber.NewOID(1)},
		vacm.ViewTreeFamily{ViewName: "guarded", Subtree: snmpModules, Type: vacm.Excluded},
	)
	r := newRig(t, served(t, p))
	if got := r.set(sysName, pdu.OctetString("mine")); got != pdu.NoError {
		t.Errorf("a SET of sysName: %v", got)
	}
	for _, name := range []ber.OID{cellOf(vacmGroupEntry, 5, bossGroup), cellOf(vacmAccessEntry, 9, bossAccess), cellOf(vacmFamilyEntry, 6, seen)} {
		if got := r.set(name, pdu.Integer(int32(mib.CreateAndGo))); got != pdu.NoAccess {
			t.Errorf("a SET of %v: %v, want noAccess", name, got)
		}
	}
	if got := r.ask(bulk(0, 1, names(snmpModules)...)).VarBinds[0].Value; got != pdu.EndOfMibView {
		t.Errorf("behind what is not hidden there is %v", got)
	}
	if got := r.get(vacmContextName.Append(0)); got != pdu.NoSuchObject {
		t.Errorf("vacmContextName is %v", got)
	}
}

// TestHugeTables: a table of as many rows as managers may create is read in answers
// of the usual size.
func TestHugeTables(t *testing.T) {
	r := newRig(t, served(t, managed()))
	rows := 0
	for i := uint32(0); rows < 2000; i += 10 {
		var vbs []pdu.VarBind
		for n := i; n < i+10; n++ {
			vbs = append(vbs, vb(vacmFamilyEntry.Append(6, 1, 'v', 4, 1, 3, 6, n), pdu.Integer(int32(mib.CreateAndGo))))
		}
		if got := r.ask(private(message(pdu.V2c, pdu.SetRequest, vbs...))); got.ErrorStatus != pdu.NoError {
			t.Fatalf("%v at %d", got.ErrorStatus, got.ErrorIndex)
		}
		rows += len(vbs)
	}
	request := bulk(0, math.MaxInt32, names(vacmFamilyEntry, vacmFamilyEntry, vacmGroupEntry)...)
	request.Community = []byte("private")
	answers := r.exchange(request.Append(nil))
	if len(answers) != 1 || len(answers[0]) > 1472 || len(answers[0]) < 1400 {
		t.Errorf("%d answers to a GetBulkRequest without end, of %d octets", len(answers), len(answers[0]))
	}
}

// TestPolicyKeep: a SET is answered when its rows have been kept, by the System's Keep
// or the policy's own, and fails where they cannot be.
func TestPolicyKeep(t *testing.T) {
	full := errors.New("the disk is full")
	for _, tt := range []struct {
		name          string
		system, own   error
		hasOwn        bool
		want          pdu.ErrorStatus
		systems, owns int // how often it is called
	}{
		{"the System's", nil, nil, false, pdu.NoError, 1, 0},
		{"the System's, which fails", full, nil, false, pdu.CommitFailed, 1, 0},
		{"its own", full, nil, true, pdu.NoError, 0, 1},
		{"its own, which fails", nil, full, true, pdu.CommitFailed, 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, systems, owns := managed(), 0, 0
			if tt.hasOwn {
				p.Keep = func() error {
					owns++
					return tt.own
				}
			}
			before := len(p.Kept())
			inBubble(t, func(a *agent.Agent) {
				a.Access, a.MIB = p, mib.NewTree()
				system := &agent.System{Keep: func() error {
					systems++
					return tt.system
				}}
				if err := errors.Join(a.RegisterObjects(a.MIB, system), a.RegisterAccess(a.MIB, system, p)); err != nil {
					t.Fatal(err)
				}
			}, func(t *testing.T, r *rig) {
				row := vb(cellOf(vacmFamilyEntry, 6, seen), pdu.Integer(int32(mib.CreateAndGo)))
				if got := r.ask(private(message(pdu.V2c, pdu.SetRequest, row))).ErrorStatus; got != tt.want {
					t.Errorf("the SET: %v, want %v", got, tt.want)
				}
			})
			if systems != tt.systems || owns != tt.owns {
				t.Errorf("the System's was called %d times, its own %d times", systems, owns)
			}
			if got := len(p.Kept()) - before; (got == 1) != (tt.want == pdu.NoError) {
				t.Errorf("%d rows more are to be kept", got)
			}
		})
	}
}
