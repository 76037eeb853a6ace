package vacm

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"snmpstack/agent/internal/managed"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/mib/mibtest"
	"snmpstack/pdu"
)

var anEntity = Entity{Contexts: func() []string { return []string{"blue"} }, EngineID: func() string { return "engine" }}

func groupCell(column uint32, name string) ber.OID {
	o := oidSecurityToGroupEntry.Append(column, uint32(pdu.SecurityModelUSM), uint32(len(name)))
	for _, c := range []byte(name) {
		o = o.Append(uint32(c))
	}
	return o
}

// newGroup are the varbinds that create a group's member.
func newGroup(name string) []pdu.VarBind {
	return []pdu.VarBind{
		{Name: groupCell(5, name), Value: pdu.Integer(int32(mib.CreateAndGo))},
		{Name: groupCell(3, name), Value: pdu.OctetString("g")},
	}
}

// TestHandlers has the tables keep the rules of package mib.
func TestHandlers(t *testing.T) {
	p := MustNew(
		SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "u", GroupName: "g", Row: Row{Storage: mib.NonVolatile}},
		Access{GroupName: "g", ReadViewName: All, Row: Row{Storage: mib.NonVolatile}},
		ViewTreeFamily{ViewName: "v", Subtree: ber.MustOID("1.3.6"), Row: Row{Storage: mib.NonVolatile}},
		CommunityRule{Community: "public"},
	)
	tree := mib.NewTree()
	if err := p.Register(tree, anEntity); err != nil {
		t.Fatal(err)
	}
	sets := map[ber.OID][][]pdu.VarBind{
		oidSecurityToGroupEntry: {newGroup("w"), {{Name: groupCell(5, "u"), Value: pdu.Integer(int32(mib.Destroy))}}, {{Name: groupCell(3, "u"), Value: pdu.OctetString("h")}}},
		oidAccessEntry:          {{{Name: oidAccessEntry.Append(6, 1, 'g', 0, 0, 1), Value: pdu.OctetString(All)}}},
		oidViewTreeFamilyEntry:  {{{Name: oidViewTreeFamilyEntry.Append(4, 1, 'v', 3, 1, 3, 6), Value: pdu.Integer(2)}}},
	}
	for _, s := range p.tables {
		t.Run(s.Prefix.String(), func(t *testing.T) {
			mibtest.Run(t, s.Handler, s.Prefix, mibtest.Options{Table: s.Prefix != oidViewSpinLock, Sets: sets[s.Prefix]})
		})
	}
}

// TestMaxManaged: a manager cannot fill the memory, and statements, however many
// there are, do not take his room.
func TestMaxManaged(t *testing.T) {
	var statements []Statement
	for i := range managed.MaxRows + 1 {
		statements = append(statements, SecurityToGroup{Model: pdu.SecurityModelV1, SecurityName: fmt.Sprint(i), GroupName: "g"})
	}
	p, tree := MustNew(statements...), mib.NewTree()
	if err := p.Register(tree, anEntity); err != nil {
		t.Fatal(err)
	}
	rows := make([]SecurityToGroup, 0, 2*managed.MaxRows)
	for _, row := range p.groups.Load().All() {
		rows = append(rows, *row)
	}
	for i := range managed.MaxRows - 1 {
		rows = append(rows, SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: fmt.Sprint(i), GroupName: "g", Row: Row{Storage: mib.NonVolatile, Status: mib.Active}})
	}
	if err := p.groups.Store(rows); err != nil {
		t.Fatal(err)
	}
	for i, tt := range []struct {
		name string
		vbs  []pdu.VarBind
		want error
	}{
		{"3416-4.2.5-14 two, and there is room for one", append(newGroup("a"), newGroup("b")...), pdu.ResourceUnavailable},
		{"the last one", newGroup("a"), nil},
		{"3416-4.2.5-14 one more", newGroup("b"), pdu.ResourceUnavailable},
		{"one goes", []pdu.VarBind{{Name: groupCell(5, "7"), Value: pdu.Integer(int32(mib.Destroy))}}, nil},
		{"another one comes", newGroup("b"), nil},
	} {
		if err := tree.Set(new(mib.Request), tt.vbs); !errors.Is(err, tt.want) {
			t.Errorf("%d, %s: %v, want %v", i, tt.name, err, tt.want)
		}
	}
}

// TestReplaceKeepsManagers: while the statements are replaced over and over,
// managers create rows in two trees at once, and none of these is lost.
func TestReplaceKeepsManagers(t *testing.T) {
	p := MustNew()
	var managers, reloads sync.WaitGroup
	for who := range 2 {
		tree := mib.NewTree()
		if err := p.Register(tree, anEntity); err != nil {
			t.Fatal(err)
		}
		managers.Go(func() {
			for i := range 300 {
				if err := tree.Set(new(mib.Request), newGroup(fmt.Sprint(who, "-", i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	reloads.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			if err := p.Replace(UserRule{User: fmt.Sprint("user", i)}); err != nil {
				t.Error(err)
				return
			}
		}
	})
	managers.Wait()
	close(done)
	reloads.Wait()
	if got := p.groups.Load().Len(); got != 601 {
		t.Errorf("%d rows, want 600 of the managers and one of the last statement", got)
	}
	for who := range 2 {
		for i := range 300 {
			name := fmt.Sprint(who, "-", i)
			key, _ := p.groups.Key(&SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: name})
			if p.groups.Load().Get(key) == nil {
				t.Errorf("the row of %s is lost", name)
			}
		}
	}
}

// TestStatementWins: a statement takes the place of a manager's row with the same
// index, and then it is a statement's: read-only, and gone with the statement.
func TestStatementWins(t *testing.T) {
	p, tree := MustNew(), mib.NewTree()
	if err := p.Register(tree, anEntity); err != nil {
		t.Fatal(err)
	}
	if err := tree.Set(new(mib.Request), newGroup("u")); err != nil {
		t.Fatal(err)
	}
	if err := p.Replace(SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "u", GroupName: "stated"}); err != nil {
		t.Fatal(err)
	}
	if v, err := tree.Get(new(mib.Request), groupCell(3, "u")); err != nil || v != pdu.OctetString("stated") {
		t.Errorf("vacmGroupName is %v, %v", v, err)
	}
	if err := tree.Set(new(mib.Request), []pdu.VarBind{{Name: groupCell(3, "u"), Value: pdu.OctetString("other")}}); !errors.Is(err, pdu.NotWritable) {
		t.Errorf("it is set: %v", err)
	}
	if err := p.Replace(); err != nil {
		t.Fatal(err)
	}
	if v, err := tree.Get(new(mib.Request), groupCell(3, "u")); err != nil || v != pdu.NoSuchInstance {
		t.Errorf("without the statement vacmGroupName is %v, %v", v, err)
	}
}

// TestAbandonedRows: what is not made ready is taken away some time later (RFC 2579
// §2, RowStatus), and has had no effect until then.
func TestAbandonedRows(t *testing.T) {
	p := MustNew()
	table := p.securityToGroupTable(nil)
	table.Abandoned = time.Millisecond
	tree, kept := mib.NewTree(), make(chan int, 10)
	table.Keep = func() error {
		kept <- p.groups.Load().Len()
		return nil
	}
	if err := table.Register(tree); err != nil {
		t.Fatal(err)
	}
	if err := tree.Set(new(mib.Request), []pdu.VarBind{{Name: groupCell(5, "u"), Value: pdu.Integer(int32(mib.CreateAndWait))}}); err != nil {
		t.Fatal(err)
	}
	if was, is := <-kept, <-kept; was != 1 || is != 0 {
		t.Errorf("%d rows were to be kept, and then %d", was, is)
	}
}

// TestReplaceDropsRuleNames: who was put into a rule's group does not come into that
// of another rule which is called so afterwards, and a view that was meant for one
// rule's group is not handed to another's.
func TestReplaceDropsRuleNames(t *testing.T) {
	system, secret := ber.MustOID("1.3.6.1.2.1.1"), ber.MustOID("1.3.6.1.6.3.15")
	low := UserRule{User: "low", Level: pdu.AuthNoPriv, Subtree: system}
	admin := UserRule{User: "admin", Level: pdu.AuthNoPriv}
	p, tree := MustNew(low, admin), mib.NewTree()
	if err := p.Register(tree, anEntity); err != nil {
		t.Fatal(err)
	}
	volatile := Row{Storage: mib.Volatile, Status: mib.Active}
	view := p.Explain(Question{SecurityModel: pdu.SecurityModelUSM, SecurityName: "low", SecurityLevel: pdu.AuthPriv}).ViewName
	err := errors.Join(
		p.groups.Put(SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "helper", GroupName: "user-rule-1", Row: volatile}),
		p.groups.Put(SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "guest", GroupName: "guests", Row: volatile}),
		p.access.Put(Access{GroupName: "guests", Model: pdu.SecurityModelUSM, ContextMatch: Exact, ReadViewName: view, Row: volatile}),
		p.access.Put(Access{GroupName: "user-rule-2", Model: pdu.SecurityModelUSM, ContextMatch: Exact, ReadViewName: All, Row: volatile}),
	)
	if err != nil {
		t.Fatal(err)
	}
	may := func(name string, o ber.OID) bool {
		return p.Explain(Question{SecurityModel: pdu.SecurityModelUSM, SecurityName: name, SecurityLevel: pdu.AuthPriv, Name: o}).Indication == AccessAllowed
	}
	for _, name := range []string{"helper", "guest"} {
		if !may(name, system) || may(name, secret) {
			t.Errorf("%s has not what low has", name)
		}
	}
	high := UserRule{User: "high", Level: pdu.AuthNoPriv, Subtree: secret} // has the names that low had
	if err := p.Replace(high, low); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"helper", "guest", "low"} {
		if may(name, secret) {
			t.Errorf("%s has got the rights of another one", name)
		}
	}
	if n := p.groups.Load().Len(); n != 3 {
		t.Errorf("%d rows, want those of two rules and the one of guest, who is in no rule's group", n)
	}
}
