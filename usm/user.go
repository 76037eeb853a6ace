package usm

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// A User is somebody who may send messages (RFC 3414 §2.1), as Users.Add and
// HashUser take him.
//
// For each of the two protocols there is a password, a master key or a localized
// key. None of them is kept: what Users holds are localized keys, ready for use.
type User struct {
	Name string // 1 to 32 octets; the security name is the same

	Auth AuthProtocol
	// AuthPassword has at least 8 octets (RFC 3414 §11.2). Empty means none.
	AuthPassword Secret
	// AuthKey, if it is set, is used in the password's place; see Localized.
	AuthKey []byte

	Priv         PrivProtocol
	PrivPassword Secret
	PrivKey      []byte
	// Extension pins the key extension for AES-192 and AES-256.
	Extension KeyExtension

	// Localized says that AuthKey and PrivKey are localized to the engine (Kul),
	// else they are master keys (Ku, RFC 3414 §A.2). A localized PrivKey is
	// complete: it is not extended. It has the octets that its protocol takes, or all
	// those that hashes of the authentication protocol have made.
	Localized bool

	// AllowLower lets messages below the highest level that the user has keys for
	// pass; access control then has to look at the level.
	AllowLower bool
}

// String returns the user's name and protocols, without passwords and keys, and so
// do the other ways to print a User.
func (u User) String() string { return fmt.Sprintf("%q %v %v", u.Name, u.Auth, u.Priv) }

// Format writes what String returns, whatever the verb. Package fmt does not call it
// for a User in a field in lower case: it shows AuthKey and PrivKey then.
func (u User) Format(f fmt.State, _ rune) { io.WriteString(f, u.String()) }

// MarshalText returns what String returns, for encoders.
func (u User) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// LogValue returns what String returns, for a log.
func (u User) LogValue() slog.Value { return slog.StringValue(u.String()) }

var (
	errUserName   = errors.New("a user's name has 1 to 32 octets")
	errShort      = errors.New("a password has at least 8 octets (RFC 3414 §11.2)")
	errPrivAlone  = errors.New("there is no privacy without authentication")
	errAnyKey     = errors.New("a key needs its protocol: AnyAuth takes a password")
	errNoSuchAuth = errors.New("no such authentication protocol")
	errNoSuchPriv = errors.New("no such privacy protocol")
	errNoSuchExt  = errors.New("no such key extension")
	errMissing    = errors.New("the privacy protocol has neither a password nor a key")
)

// A KeyLengthError says that a key does not have the length that its protocol
// needs.
type KeyLengthError struct {
	Protocol string
	Got      int
	Want     int // octets
}

func (e *KeyLengthError) Error() string {
	return fmt.Sprintf("usm: a key of %d octets for %s, expected %d", e.Got, e.Protocol, e.Want)
}

// minPassword is the least octets of a password (RFC 3414 §11.2).
const minPassword = 8

// hasAuth and hasPriv report whether there is something to make a key of.
func (u *User) hasAuth() bool { return !u.AuthPassword.IsEmpty() || len(u.AuthKey) > 0 }
func (u *User) hasPriv() bool { return !u.PrivPassword.IsEmpty() || len(u.PrivKey) > 0 }

// check returns an error if the parts do not make a user. The lengths of keys are
// looked at where they are used.
func (u *User) check() error {
	short := func(password Secret, key []byte) bool {
		return len(key) == 0 && !password.IsEmpty() && len(password.Reveal()) < minPassword
	}
	switch {
	case len(u.Name) == 0 || len(u.Name) > maxUserName:
		return errUserName // RFC 3414 §2.4; the empty name is for discovery
	case u.hasPriv() && !u.hasAuth():
		return errPrivAlone // RFC 3414 §1.4.2
	case u.Priv != NoPriv && u.hasAuth() && !u.hasPriv():
		return errMissing
	case u.Auth == AnyAuth && (len(u.AuthKey) > 0 || len(u.PrivKey) > 0):
		return errAnyKey
	case u.Auth != AnyAuth && u.Auth.row() == nil:
		return errNoSuchAuth
	case (u.hasPriv() || u.Priv != NoPriv) && u.Priv.row() == nil:
		return errNoSuchPriv
	case u.Extension < AutoExtension || u.Extension > Blumenthal:
		return errNoSuchExt
	case short(u.AuthPassword, u.AuthKey) || short(u.PrivPassword, u.PrivKey):
		return errShort
	}
	return nil
}
