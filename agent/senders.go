package agent

import (
	"errors"

	"snmpstack/agent/usmmib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// A sender is the user of a message of SNMPv3's that the agent sends of its own accord.
type sender struct {
	model  *usm.Model      // in which he has his keys at the agent's engine
	hashed *usm.HashedUser // his keys before they are localized to an engine, nil for nobody
	// keep takes him into the internal authentication cache. It is called when something
	// has been sent, so that what cannot be sent changes nobody's passwords.
	keep func()
}

// senderTo finds out as whom a message of SNMPv3's to a target is sent, and whether he can
// send it.
func (a *Agent) senderTo(r *run, to *Target) (*sender, error) {
	as, err := a.senderOf(r, to)
	switch {
	case err != nil:
		return nil, err
	case as.hashed == nil: // nobody
	case to.Level == pdu.AuthPriv && as.hashed.TwoPrivKeys() && a.receivesOnly():
		return nil, errReceiveOnly
	// RFC 3413 §3.3 (6), RFC 3414 §1.5.1: the target's engine is authoritative for an inform.
	case to.Inform && len(to.User.AuthKey) == 0 && len(to.User.PrivKey) == 0 && as.hashed.IsLocalized(to.Level):
		return nil, &Error{CodeSecurityLevel, errOwnEngineOnly}
	}
	return as, nil
}

// receivesOnly reports whether CompatibilityMode does not say which of two keys to encrypt
// with.
func (a *Agent) receivesOnly() bool {
	a.state.fields.Lock()
	defer a.state.fields.Unlock()
	return a.CompatibilityMode == CompatibilityReceive
}

// errOwnEngineOnly: the keys of a user of the agent's are localized to its engine, as they
// are since a manager has changed them, and no others can be made of them.
var errOwnEngineOnly = errors.New("his keys are for this engine alone; an inform needs a password, a master key or keys at the receiver's")

var errReceiveOnly = &Error{CodeNotPermitted, errors.New("CompatibilityMode 2 is for receiving only")}

// senderOf finds out as whom a message to a target is sent. One whom the cache has with
// the same passwords is not hashed again. Any other who comes with passwords gets into
// the cache: a user whom AddUser has added with what update makes of him, else for
// sending and for nothing else: nobody can ask the agent as him (see SendSecureTrap).
func (a *Agent) senderOf(r *run, to *Target) (*sender, error) {
	u := to.User
	if !hasAuth(&u) && !hasPriv(&u) {
		return a.knownSender(r, to)
	}
	a.state.fields.Lock()
	provider, mode := a.SecurityProvider, a.CompatibilityMode
	a.state.fields.Unlock()
	former, isUser := a.state.users.Get(u.Name)
	if len(u.AuthKey) > 0 || len(u.PrivKey) > 0 {
		extend(&u, mode)
		return a.newSender(r, provider, u) // is not kept
	}
	if isUser {
		return a.updatingSender(r, provider, mode, &former, u)
	}
	extend(&u, mode)
	if former, ok := a.state.senders.Get(u.Name); ok && sendsAs(former.Given, &u) {
		return &sender{r.senders, former.Keys, doNothing}, nil
	}
	s, err := a.newSender(r, provider, u)
	if err == nil {
		s.keep = func() { a.keepSender(usmmib.User{Name: u.Name, Keys: s.hashed, Given: given(u)}) }
	}
	return s, err
}

// updatingSender is senderOf for a user in the cache who comes with passwords.
func (a *Agent) updatingSender(r *run, p usm.Provider, mode CompatibilityMode, former *usmmib.User, u usm.User) (*sender, error) {
	if given := former.Given; given != nil && u.Auth == usm.AnyAuth && u.AuthPassword == given.AuthPassword {
		u.Auth = given.Auth // the protocol that is known
	}
	changed, kept := update(former, u)
	extend(&changed, mode)
	known := sendsAs(former.Given, &changed)
	// He may send at a lower level than he has keys for, as who has no more keys.
	lower := hasPriv(&changed) && !hasPriv(&u)
	if known && !lower {
		return &sender{r.usm, former.Keys, doNothing}, nil
	}
	if !lower {
		u = changed
	}
	s, err := a.newSender(r, p, u)
	if err != nil || known || !kept {
		return s, err
	}
	hashed := s.hashed
	if lower {
		if hashed, err = a.hashUser(p, changed); err != nil {
			return nil, userError(err)
		}
	}
	s.keep = func() {
		if err := a.state.users.Rekey(u.Name, former.Keys, hashed, given(changed)); err != nil {
			r.report(err)
		}
	}
	return s, nil
}

// newSender returns a sender who is not in the cache.
func (a *Agent) newSender(r *run, p usm.Provider, u usm.User) (*sender, error) {
	hashed, err := a.hashUser(p, u)
	if err != nil {
		return nil, userError(err)
	}
	users := usm.NewUsers(r.Engine.ID(), r.SecurityProvider)
	if err := users.AddHashed(hashed); err != nil {
		return nil, userError(err)
	}
	a.warnOfWeak(&u)
	return &sender{usm.NewModel(r.Engine, users, r.SecurityProvider, nil), hashed, doNothing}, nil
}

func doNothing() {}

// knownSender is senderOf for a user with nothing but a name: one who is in the cache, or
// at noAuthNoPriv anybody.
func (a *Agent) knownSender(r *run, to *Target) (*sender, error) {
	name := to.User.Name
	if name == "" {
		return &sender{r.usm, nil, doNothing}, nil
	}
	if known, ok := a.state.users.Get(name); ok {
		return &sender{r.usm, known.Keys, doNothing}, nil
	}
	if known, ok := a.state.senders.Get(name); ok && !to.fromTargets {
		return &sender{r.senders, known.Keys, doNothing}, nil
	}
	if to.Level != pdu.NoAuthNoPriv || to.fromTargets {
		return nil, &Error{CodeUserName, usm.ErrUnknownUserName}
	}
	s, err := a.newSender(r, r.SecurityProvider, usm.User{Name: name})
	if err == nil {
		s.keep = func() { a.keepSender(usmmib.User{Name: name, Keys: s.hashed, Given: &usm.User{Name: name}}) }
	}
	return s, err
}

// keepSender adds a user for sending, unless he may do more by now.
func (a *Agent) keepSender(u usmmib.User) {
	if !a.state.users.Has(u.Name) {
		a.state.senders.Add(u) // whose keys are good at any engine, and whose name HashUser has taken
	}
}

// update returns what a user of the cache becomes by sending as u. A protocol for which
// u has neither password nor key stays as it is, and so does the least level that his
// messages must have: to send never makes it easier to ask the agent as somebody. kept is
// false for one of whom the cache cannot have that: a manager has changed his keys, or
// the one for privacy did not come from a password, and another authentication protocol
// makes another one of it. Then u is who sends, this time.
func update(former *usmmib.User, u usm.User) (changed usm.User, kept bool) {
	given := former.Given
	if given == nil {
		return u, false
	}
	changed = u
	changed.AllowLower = given.AllowLower
	if u.Extension == usm.AutoExtension {
		changed.Extension = given.Extension
	}
	if _, priv := former.Protocols(); priv != usm.NoPriv && !hasPriv(&u) {
		if given.PrivPassword.IsEmpty() {
			return u, false
		}
		changed.Priv, changed.PrivPassword = priv, given.PrivPassword
	}
	return changed, true
}

// updateUser changes the passwords or keys of a user in the cache to those of u, as
// update does it. The change is made when the result is called.
func (a *Agent) updateUser(u usm.User) (change func() error, err error) {
	former, ok := a.state.users.Get(u.Name)
	if !ok || !hasAuth(&u) && !hasPriv(&u) {
		return func() error { return nil }, nil
	}
	a.state.fields.Lock()
	provider, mode := a.SecurityProvider, a.CompatibilityMode
	a.state.fields.Unlock()
	u, kept := update(&former, u)
	extend(&u, mode)
	hashed, err := a.hashUser(provider, u)
	if err != nil {
		return nil, userError(err)
	}
	return func() error {
		if !kept {
			return nil
		}
		a.warnOfWeak(&u)
		if err := a.state.users.Rekey(u.Name, former.Keys, hashed, given(u)); err != nil {
			return userError(err)
		}
		return nil
	}, nil
}

// extend gives a user the key extension of a CompatibilityMode, unless he has one.
func extend(u *usm.User, mode CompatibilityMode) {
	if u.Extension == usm.AutoExtension && mode == CompatibilityBlumenthal {
		u.Extension = usm.Blumenthal
	}
}

// hasAuth and hasPriv report whether there is something to make a key of.
func hasAuth(u *usm.User) bool { return !u.AuthPassword.IsEmpty() || len(u.AuthKey) > 0 }
func hasPriv(u *usm.User) bool { return !u.PrivPassword.IsEmpty() || len(u.PrivKey) > 0 }

// sendsAs reports whether u is the user who was given before. AnyAuth is the protocol
// that is known.
func sendsAs(given, u *usm.User) bool {
	return given != nil && given.AuthPassword == u.AuthPassword && given.PrivPassword == u.PrivPassword &&
		given.Priv == u.Priv && given.Extension == u.Extension && (given.Auth == u.Auth || u.Auth == usm.AnyAuth)
}

// securityError gives what the security model says of a message to send its code.
func securityError(err error) error {
	if _, coded := errors.AsType[*Error](err); coded {
		return err
	}
	switch {
	case errors.Is(err, usm.ErrUnknownUserName):
		return &Error{CodeUserName, err}
	case errors.Is(err, usm.ErrUnsupportedSecLevel):
		return &Error{CodeSecurityLevel, err}
	}
	return &Error{CodeInvalidArgument, err}
}
