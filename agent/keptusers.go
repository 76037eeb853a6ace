package agent

import (
	"errors"
	"fmt"

	"snmpstack/agent/internal/keep"
)

// keptUser is the kind of row in what AppendUsers makes.
const keptUser = 1

var (
	errKeepPassword = errors.New("it has a password; what KeptUsers returns has keys")
	errKeepText     = errors.New("a user's keys are not written as text: AppendUsers writes them")
	errKeptKind     = errors.New("it has rows that are no users")
)

// AppendUsers appends users whom KeptUsers has returned to b, for a file: all that they
// have, keys too, in a form that ParseUsers reads. Who has the file can be them. One with a
// password is an error, and b is returned as it was.
func AppendUsers(b []byte, users ...UserEntry) ([]byte, error) {
	list := make([]keep.Row, len(users))
	for i := range users {
		u := &users[i]
		if !u.AuthPassword.IsEmpty() || !u.PrivPassword.IsEmpty() {
			return b, fmt.Errorf("agent: user %q cannot be kept: %w", u.Name, errKeepPassword)
		}
		list[i] = keep.Row{Kind: keptUser, Fields: u.fields}
	}
	return keep.Append(b, list...), nil
}

// ParseUsers returns the users whom AppendUsers has appended to an empty slice, for
// AddKeptUsers. An error says that it is something else, or was cut off.
func ParseUsers(b []byte) (users []UserEntry, err error) {
	err = keep.Parse(b, func(kind int, x *keep.Fields) error {
		if kind != keptUser {
			return errKeptKind
		}
		var u UserEntry
		u.fields(x)
		users = append(users, u)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("agent: users cannot be read: %w", err)
	}
	return users, nil
}

func (e *UserEntry) fields(x *keep.Fields) {
	keep.String(x, &e.Name)
	keep.Int(x, &e.Auth)
	x.Bytes(&e.AuthKey)
	keep.Int(x, &e.Priv)
	x.Bytes(&e.PrivKey)
	keep.Int(x, &e.Extension)
	x.Bool(&e.Localized)
	x.Bool(&e.AllowLower)
	keep.String(x, &e.Public)
	keep.Int(x, &e.StorageType)
	keep.Int(x, &e.Status)
	x.Bool(&e.Changed)
	keep.String(x, &e.Fingerprint)
	keep.String(x, &e.EngineID)
}

// MarshalText is an error: encoding/json, and whatever else writes text, would lose the
// keys. AppendUsers keeps them.
func (e UserEntry) MarshalText() ([]byte, error) { return nil, errKeepText }
