package usmmib

import (
	"errors"
	"slices"
	"testing"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

const testEngine usm.EngineID = "\x80\x00\x7e\xd9\x05engine"

// A rig is a table with users that the tests clone from.
type rig struct {
	testing.TB
	*Table
	tree *mib.Tree
}

// The users of a rig. Each has keys of its own: see key.
var configured = []struct {
	name   string
	auth   usm.AuthProtocol // AnyAuth: none
	priv   usm.PrivProtocol
	status mib.RowStatus
}{
	{"both", usm.SHA1, usm.AES128, mib.Active},
	{"auth", usm.MD5, usm.NoPriv, mib.Active},
	{"none", usm.AnyAuth, usm.NoPriv, mib.Active},
	{"long", usm.SHA256, usm.AES256, mib.Active},
	{"off", usm.SHA1, usm.AES128, mib.NotInService},
}

// key returns a localized key that begins with first.
func key(first byte, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

func hashed(t testing.TB, u usm.User) *usm.HashedUser {
	t.Helper()
	h, err := usm.HashUser(usm.System, u, func(a usm.AuthProtocol, _ usm.Secret) ([]byte, error) { return make([]byte, a.KeyLen()), nil })
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func newRig(t testing.TB, options ...func(*Table)) *rig {
	t.Helper()
	r := &rig{TB: t, Table: new(Table), tree: mib.NewTree()}
	for i, c := range configured {
		u := usm.User{Name: c.name, Auth: c.auth, AuthKey: key(byte(i), c.auth.KeyLen()), Priv: c.priv, PrivKey: key(byte(100+i), c.priv.KeyLen()), Localized: true}
		if err := r.Add(User{Name: c.name, Keys: hashed(t, u), Status: c.status}); err != nil {
			t.Fatal(err)
		}
	}
	anyAuth := hashed(t, usm.User{Name: "any", AuthPassword: usm.NewSecret("12345678")})
	if err := r.Add(User{Name: "any", Keys: anyAuth}); err != nil {
		t.Fatal(err)
	}
	for _, o := range options {
		o(r.Table)
	}
	if _, err := r.Activate(testEngine, usm.System); err != nil {
		t.Fatal(err)
	}
	if err := r.Register(r.tree); err != nil {
		t.Fatal(err)
	}
	return r
}

// at returns the index of a user's row.
func at(name string) ber.OID {
	o := ber.NewOID(uint32(len(testEngine)))
	for _, c := range []byte(testEngine) {
		o = o.Append(uint32(c))
	}
	o = o.Append(uint32(len(name)))
	for _, c := range []byte(name) {
		o = o.Append(uint32(c))
	}
	return o
}

func cell(column uint32, name string, v pdu.Value) pdu.VarBind {
	return pdu.VarBind{Name: oidEntry.Append(column) + at(name), Value: v}
}

// Varbinds for the row of a user.
func status(name string, s mib.RowStatus) pdu.VarBind {
	return cell(colStatus, name, pdu.Integer(int32(s)))
}
func cloneFrom(name, template string) pdu.VarBind {
	return cell(colCloneFrom, name, pdu.ObjectIdentifier(oidEntry.Append(colSecurityName)+at(template)))
}
func protocol(column uint32, name string, oid ber.OID) pdu.VarBind {
	return cell(column, name, pdu.ObjectIdentifier(oid))
}
func rekey(column uint32, name string, n int) pdu.VarBind {
	return cell(column, name, pdu.OctetString(string(key(7, n))))
}
func public(name, text string) pdu.VarBind { return cell(colPublic, name, pdu.OctetString(text)) }
func storage(name string, s mib.StorageType) pdu.VarBind {
	return cell(colStorageType, name, pdu.Integer(int32(s)))
}

// as returns the Request of a user, at the level of authentication.
func as(name string) *mib.Request {
	return &mib.Request{SecurityModel: pdu.SecurityModelUSM, SecurityLevel: pdu.AuthNoPriv, SecurityName: name}
}

// set returns the error-status and error-index of a SET.
func (r *rig) set(who *mib.Request, vbs ...pdu.VarBind) (pdu.ErrorStatus, int) {
	r.Helper()
	err := r.tree.Set(who, vbs)
	if err == nil {
		return pdu.NoError, 0
	}
	var e *pdu.StatusError
	if !errors.As(err, &e) {
		r.Fatalf("%v: %v", vbs, err)
	}
	return e.Status, e.Index
}

// do is a SET that has to succeed.
func (r *rig) do(vbs ...pdu.VarBind) {
	r.Helper()
	if status, at := r.set(as("manager"), vbs...); status != pdu.NoError {
		r.Fatalf("%v: %v at %d", vbs, status, at)
	}
}

func (r *rig) get(column uint32, name string) pdu.Value {
	r.Helper()
	v, err := r.tree.Get(new(mib.Request), oidEntry.Append(column)+at(name))
	if err != nil {
		r.Fatal(err)
	}
	return v
}

// statusOf returns the status of a row, 0 where there is none.
func (r *rig) statusOf(name string) mib.RowStatus {
	r.Helper()
	v := r.get(colStatus, name)
	if v == pdu.NoSuchInstance {
		return 0
	}
	return mib.RowStatus(v.Int())
}

// isActive reports whether messages of a user are accepted.
func (r *rig) isActive(name string) bool {
	return slices.Contains(r.active.Load().Names(), name)
}

// keysOf returns a user's localized keys, none of one with any protocol.
func (r *rig) keysOf(name string) (auth, priv string) {
	r.Helper()
	u := r.Table.get(name)
	if u == nil || u.Keys == nil || u.auth == zeroDotZero {
		return "", ""
	}
	a, p, err := u.Keys.LocalizedKeys(testEngine)
	if err != nil {
		r.Fatal(err)
	}
	return string(a), string(p)
}
