package usm

import (
	"errors"

	"snmpstack/pdu"
)

// A UserSource is asked for users in the place of a Model's Users: see
// Worker.Source.
type UserSource interface {
	// User returns the user who is said to have sent a message that states level, and
	// the least level that the message must have. The zero LocalUser is nobody.
	//
	// With an error the message is not accepted. One that is or wraps ErrUnknownUserName
	// is counted as that and is the Failure's Cause, any other one is returned by
	// ProcessIncoming as it is. name is valid until User returns. Nothing of the
	// message has been verified.
	User(name []byte, level pdu.SecurityLevel) (u LocalUser, least pdu.SecurityLevel, err error)
}

// ErrNoPrivKey: the user's privacy key is not known.
var ErrNoPrivKey = errors.New("usm: the user has no privacy key")

// A LocalUser is a user with keys that are ready for use at an engine. It does not
// change and is safe for concurrent use; its keys are cleared when nobody holds it
// any more.
type LocalUser struct{ user *user }

// Find returns the user called name and the least level that his messages must
// have. The zero LocalUser says that there is none.
func (us *Users) Find(name []byte) (LocalUser, pdu.SecurityLevel) {
	if u := us.lookup(name); u != nil {
		return LocalUser{u}, u.lowest
	}
	return LocalUser{}, 0
}

// Localize makes a user's keys ready for use at the model's engine. withoutPriv says
// that there ought to be a privacy key and is none: messages that need one are then
// refused as if it were wrong (ErrNoPrivKey), after their MAC has been verified.
func (m *Model) Localize(h *HashedUser, withoutPriv bool) (LocalUser, error) {
	u, err := newUser(m.provider, h, m.engine.id)
	if err != nil {
		return LocalUser{}, err
	}
	if withoutPriv && u.highest == pdu.AuthNoPriv {
		u.highest = pdu.AuthPriv
	}
	return LocalUser{u}, nil
}

// findUser is RFC 3414 §3.2 (4): the user, nil if there is none.
func (m *Model) findUser(w *Worker, name []byte, level pdu.SecurityLevel) (*user, pdu.SecurityLevel, error) {
	if w.Source == nil || len(name) == 0 {
		u := m.users.lookup(name)
		if u == nil {
			return nil, 0, ErrUnknownUserName
		}
		return u, u.lowest, nil
	}
	u, least, err := w.Source.User(name, level)
	if err == nil && u.user == nil {
		err = ErrUnknownUserName
	}
	return u.user, least, err
}
