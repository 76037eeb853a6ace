package usmmib

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// A User is a row of usmUserTable.
type User struct {
	Name string // usmUserName and usmUserSecurityName, 1 to 32 octets
	// Keys are the user's protocols and keys; nil in a row that has not been cloned.
	// What they point to does not change.
	Keys *usm.HashedUser
	// Given is what the program has given for the user, with his passwords. It is nil
	// for a user whose keys come from a manager. It does not change.
	Given *usm.User

	Public  string          // usmUserPublic, up to 32 octets
	Storage mib.StorageType // 0: permanent
	Status  mib.RowStatus   // 0: active
	// Changed says that a manager has made the row, or has set something in it.
	Changed bool
	// Fingerprint is that of the keys which the program had given for the user before a
	// manager changed them; "" if no manager has, or the program has given none.
	Fingerprint string
	// KeysFor is the engine that Keys are localized to, the only one that he can be a
	// user of; "" says nothing.
	KeysFor usm.EngineID

	engine     usm.EngineID
	auth, priv ber.OID // the protocols, which may wait for keys of theirs

	// What a new user has to have before he can be active.
	cloned, authChanged, privChanged bool
	// cloning says that it is the present SET that has cloned him.
	cloning bool
}

// zeroDotZero is what usmUserCloneFrom is read as.
var zeroDotZero = ber.NewOID(0, 0)

// settle fills in what follows from the fields that a program sets.
func (u *User) settle(engine usm.EngineID) {
	u.engine = engine
	if u.Storage == 0 {
		u.Storage = mib.Permanent
	}
	if u.Status == 0 {
		u.Status = mib.Active
	}
	u.auth, u.priv = usm.NoAuthProtocol, usm.NoPrivProtocol
	if u.Keys != nil {
		u.take(u.Keys)
	}
	if u.Status == mib.NotReady && u.auth == usm.NoAuthProtocol {
		u.Keys = nil // or nothing would be missing
	}
	// What somebody left incomplete is to be completed: keys are changed, or where
	// there are none cloned.
	u.cloned = u.Keys != nil
	u.authChanged = u.Status != mib.NotReady
	u.privChanged = u.authChanged
}

// take gives the user other protocols and keys.
func (u *User) take(keys *usm.HashedUser) {
	u.Keys = keys
	if u.auth, u.priv = keys.Protocols(); u.auth == usm.AnyAuth.OID() {
		u.auth = zeroDotZero
	}
}

// Protocols returns the user's protocols: NoPriv without privacy, AnyAuth for any, and
// without authentication too.
func (u *User) Protocols() (usm.AuthProtocol, usm.PrivProtocol) {
	auth, _ := usm.AuthProtocolOf(u.auth)
	priv, _ := usm.PrivProtocolOf(u.priv)
	return auth, priv
}

// GivenFingerprint tells the keys at an engine that the program has given for the user
// from others that it may give another time, even if a manager has changed them since. It
// is "" if the program has given none, or none that are good there.
func (u *User) GivenFingerprint(engine usm.EngineID) string {
	if u.Fingerprint != "" || u.Given == nil || u.Keys == nil {
		return u.Fingerprint
	}
	auth, priv, err := u.Keys.LocalizedKeys(engine)
	defer clear(auth)
	defer clear(priv)
	if err != nil {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "%v %v ", u.auth, u.priv)
	h.Write(auth)
	h.Write(priv[:min(len(priv), commonKey)])
	return string(h.Sum(nil)[:fingerprintSize])
}

const (
	fingerprintSize = 16 // octets
	// commonKey is how many octets of a privacy key are the same however a short one is
	// made longer.
	commonKey = 16
)

// index names the index objects: usmUserEngineID and usmUserName.
func index(x *mib.Index, u *User) {
	engine := string(u.engine)
	x.String(&engine)
	x.String(&u.Name)
	u.engine = usm.EngineID(engine)
}

// complete reports whether the user has all that it takes to be active (RFC 3414 §5,
// usmUserStatus): he was cloned, and has a key of his own for each protocol.
func (t *Table) complete(action mib.RowStatus, u *User) bool {
	if t.CloneAndGo && u.cloning && (action == mib.CreateAndGo || action == mib.Active) {
		return true
	}
	return u.cloned && (u.authChanged || u.auth == usm.NoAuthProtocol) && (u.privChanged || u.priv == usm.NoPrivProtocol)
}

// setCloneFrom is the cloning process (RFC 3414 §5, usmUserCloneFrom).
func (t *Table) setCloneFrom(u *User, v pdu.Value) error {
	if u.cloned {
		return nil // "Subsequent writes are successful but invoke no action"
	}
	from := t.template(v.OID())
	if from == nil {
		return pdu.InconsistentName
	}
	keys, err := from.Keys.Clone(u.Name)
	if err != nil {
		return err
	}
	u.take(keys)
	u.cloned, u.cloning = true, true
	return nil
}

// template returns the clone-from user that a RowPointer is of: the name of an
// instance of usmUserSecurityName, the first accessible column (RFC 2579 §2,
// RowPointer). It is nil if there is none, or none that is active.
func (t *Table) template(pointer ber.OID) *User {
	column := oidEntry.Append(colSecurityName)
	if !pointer.HasPrefix(column) {
		return nil
	}
	u := t.rows.Load().Get(pointer[len(column):])
	if u == nil || u.Status != mib.Active || u.auth == zeroDotZero {
		return nil
	}
	return u
}

// setAuthProtocol and setPrivProtocol take the value that there is, and that of no
// protocol. A row that is being created can have any other value that is one of a
// protocol's; cloning overwrites it.
func setAuthProtocol(u *User, v pdu.Value) error {
	_, supported := usm.AuthProtocolOf(v.OID())
	return setProtocol(&u.auth, u, v.OID(), usm.NoAuthProtocol, supported)
}

func setPrivProtocol(u *User, v pdu.Value) error {
	_, supported := usm.PrivProtocolOf(v.OID())
	return setProtocol(&u.priv, u, v.OID(), usm.NoPrivProtocol, supported)
}

func setProtocol(protocol *ber.OID, u *User, want, none ber.OID, supported bool) error {
	switch creating := u.Status == 0; {
	case want == none:
		*protocol = none
	case creating && !supported:
		return pdu.WrongValue
	case creating && !u.cloned:
		*protocol = want
	case creating, want == *protocol:
	default:
		return pdu.InconsistentValue
	}
	return nil
}

// setAuthKeyChange and setPrivKeyChange change a key. Each of the columns for a
// user's own keys does what the other one does, if the row is active.
func setAuthKeyChange(u *User, v pdu.Value) error {
	return changeKey(u, v, u.auth == usm.NoAuthProtocol, &u.authChanged, (*usm.HashedUser).ChangeAuthKey)
}

func setPrivKeyChange(u *User, v pdu.Value) error {
	return changeKey(u, v, u.priv == usm.NoPrivProtocol, &u.privChanged, (*usm.HashedUser).ChangePrivKey)
}

func own(set func(*User, pdu.Value) error) func(*User, pdu.Value) error {
	return func(u *User, v pdu.Value) error {
		if u.Status != mib.Active { // RFC 3414 §5, usmUserStatus
			return pdu.InconsistentValue
		}
		return set(u, v)
	}
}

// changeKey follows RFC 3414 §5, usmUserAuthKeyChange and usmUserPrivKeyChange.
func changeKey(u *User, v pdu.Value, none bool, changed *bool, change func(*usm.HashedUser, usm.EngineID, []byte) (*usm.HashedUser, error)) error {
	switch {
	case !u.cloned:
		return pdu.InconsistentName
	case none, v.Octets() == "":
		return nil
	case u.auth == zeroDotZero:
		return pdu.InconsistentValue
	}
	value := []byte(v.Octets())
	defer clear(value)
	keys, err := change(u.Keys, u.engine, value)
	if errors.Is(err, usm.ErrKeyChange) {
		return pdu.WrongLength
	}
	if err != nil {
		return err
	}
	u.Keys, *changed = keys, true
	return nil
}

// validate is what a SET comes to as a whole: protocols that fit together, and keys
// for no others.
func (t *Table) validate(_ *mib.Request, old, u *User) error {
	if u == nil {
		return nil
	}
	if u.auth == usm.NoAuthProtocol && u.priv != usm.NoPrivProtocol {
		return pdu.InconsistentValue // RFC 3414 §5, usmUserAuthProtocol and usmUserPrivProtocol
	}
	if u.Keys != nil {
		auth, priv := u.Keys.Protocols()
		switch {
		case auth != usm.NoAuthProtocol && u.auth == usm.NoAuthProtocol:
			u.Keys = u.Keys.WithoutAuth()
		case priv != usm.NoPrivProtocol && u.priv == usm.NoPrivProtocol:
			u.Keys = u.Keys.WithoutPriv()
		}
	}
	if old != nil && u.Keys != old.Keys {
		u.Fingerprint = old.GivenFingerprint(old.engine)
		u.Given = nil
	}
	if u.Status == mib.Active { // which CloneAndGo may have made him
		u.authChanged, u.privChanged = true, true
	}
	u.Changed, u.cloning = true, false
	return nil
}
