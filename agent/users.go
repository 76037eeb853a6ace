package agent

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"snmpstack/agent/usmmib"
	"snmpstack/mib"
	"snmpstack/usm"
)

// A CompatibilityMode says how a privacy key is made longer than the hash of the
// user's authentication protocol: for AES-192 and AES-256 peers differ. A User
// whose Extension is set has that one in any mode.
type CompatibilityMode int

const (
	// CompatibilityReeder takes either way when it receives, and has Reeder's when
	// it sends first (Cisco, pysnmp).
	CompatibilityReeder CompatibilityMode = 0
	// CompatibilityBlumenthal has Blumenthal's both ways (Net-SNMP, SNMP4J, gosnmp).
	CompatibilityBlumenthal CompatibilityMode = 1
	// CompatibilityReceive takes either way when it receives, and cannot send by
	// itself: SendSecureTrap is error 319, and so is Notify with such a key.
	CompatibilityReceive CompatibilityMode = 2
)

// AddUser adds an SNMPv3 user to the internal authentication cache, or replaces the
// one with that name. What the specification calls so is usmUserTable, with the users
// that managers made (see RegisterObjects). A name has 1 to 32 octets. Passwords have
// at least 8 octets; an empty one means that the protocol is not used, and there is
// no privacy without authentication. Messages have to be at the highest level that
// the user has passwords for.
//
// Passwords are turned into keys here, which takes milliseconds. With AnyAuth each
// message may have any authentication protocol, MD5 too: all whose digests have its
// length are tried, first the one that has verified the message before, which is also the
// one that traps and informs have.
//
// The level that messages have to be at is asked here, the one that they need to be
// let through to something is a vacm.UserRule's: a rule whose Level is lower than that of
// the user's passwords gives nothing unless the user has AllowLower (AddUserKeys).
func (a *Agent) AddUser(name string, auth usm.AuthProtocol, authPassword string, priv usm.PrivProtocol, privPassword string) error {
	if privPassword == "" {
		priv = usm.NoPriv
	}
	return a.AddUserKeys(usm.User{
		Name: name,
		Auth: auth, AuthPassword: usm.NewSecret(authPassword),
		Priv: priv, PrivPassword: usm.NewSecret(privPassword),
	})
}

// AddUserKeys is AddUser for everything that package usm knows of a user: keys in
// the place of passwords, which the caller can wipe afterwards, a key extension
// that is pinned, lower levels that are let through to the access policy.
//
// Localized keys are for the agent's engine: set Engine before.
func (a *Agent) AddUserKeys(u usm.User) error { return a.addUser(u, usmmib.User{Name: u.Name}) }

// addUser adds a user, whose keys are made of what u has, as a row of usmUserTable.
func (a *Agent) addUser(u usm.User, row usmmib.User) error {
	a.state.fields.Lock()
	provider, mode := a.SecurityProvider, a.CompatibilityMode
	a.state.fields.Unlock()
	if u.Extension == usm.AutoExtension && mode == CompatibilityBlumenthal {
		u.Extension = usm.Blumenthal
	}
	hashed, err := a.hashUser(provider, u)
	if err == nil {
		row.Keys, row.Given = hashed, given(u)
		err = a.state.users.Add(row)
	}
	if err != nil {
		return userError(err)
	}
	a.state.senders.Remove(u.Name) // he may do more now
	a.warnOfWeak(&u)
	return nil
}

// given returns what is kept of what a user was added with. A password in whose place
// there is a key is never hashed. The keys are the caller's; what was made of them
// is kept elsewhere.
func given(u usm.User) *usm.User {
	if len(u.AuthKey) > 0 {
		u.AuthPassword = usm.Secret{}
	}
	if len(u.PrivKey) > 0 {
		u.PrivPassword = usm.Secret{}
	}
	u.AuthKey, u.PrivKey = nil, nil
	return &u
}

// weak has the protocols of which the log says once that a user has them: naming
// one is consent to it.
var weak = []fmt.Stringer{usm.AnyAuth, usm.MD5, usm.SHA1, usm.DES}

// warnOfWeak logs the weak protocols that a user is the first to have.
func (a *Agent) warnOfWeak(u *usm.User) {
	var has []fmt.Stringer
	if !u.AuthPassword.IsEmpty() || len(u.AuthKey) > 0 {
		has = append(has, u.Auth)
	}
	if !u.PrivPassword.IsEmpty() || len(u.PrivKey) > 0 {
		has = append(has, u.Priv)
	}
	for _, protocol := range has {
		if !slices.Contains(weak, protocol) {
			continue
		}
		if _, logged := a.state.weakLogged.LoadOrStore(protocol, true); !logged {
			a.logger().Warn("snmp agent: a user has a weak protocol", "user", u.Name, "protocol", protocol.String())
		}
	}
}

// userError gives what package usm says of a user the specification's code.
func userError(err error) error {
	if length := (*usm.KeyLengthError)(nil); errors.As(err, &length) {
		return &Error{CodeKeyLength, err}
	}
	if errors.Is(err, usmmib.ErrOtherEngine) {
		return &Error{CodeEngineID, err}
	}
	return &Error{CodeInvalidArgument, err}
}

// activateUsers makes a run's security model.
func (r *run) activateUsers() error {
	users, err := r.state.users.Activate(r.Engine.ID(), r.SecurityProvider)
	if err != nil {
		return userError(err)
	}
	r.usm = usm.NewModel(r.Engine, users, r.SecurityProvider, &r.counters.usm)
	r.usm.SetTimeWindow(int32(r.TimeWindow))
	senders, err := r.state.senders.Activate(r.Engine.ID(), r.SecurityProvider)
	if err != nil {
		return userError(err)
	}
	r.senders = usm.NewModel(r.Engine, senders, r.SecurityProvider, nil)
	return nil
}

// RemoveUser removes a user from the internal authentication cache and reports
// whether there was one. What he has asked and is being worked on is still answered.
func (a *Agent) RemoveUser(name string) bool {
	sender := a.state.senders.Remove(name)
	return a.state.users.Remove(name) || sender
}

// ClearCache removes all users from the internal authentication cache.
func (a *Agent) ClearCache() {
	a.state.senders.Clear()
	a.state.users.Clear()
}

// ShowCache calls OnCacheEntry for every user in the internal authentication cache,
// in the order of their names. Those whom managers made are among them, and those
// whom managers changed have keys and no passwords. Those who were added by sending
// are there too.
func (a *Agent) ShowCache() {
	if a.OnCacheEntry == nil {
		return
	}
	list := append(a.state.users.All(), a.state.senders.All()...)
	slices.SortStableFunc(list, func(a, b usmmib.User) int { return cmp.Compare(a.Name, b.Name) })
	for _, u := range list {
		if u.Status != mib.Active {
			continue
		}
		given := u.Given
		if given == nil {
			given = &usm.User{}
			given.Auth, given.Priv = u.Protocols()
		}
		a.OnCacheEntry(&CacheEntryEvent{
			User:                   u.Name,
			AuthenticationProtocol: given.Auth, AuthenticationPassword: given.AuthPassword,
			EncryptionAlgorithm: given.Priv, EncryptionPassword: given.PrivPassword,
		})
	}
}

// sorted returns users in the order of their names.
func sorted(t *usmmib.Table) []usmmib.User {
	return slices.SortedFunc(slices.Values(t.All()), func(a, b usmmib.User) int { return cmp.Compare(a.Name, b.Name) })
}

// A CacheEntryEvent is a user in the internal authentication cache. Of one who was
// added with keys the passwords are empty.
type CacheEntryEvent struct {
	User                   string
	AuthenticationProtocol usm.AuthProtocol
	AuthenticationPassword usm.Secret
	EncryptionAlgorithm    usm.PrivProtocol
	EncryptionPassword     usm.Secret
}
