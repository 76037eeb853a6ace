package agent_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// SNMP-USER-BASED-SM-MIB (RFC 3414 §5).
var (
	usmUserEntry   = ber.MustOID("1.3.6.1.6.3.15.1.2.2.1")
	usmUserEngines = usmUserEntry.Append(3) // usmUserSecurityName, the first column that can be read
)

// userCell is a varbind of usmUserTable.
func userCell(column uint32, name string, v pdu.Value) pdu.VarBind {
	o := usmUserEntry.Append(column, uint32(len(testEngine)))
	for _, c := range []byte(testEngine) {
		o = o.Append(uint32(c))
	}
	o = o.Append(uint32(len(name)))
	for _, c := range []byte(name) {
		o = o.Append(uint32(c))
	}
	return vb(o, v)
}

func userStatus(name string, s mib.RowStatus) pdu.VarBind {
	return userCell(13, name, pdu.Integer(int32(s)))
}

func cloneFrom(name, template string) pdu.VarBind {
	return userCell(4, name, pdu.ObjectIdentifier(userCell(3, template, pdu.Null).Name))
}

// keyChange is the varbind that changes a localized key.
func keyChange(t testing.TB, column uint32, name string, a usm.AuthProtocol, old, new []byte) pdu.VarBind {
	t.Helper()
	random := make([]byte, len(old))
	for i := range random {
		random[i] = byte(i)
	}
	v, err := usm.KeyChange(a, old, new, random)
	if err != nil {
		t.Fatal(err)
	}
	return userCell(column, name, pdu.OctetString(string(v)))
}

func set(vbs ...pdu.VarBind) pdu.PDU {
	return pdu.PDU{Kind: pdu.SetRequest, RequestID: 17, VarBinds: vbs}
}

// inUserTable runs f with an agent that serves usmUserTable, to the writer.
func inUserTable(t *testing.T, system *agent.System, f func(t *testing.T, r *rig)) {
	t.Helper()
	inBubble(t, func(a *agent.Agent) {
		withUsers(t)(a)
		a.Access = agent.InsecureAllowAll
		if err := a.RegisterObjects(a.MIB, system); err != nil {
			t.Fatal(err)
		}
	}, f)
}

// localizedTo returns a user with his keys at the tests' engine, and these.
func localizedTo(t testing.TB, u usm.User) (_ usm.User, auth, priv []byte) {
	t.Helper()
	auth, priv, err := usm.LocalizedKeys(usm.System, keyed(u), testEngine)
	if err != nil {
		t.Fatal(err)
	}
	u.AuthPassword, u.PrivPassword = usm.Secret{}, usm.Secret{}
	u.AuthKey, u.PrivKey, u.Localized = auth, priv, true
	return u, auth, priv
}

// usersInTable returns the names that usmUserTable has.
func (m *v3user) usersInTable() (names []string) {
	m.t.Helper()
	for name := usmUserEngines; ; {
		next := m.ask(pdu.PDU{Kind: pdu.GetNextRequest, VarBinds: []pdu.VarBind{vb(name, pdu.Null)}}).VarBinds[0]
		if !next.Name.HasPrefix(usmUserEngines) {
			return names
		}
		names = append(names, next.Value.Clone().Octets())
		name = next.Name.Clone()
	}
}

// done sends a SET that has to succeed.
func (m *v3user) done(vbs ...pdu.VarBind) {
	m.t.Helper()
	if got := m.ask(set(vbs...)); got.ErrorStatus != pdu.NoError {
		m.t.Fatalf("%v: %v at %d", vbs, got.ErrorStatus, got.ErrorIndex)
	}
}

// RFC 3414 §5: users whom the program adds and removes come and go in usmUserTable.
func TestUserTableFollowsProgram(t *testing.T) {
	inUserTable(t, new(agent.System), func(t *testing.T, r *rig) {
		m := r.as(writer, pdu.AuthPriv)
		check := func(want ...string) {
			t.Helper()
			if got := m.usersInTable(); !slices.Equal(got, want) { // in the order of the table: the shortest first
				t.Errorf("users %v, want %v", got, want)
			}
		}
		check("guest", "reader", "writer")
		late := reader
		late.Name = "late"
		if err := r.AddUserKeys(keyed(late)); err != nil {
			t.Fatal(err)
		}
		check("late", "guest", "reader", "writer")
		if !r.RemoveUser("guest") || r.RemoveUser("guest") {
			t.Error("RemoveUser does not say whether there was one")
		}
		check("late", "reader", "writer")
		r.ClearCache()
		if err := r.AddUserKeys(keyed(writer)); err != nil {
			t.Fatal(err)
		}
		check("writer")
		for column, want := range map[uint32]pdu.Value{
			5: pdu.ObjectIdentifier(usm.SHA1.OID()), 6: pdu.OctetString(""), 7: pdu.OctetString(""),
			8: pdu.ObjectIdentifier(usm.AES128.OID()), 9: pdu.OctetString(""), 10: pdu.OctetString(""),
			12: pdu.Integer(int32(mib.Permanent)), 13: pdu.Integer(int32(mib.Active)),
		} {
			if got := m.ask(get(userCell(column, "writer", pdu.Null).Name)).VarBinds[0].Value; got != want {
				t.Errorf("column %d is %v, want %v", column, got, want)
			}
		}
	})
}

// RFC 3414 §5: a user whom a manager makes is good for messages as soon as he is
// active, with the key that was changed and not with the one that was cloned, and
// no longer once he is taken out of service or destroyed.
func TestUserTableMakesUsers(t *testing.T) {
	inUserTable(t, new(agent.System), func(t *testing.T, r *rig) {
		m := r.as(writer, pdu.AuthPriv)
		cloned, oldAuth, oldPriv := localizedTo(t, writer)
		cloned.Name = "new"
		changed := cloned
		changed.AuthKey, changed.PrivKey = slices.Repeat([]byte{7}, 20), slices.Repeat([]byte{8}, 16)
		ask := get(instance(title))
		unknown := func(u usm.User) {
			t.Helper()
			r.reported(r.as(u, pdu.AuthPriv).datagram(ask), "usmStatsUnknownUserNames", usm.UnknownUserNames.OID())
		}

		unknown(changed)
		m.done(cloneFrom("new", "writer"), userStatus("new", mib.CreateAndWait))
		unknown(cloned)
		m.done(keyChange(t, 6, "new", usm.SHA1, oldAuth, changed.AuthKey), keyChange(t, 9, "new", usm.SHA1, oldPriv, changed.PrivKey))
		unknown(changed)
		m.done(userStatus("new", mib.Active))
		r.as(changed, pdu.AuthPriv).ask(ask)
		r.reported(r.as(cloned, pdu.AuthPriv).datagram(ask), "usmStatsWrongDigests", usm.WrongDigests.OID())
		m.ask(ask) // whose key is his still

		// His own key: the answer comes with the one that he asked with.
		again := changed
		again.AuthKey = slices.Repeat([]byte{9}, 20)
		r.as(changed, pdu.AuthPriv).done(keyChange(t, 7, "new", usm.SHA1, changed.AuthKey, again.AuthKey))
		r.as(again, pdu.AuthPriv).ask(ask)
		r.reported(r.as(changed, pdu.AuthPriv).datagram(ask), "usmStatsWrongDigests", usm.WrongDigests.OID())

		m.done(userStatus("new", mib.NotInService))
		unknown(again)
		m.done(userStatus("new", mib.Active))
		r.as(again, pdu.AuthPriv).ask(ask)
		// One who destroys himself has an answer too.
		r.as(again, pdu.AuthPriv).done(userStatus("new", mib.Destroy))
		unknown(again)
	})
}

// A user whom the program adds takes the place of the one whom a manager made, and
// HashPasswords leaves alone whom a manager changed.
func TestUserTableAndPasswords(t *testing.T) {
	inUserTable(t, new(agent.System), func(t *testing.T, r *rig) {
		m := r.as(writer, pdu.AuthPriv)
		_, oldAuth, _ := localizedTo(t, reader)
		changed := reader
		changed.AuthPassword, changed.AuthKey, changed.Localized = usm.Secret{}, slices.Repeat([]byte{7}, 32), true
		if err := r.AddUserKeys(reader); err != nil { // with a password
			t.Fatal(err)
		}
		m.done(keyChange(t, 6, "reader", usm.SHA256, oldAuth, changed.AuthKey))
		if err := r.HashPasswords(); err != nil {
			t.Fatal(err)
		}
		r.as(changed, pdu.AuthNoPriv).ask(get(instance(title)))
		var shown []agent.CacheEntryEvent
		r.OnCacheEntry = func(e *agent.CacheEntryEvent) { shown = append(shown, *e) }
		m.done(cloneFrom("new", "writer"), userStatus("new", mib.CreateAndWait))
		m.done(cloneFrom("active", "guest"), userStatus("active", mib.CreateAndGo))
		r.ShowCache()
		want := []agent.CacheEntryEvent{
			{User: "active"}, {User: "guest"},
			{User: "reader", AuthenticationProtocol: usm.SHA256},
			{User: "writer", AuthenticationProtocol: usm.SHA1, EncryptionAlgorithm: usm.AES128},
		}
		if !slices.Equal(shown, want) {
			t.Errorf("ShowCache shows %+v", shown)
		}
		added := reader
		added.Name = "new"
		if err := r.AddUserKeys(keyed(added)); err != nil {
			t.Fatal(err)
		}
		r.as(added, pdu.AuthNoPriv).ask(get(instance(title)))
	})
}

// What KeptUsers returns, AddUserEntry makes again in another agent with the same
// engine and the same program.
func TestKeptUsers(t *testing.T) {
	if entries := agent.New().KeptUsers(); entries != nil {
		t.Errorf("before it is activated: %v", entries)
	}
	for _, e := range []agent.UserEntry{
		{Status: mib.CreateAndGo}, {Status: -1}, {StorageType: 6}, {Public: strings.Repeat("x", 33)},
	} {
		e.Name = "u"
		if err := agent.New().AddUserEntry(e); codeOf(err) != agent.CodeInvalidArgument {
			t.Errorf("status %v, storage %v, public of %d octets: %v", e.Status, e.StorageType, len(e.Public), err)
		}
	}
	keep, failing := 0, false
	system := &agent.System{CloneAndGo: true, Keep: func() error {
		if keep++; failing {
			return errors.New("no space left on device")
		}
		return nil
	}}
	inUserTable(t, system, func(t *testing.T, r *rig) {
		if err := r.AddUser("any", usm.AnyAuth, "the password", usm.NoPriv, ""); err != nil {
			t.Fatal(err)
		}
		m := r.as(writer, pdu.AuthPriv)
		cloned, oldAuth, oldPriv := localizedTo(t, writer)
		m.done(cloneFrom("go", "writer"), userStatus("go", mib.CreateAndGo), userCell(11, "go", pdu.OctetString("public")))
		m.done(cloneFrom("wait", "writer"), userStatus("wait", mib.CreateAndWait), userCell(12, "wait", pdu.Integer(int32(mib.NonVolatile))))
		m.done(userStatus("bare", mib.CreateAndWait))
		m.done(cloneFrom("off", "guest"), userStatus("off", mib.CreateAndWait))
		if keep != 4 {
			t.Errorf("Keep was called %d times for 4 rows", keep)
		}
		m.done(cloneFrom("lost", "writer"), userStatus("lost", mib.CreateAndWait), userCell(12, "lost", pdu.Integer(int32(mib.Volatile))))
		if keep != 4 {
			t.Error("Keep was called for a volatile row")
		}
		m.done(userCell(12, "lost", pdu.Integer(int32(mib.NonVolatile))))
		m.done(userCell(12, "lost", pdu.Integer(int32(mib.Volatile))))
		if keep != 6 {
			t.Errorf("Keep was called %d times when a row became nonVolatile and volatile again", keep-4)
		}

		m.done(userCell(11, "reader", pdu.OctetString("changed")))

		// Where nothing can be kept nothing is changed.
		failing = true
		for _, vbs := range [][]pdu.VarBind{
			{userStatus("go", mib.Destroy)},
			{cloneFrom("never", "guest"), userStatus("never", mib.CreateAndGo)},
			{keyChange(t, 6, "go", usm.SHA1, oldAuth, make([]byte, 20))},
		} {
			if got := m.ask(set(vbs...)); got.ErrorStatus != pdu.CommitFailed {
				t.Errorf("%v: %v", vbs, got.ErrorStatus)
			}
		}
		cloned.Name = "go"
		r.as(cloned, pdu.AuthPriv).ask(get(instance(title)))
		r.reported(r.as(usm.User{Name: "never"}, pdu.NoAuthNoPriv).datagram(get(instance(title))), "usmStatsUnknownUserNames", usm.UnknownUserNames.OID())

		entries := r.KeptUsers()
		text := func(entries []agent.UserEntry) (list []string) {
			for _, e := range entries {
				list = append(list, fmt.Sprintf("%s %v %x %v %x %v %v %q", e.Name, e.Auth, e.AuthKey, e.Priv, e.PrivKey, e.StorageType, e.Status, e.Public))
			}
			return list
		}
		_, readerAuth, _ := localizedTo(t, reader)
		want := []string{ // neither those who are as the program has added them, nor the volatile one
			fmt.Sprintf("go SHA %x AES %x 3 active %q", oldAuth, oldPriv, "public"),
			`off any  none  3 notInService ""`,
			`bare any  none  3 notReady ""`,
			fmt.Sprintf("wait SHA %x AES %x 3 notReady %q", oldAuth, oldPriv, ""),
			fmt.Sprintf("reader SHA-256 %x none  4 active %q", readerAuth, "changed"),
		}
		if got := text(entries); !slices.Equal(got, want) {
			t.Errorf("entries\n%q\nwant\n%q", got, want)
		}
		octets, err := agent.AppendUsers(nil, entries...)
		if err != nil {
			t.Fatal(err)
		}
		if entries, err = agent.ParseUsers(octets); err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !e.Changed {
				t.Errorf("%v has not changed", e)
			}
		}

		other := newRigAt(t, "192.0.2.2:161", "192.0.2.9:40001", func(a *agent.Agent) {
			withEngine(a)
			a.MIB, a.Access = newTree(t, &plant{}), agent.InsecureAllowAll
			if err := a.RegisterObjects(a.MIB, new(agent.System)); err != nil {
				t.Fatal(err)
			}
			for _, u := range []usm.User{guest, reader, writer} {
				if err := a.AddUserKeys(keyed(u)); err != nil {
					t.Fatal(err)
				}
			}
			for _, e := range entries {
				e.AllowLower = true
				if err := a.AddUserEntry(e); err != nil {
					t.Fatal(err)
				}
			}
		})
		other.bubble = true
		if got := text(other.KeptUsers()); !slices.Equal(got, want) {
			t.Errorf("entries\n%q\nwant\n%q", got, want)
		}
		o := other.as(writer, pdu.AuthPriv)
		// What is missing is what was missing.
		if got := o.ask(set(userStatus("wait", mib.Active))); got.ErrorStatus != pdu.InconsistentValue {
			t.Errorf("a row that is not ready: %v", got.ErrorStatus)
		}
		o.done(keyChange(t, 6, "wait", usm.SHA1, oldAuth, make([]byte, 20)), keyChange(t, 9, "wait", usm.SHA1, oldPriv, make([]byte, 16)), userStatus("wait", mib.Active))
		o.done(cloneFrom("bare", "guest"), userStatus("bare", mib.Active))
		o.done(userStatus("off", mib.Active))
		other.Deactivate()
	})
}
