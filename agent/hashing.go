package agent

import (
	"encoding/hex"
	"errors"

	"snmpstack/agent/usmmib"
	"snmpstack/usm"
)

// HashPasswords hashes the passwords of all users in the internal authentication
// cache again: OnHashPassword is asked for each, or told. The first error is
// returned, and users whose passwords could not be hashed stay as they were. Those
// who were added by sending are among them, those who were added with keys are passed
// over.
func (a *Agent) HashPasswords() error {
	a.state.fields.Lock()
	provider := a.SecurityProvider
	a.state.fields.Unlock()
	var first error
	for _, table := range []*usmmib.Table{&a.state.users, &a.state.senders} {
		for _, u := range sorted(table) {
			given := u.Given
			if given == nil || given.AuthPassword.IsEmpty() || given.Priv != usm.NoPriv && given.PrivPassword.IsEmpty() {
				continue // keys, not passwords
			}
			hashed, err := a.hashUser(provider, *given)
			if err == nil {
				err = table.Rekey(u.Name, u.Keys, hashed, given)
			}
			if err != nil && first == nil {
				first = userError(err)
			}
		}
	}
	return first
}

// hashUser hashes a user's passwords.
func (a *Agent) hashUser(p usm.Provider, u usm.User) (*usm.HashedUser, error) {
	return usm.HashUser(p, u, a.passwordHash(p))
}

// passwordHash returns what hashes passwords: nil, which is usm.MasterKey, without
// OnHashPassword.
func (a *Agent) passwordHash(p usm.Provider) func(usm.AuthProtocol, usm.Secret) ([]byte, error) {
	if a.OnHashPassword == nil {
		return nil
	}
	return func(auth usm.AuthProtocol, password usm.Secret) ([]byte, error) {
		return a.hashPassword(p, auth, password)
	}
}

// hashPassword returns the master key of a password: what OnHashPassword supplies,
// or else what it is told then.
func (a *Agent) hashPassword(p usm.Provider, auth usm.AuthProtocol, password usm.Secret) ([]byte, error) {
	hook := a.OnHashPassword
	e := &HashPasswordEvent{Password: password, AuthAlgorithm: auth}
	hook(e)
	if !e.Hash.IsEmpty() {
		key, err := hex.DecodeString(e.Hash.Reveal())
		if err != nil {
			return nil, errors.New("the hash that OnHashPassword supplied is not in hexadecimal digits")
		}
		return key, nil
	}
	key, err := usm.MasterKey(p, auth, password)
	if err == nil {
		hook(&HashPasswordEvent{Password: password, AuthAlgorithm: auth, Hash: usm.NewSecret(hex.EncodeToString(key))})
	}
	return key, err
}

// A HashPasswordEvent is a password that needs a hash, or has got one.
type HashPasswordEvent struct {
	Password      usm.Secret
	AuthAlgorithm usm.AuthProtocol
	// Hash is the key Ku in hexadecimal digits (RFC 3414 §A.2), as secret as the
	// password: the same at every engine. If it is empty a hook may supply it, and
	// nothing is hashed; otherwise it has just been computed, and may be kept.
	Hash usm.Secret
}
