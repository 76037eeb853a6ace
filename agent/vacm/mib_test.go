package vacm_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

var engine = vacm.Entity{
	Contexts: func() []string { return []string{"vrf-1", "blue", "", "blue", strings.Repeat("long", 9)} },
	EngineID: func() string { return "\x80\x00\x7e\xd9\x04test" },
}

// served returns a tree with the tables of a policy.
func served(t testing.TB, p *vacm.Policy) *mib.Tree {
	t.Helper()
	tree := mib.NewTree()
	if err := p.Register(tree, engine); err != nil {
		t.Fatal(err)
	}
	return tree
}

// octets is a string as it is in an index.
func octets(s string) ber.OID {
	o := ber.NewOID(uint32(len(s)))
	for _, c := range []byte(s) {
		o = o.Append(uint32(c))
	}
	return o
}

func join(parts ...ber.OID) (o ber.OID) {
	for _, p := range parts {
		for arc := range p.Arcs() {
			o = o.Append(arc)
		}
	}
	return o
}

// The names of instances.

var vacmMIB = ber.MustOID("1.3.6.1.6.3.16.1")

func groupAt(column uint32, model uint32, name string) ber.OID {
	return join(vacmMIB.Append(2, 1, column, model), octets(name))
}

func accessAt(column uint32, group, prefix string, model, level uint32) ber.OID {
	return join(vacmMIB.Append(4, 1, column), octets(group), octets(prefix), ber.NewOID(model, level))
}

func familyAt(column uint32, view string, subtree ber.OID) ber.OID {
	return join(vacmMIB.Append(5, 2, 1, column), octets(view), ber.NewOID(uint32(subtree.Len())), subtree)
}

func number(o ber.OID, n int32) pdu.VarBind { return pdu.VarBind{Name: o, Value: pdu.Integer(n)} }
func octetsOf(o ber.OID, s string) pdu.VarBind {
	return pdu.VarBind{Name: o, Value: pdu.OctetString(s)}
}

func status(o ber.OID, s mib.RowStatus) pdu.VarBind { return number(o, int32(s)) }

// statusOf is what a SET came to.
func statusOf(err error) pdu.StatusError {
	var e *pdu.StatusError
	if errors.As(err, &e) {
		return *e
	}
	if err != nil {
		return pdu.StatusError{Status: pdu.GenErr, Index: -1}
	}
	return pdu.StatusError{}
}

// The row of each table that the tests are about.
var (
	groupName, groupStorage, groupStatus = groupAt(3, 3, "u"), groupAt(4, 3, "u"), groupAt(5, 3, "u")

	accessMatch, accessRead, accessWrite, accessNotify = accessAt(4, "g", "", 0, 2), accessAt(5, "g", "", 0, 2), accessAt(6, "g", "", 0, 2), accessAt(7, "g", "", 0, 2)
	accessStorage, accessStatus                        = accessAt(8, "g", "", 0, 2), accessAt(9, "g", "", 0, 2)

	subtree                                             = ber.MustOID("1.3.6.1.2.1")
	familyMask, familyType, familyStorage, familyStatus = familyAt(3, "v", subtree), familyAt(4, "v", subtree), familyAt(5, "v", subtree), familyAt(6, "v", subtree)
	long32, long33                                      = strings.Repeat("x", 32), strings.Repeat("x", 33)
)

// TestTables goes through what the DESCRIPTIONs of RFC 3415 §4 say about SETs. Each
// test begins with nothing but one row of a statement in each table, carries out
// SETs, of which the last one is looked at, and reads.
func TestTables(t *testing.T) {
	one := func(vbs ...pdu.VarBind) [][]pdu.VarBind { return [][]pdu.VarBind{vbs} }
	newGroup := []pdu.VarBind{status(groupStatus, mib.CreateAndGo), octetsOf(groupName, "g")}
	newAccess := []pdu.VarBind{status(accessStatus, mib.CreateAndGo)}
	newFamily := []pdu.VarBind{status(familyStatus, mib.CreateAndGo)}
	after := func(first []pdu.VarBind, vbs ...pdu.VarBind) [][]pdu.VarBind { return [][]pdu.VarBind{first, vbs} }
	create := func(o ber.OID) [][]pdu.VarBind { return one(status(o, mib.CreateAndGo)) }
	group := func(model uint32, name string) [][]pdu.VarBind {
		return one(status(groupAt(5, model, name), mib.CreateAndGo), octetsOf(groupAt(3, model, name), "g"))
	}
	none := pdu.StatusError{}
	at := func(s pdu.ErrorStatus, index int) pdu.StatusError { return pdu.StatusError{Status: s, Index: index} }
	const noInstance = -1
	tests := []struct {
		name string
		sets [][]pdu.VarBind
		want pdu.StatusError
		read []pdu.VarBind
	}{
		// vacmContextTable
		{"3415-4-ctx-2 cannot be written", one(octetsOf(vacmMIB.Append(1, 1, 1, 0), "")), at(pdu.NotWritable, 1), nil},

		// vacmSecurityToGroupTable
		{"3415-4-s2g-1 model 0", group(0, "u"), at(pdu.NoCreation, 1), nil},
		{"3415-4-s2g-1 model 1", group(1, "u"), none, []pdu.VarBind{status(groupAt(5, 1, "u"), mib.Active)}},
		{"3415-4-s2g-1 model 2147483647", group(1<<31-1, "u"), none, []pdu.VarBind{status(groupAt(5, 1<<31-1, "u"), mib.Active)}},
		{"3415-4-s2g-1 model 2147483648", group(1<<31, "u"), at(pdu.NoCreation, 1), nil},
		{"3415-4-s2g-1 name of 0 octets", group(3, ""), at(pdu.NoCreation, 1), nil},
		{"3415-4-s2g-1 name of 32 octets", group(3, long32), none, []pdu.VarBind{octetsOf(groupAt(3, 3, long32), "g")}},
		{"3415-4-s2g-1 name of 33 octets", group(3, long33), at(pdu.NoCreation, 1), nil},
		{"3411-5 name in UTF-8", group(3, "Zoë"), none, []pdu.VarBind{octetsOf(groupAt(3, 3, "Zoë"), "g")}},
		{"3411-5 name not in UTF-8", group(3, "Zo\xeb"), at(pdu.NoCreation, 1), nil},
		{"a sub-identifier beyond 255 in a name", create(vacmMIB.Append(2, 1, 5, 3, 1, 256)), at(pdu.NoCreation, 1), nil},
		{"a name that is longer than it says", create(groupStatus.Append(1)), at(pdu.NoCreation, 1), nil},
		{"a name that is shorter than it says", create(vacmMIB.Append(2, 1, 5, 3, 2, 97)), at(pdu.NoCreation, 1), nil},
		{"no index", create(vacmMIB.Append(2, 1, 5)), at(pdu.NoCreation, 1), nil},
		{"an index object", one(number(groupAt(1, 3, "u"), 3)), at(pdu.NotWritable, 1), nil},
		{"3415-4-s2g-2 vacmGroupName of 0 octets", after(newGroup, octetsOf(groupName, "")), at(pdu.WrongLength, 1), []pdu.VarBind{octetsOf(groupName, "g")}},
		{"3415-4-s2g-2 vacmGroupName of 32 octets", after(newGroup, octetsOf(groupName, long32)), none, []pdu.VarBind{octetsOf(groupName, long32)}},
		{"3415-4-s2g-2 vacmGroupName of 33 octets", after(newGroup, octetsOf(groupName, long33)), at(pdu.WrongLength, 1), nil},
		{"3411-5 vacmGroupName not in UTF-8", after(newGroup, octetsOf(groupName, "\xff")), at(pdu.WrongValue, 1), nil},
		{"vacmGroupName of another type", after(newGroup, number(groupName, 1)), at(pdu.WrongType, 1), nil},
		{"3415-4-s2g-3 createAndGo without vacmGroupName", create(groupStatus), at(pdu.InconsistentValue, 1), []pdu.VarBind{status(groupStatus, noInstance)}},
		{"3415-4-s2g-3 createAndWait without vacmGroupName", one(status(groupStatus, mib.CreateAndWait)), none,
			[]pdu.VarBind{status(groupStatus, mib.NotReady), status(groupName, noInstance), number(groupStorage, 3)}},
		{"3415-4-s2g-3 notReady is not made active", after([]pdu.VarBind{status(groupStatus, mib.CreateAndWait)}, status(groupStatus, mib.Active)), at(pdu.InconsistentValue, 1),
			[]pdu.VarBind{status(groupStatus, mib.NotReady)}},
		{"3415-4-s2g-3 with vacmGroupName it can be", after([]pdu.VarBind{status(groupStatus, mib.CreateAndWait)}, octetsOf(groupName, "g")), none,
			[]pdu.VarBind{status(groupStatus, mib.NotInService)}},
		{"3415-4-s2g-3 and is", after([]pdu.VarBind{status(groupStatus, mib.CreateAndWait)}, status(groupStatus, mib.Active), octetsOf(groupName, "g")), none,
			[]pdu.VarBind{status(groupStatus, mib.Active)}},
		{"3415-4-s2g-4 a group that vacmAccessTable does not know", one(newGroup...), none, []pdu.VarBind{status(groupStatus, mib.Active), octetsOf(groupName, "g")}},
		{"3415-4-s2g-5 DEFVAL of the storage type", one(newGroup...), none, []pdu.VarBind{number(groupStorage, int32(mib.NonVolatile))}},
		{"3415-4-s2g-5 all changes while active", after(newGroup, octetsOf(groupName, "h"), number(groupStorage, int32(mib.Volatile))), none,
			[]pdu.VarBind{octetsOf(groupName, "h"), number(groupStorage, int32(mib.Volatile)), status(groupStatus, mib.Active)}},
		{"2579-ST-3 no row becomes permanent", after(newGroup, number(groupStorage, int32(mib.Permanent))), at(pdu.WrongValue, 1), nil},
		{"a column without the row", one(octetsOf(groupName, "g")), at(pdu.InconsistentName, 1), nil},
		{"destroyed", after(newGroup, status(groupStatus, mib.Destroy)), none, []pdu.VarBind{status(groupStatus, noInstance), status(groupName, noInstance)}},
		{"2579-RS-A6 destroyed though it is not there", one(status(groupStatus, mib.Destroy)), none, nil},
		{"created twice", after(newGroup, newGroup...), at(pdu.InconsistentValue, 1), []pdu.VarBind{status(groupStatus, mib.Active)}},
		{"a row twice in one SET", one(octetsOf(groupName, "g"), status(groupStatus, mib.CreateAndGo), octetsOf(groupName, "h")), none, []pdu.VarBind{octetsOf(groupName, "h")}},
		{"a row created and destroyed in one SET", one(octetsOf(groupName, "g"), status(groupStatus, mib.CreateAndGo), status(groupStatus, mib.Destroy)), none, []pdu.VarBind{status(groupStatus, noInstance)}},
		{"a row destroyed and created in one SET", after(newGroup, status(groupStatus, mib.Destroy), status(groupStatus, mib.CreateAndGo)), at(pdu.InconsistentValue, 2), []pdu.VarBind{status(groupStatus, mib.Active)}},
		{"a statement's row, a column", one(octetsOf(groupAt(3, 3, "fixed"), "g")), at(pdu.NotWritable, 1), []pdu.VarBind{octetsOf(groupAt(3, 3, "fixed"), "fixed")}},
		{"a statement's row, its status", one(status(groupAt(5, 3, "fixed"), mib.NotInService)), at(pdu.InconsistentValue, 1), nil},
		{"a statement's row, destroyed", one(status(groupAt(5, 3, "fixed"), mib.Destroy)), at(pdu.InconsistentValue, 1), []pdu.VarBind{status(groupAt(5, 3, "fixed"), mib.Active)}},
		{"a statement's row, its storage type", one(number(groupAt(4, 3, "fixed"), 3)), at(pdu.WrongValue, 1), []pdu.VarBind{number(groupAt(4, 3, "fixed"), int32(mib.ReadOnly))}},

		// vacmAccessTable
		{"3415-4-acc-1 group of 0 octets", create(accessAt(9, "", "", 0, 1)), at(pdu.NoCreation, 1), nil},
		{"3415-4-acc-1 group and prefix of 32 octets", create(accessAt(9, long32, long32, 1<<31-1, 3)), none, []pdu.VarBind{status(accessAt(9, long32, long32, 1<<31-1, 3), mib.Active)}},
		{"3415-4-acc-1 group of 33 octets", create(accessAt(9, long33, "", 0, 1)), at(pdu.NoCreation, 1), nil},
		{"3415-4-acc-1 prefix of 33 octets", create(accessAt(9, "g", long33, 0, 1)), at(pdu.NoCreation, 1), nil},
		{"3415-4-acc-1 model 2147483648", create(accessAt(9, "g", "", 1<<31, 1)), at(pdu.NoCreation, 1), nil},
		{"3415-4-acc-1 level 0", create(accessAt(9, "g", "", 0, 0)), at(pdu.NoCreation, 1), nil},
		{"3415-4-acc-1 level 1", create(accessAt(9, "g", "", 0, 1)), none, []pdu.VarBind{status(accessAt(9, "g", "", 0, 1), mib.Active)}},
		{"3415-4-acc-1 level 4", create(accessAt(9, "g", "", 0, 4)), at(pdu.NoCreation, 1), nil},
		{"3415-4-acc-1 level 2147483647", create(accessAt(9, "g", "", 0, 1<<31-1)), at(pdu.NoCreation, 1), nil},
		{"3415-4-acc-1 level 4294967295", create(accessAt(9, "g", "", 0, 1<<32-1)), at(pdu.NoCreation, 1), nil},
		{"3411-5 prefix not in UTF-8", create(accessAt(9, "g", "\x80", 0, 1)), at(pdu.NoCreation, 1), nil},
		{"3415-4-acc-2 a group that nobody is in", one(newAccess...), none, []pdu.VarBind{status(accessStatus, mib.Active)}},
		{"3415-4-acc-14 DEFVALs", one(newAccess...), none,
			[]pdu.VarBind{number(accessMatch, 1), octetsOf(accessRead, ""), octetsOf(accessWrite, ""), octetsOf(accessNotify, ""), number(accessStorage, int32(mib.NonVolatile))}},
		{"3415-4-acc-14 vacmAccessContextMatch 0", after(newAccess, number(accessMatch, 0)), at(pdu.WrongValue, 1), nil},
		{"3415-4-acc-14 vacmAccessContextMatch 3", after(newAccess, number(accessMatch, 3)), at(pdu.WrongValue, 1), nil},
		{"3415-4-acc-14 a view's name of 33 octets", after(newAccess, octetsOf(accessRead, "v"), octetsOf(accessWrite, long33)), at(pdu.WrongLength, 2), []pdu.VarBind{octetsOf(accessRead, "")}},
		{"3411-5 a view's name not in UTF-8", after(newAccess, octetsOf(accessNotify, "\xc0\x80")), at(pdu.WrongValue, 1), nil},
		{"3415-4-acc-16 all changes while active", after(newAccess, number(accessMatch, 2), octetsOf(accessRead, "r"), octetsOf(accessWrite, "w"), octetsOf(accessNotify, long32), number(accessStorage, 2)), none,
			[]pdu.VarBind{number(accessMatch, 2), octetsOf(accessRead, "r"), octetsOf(accessWrite, "w"), octetsOf(accessNotify, long32), number(accessStorage, 2), status(accessStatus, mib.Active)}},
		{"3415-4-acc-16 and without effect on the status", after([]pdu.VarBind{status(accessStatus, mib.CreateAndWait)}, octetsOf(accessRead, "r")), none, []pdu.VarBind{status(accessStatus, mib.NotInService)}},
		{"a view's name can be taken away", after(append(newAccess, octetsOf(accessRead, "r")), octetsOf(accessRead, "")), none, []pdu.VarBind{octetsOf(accessRead, "")}},
		{"a statement's access", one(octetsOf(accessAt(6, "fixed", "", 0, 1), "v")), at(pdu.NotWritable, 1), nil},

		// vacmViewTreeFamilyTable
		{"3415-4-view-1 name of 0 octets", create(familyAt(6, "", subtree)), at(pdu.NoCreation, 1), nil},
		{"3415-4-view-1 name of 33 octets", create(familyAt(6, long33, subtree)), at(pdu.NoCreation, 1), nil},
		{"3415-4-view-1 a subtree of nothing", create(familyAt(6, "v", "")), at(pdu.NoCreation, 1), nil},
		{"3415-4-view-1 a subtree of one sub-identifier", create(familyAt(6, "v", ber.NewOID(1))), none, []pdu.VarBind{status(familyAt(6, "v", ber.NewOID(1)), mib.Active)}},
		{"3415-4-view-1 a subtree that no name lies in", create(familyAt(6, "v", ber.NewOID(3))), at(pdu.NoCreation, 1), nil},
		{"3415-4-view-1 a subtree that is longer than it says", create(familyStatus.Append(1)), at(pdu.NoCreation, 1), nil},
		{"3415-4-view-1 a subtree that is shorter than it says", create(vacmMIB.Append(5, 2, 1, 6, 1, 'v', 7, 1, 3)), at(pdu.NoCreation, 1), nil},
		{"3415-4-view-2 128 sub-identifiers", create(familyAt(6, long32, manyArcs(81))), none, []pdu.VarBind{status(familyAt(6, long32, manyArcs(81)), mib.Active)}},
		{"3415-4-view-8 a mask of 16 octets", after(newFamily, octetsOf(familyMask, strings.Repeat("\x0f", 16))), none, []pdu.VarBind{octetsOf(familyMask, strings.Repeat("\x0f", 16))}},
		{"3415-4-view-8 a mask of 17 octets", after(newFamily, octetsOf(familyMask, strings.Repeat("\x0f", 17))), at(pdu.WrongLength, 1), nil},
		{"3415-4-view-11 DEFVALs", one(newFamily...), none, []pdu.VarBind{octetsOf(familyMask, ""), number(familyType, 1), number(familyStorage, int32(mib.NonVolatile))}},
		{"3415-4-view-11 vacmViewTreeFamilyType 0", after(newFamily, number(familyType, 0)), at(pdu.WrongValue, 1), nil},
		{"3415-4-view-11 vacmViewTreeFamilyType 3", after(newFamily, number(familyType, 3)), at(pdu.WrongValue, 1), nil},
		{"3415-4-view-11 all changes while active", after(newFamily, number(familyType, 2), octetsOf(familyMask, "\xf0"), number(familyStorage, 2)), none,
			[]pdu.VarBind{number(familyType, 2), octetsOf(familyMask, "\xf0"), number(familyStorage, 2), status(familyStatus, mib.Active)}},
		{"3415-4-view-14 one instance", create(familyAt(6, "v", ber.MustOID("1.3.6.1.2.1.1.5.0"))), none, []pdu.VarBind{number(familyAt(4, "v", ber.MustOID("1.3.6.1.2.1.1.5.0")), 1)}},
		{"a statement's family", one(octetsOf(familyAt(3, "fixed", subtree), "\xff")), at(pdu.NotWritable, 1), nil},
		{"the view of everything", one(number(familyAt(4, vacm.All, ber.NewOID(1)), 2)), at(pdu.NotWritable, 1), nil},

		// What a rule's number is after a restart nobody knows.
		{"something in the view of nothing", create(familyAt(6, vacm.None, subtree)), at(pdu.InconsistentValue, 1), nil},
		{"a lasting row for a rule's user", one(status(groupAt(5, 3, "user-rule-1"), mib.CreateAndGo), octetsOf(groupAt(3, 3, "user-rule-1"), "g")), at(pdu.InconsistentValue, 1), nil},
		{"a lasting row for a rule's group", after(newGroup, octetsOf(groupName, "community-rule-1")), at(pdu.InconsistentValue, 1), []pdu.VarBind{octetsOf(groupName, "g")}},
		{"a volatile row for a rule's group", after(newGroup, octetsOf(groupName, "community-rule-1"), number(groupStorage, 2)), none, []pdu.VarBind{octetsOf(groupName, "community-rule-1")}},
		{"which is made to last", [][]pdu.VarBind{newGroup, {octetsOf(groupName, "community-rule-1"), number(groupStorage, 2)}, {number(groupStorage, 3)}}, at(pdu.InconsistentValue, 1), []pdu.VarBind{number(groupStorage, 2)}},
		{"and destroyed", [][]pdu.VarBind{newGroup, {octetsOf(groupName, "community-rule-1"), number(groupStorage, 2)}, {status(groupStatus, mib.Destroy)}}, none, []pdu.VarBind{status(groupStatus, noInstance)}},
		{"a lasting access of a rule's group", create(accessAt(9, "user-rule-1", "", 0, 1)), at(pdu.InconsistentValue, 1), nil},
		{"a lasting access to a rule's view", after(newAccess, octetsOf(accessWrite, "user-rule-1-1-1")), at(pdu.InconsistentValue, 1), nil},
		{"a lasting family in a rule's view", create(familyAt(6, "community-rule-1", subtree)), at(pdu.InconsistentValue, 1), nil},

		// All tables in one SET, which happens as a whole or not at all.
		{"3416-4.2.5 a new group, access and view", one(slices.Concat(newGroup, newAccess, newFamily)...), none,
			[]pdu.VarBind{status(groupStatus, mib.Active), status(accessStatus, mib.Active), status(familyStatus, mib.Active)}},
		{"3416-4.2.5 and a wrong one", one(append(slices.Concat(newGroup, newAccess, newFamily), number(familyType, 7))...), at(pdu.WrongValue, 5),
			[]pdu.VarBind{status(groupStatus, noInstance), status(accessStatus, noInstance), status(familyStatus, noInstance)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := served(t, vacm.MustNew(
				vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "fixed", GroupName: "fixed"},
				vacm.Access{GroupName: "fixed", ReadViewName: "fixed"},
				vacm.ViewTreeFamily{ViewName: "fixed", Subtree: subtree},
			))
			for i, vbs := range tt.sets {
				err := tree.Set(new(mib.Request), vbs)
				if i+1 < len(tt.sets) {
					if err != nil {
						t.Fatal(err)
					}
				} else if got := statusOf(err); got != tt.want {
					t.Errorf("%v, want %v", err, tt.want)
				}
			}
			for _, vb := range tt.read {
				want := vb.Value
				if want == pdu.Integer(noInstance) {
					want = pdu.NoSuchInstance
				}
				if got, err := tree.Get(new(mib.Request), vb.Name); err != nil || got != want {
					t.Errorf("%v is %v, %v; want %v", vb.Name, got, err, want)
				}
			}
		})
	}
}

// manyArcs returns an OID of n sub-identifiers.
func manyArcs(n int) ber.OID {
	o := ber.NewOID(1)
	for o.Len() < n {
		o = o.Append(1<<32 - 1)
	}
	return o
}

// walk reads all of a tree, many instances at a time, as GETBULK does.
func walk(t testing.TB, r *mib.Request, tree *mib.Tree, from ber.OID) (list []string) {
	t.Helper()
	dst := make([]pdu.VarBind, 500)
	for next := from; ; {
		n, err := tree.Next(r, next, dst)
		if err != nil {
			t.Fatal(err)
		}
		for _, vb := range dst[:n] {
			if !vb.Name.HasPrefix(from) {
				return list
			}
			list = append(list, fmt.Sprintf("%v = %v", vb.Name, vb.Value))
			next = vb.Name.Clone().Append(0)
		}
		if n == 0 {
			return list
		}
	}
}

// TestColumns lists all objects in their order (RFC 3415 §4): those that are
// not-accessible are not there.
func TestColumns(t *testing.T) {
	tree := served(t, vacm.MustNew(
		vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "u", GroupName: "g"},
		vacm.Access{
			GroupName: "g", ContextPrefix: "c", ContextMatch: vacm.Prefix, Model: pdu.SecurityModelV2c, Level: pdu.AuthPriv,
			ReadViewName: "r", WriteViewName: "w", NotifyViewName: "n", Row: vacm.Row{Storage: mib.Permanent},
		},
		vacm.ViewTreeFamily{ViewName: "v", Subtree: ber.MustOID("1.3.6"), Mask: "\xa0", Type: vacm.Excluded, Row: vacm.Row{Storage: mib.NonVolatile, Status: mib.NotInService}},
	))
	for table, want := range map[uint32]string{
		1: `1.0 = OCTET STRING ""|1.4.98.108.117.101 = OCTET STRING "blue"|1.5.118.114.102.45.49 = OCTET STRING "vrf-1"`,
		2: `3.3.1.117 = OCTET STRING "g"|4.3.1.117 = INTEGER 5|5.3.1.117 = INTEGER 1`,
		4: `4.1.103.1.99.2.3 = INTEGER 2|5.1.103.1.99.2.3 = OCTET STRING "r"|6.1.103.1.99.2.3 = OCTET STRING "w"|7.1.103.1.99.2.3 = OCTET STRING "n"|8.1.103.1.99.2.3 = INTEGER 4|9.1.103.1.99.2.3 = INTEGER 1`,
	} {
		prefix := vacmMIB.Append(table, 1)
		got := strings.ReplaceAll(strings.Join(walk(t, new(mib.Request), tree, prefix), "|"), prefix.String()+".", "")
		if got != want {
			t.Errorf("table %d has\n%s\nwant\n%s", table, got, want)
		}
	}
	view := walk(t, new(mib.Request), tree, vacmMIB.Append(5, 2, 1))
	want := []string{"3.1.118.3.1.3.6 = ", "4.1.118.3.1.3.6 = INTEGER 2", "5.1.118.3.1.3.6 = INTEGER 3", "6.1.118.3.1.3.6 = INTEGER 2"}
	for i, end := range want {
		if got := view[7*i]; !strings.HasPrefix(got, vacmMIB.Append(5, 2, 1).String()+"."+end) {
			t.Errorf("%s, want …%s", got, end)
		}
	}
	if len(view) != 4*7 {
		t.Errorf("%d instances, want those of seven families: %q", len(view), view)
	}
}

// TestSpinLock: a SET that has vacmViewSpinLock's value counts it up, once all of it
// is done; another one does nothing (RFC 3415 §4, vacmViewSpinLock). It need not be
// there (3415-4-lock-5).
func TestSpinLock(t *testing.T) {
	p := vacm.MustNew()
	tree, lock := served(t, p), vacmMIB.Append(5, 1, 0)
	v, err := tree.Get(new(mib.Request), lock)
	if err != nil || v.Int() < 0 {
		t.Fatal(v, err)
	}
	family := func(name string) pdu.VarBind { return status(familyAt(6, name, subtree), mib.CreateAndGo) }
	for _, tt := range []struct {
		name string
		vbs  []pdu.VarBind
		want pdu.ErrorStatus
		up   int32
	}{
		{"3415-4-lock-1 the value before", []pdu.VarBind{family("a"), number(lock, v.Int()-1)}, pdu.InconsistentValue, 0},
		{"3415-4-lock-3 something else is wrong", []pdu.VarBind{number(lock, v.Int()), family("")}, pdu.NoCreation, 0},
		{"3415-4-lock-2 its value", []pdu.VarBind{family("b"), number(lock, v.Int())}, pdu.NoError, 1},
		{"3415-4-lock-1 its value no more", []pdu.VarBind{family("c"), number(lock, v.Int())}, pdu.InconsistentValue, 1},
		{"3415-4-lock-5 without it", []pdu.VarBind{family("d")}, pdu.NoError, 1},
		{"3415-4-lock-5 no such value", []pdu.VarBind{number(lock, -1)}, pdu.WrongValue, 1},
	} {
		if got := statusOf(tree.Set(new(mib.Request), tt.vbs)); got.Status != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got.Status, tt.want)
		}
		// All trees have the same one.
		if got, _ := served(t, p).Get(new(mib.Request), lock); got.Int() != v.Int()+tt.up {
			t.Errorf("%s: it is %d, and was %d", tt.name, got.Int(), v.Int())
		}
	}
	views := strings.Join(walk(t, new(mib.Request), tree, vacmMIB.Append(5, 2, 1, 6, 1)), " ")
	if strings.Count(views, "=") != 2 || !strings.Contains(views, ".1.98.6.") || !strings.Contains(views, ".1.100.6.") {
		t.Errorf("the views that were created are %s, want b and d", views)
	}
}
