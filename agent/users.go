package agent

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

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
	// itself.
	CompatibilityReceive CompatibilityMode = 2
)

// userCache is the specification's internal authentication cache: the SNMPv3 users
// whom the agent knows by itself.
type userCache struct {
	mu     sync.Mutex
	users  map[string]*cachedUser
	active *usm.Users // of the run that there is or was last; nil: none
}

// A cachedUser is a user as he was added, but for keys, and with the hashes of his
// passwords. It does not change.
type cachedUser struct {
	usm.User
	hashed *usm.HashedUser
}

// AddUser adds an SNMPv3 user to the internal authentication cache, or replaces the
// one with that name. Passwords have at least 8 octets; an empty one means that the
// protocol is not used, and there is no privacy without authentication. Messages
// have to be at the highest level that the user has passwords for.
//
// Passwords are turned into keys here, which takes milliseconds. AnyAuth tries all
// authentication protocols on the user's first message.
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
func (a *Agent) AddUserKeys(u usm.User) error {
	a.state.fields.Lock()
	provider, mode := a.SecurityProvider, a.CompatibilityMode
	a.state.fields.Unlock()
	if u.Extension == usm.AutoExtension && mode == CompatibilityBlumenthal {
		u.Extension = usm.Blumenthal
	}
	if err := a.hashUser(provider, u, nil); err != nil {
		return err
	}
	a.warnOfWeak(&u)
	return nil
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
		if a.Logger == nil || !slices.Contains(weak, protocol) {
			continue
		}
		if _, logged := a.state.weakLogged.LoadOrStore(protocol, true); !logged {
			a.Logger.Warn("snmp agent: a user has a weak protocol", "user", u.Name, "protocol", protocol.String())
		}
	}
}

// userError gives what package usm says of a user the specification's code.
func userError(err error) error {
	if length := (*usm.KeyLengthError)(nil); errors.As(err, &length) {
		return &Error{CodeKeyLength, err}
	}
	return &Error{CodeInvalidArgument, err}
}

// put takes a user into the cache, and into the active engine's users if there are
// some. With former it does nothing unless that is what the cache has now: who was
// removed or replaced while his passwords were hashed stays so.
func (c *userCache) put(u usm.User, hashed *usm.HashedUser, former *cachedUser) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	there := c.users[u.Name]
	if former != nil && there != former {
		hashed.Wipe()
		return nil
	}
	if c.active != nil {
		if err := c.active.AddHashed(hashed); err != nil {
			hashed.Wipe()
			return err
		}
	}
	if there != nil {
		there.hashed.Wipe()
	}
	if c.users == nil {
		c.users = make(map[string]*cachedUser)
	}
	// A password in whose place there is a key is never hashed. The keys are the
	// caller's; what was made of them is in hashed.
	if len(u.AuthKey) > 0 {
		u.AuthPassword = usm.Secret{}
	}
	if len(u.PrivKey) > 0 {
		u.PrivPassword = usm.Secret{}
	}
	u.AuthKey, u.PrivKey = nil, nil
	c.users[u.Name] = &cachedUser{u, hashed}
	return nil
}

// activate makes a run's security model, with the users of the cache.
func (c *userCache) activate(r *run) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	users := usm.NewUsers(r.Engine.ID(), r.SecurityProvider)
	for _, u := range c.users {
		if err := users.AddHashed(u.hashed); err != nil {
			return userError(err)
		}
	}
	r.usm = usm.NewModel(r.Engine, users, r.SecurityProvider, &r.counters.usm)
	r.usm.SetTimeWindow(int32(r.TimeWindow))
	c.active = users
	return nil
}

// has reports whether there is a user called name.
func (c *userCache) has(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.users[name] != nil
}

// RemoveUser removes a user from the internal authentication cache and reports
// whether there was one. What he has asked and is being worked on is still answered.
func (a *Agent) RemoveUser(name string) bool {
	c := &a.state.users
	c.mu.Lock()
	defer c.mu.Unlock()
	u, ok := c.users[name]
	if !ok {
		return false
	}
	u.hashed.Wipe()
	delete(c.users, name)
	if c.active != nil {
		c.active.Remove(name)
	}
	return true
}

// ClearCache removes all users from the internal authentication cache.
func (a *Agent) ClearCache() {
	c := &a.state.users
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, u := range c.users {
		u.hashed.Wipe()
	}
	clear(c.users)
	if c.active != nil {
		c.active.Clear()
	}
}

// ShowCache calls OnCacheEntry for every user in the internal authentication cache,
// in the order of their names.
func (a *Agent) ShowCache() {
	if a.OnCacheEntry == nil {
		return
	}
	for _, u := range a.state.users.sorted() {
		a.OnCacheEntry(&CacheEntryEvent{
			User:                   u.Name,
			AuthenticationProtocol: u.Auth, AuthenticationPassword: u.AuthPassword,
			EncryptionAlgorithm: u.Priv, EncryptionPassword: u.PrivPassword,
		})
	}
}

// sorted returns the users in the order of their names.
func (c *userCache) sorted() []*cachedUser {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.SortedFunc(maps.Values(c.users), func(a, b *cachedUser) int { return cmp.Compare(a.Name, b.Name) })
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
