package vacm_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// TestRestore: what managers have done, and Keep was told of, is there after a restart
// as it was (RFC 2579 §2, StorageType): nonVolatile rows that have been ready, and no
// volatile ones.
func TestRestore(t *testing.T) {
	statements := []vacm.Statement{
		vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "fixed", GroupName: "g"},
		vacm.Access{GroupName: "fixed", ReadViewName: "fixed"},
		vacm.ViewTreeFamily{ViewName: "fixed", Subtree: ber.MustOID("1.3.6")},
	}
	m, all := newTablesModel(), 0
	for seed := range uint64(40) {
		p, rnd := vacm.MustNew(statements...), rand.New(rand.NewPCG(7, seed))
		var stored []vacm.Statement
		p.Keep = func() error {
			stored = p.Kept()
			return nil
		}
		tree := served(t, p)
		for range 150 {
			tree.Set(new(mib.Request), m.randomSet(rnd))
		}
		if got := p.Kept(); !slices.Equal(got, stored) {
			t.Errorf("stored are %v, and to be kept %v", stored, got)
		}
		octets, err := vacm.AppendRows(nil, stored...)
		if err != nil {
			t.Fatal(err)
		}
		if stored, err = vacm.ParseRows(octets); err != nil || !slices.Equal(stored, p.Kept()) {
			t.Errorf("read again are %v, %v, and kept %v", stored, err, p.Kept())
		}
		all += len(stored)
		after := vacm.MustNew(statements...)
		if err := after.Restore(stored...); err != nil {
			t.Fatal(err)
		}
		destroyOthers(t, tree, vacmMIB.Append(2, 1, 4), 5)
		destroyOthers(t, tree, vacmMIB.Append(4, 1, 8), 9)
		destroyOthers(t, tree, vacmMIB.Append(5, 2, 1, 5), 6)
		for _, table := range m.tables {
			got, want := walk(t, new(mib.Request), served(t, after), table.entry), walk(t, new(mib.Request), tree, table.entry)
			if !slices.Equal(got, want) {
				t.Errorf("there is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
		if got, want := decisions(after), decisions(p); got != want {
			t.Errorf("the policy says\n%s\nwant\n%s", got, want)
		}
	}
	if all < 50 {
		t.Errorf("only %d rows were put back", all)
	}
}

// destroyOthers destroys the rows that are not to survive, as the columns with their
// storage type and status say.
func destroyOthers(t *testing.T, tree *mib.Tree, storage ber.OID, status uint32) {
	t.Helper()
	dst := make([]pdu.VarBind, 100)
	n, err := tree.Next(new(mib.Request), storage, dst)
	if err != nil {
		t.Fatal(err)
	}
	for _, vb := range dst[:n] {
		if !vb.Name.HasPrefix(storage) {
			break
		}
		name := join(storage.Slice(0, storage.Len()-1).Append(status), vb.Name.Slice(storage.Len(), vb.Name.Len()))
		state, err := tree.Get(new(mib.Request), name)
		if err != nil {
			t.Fatal(err)
		}
		if vb.Value.Int() < int32(mib.NonVolatile) || state == pdu.Integer(int32(mib.NotReady)) {
			if err := tree.Set(new(mib.Request), []pdu.VarBind{number(name, int32(mib.Destroy))}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestRestoreRefuses: a statement goes before a manager's row, and what Kept would
// not return is not put back; what is right is.
func TestRestoreRefuses(t *testing.T) {
	own := vacm.Row{Storage: mib.NonVolatile}
	right := vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "u", GroupName: "g", Row: own}
	for _, tt := range []struct {
		name      string
		row       vacm.Statement
		duplicate bool
	}{
		{"a statement's", vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "fixed", GroupName: "other", Row: own}, true},
		{"one that is there", right, true},
		{"without a name", vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, GroupName: "g", Row: own}, false},
		{"without a level", vacm.Access{GroupName: "g", ContextMatch: vacm.Exact, Level: 7, Row: own}, false},
		{"without a subtree", vacm.ViewTreeFamily{ViewName: "v", Type: vacm.Included, Row: own}, false},
		{"volatile", vacm.ViewTreeFamily{ViewName: "v", Subtree: subtree, Type: vacm.Included, Row: vacm.Row{Storage: mib.Volatile}}, false},
		{"a statement", vacm.ViewTreeFamily{ViewName: "v", Subtree: subtree, Type: vacm.Included}, false},
		{"a rule", vacm.UserRule{User: "u"}, false},
	} {
		p := vacm.MustNew(vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "fixed", GroupName: "g"})
		last := vacm.Access{GroupName: "last", ContextMatch: vacm.Exact, Row: own}
		err := p.Restore(right, tt.row, last)
		if err == nil || errors.Is(err, mib.ErrDuplicate) != tt.duplicate {
			t.Errorf("%s: %v", tt.name, err)
		}
		if got := p.Kept(); len(got) != 2 || got[0] != right || got[1] != last {
			t.Errorf("%s: there are %v", tt.name, got)
		}
	}
}

// TestKeepFails: a SET whose rows cannot be kept fails, and has changed nothing.
func TestKeepFails(t *testing.T) {
	p := vacm.MustNew()
	full := errors.New("the disk is full")
	p.Keep = func() error { return full }
	tree := served(t, p)
	err := tree.Set(new(mib.Request), []pdu.VarBind{status(familyStatus, mib.CreateAndGo)})
	if !errors.Is(err, full) || statusOf(err) != (pdu.StatusError{Status: pdu.CommitFailed, Index: 1}) {
		t.Errorf("%v", err)
	}
	if v, err := tree.Get(new(mib.Request), familyStatus); err != nil || v != pdu.NoSuchInstance || len(p.Kept()) > 0 {
		t.Errorf("%v, %v is there, and kept is %v", v, err, p.Kept())
	}
}

// TestWithdraw shows that a row goes that is as Kept has returned it, and stays if it
// has changed since, and that the next decision knows.
func TestWithdraw(t *testing.T) {
	row := vacm.Row{Storage: mib.NonVolatile, Status: mib.Active}
	group := vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "ops", GroupName: "g", Row: row}
	access := vacm.Access{GroupName: "g", Model: pdu.SecurityModelUSM, ContextMatch: vacm.Exact, ReadViewName: "v", Row: row}
	family := vacm.ViewTreeFamily{ViewName: "v", Subtree: ber.MustOID("1.3"), Type: vacm.Included, Row: row}
	changed := access
	changed.ReadViewName = "w"
	for _, test := range []struct {
		name     string
		withdraw []vacm.Statement
		want     error
		left     int
	}{
		{"none", nil, nil, 3},
		{"one that is another now", []vacm.Statement{changed}, nil, 3},
		{"the group", []vacm.Statement{group}, pdu.AuthorizationError, 2},
		{"the access", []vacm.Statement{access, access}, pdu.AuthorizationError, 2},
		{"all", []vacm.Statement{family, group, access}, pdu.AuthorizationError, 0},
	} {
		p := vacm.MustNew()
		if err := p.Restore(group, access, family); err != nil {
			t.Fatal(err)
		}
		request := &mib.Request{SecurityModel: pdu.SecurityModelUSM, SecurityName: "ops"}
		if _, err := p.View(request, vacm.ReadView); err != nil {
			t.Fatal(err)
		}
		p.Withdraw(test.withdraw...)
		if _, err := p.View(request, vacm.ReadView); err != test.want || len(p.Kept()) != test.left {
			t.Errorf("%s: %v with %d rows, want %v with %d", test.name, err, len(p.Kept()), test.want, test.left)
		}
	}
}
