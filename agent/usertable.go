package agent

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"

	"snmpstack/agent/usmmib"
	"snmpstack/mib"
	"snmpstack/usm"
)

// A UserEntry is an SNMPv3 user as he is kept over a restart: a row of usmUserTable
// (RFC 3414 §5). AppendUsers and ParseUsers are its way into a file and back; encoders of
// text, encoding/json among them, refuse it.
type UserEntry struct {
	usm.User
	Public      string          // usmUserPublic, up to 32 octets
	StorageType mib.StorageType // 0: permanent, which AddUser gives
	Status      mib.RowStatus   // 0: active
	// Changed says that a manager has made the row, or has set something in it, since
	// it was added.
	Changed bool
	// Fingerprint is what AddKeptUsers tells by whether the program has given him other
	// passwords or keys since; "" if it had given none.
	Fingerprint string
	// EngineID is the engine that his keys are localized to, which KeptUsers says; ""
	// is the agent's.
	EngineID usm.EngineID
}

// AddUserEntry is AddUserKeys with all that usmUserTable has of a user. One who is
// notReady and has no key is one who is still to be cloned. One whose EngineID is
// another engine's than the agent's is error 324, here or, where there is no Engine yet,
// from Activate.
//
// If the agent has the user already, and e's localized keys are those that he has there,
// then no manager has changed them: he keeps the passwords or master keys that the program
// has given him, which are good for informs too, and gets only Public, StorageType, Status
// and Changed of e.
func (a *Agent) AddUserEntry(e UserEntry) error {
	a.state.fields.Lock()
	engine := a.Engine
	a.state.fields.Unlock()
	if e.EngineID != "" && engine != nil && engine.ID() != e.EngineID {
		return userError(fmt.Errorf("user %q: %w", e.Name, usmmib.ErrOtherEngine))
	}
	row := usmmib.User{Name: e.Name, Public: e.Public, Storage: e.StorageType, Status: e.Status, Changed: e.Changed, KeysFor: e.EngineID, Fingerprint: e.Fingerprint}
	if own, ok := a.state.users.Get(e.Name); ok && hasSameKeys(&own, &e.User, cmp.Or(e.EngineID, a.EngineID())) {
		row.Keys, row.Given, row.KeysFor = own.Keys, own.Given, own.KeysFor
		if err := a.state.users.Add(row); err != nil {
			return userError(err)
		}
		return nil
	}
	return a.addUser(e.User, row)
}

// hasSameKeys reports whether u's localized keys are those of a user of the program's at
// an engine.
func hasSameKeys(own *usmmib.User, u *usm.User, engine usm.EngineID) bool {
	if own.Keys == nil || own.Given == nil || !u.Localized || len(u.AuthKey) == 0 || engine == "" {
		return false
	}
	if auth, priv := own.Protocols(); auth != u.Auth || priv != u.Priv {
		return false
	}
	auth, priv, err := own.Keys.LocalizedKeys(engine)
	defer clear(auth)
	defer clear(priv)
	return err == nil && bytes.Equal(auth, u.AuthKey) && bytes.Equal(priv, u.PrivKey)
}

// AddKeptUsers puts users back whom KeptUsers has returned in an earlier run, after the
// program has added its own: AddUserEntry for each. One whose StorageType is permanent or
// readOnly is one of the program's, whom managers have changed. He is left out where the
// program has nobody of that name any more; and so is everybody to whom it has given
// other passwords or keys than then, or has given some only since: what the program says
// counts, and what managers have changed before it says something else is gone. The names
// of those who are left out are returned. The error holds one for each who cannot be
// added; the others are.
func (a *Agent) AddKeptUsers(users ...UserEntry) (gone []string, err error) {
	own := make(map[string]usmmib.User)
	for _, row := range a.state.users.All() {
		own[row.Name] = row
	}
	for _, e := range users {
		row, has := own[e.Name]
		switch engine := cmp.Or(e.EngineID, a.EngineID()); {
		case !has && e.StorageType != mib.NonVolatile,
			has && engine != "" && row.GivenFingerprint(engine) != e.Fingerprint:
			gone = append(gone, e.Name)
		default:
			err = errors.Join(err, a.AddUserEntry(e))
		}
	}
	return gone, err
}

// KeptUsers returns the users whom a restart has to leave as they are: those whose rows
// are nonVolatile, and of the others that are no volatile ones those whom managers
// have changed. They have keys that are localized to the engine of the agent's last
// activation, and are the caller's to clear: good at that engine alone, whose ID has to
// be kept too (State). Who still has AnyAuth is not among them. Before the first
// activation there is nobody. AppendUsers makes octets of them.
func (a *Agent) KeptUsers() []UserEntry {
	engine, ok := a.state.users.Engine()
	if !ok {
		return nil
	}
	var entries []UserEntry
	for _, row := range a.state.users.All() {
		if row.Storage < mib.NonVolatile || row.Storage > mib.NonVolatile && !row.Changed {
			continue
		}
		e := UserEntry{Public: row.Public, StorageType: row.Storage, Status: row.Status, Changed: row.Changed, Fingerprint: row.GivenFingerprint(engine), EngineID: engine}
		e.Name, e.Localized = row.Name, true
		if row.Keys != nil {
			var err error
			if e.AuthKey, e.PrivKey, err = row.Keys.LocalizedKeys(engine); err != nil {
				continue
			}
			e.Auth, e.Priv = row.Protocols()
			e.AllowLower = row.Keys.AllowsLower()
		}
		entries = append(entries, e)
	}
	return entries
}
