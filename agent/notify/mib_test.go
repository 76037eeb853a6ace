package notify

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"snmpstack/agent/internal/managed"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/mib/mibtest"
	"snmpstack/pdu"
)

// serve returns a tree with the tables.
func serve(t testing.TB, targets *Targets) *mib.Tree {
	t.Helper()
	tree := mib.NewTree()
	if err := targets.Register(tree); err != nil {
		t.Fatal(err)
	}
	return tree
}

// implied is the name of a column's instance in the row called name.
func implied(entry ber.OID, column uint32, name string) ber.OID {
	o := entry.Append(column)
	for _, c := range []byte(name) {
		o = o.Append(uint32(c))
	}
	return o
}

func filterAt(column uint32, profile, subtree string) ber.OID {
	o := implied(oidFilterEntry.Append(column), uint32(len(profile)), profile)
	if subtree == "" {
		return o
	}
	for arc := range ber.MustOID(subtree).Arcs() {
		o = o.Append(arc)
	}
	return o
}

func number(o ber.OID, n int32) pdu.VarBind { return pdu.VarBind{Name: o, Value: pdu.Integer(n)} }
func text(o ber.OID, s string) pdu.VarBind  { return pdu.VarBind{Name: o, Value: pdu.OctetString(s)} }
func object(o, v ber.OID) pdu.VarBind {
	return pdu.VarBind{Name: o, Value: pdu.ObjectIdentifier(v)}
}
func status(o ber.OID, s mib.RowStatus) pdu.VarBind { return number(o, int32(s)) }

// The columns by their tables, for the row called name.
func inAddr(column uint32, name string) ber.OID   { return implied(oidTargetAddrEntry, column, name) }
func inExt(column uint32, name string) ber.OID    { return implied(oidTargetAddrExtEntry, column, name) }
func inParams(column uint32, name string) ber.OID { return implied(oidTargetParamsEntry, column, name) }
func inNotify(column uint32, name string) ber.OID { return implied(oidNotifyEntry, column, name) }
func inProfile(column uint32, name string) ber.OID {
	return implied(oidFilterProfileEntry, column, name)
}

const udp4 = "\xc0\x00\x02\x09\x00\xa2" // 192.0.2.9:162

// makeAddr, makeParams and makeNotify are SETs that make an active row.
func makeAddr(name, tags, params string) []pdu.VarBind {
	return []pdu.VarBind{
		status(inAddr(9, name), mib.CreateAndGo), object(inAddr(2, name), SnmpUDPDomain), text(inAddr(3, name), udp4),
		text(inAddr(6, name), tags), text(inAddr(7, name), params),
	}
}

func makeParams(name string, mp, model int32, who string, level int32) []pdu.VarBind {
	return []pdu.VarBind{
		status(inParams(7, name), mib.CreateAndGo), number(inParams(2, name), mp), number(inParams(3, name), model),
		text(inParams(4, name), who), number(inParams(5, name), level),
	}
}

func makeNotify(name, tag string, kind Type) []pdu.VarBind {
	return []pdu.VarBind{status(inNotify(5, name), mib.CreateAndGo), text(inNotify(2, name), tag), number(inNotify(3, name), int32(kind))}
}

func statusOf(err error) pdu.ErrorStatus {
	var e *pdu.StatusError
	switch {
	case errors.As(err, &e):
		return e.Status
	case err != nil:
		return pdu.GenErr
	}
	return pdu.NoError
}

// apply carries SETs out, each of which is to succeed.
func apply(t testing.TB, tree *mib.Tree, sets ...[]pdu.VarBind) {
	t.Helper()
	for _, vbs := range sets {
		if err := tree.Set(new(mib.Request), vbs); err != nil {
			t.Fatalf("%v: %v", vbs, err)
		}
	}
}

func get(t testing.TB, tree *mib.Tree, name ber.OID) pdu.Value {
	t.Helper()
	v, err := tree.Get(new(mib.Request), name)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestHandlers has the tables keep the rules of package mib.
func TestHandlers(t *testing.T) {
	stored := Row{Storage: mib.NonVolatile}
	targets := MustNew(
		TargetAddr{Name: "a", Address: "192.0.2.1", Params: "p", Row: stored},
		TargetParams{Name: "p", MPModel: pdu.V2c, SecurityName: "noc", Row: stored},
		Notify{Name: "n", Row: stored},
		FilterProfile{Params: "p", ProfileName: "f", Row: stored},
		Filter{ProfileName: "f", Subtree: ber.MustOID("1.3.6"), Row: stored},
		Receiver{Name: "fixed", Address: "noc.example", Community: "s3cret"},
	)
	serve(t, targets)
	sets := map[ber.OID][][]pdu.VarBind{
		oidTargetAddrEntry:    {makeAddr("b", "x y", "p"), {status(inAddr(9, "a"), mib.Destroy)}, {text(inAddr(6, "a"), "z")}},
		oidTargetParamsEntry:  {makeParams("q", 3, 3, "ops", 3), {status(inParams(7, "p"), mib.Destroy)}, {status(inParams(7, "p"), mib.NotInService)}},
		oidNotifyEntry:        {makeNotify("m", "x", Inform), {status(inNotify(5, "n"), mib.Destroy)}, {text(inNotify(2, "n"), "y")}},
		oidFilterProfileEntry: {{status(inProfile(3, "q"), mib.CreateAndGo), text(inProfile(1, "q"), "f")}, {text(inProfile(1, "p"), "g")}},
		oidFilterEntry:        {{status(filterAt(5, "f", "1.3.7"), mib.CreateAndGo), text(filterAt(2, "f", "1.3.7"), "\xff")}, {number(filterAt(3, "f", "1.3.6"), 2)}},
		oidTargetAddrExtEntry: {{number(inExt(2, "a"), 1472)}},
	}
	for _, s := range targets.tables {
		t.Run(s.Prefix.String(), func(t *testing.T) {
			mibtest.Run(t, s.Handler, s.Prefix, mibtest.Options{Table: s.Prefix != oidTargetSpinLock, Sets: sets[s.Prefix]})
		})
	}
}

// TestSets: what RFC 3413 §4.1.2 and §4.2.2, and RFC 3584 §5.3, say of each object.
func TestSets(t *testing.T) {
	const wait, inactive = mib.CreateAndWait, mib.NotInService
	long := strings.Repeat("x", 33)
	tests := []struct {
		name   string
		before [][]pdu.VarBind
		vbs    []pdu.VarBind
		want   pdu.ErrorStatus
	}{
		// snmpTargetAddrTable
		{"an address", nil, makeAddr("a", "x y", "p"), pdu.NoError},
		{"an address without a domain", nil, slices.Delete(makeAddr("a", "", "p"), 1, 2), pdu.InconsistentValue},
		{"an address without an address", nil, slices.Delete(makeAddr("a", "", "p"), 2, 3), pdu.InconsistentValue},
		{"an address without parameters", nil, makeAddr("a", "", "p")[:4], pdu.InconsistentValue},
		{"an address that is not the domain's", nil, append(makeAddr("a", "", "p"), text(inAddr(3, "a"), "12345")), pdu.InconsistentValue},
		{"an address of IPv6", nil, append(makeAddr("a", "", "p"), object(inAddr(2, "a"), TransportDomainUDPIPv6), text(inAddr(3, "a"), strings.Repeat("x", 18))), pdu.NoError},
		{"a host's name", nil, append(makeAddr("a", "", "p"), object(inAddr(2, "a"), TransportDomainUDPDNS), text(inAddr(3, "a"), "noc.example:162")), pdu.NoError},
		{"port 0", nil, append(makeAddr("a", "", "p"), text(inAddr(3, "a"), "1234\x00\x00")), pdu.InconsistentValue},
		{"an empty address", nil, append(makeAddr("a", "", "p"), text(inAddr(3, "a"), "")), pdu.WrongLength},
		{"a domain that is not here", nil, append(makeAddr("a", "", "p"), object(inAddr(2, "a"), ber.MustOID("1.3.6.1.6.1.5"))), pdu.WrongValue},
		{"the domain of an active row", [][]pdu.VarBind{makeAddr("a", "", "p")}, []pdu.VarBind{object(inAddr(2, "a"), TransportDomainUDPIPv4)}, pdu.InconsistentValue},
		{"the address of an active row", [][]pdu.VarBind{makeAddr("a", "", "p")}, []pdu.VarBind{text(inAddr(3, "a"), udp4)}, pdu.InconsistentValue},
		{"the address of one that will not be active", [][]pdu.VarBind{makeAddr("a", "", "p")}, []pdu.VarBind{text(inAddr(3, "a"), udp4), status(inAddr(9, "a"), inactive)}, pdu.NoError},
		{"what may change while it is active", [][]pdu.VarBind{makeAddr("a", "", "p")}, []pdu.VarBind{number(inAddr(4, "a"), 0), number(inAddr(5, "a"), 255), text(inAddr(6, "a"), "z"), text(inAddr(7, "a"), "q"), number(inAddr(8, "a"), 2)}, pdu.NoError},
		{"one that is not active, with what does not fit", [][]pdu.VarBind{makeAddr("a", "", "p"), {status(inAddr(9, "a"), inactive)}, {object(inAddr(2, "a"), TransportDomainUDPIPv6)}}, []pdu.VarBind{status(inAddr(9, "a"), mib.Active)}, pdu.InconsistentValue},
		{"a negative timeout", nil, append(makeAddr("a", "", "p"), number(inAddr(4, "a"), -1)), pdu.WrongValue},
		{"256 retries", nil, append(makeAddr("a", "", "p"), number(inAddr(5, "a"), 256)), pdu.WrongValue},
		{"tags that begin with a space", nil, makeAddr("a", " x", "p"), pdu.WrongValue},
		{"tags that end with one", nil, makeAddr("a", "x\n", "p"), pdu.WrongValue},
		{"tags with two in between", nil, makeAddr("a", "x \ty", "p"), pdu.WrongValue},
		{"256 octets of tags", nil, makeAddr("a", strings.Repeat("x", 256), "p"), pdu.WrongLength},
		{"tags that are no text", nil, makeAddr("a", "\xff\x00", "p"), pdu.NoError},
		{"parameters with a long name", nil, makeAddr("a", "", long), pdu.WrongLength},
		{"parameters without a name", nil, makeAddr("a", "", ""), pdu.WrongLength},
		{"parameters that are no text", nil, makeAddr("a", "", "\xff"), pdu.WrongValue},
		{"a name of 32 octets", nil, makeAddr(long[1:], "", "p"), pdu.NoError},
		{"a name of 33", nil, makeAddr(long, "", "p"), pdu.NoCreation},
		{"a name of none", nil, []pdu.VarBind{status(oidTargetAddrEntry.Append(9), mib.CreateAndGo)}, pdu.NoCreation},
		{"a name that is no text", nil, makeAddr("\xff", "", "p"), pdu.NoCreation},
		{"an index that is no octet", nil, []pdu.VarBind{status(oidTargetAddrEntry.Append(9, 256), wait)}, pdu.NoCreation},
		{"the name itself", [][]pdu.VarBind{makeAddr("a", "", "p")}, []pdu.VarBind{text(inAddr(1, "a"), "b")}, pdu.NotWritable},
		{"an integer for an address", nil, append(makeAddr("a", "", "p"), number(inAddr(3, "a"), 1)), pdu.WrongType},
		{"a row that is there", [][]pdu.VarBind{makeAddr("a", "", "p")}, makeAddr("a", "", "p"), pdu.InconsistentValue},
		{"a row that is not", nil, []pdu.VarBind{text(inAddr(6, "a"), "x")}, pdu.InconsistentName},
		{"a row of a statement", nil, []pdu.VarBind{text(inAddr(6, "fixed"), "x")}, pdu.NotWritable},
		{"to destroy a row of a statement", nil, []pdu.VarBind{status(inAddr(9, "fixed"), mib.Destroy)}, pdu.InconsistentValue},

		// snmpTargetAddrExtTable
		{"a mask", [][]pdu.VarBind{makeAddr("a", "", "p"), {status(inAddr(9, "a"), inactive)}}, []pdu.VarBind{text(inExt(1, "a"), "\xff\xff\xff\xff\x00\x00")}, pdu.NoError},
		{"a mask of another length", [][]pdu.VarBind{makeAddr("a", "", "p"), {status(inAddr(9, "a"), inactive)}}, []pdu.VarBind{text(inExt(1, "a"), "\xff")}, pdu.InconsistentValue},
		{"a mask of none", [][]pdu.VarBind{makeAddr("a", "", "p"), {status(inAddr(9, "a"), inactive)}}, []pdu.VarBind{text(inExt(1, "a"), "")}, pdu.NoError},
		{"the mask of an active row", [][]pdu.VarBind{makeAddr("a", "", "p")}, []pdu.VarBind{text(inExt(1, "a"), "")}, pdu.InconsistentValue},
		{"a row whose mask does not fit any more", [][]pdu.VarBind{
			makeAddr("a", "", "p"), {status(inAddr(9, "a"), inactive)}, {text(inExt(1, "a"), "123456")},
			{object(inAddr(2, "a"), TransportDomainUDPIPv6), text(inAddr(3, "a"), strings.Repeat("x", 18))},
		}, []pdu.VarBind{status(inAddr(9, "a"), mib.Active)}, pdu.InconsistentValue},
		{"a mask and a size of a row that the SET makes", nil, append([]pdu.VarBind{text(inExt(1, "a"), "\xff\xff\xff\xff\x00\x00"), number(inExt(2, "a"), 1472)}, makeAddr("a", "", "p")...), pdu.NoError},
		{"a mask that does not fit such a row", nil, append(makeAddr("a", "", "p"), text(inExt(1, "a"), "\xff")), pdu.InconsistentValue},
		{"a mask of a row that the SET ends", [][]pdu.VarBind{makeAddr("a", "", "p")}, []pdu.VarBind{status(inAddr(9, "a"), inactive), text(inExt(1, "a"), "\xff\xff\xff\xff\x00\x00")}, pdu.NoError},
		{"a mask of a row that there is not", nil, []pdu.VarBind{text(inExt(1, "a"), "")}, pdu.InconsistentName},
		{"a size", [][]pdu.VarBind{makeAddr("a", "", "p")}, []pdu.VarBind{number(inExt(2, "a"), 484)}, pdu.NoError},
		{"a size of 0", [][]pdu.VarBind{makeAddr("a", "", "p")}, []pdu.VarBind{number(inExt(2, "a"), 0)}, pdu.NoError},
		{"a size of 483", [][]pdu.VarBind{makeAddr("a", "", "p")}, []pdu.VarBind{number(inExt(2, "a"), 483)}, pdu.WrongValue},
		{"a size of a statement's", nil, []pdu.VarBind{number(inExt(2, "fixed"), 484)}, pdu.NotWritable},

		// snmpTargetParamsTable
		{"SNMPv1", nil, makeParams("p", 0, 1, "noc", 1), pdu.NoError},
		{"SNMPv2c", nil, makeParams("p", 1, 2, "noc", 1), pdu.NoError},
		{"SNMPv3", nil, makeParams("p", 3, 3, "ops", 3), pdu.NoError},
		{"without a version", nil, slices.Delete(makeParams("p", 0, 1, "noc", 1), 1, 2), pdu.InconsistentValue},
		{"without a model", nil, slices.Delete(makeParams("p", 0, 1, "noc", 1), 2, 3), pdu.InconsistentValue},
		{"without anybody", nil, slices.Delete(makeParams("p", 0, 1, "noc", 1), 3, 4), pdu.InconsistentValue},
		{"without a level", nil, makeParams("p", 0, 1, "noc", 1)[:4], pdu.InconsistentValue},
		{"a version that is not here", nil, makeParams("p", 2, 2, "noc", 1), pdu.InconsistentValue},
		{"a version that there is not", nil, makeParams("p", -1, 2, "noc", 1), pdu.WrongValue},
		{"a model that is not here", nil, makeParams("p", 3, 4, "noc", 1), pdu.InconsistentValue},
		{"any model", nil, makeParams("p", 3, 0, "noc", 1), pdu.WrongValue},
		{"another version's model", nil, makeParams("p", 1, 3, "noc", 1), pdu.InconsistentValue},
		{"a level that the model does not have", nil, makeParams("p", 1, 2, "noc", 2), pdu.InconsistentValue},
		{"a level that there is not", nil, makeParams("p", 3, 3, "noc", 4), pdu.WrongValue},
		{"nobody", nil, makeParams("p", 3, 3, "", 1), pdu.InconsistentValue},
		{"a name that no user has", nil, makeParams("p", 3, 3, long, 1), pdu.InconsistentValue},
		{"a name that is too long for any", nil, makeParams("p", 1, 2, strings.Repeat("x", 256), 1), pdu.WrongLength},
		{"a name that a rule gives", nil, makeParams("p", 1, 2, "community-rule-1", 1), pdu.InconsistentValue},
		{"the version of an active row", [][]pdu.VarBind{makeParams("p", 1, 2, "noc", 1)}, []pdu.VarBind{number(inParams(2, "p"), 1)}, pdu.InconsistentValue},
		{"the model of an active row", [][]pdu.VarBind{makeParams("p", 1, 2, "noc", 1)}, []pdu.VarBind{number(inParams(3, "p"), 2)}, pdu.InconsistentValue},
		{"the name of an active row", [][]pdu.VarBind{makeParams("p", 1, 2, "noc", 1)}, []pdu.VarBind{text(inParams(4, "p"), "noc")}, pdu.InconsistentValue},
		{"the level of an active row", [][]pdu.VarBind{makeParams("p", 1, 2, "noc", 1)}, []pdu.VarBind{number(inParams(5, "p"), 1)}, pdu.InconsistentValue},
		{"step by step", [][]pdu.VarBind{
			{status(inParams(7, "p"), wait)}, {number(inParams(2, "p"), 0)}, {number(inParams(5, "p"), 1)}, {text(inParams(4, "p"), "")}, {number(inParams(3, "p"), 1)},
		}, []pdu.VarBind{status(inParams(7, "p"), mib.Active)}, pdu.NoError},
		{"step by step, but one", [][]pdu.VarBind{
			{status(inParams(7, "p"), wait)}, {number(inParams(2, "p"), 0)}, {number(inParams(5, "p"), 1)}, {number(inParams(3, "p"), 1)},
		}, []pdu.VarBind{status(inParams(7, "p"), mib.Active)}, pdu.InconsistentValue},
		{"parameters of a statement", nil, []pdu.VarBind{text(inParams(4, "fixed"), "x")}, pdu.NotWritable},

		// snmpNotifyTable
		{"a selection", nil, makeNotify("n", "x", Inform), pdu.NoError},
		{"one of none", nil, []pdu.VarBind{status(inNotify(5, "n"), mib.CreateAndGo)}, pdu.NoError},
		{"two tags", nil, makeNotify("n", "x y", Trap), pdu.WrongValue},
		{"a long tag", nil, makeNotify("n", strings.Repeat("x", 256), Trap), pdu.WrongLength},
		{"a type that there is not", nil, makeNotify("n", "x", 3), pdu.WrongValue},

		// snmpNotifyFilterProfileTable
		{"a profile", nil, []pdu.VarBind{status(inProfile(3, "p"), mib.CreateAndGo), text(inProfile(1, "p"), "f")}, pdu.NoError},
		{"a profile without a name", nil, []pdu.VarBind{status(inProfile(3, "p"), mib.CreateAndGo)}, pdu.InconsistentValue},
		{"a profile with an empty one", nil, []pdu.VarBind{status(inProfile(3, "p"), wait), text(inProfile(1, "p"), "")}, pdu.WrongLength},
		{"a profile with a long one", nil, []pdu.VarBind{status(inProfile(3, "p"), wait), text(inProfile(1, "p"), long)}, pdu.WrongLength},

		// snmpNotifyFilterTable
		{"a filter", nil, []pdu.VarBind{status(filterAt(5, "f", "1.3.6"), mib.CreateAndGo)}, pdu.NoError},
		{"a filter of everything below iso", nil, []pdu.VarBind{status(filterAt(5, "f", "1"), mib.CreateAndGo)}, pdu.NoError},
		{"a filter without a subtree", nil, []pdu.VarBind{status(filterAt(5, "f", ""), mib.CreateAndGo)}, pdu.NoCreation},
		{"a filter of what has no name", nil, []pdu.VarBind{status(filterAt(5, "f", "3.1"), mib.CreateAndGo)}, pdu.NoCreation},
		{"a filter of no profile", nil, []pdu.VarBind{status(filterAt(5, "", "1.3"), mib.CreateAndGo)}, pdu.NoCreation},
		{"a filter of a profile with a long name", nil, []pdu.VarBind{status(filterAt(5, long, "1.3"), mib.CreateAndGo)}, pdu.NoCreation},
		{"a mask of 16", nil, []pdu.VarBind{status(filterAt(5, "f", "1.3"), mib.CreateAndGo), text(filterAt(2, "f", "1.3"), long[:16])}, pdu.NoError},
		{"a mask of 17", nil, []pdu.VarBind{status(filterAt(5, "f", "1.3"), mib.CreateAndGo), text(filterAt(2, "f", "1.3"), long[:17])}, pdu.WrongLength},
		{"a filter's type that there is not", nil, []pdu.VarBind{status(filterAt(5, "f", "1.3"), mib.CreateAndGo), number(filterAt(3, "f", "1.3"), 0)}, pdu.WrongValue},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := serve(t, MustNew(Receiver{Name: "fixed", Address: "192.0.2.1"}))
			apply(t, tree, tt.before...)
			if got := statusOf(tree.Set(new(mib.Request), tt.vbs)); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

// TestStatus: a row that lacks something is notReady, or does not fit together.
func TestStatus(t *testing.T) {
	tree := serve(t, MustNew())
	for _, step := range []struct {
		vb   pdu.VarBind
		want mib.RowStatus
	}{
		{status(inAddr(9, "a"), mib.CreateAndWait), mib.NotReady},
		{object(inAddr(2, "a"), SnmpUDPDomain), mib.NotReady},
		{text(inAddr(7, "a"), "p"), mib.NotReady},
		{text(inAddr(3, "a"), udp4), mib.NotInService},
		{object(inAddr(2, "a"), TransportDomainUDPIPv6), mib.NotReady},
		{text(inAddr(3, "a"), strings.Repeat("x", 18)), mib.NotInService},
		{status(inAddr(9, "a"), mib.Active), mib.Active},
	} {
		apply(t, tree, []pdu.VarBind{step.vb})
		if got := get(t, tree, inAddr(9, "a")); got != pdu.Integer(int32(step.want)) {
			t.Errorf("after %v it is %v, want %v", step.vb, got, step.want)
		}
	}
}

// TestManagersTell: what managers set decides about the next notification, and
// nothing does any more when it is destroyed.
func TestManagersTell(t *testing.T) {
	targets := MustNew()
	tree := serve(t, targets)
	expect := func(want ...string) {
		t.Helper()
		if got := names(targets, coldStart); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	apply(t, tree, makeAddr("a", "x y", "p"), makeParams("p", 3, 3, "ops", 3))
	expect()
	apply(t, tree, makeNotify("n", "y", Inform))
	expect("a by n: inform")
	for d := range targets.Destinations(coldStart) {
		d.Addr.Row, d.Params.Row = Row{}, Row{}
		want := Destination{
			Addr: TargetAddr{
				Name: "a", TDomain: SnmpUDPDomain, TAddress: udp4, Timeout: 15 * time.Second, RetryCount: 3,
				TagList: "x y", Params: "p", MMS: 484,
			},
			Params: TargetParams{Name: "p", MPModel: pdu.V3, SecurityModel: pdu.SecurityModelUSM, SecurityName: "ops", SecurityLevel: pdu.AuthPriv},
			Notify: "n", Type: Inform,
		}
		if d != want {
			t.Errorf("got %+v, want %+v", d, want)
		}
	}
	apply(t, tree, []pdu.VarBind{status(inProfile(3, "p"), mib.CreateAndGo), text(inProfile(1, "p"), "f")})
	expect("a by n: inform")
	apply(t, tree, []pdu.VarBind{status(filterAt(5, "f", "1.3.6.1.6.3.1.1.5.2"), mib.CreateAndGo)})
	expect()
	apply(t, tree, []pdu.VarBind{status(filterAt(5, "f", "1.3.6.1.6.3.1.1.5.1"), mib.CreateAndGo)})
	expect("a by n: inform")
	apply(t, tree, []pdu.VarBind{text(filterAt(2, "f", "1.3.6.1.6.3.1.1.5.1"), "\xff\x80"), number(filterAt(3, "f", "1.3.6.1.6.3.1.1.5.1"), 2)})
	expect()
	apply(t, tree, []pdu.VarBind{status(inProfile(3, "p"), mib.NotInService)})
	expect("a by n: inform")
	for _, vbs := range [][]pdu.VarBind{
		{status(inAddr(9, "a"), mib.NotInService)}, {status(inParams(7, "p"), mib.NotInService)}, {status(inNotify(5, "n"), mib.NotInService)},
	} {
		apply(t, tree, vbs)
		expect()
		apply(t, tree, []pdu.VarBind{status(vbs[0].Name, mib.Active)})
		expect("a by n: inform")
	}
	apply(t, tree, []pdu.VarBind{text(inAddr(6, "a"), "x")})
	expect()
	apply(t, tree, []pdu.VarBind{text(inAddr(6, "a"), "x y")}, []pdu.VarBind{status(inParams(7, "p"), mib.Destroy)})
	expect()
}

// TestStatements: managers see statements, their secrets not, and have nothing sent
// with these to where they like.
func TestStatements(t *testing.T) {
	targets := MustNew(Receiver{Name: "noc", Address: "noc.example", Version: pdu.V2c, Community: "s3cret", SecurityName: "noc", RetryCount: 7})
	tree := serve(t, targets)
	dst := make([]pdu.VarBind, 100)
	n, err := tree.Next(new(mib.Request), ber.MustOID("1.3.6.1.6.3"), dst)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, vb := range dst[:n] {
		if !vb.Name.HasPrefix(oidTargetSpinLock) {
			got = append(got, fmt.Sprint(vb))
		}
	}
	var want []string
	for _, vb := range []pdu.VarBind{
		object(inAddr(2, "noc"), TransportDomainUDPDNS), text(inAddr(3, "noc"), "noc.example:162"), number(inAddr(4, "noc"), 1500),
		number(inAddr(5, "noc"), 7), text(inAddr(6, "noc"), "noc"), text(inAddr(7, "noc"), "noc"), number(inAddr(8, "noc"), 5), number(inAddr(9, "noc"), 1),
		number(inParams(2, "noc"), 1), number(inParams(3, "noc"), 2), text(inParams(4, "noc"), "noc"), number(inParams(5, "noc"), 1),
		number(inParams(6, "noc"), 5), number(inParams(7, "noc"), 1),
		text(inNotify(2, "noc"), "noc"), number(inNotify(3, "noc"), 1), number(inNotify(4, "noc"), 5), number(inNotify(5, "noc"), 1),
		text(inExt(1, "noc"), ""), number(inExt(2, "noc"), 0),
	} {
		want = append(want, fmt.Sprint(vb))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	apply(t, tree, makeAddr("mine", "noc", "noc"))
	for d := range targets.Destinations(coldStart) {
		if secret := d.Params.Community == "s3cret"; secret != (d.Addr.Name == "noc") {
			t.Errorf("for %s the community is there: %v", d.Addr.Name, secret)
		}
	}
	if got := names(targets, coldStart); len(got) != 2 {
		t.Errorf("there are %q", got)
	}
}

// TestMaxManaged: a manager cannot fill the memory, and statements do not take his
// room.
func TestMaxManaged(t *testing.T) {
	rows := []Notify{}
	for i := range managed.MaxRows - 1 {
		rows = append(rows, Notify{Name: fmt.Sprint("n", i), Type: Trap, Row: Row{Storage: mib.NonVolatile, Status: mib.Active}})
	}
	targets := MustNew(Notify{Name: "fixed"})
	for _, r := range rows {
		if err := targets.Restore(r); err != nil {
			t.Fatal(err)
		}
	}
	tree := serve(t, targets)
	apply(t, tree, makeNotify("last", "", Trap))
	if got := statusOf(tree.Set(new(mib.Request), makeNotify("one more", "", Trap))); got != pdu.ResourceUnavailable {
		t.Errorf("one more is %v", got)
	}
	apply(t, tree, append([]pdu.VarBind{status(inNotify(5, "last"), mib.Destroy)}, makeNotify("one more", "", Trap)...))
}

// TestKeep: what is to survive a restart is kept, before the SET is answered, and comes
// back as it was.
func TestKeep(t *testing.T) {
	targets := MustNew(Receiver{Name: "fixed", Address: "192.0.2.1"})
	calls, failure := 0, error(nil)
	targets.Keep = func() error { calls++; return failure }
	tree := serve(t, targets)
	kept := func(want int, vbs ...pdu.VarBind) {
		t.Helper()
		calls = 0
		apply(t, tree, vbs)
		if calls != want {
			t.Errorf("kept %d times after %v, want %d", calls, vbs, want)
		}
	}
	kept(1, makeAddr("a", "x", "p")...)
	kept(1, number(inExt(2, "a"), 1472))
	kept(1, makeParams("p", 0, 1, "", 1)...)
	kept(1, makeNotify("n", "x", Inform)...)
	kept(1, status(inProfile(3, "p"), mib.CreateAndGo), text(inProfile(1, "p"), "f"))
	kept(1, status(filterAt(5, "f", "1.3"), mib.CreateAndGo), text(filterAt(2, "f", "1.3"), "\xc0"), number(filterAt(3, "f", "1.3"), 2))
	kept(0, append(makeNotify("volatile", "x", Trap), number(inNotify(4, "volatile"), int32(mib.Volatile)))...)
	kept(1, status(inParams(7, "q"), mib.CreateAndWait))
	kept(1, status(inNotify(5, "out"), mib.CreateAndWait), text(inNotify(2, "out"), "y"))

	managed := Row{Storage: mib.NonVolatile, Status: mib.Active}
	want := []Statement{
		TargetAddr{Name: "a", TDomain: SnmpUDPDomain, TAddress: udp4, Timeout: 15 * time.Second, RetryCount: 3, TagList: "x", Params: "p", MMS: 1472, Row: managed},
		TargetParams{Name: "p", SecurityModel: pdu.SecurityModelV1, Row: managed},
		Notify{Name: "n", Tag: "x", Type: Inform, Row: managed},
		Notify{Name: "out", Tag: "y", Type: Trap, Row: Row{Storage: mib.NonVolatile, Status: mib.NotInService}},
		FilterProfile{Params: "p", ProfileName: "f", Row: managed},
		Filter{ProfileName: "f", Subtree: ber.MustOID("1.3"), Mask: "\xc0", Type: Excluded, Row: managed},
	}
	got := targets.Kept()
	if !slices.Equal(got, want) {
		t.Errorf("kept are %+v, want %+v", got, want)
	}
	after := MustNew()
	elsewhere := slices.Clone(got)
	n := elsewhere[2].(Notify)
	n.Origin = "a file"
	elsewhere[2] = n
	if err := after.Restore(elsewhere...); err != nil {
		t.Fatal(err)
	}
	if again := after.Kept(); !slices.Equal(again, want) {
		t.Errorf("then they are %+v", again)
	}
	apply(t, serve(t, after), []pdu.VarBind{status(inAddr(9, "a"), mib.Destroy)}) // they are managers' again

	failure = errors.New("disk full")
	if got := statusOf(tree.Set(new(mib.Request), []pdu.VarBind{status(inNotify(5, "n"), mib.Destroy)})); got != pdu.CommitFailed {
		t.Errorf("what cannot be kept is %v", got)
	}
	if got := get(t, tree, inNotify(5, "n")); got != pdu.Integer(1) {
		t.Errorf("and then %v", got)
	}
}

// What is no row that Kept returns, and what a statement is about, is not put back.
func TestRestoreErrors(t *testing.T) {
	managed := Row{Storage: mib.NonVolatile, Status: mib.Active}
	targets := MustNew(Notify{Name: "fixed", Tag: "x"})
	err := targets.Restore(
		Notify{Name: "fixed", Type: Trap, Row: managed},
		Notify{Name: "n", Type: Trap, Row: Row{Storage: mib.Volatile, Status: mib.Active}},
		Notify{Name: "n", Type: Trap, Row: Row{Storage: mib.NonVolatile, Status: mib.NotReady}},
		Notify{Name: "", Type: Trap, Row: managed},
		Receiver{Name: "r", Address: "192.0.2.1"},
		TargetAddr{Name: "a", Address: "192.0.2.1", Params: "p", Row: managed},
		Notify{Name: "n", Tag: "good", Type: Trap, Row: managed},
	)
	if n := len(err.(interface{ Unwrap() []error }).Unwrap()); n != 6 || !errors.Is(err, mib.ErrDuplicate) {
		t.Errorf("%d errors: %v", n, err)
	}
	if got := targets.Kept(); len(got) != 1 || got[0].(Notify).Tag != "good" {
		t.Errorf("put back are %+v", got)
	}
}

// Replace leaves managers' rows alone, but for those that a statement is about.
func TestReplace(t *testing.T) {
	targets := MustNew(Notify{Name: "before", Tag: "x"}, Notify{Name: "both", Tag: "x"})
	tree := serve(t, targets)
	apply(t, tree, makeNotify("managed", "y", Trap), makeNotify("contested", "y", Trap))
	if err := targets.Replace(Notify{Name: "both", Tag: "z"}, Notify{Name: "contested", Tag: "z"}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]pdu.Value{
		"before": pdu.NoSuchInstance, "both": pdu.OctetString("z"), "managed": pdu.OctetString("y"), "contested": pdu.OctetString("z"),
	} {
		if got := get(t, tree, inNotify(2, name)); got != want {
			t.Errorf("%s has %v, want %v", name, got, want)
		}
	}
}

// RFC 3413 §4.1.2, snmpTargetSpinLock: a SET with the value that was read goes
// through, and the next one with it does not.
func TestSpinLock(t *testing.T) {
	tree := serve(t, MustNew())
	apply(t, tree, makeAddr("a", "x", "p"))
	lock := pdu.VarBind{Name: oidTargetSpinLock.Append(0), Value: get(t, tree, oidTargetSpinLock.Append(0))}
	apply(t, tree, []pdu.VarBind{lock, text(inAddr(6, "a"), "x y")})
	if got := statusOf(tree.Set(new(mib.Request), []pdu.VarBind{lock, text(inAddr(6, "a"), "z")})); got != pdu.InconsistentValue {
		t.Errorf("%v", got)
	}
	if got := get(t, tree, inAddr(6, "a")); got != pdu.OctetString("x y") {
		t.Errorf("the tags are %v", got)
	}
}
