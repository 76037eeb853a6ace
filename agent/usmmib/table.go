package usmmib

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// SNMP-USER-BASED-SM-MIB (RFC 3414 §5).
var (
	oidSpinLock = ber.MustOID("1.3.6.1.6.3.15.1.2.1")   // usmUserSpinLock
	oidEntry    = ber.MustOID("1.3.6.1.6.3.15.1.2.2.1") // usmUserEntry
)

const (
	colSecurityName     = 3
	colCloneFrom        = 4
	colAuthProtocol     = 5
	colAuthKeyChange    = 6
	colOwnAuthKeyChange = 7
	colPrivProtocol     = 8
	colPrivKeyChange    = 9
	colOwnPrivKeyChange = 10
	colPublic           = 11
	colStorageType      = 12
	colStatus           = 13
)

const (
	maxPublic  = 32     // octets of usmUserPublic
	maxManaged = 10_000 // users who are not permanent, beyond which managers can make none
)

var errUser = errors.New("usmmib: the user's Status, Storage or Public is none that a row can have")

// ErrOtherEngine is the error of a user whose keys are good at another engine alone.
var ErrOtherEngine = errors.New("the user's keys are localized to another engine")

// A Table holds the users of an agent. The zero Table has none. Its methods are safe
// for concurrent use; the fields are set before it is registered.
type Table struct {
	// CloneAndGo lets a SET that clones a user make him active too, with the keys of
	// the one he is cloned from: what Net-SNMP's "snmpusm create USER TEMPLATE" and
	// "snmpusm cloneFrom USER TEMPLATE" ask for, and get from its agent.
	//
	// Deviation: RFC 3414 §5 (usmUserStatus) wants the keys changed before. Whoever
	// knows those of the template is as good as the new user until they are.
	CloneAndGo bool

	// Keep, if it is set, is called when a SET has changed rows that are to survive a
	// restart, before it is answered. An error makes the SET fail, and is for the
	// log. It may call All.
	Keep func() error

	once   sync.Once
	mu     sync.Mutex // held while what follows changes
	engine usm.EngineID
	active atomic.Pointer[usm.Users] // of the engine that is or was active last; nil: none yet
	rows   mib.Rows[User]
	// waiting are users who are not in rows yet: before the first activation nobody
	// looks at those, and to add users one by one takes a while where there are many.
	waiting map[string]User
}

// init makes the zero Table one that can be used.
func (t *Table) init() {
	t.once.Do(func() { t.rows.Index = index })
}

// Add adds a user, or puts him in the place of the one with his name. Keys and what
// Given points to are the Table's from then on. The error is about a field that no
// row can have so or, once there was an Activate, ErrOtherEngine or that of
// usm.Users.AddHashed; then nothing has changed.
func (t *Table) Add(u User) error {
	if u.Status < 0 || u.Status > mib.NotReady || u.Storage < 0 || u.Storage > mib.ReadOnly || len(u.Public) > maxPublic {
		return errUser
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.put(u)
}

func (t *Table) put(u User) error {
	t.init()
	u.settle(t.engine)
	key, err := t.rows.Key(&u)
	if err != nil {
		return err
	}
	if t.active.Load() != nil && !u.canBeAt(t.engine) {
		return ErrOtherEngine
	}
	if t.active.Load() == nil {
		if t.waiting == nil {
			t.waiting = make(map[string]User)
		}
		t.waiting[u.Name] = u
		return nil
	}
	if err := t.follow(u.Name, &u); err != nil {
		t.follow(u.Name, t.rows.Load().Get(key))
		return err
	}
	return t.rows.Put(u)
}

// Rekey gives a user other keys, and what they were made of, unless somebody has removed
// or changed him since he had those that are named as the former ones. All else of his
// row stays.
func (t *Table) Rekey(name string, former, keys *usm.HashedUser, given *usm.User) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.get(name)
	if u == nil || u.Keys != former {
		return nil
	}
	changed := *u
	changed.Keys, changed.Given = keys, given
	return t.put(changed)
}

// Remove removes a user and reports whether there was one.
func (t *Table) Remove(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.get(name)
	if u == nil {
		return false
	}
	key, err := t.rows.Key(u)
	t.follow(name, nil)
	delete(t.waiting, name)
	t.rows.Delete(key)
	return err == nil
}

// Clear removes all users.
func (t *Table) Clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.init()
	if users := t.active.Load(); users != nil {
		users.Clear()
	}
	clear(t.waiting)
	t.rows.Store(nil) // nothing that could not be encoded
}

// All returns the users in the order of the table.
func (t *Table) All() []User {
	t.mu.Lock()
	t.flush()
	t.mu.Unlock()
	return t.stored()
}

// flush takes those who are waiting into the rows. The caller holds t.mu.
func (t *Table) flush() {
	if len(t.waiting) == 0 {
		return
	}
	t.init()
	all := slices.DeleteFunc(t.stored(), func(u User) bool { _, again := t.waiting[u.Name]; return again })
	t.rows.Store(slices.AppendSeq(all, maps.Values(t.waiting))) // whose indexes are in order: put has seen to that
	t.waiting = nil
}

// stored returns the rows.
func (t *Table) stored() []User {
	rows := t.rows.Load()
	all := make([]User, 0, rows.Len())
	for _, u := range rows.All() {
		all = append(all, *u)
	}
	return all
}

// Has reports whether there is an active user called name.
func (t *Table) Has(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.get(name).usable()
}

// Get returns the active user called name, and false if there is none.
func (t *Table) Get(name string) (User, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.get(name)
	if !u.usable() {
		return User{}, false
	}
	return *u, true
}

// Engine returns the engine of the last Activate that had no error, and false before
// the first one.
func (t *Table) Engine() (usm.EngineID, bool) {
	users := t.active.Load()
	if users == nil {
		return "", false
	}
	return users.Engine(), true
}

// get returns the user called name, nil if there is none.
func (t *Table) get(name string) *User {
	if u, ok := t.waiting[name]; ok {
		return &u
	}
	t.init()
	key, err := t.rows.Key(&User{Name: name, engine: t.engine})
	if err != nil {
		return nil
	}
	return t.rows.Load().Get(key)
}

// Activate makes the users those of an engine, and returns them ready for use with
// its messages. They follow the table until it is called again. Keys that are
// localized to another engine are of no use then. The error is that of
// usm.Users.AddHashed, or ErrOtherEngine where KeysFor tells, and the users stay those of
// the engine before.
func (t *Table) Activate(engine usm.EngineID, p usm.Provider) (*usm.Users, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.init()
	users := usm.NewUsers(engine, p)
	t.flush()
	all := t.stored()
	for i := range all {
		if !all[i].canBeAt(engine) {
			return nil, fmt.Errorf("user %q: %w", all[i].Name, ErrOtherEngine)
		}
		all[i].engine = engine
		if u := &all[i]; u.usable() {
			if err := users.AddHashed(u.Keys); err != nil {
				return nil, err
			}
		}
	}
	if engine != t.engine {
		if err := t.rows.Store(all); err != nil {
			return nil, err
		}
	}
	t.engine = engine
	t.active.Store(users)
	return users, nil
}

// canBeAt reports whether the user's keys are good at an engine, as far as is known.
func (u *User) canBeAt(engine usm.EngineID) bool { return u.KeysFor == "" || u.KeysFor == engine }

// usable reports whether messages of the user are to be accepted.
func (u *User) usable() bool { return u != nil && u.Status == mib.Active && u.Keys != nil }

// follow makes the active users have the one called name as u, or not at all. The
// caller holds t.mu.
func (t *Table) follow(name string, u *User) error {
	switch users := t.active.Load(); {
	case users == nil:
	case u.usable():
		return users.AddHashed(u.Keys)
	default:
		users.Remove(name)
	}
	return nil
}

// Register adds the table and usmUserSpinLock to tree. The error is that of a tree
// which has them already.
func (t *Table) Register(tree *mib.Tree) error {
	if err := mib.NewTestAndIncr(oidSpinLock).Register(tree); err != nil {
		return err
	}
	h, err := t.handler()
	if err != nil {
		return err
	}
	return tree.Register(oidEntry, h)
}

// handler returns the table's Handler.
func (t *Table) handler() (*handler, error) {
	t.init()
	oid := func(get func(*User) ber.OID) func(*User) pdu.Value {
		return func(u *User) pdu.Value { return pdu.ObjectIdentifier(get(u)) }
	}
	// RFC 3414 §2.1: no key is ever read.
	keyChange := func(arc uint32, set func(*User, pdu.Value) error) mib.Column[User] {
		return mib.Column[User]{
			Arc: arc, Get: func(*User) pdu.Value { return pdu.OctetString("") },
			Set: set, Syntax: pdu.TypeOctetString,
		}
	}
	h, err := mib.Table[User]{
		Entry: oidEntry,
		Rows:  &t.rows,
		Columns: []mib.Column[User]{
			{Arc: colSecurityName, Get: func(u *User) pdu.Value { return pdu.OctetString(u.Name) }},
			{Arc: colCloneFrom, Get: oid(func(*User) ber.OID { return zeroDotZero }), Set: t.setCloneFrom, Syntax: pdu.TypeObjectIdentifier},
			{Arc: colAuthProtocol, Get: oid(func(u *User) ber.OID { return u.auth }), Set: setAuthProtocol, Syntax: pdu.TypeObjectIdentifier},
			keyChange(colAuthKeyChange, setAuthKeyChange),
			keyChange(colOwnAuthKeyChange, own(setAuthKeyChange)),
			{Arc: colPrivProtocol, Get: oid(func(u *User) ber.OID { return u.priv }), Set: setPrivProtocol, Syntax: pdu.TypeObjectIdentifier},
			keyChange(colPrivKeyChange, setPrivKeyChange),
			keyChange(colOwnPrivKeyChange, own(setPrivKeyChange)),
			{
				Arc: colPublic, Get: func(u *User) pdu.Value { return pdu.OctetString(u.Public) },
				Set:    func(u *User, v pdu.Value) error { u.Public = v.Octets(); return nil },
				Syntax: pdu.TypeOctetString, Check: mib.Size(0, maxPublic),
			},
			{Arc: colStorageType, StorageType: func(u *User) *mib.StorageType { return &u.Storage }, Default: pdu.Integer(int32(mib.NonVolatile))},
			{Arc: colStatus, RowStatus: func(u *User) *mib.RowStatus { return &u.Status }},
		},
		New:       t.create,
		Complete:  t.complete,
		Validate:  t.validate,
		Abandoned: -1,
		MaxRows:   maxManaged,
		Counts:    func(u *User) bool { return u.Storage != mib.Permanent },
	}.Handler()
	if err != nil {
		return nil, err
	}
	return &handler{Handler: h, table: h.(mib.Setter), t: t}, nil
}

// create makes a new row, which names nobody yet.
func (t *Table) create(_ *mib.Request, u *User) error {
	users := t.active.Load()
	if users == nil || u.engine != users.Engine() || len(u.Name) == 0 || len(u.Name) > 32 {
		return pdu.NoCreation
	}
	u.auth, u.priv = usm.NoAuthProtocol, usm.NoPrivProtocol
	return nil
}
