package agent

import (
	"errors"

	"snmpstack/agent/usmmib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// prepareUser sees to it that the user of a target is known, if he comes with
// passwords or needs none.
func (a *Agent) prepareUser(to *Target) error {
	u := &to.User
	switch {
	case len(u.AuthKey) > 0 || len(u.PrivKey) > 0:
		return nil
	case !u.AuthPassword.IsEmpty() || !u.PrivPassword.IsEmpty():
		return a.addSender(*u)
	case to.Version != pdu.V3 || to.Level != pdu.NoAuthNoPriv || u.Name == "" || a.state.users.Has(u.Name) || a.state.senders.Has(u.Name):
		return nil
	}
	return a.addSender(usm.User{Name: u.Name})
}

// addSender takes a user who sends into the cache. One whom AddUser has added gets
// the passwords if they are others; one who has them already is not hashed again.
// Any other is added for sending and for nothing else: nobody can ask the agent as
// him.
//
// Deviation: the specification adds him to the internal authentication cache.
// Sending a trap must not open the agent to queries.
func (a *Agent) addSender(u usm.User) error {
	a.state.fields.Lock()
	provider, mode := a.SecurityProvider, a.CompatibilityMode
	a.state.fields.Unlock()
	if u.Extension == usm.AutoExtension && mode == CompatibilityBlumenthal {
		u.Extension = usm.Blumenthal
	}
	if former, ok := a.state.users.Get(u.Name); ok {
		if sendsAs(former.Given, &u) {
			return nil
		}
		if former.Given != nil {
			u.AllowLower = former.Given.AllowLower
		}
		return a.AddUserKeys(u)
	}
	if former, ok := a.state.senders.Get(u.Name); ok && sendsAs(former.Given, &u) {
		return nil
	}
	hashed, err := a.hashUser(provider, u)
	if err == nil {
		err = a.state.senders.Add(usmmib.User{Name: u.Name, Keys: hashed, Given: given(u)})
	}
	if err != nil {
		return userError(err)
	}
	a.warnOfWeak(&u)
	return nil
}

// sendsAs reports whether u is the user who was given before. AnyAuth is the protocol
// that is known.
func sendsAs(given, u *usm.User) bool {
	return given != nil && given.AuthPassword == u.AuthPassword && given.PrivPassword == u.PrivPassword &&
		given.Priv == u.Priv && given.Extension == u.Extension && (given.Auth == u.Auth || u.Auth == usm.AnyAuth)
}

// modelOf returns the security model that has the user who is to send: the agent's
// for one whom AddUser has added, and for nobody.
func (r *run) modelOf(u *usm.User) (*usm.Model, error) {
	if len(u.AuthKey) > 0 || len(u.PrivKey) > 0 { // is not kept
		users := usm.NewUsers(r.Engine.ID(), r.SecurityProvider)
		if err := users.Add(*u); err != nil {
			return nil, userError(err)
		}
		return usm.NewModel(r.Engine, users, r.SecurityProvider, nil), nil
	}
	if u.Name == "" || r.state.users.Has(u.Name) {
		return r.usm, nil
	}
	return r.senders, nil
}

var errInformNobody = errors.New("an inform needs a user")

// hashed returns the keys of the user who is to send, before they are localized to an
// engine.
func (r *run) hashed(u *usm.User) (*usm.HashedUser, error) {
	if u.Name == "" {
		return nil, errInformNobody // who is nobody has a Report for an answer (RFC 3414 §3.2 (4))
	}
	if len(u.AuthKey) > 0 || len(u.PrivKey) > 0 {
		return usm.HashUser(r.SecurityProvider, *u, nil)
	}
	for _, table := range []*usmmib.Table{&r.state.users, &r.state.senders} {
		if known, ok := table.Get(u.Name); ok {
			return known.Keys, nil
		}
	}
	return nil, usm.ErrUnknownUserName
}
