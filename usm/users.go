package usm

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"snmpstack/pdu"
	"snmpstack/usm/internal/hmac"
	"snmpstack/usm/internal/provider"
)

// A User is somebody who may send messages (RFC 3414 §2.1), as Users.Add takes
// him.
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
	// else they are master keys (Ku, RFC 3414 §A.2).
	Localized bool

	// AllowLower lets messages below the highest level that the user has keys for
	// pass; access control then has to look at the level.
	AllowLower bool
}

// Users are the users of one engine. Its methods are safe for concurrent use.
type Users struct {
	engine   EngineID
	provider *provider.Provider

	mu     sync.RWMutex
	byName map[string]*user
}

// NewUsers returns an empty table of users at an engine.
func NewUsers(engine EngineID, p Provider) *Users {
	return &Users{engine: engine, provider: p.impl(), byName: make(map[string]*user)}
}

// Engine returns the engine that the users are at.
func (us *Users) Engine() EngineID { return us.engine }

// A user is a User with what verifying and encrypting takes. It does not change
// but for the guesses.
type user struct {
	name string
	// credentials are the ways to verify: one, or with AnyAuth one for each
	// protocol. There is none without authentication.
	credentials []*credential
	guess       atomic.Int32 // of the credential that verified last; −1: none has
	highest     pdu.SecurityLevel
	lowest      pdu.SecurityLevel
}

// A credential is an authentication protocol with its key, and the privacy keys
// that belong to its hash.
type credential struct {
	auth *authProtocol
	key  *hmac.Key
	// ciphers are the ways to decrypt: none, one, or with AutoExtension two.
	ciphers []*cipher
	guess   atomic.Int32 // of the cipher that fitted last
}

// A cipher is a privacy protocol with its key.
type cipher struct {
	*privProtocol
	block provider.Block
	preIV [8]byte // of cbcMode
}

var (
	errUserName   = errors.New("a user's name has 1 to 32 octets")
	errShort      = errors.New("a password has at least 8 octets (RFC 3414 §11.2)")
	errPrivAlone  = errors.New("there is no privacy without authentication")
	errAnyKey     = errors.New("a key needs its protocol: AnyAuth takes a password")
	errNoSuchAuth = errors.New("no such authentication protocol")
	errNoSuchPriv = errors.New("no such privacy protocol")
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

// Add adds a user, or replaces the one with that name. Passwords are turned into
// keys here, which takes milliseconds for each.
func (us *Users) Add(u User) error {
	made, err := us.prepare(&u)
	if err != nil {
		return fmt.Errorf("usm: user %q: %w", u.Name, err)
	}
	us.mu.Lock()
	defer us.mu.Unlock()
	us.byName[made.name] = made
	return nil
}

// Remove removes a user and reports whether there was one. Answers to requests
// that are under way are still sent.
func (us *Users) Remove(name string) bool {
	us.mu.Lock()
	defer us.mu.Unlock()
	_, ok := us.byName[name]
	delete(us.byName, name)
	return ok
}

// Clear removes all users.
func (us *Users) Clear() {
	us.mu.Lock()
	defer us.mu.Unlock()
	clear(us.byName)
}

// Names returns the names of the users, sorted.
func (us *Users) Names() []string {
	us.mu.RLock()
	defer us.mu.RUnlock()
	return slices.Sorted(maps.Keys(us.byName))
}

// lookup returns the user called name, nil if there is none. The empty name is
// never a user.
func (us *Users) lookup(name []byte) *user {
	us.mu.RLock()
	defer us.mu.RUnlock()
	return us.byName[string(name)]
}

// prepare checks a User and derives the keys.
func (us *Users) prepare(u *User) (*user, error) {
	if len(u.Name) == 0 || len(u.Name) > maxUserName {
		return nil, errUserName
	}
	made := &user{name: u.Name}
	hasAuth := !u.AuthPassword.IsEmpty() || len(u.AuthKey) > 0
	hasPriv := !u.PrivPassword.IsEmpty() || len(u.PrivKey) > 0
	switch {
	case hasPriv && !hasAuth:
		return nil, errPrivAlone
	case u.Priv != NoPriv && hasAuth && !hasPriv:
		return nil, errMissing
	case u.Auth == AnyAuth && (len(u.AuthKey) > 0 || len(u.PrivKey) > 0):
		return nil, errAnyKey
	case u.Auth != AnyAuth && u.Auth.row() == nil:
		return nil, errNoSuchAuth
	case hasPriv && u.Priv.row() == nil:
		return nil, errNoSuchPriv
	}
	if !hasAuth {
		return made, nil
	}
	for i := range authProtocols {
		row := &authProtocols[i]
		if u.Auth != AnyAuth && u.Auth != row.id {
			continue
		}
		c, err := us.credential(row, u, hasPriv)
		if err != nil {
			return nil, err
		}
		made.credentials = append(made.credentials, c)
	}
	if u.Auth == AnyAuth {
		made.guess.Store(-1)
	}
	made.highest = pdu.AuthNoPriv
	if hasPriv {
		made.highest = pdu.AuthPriv
	}
	if made.lowest = made.highest; u.AllowLower {
		made.lowest = pdu.NoAuthNoPriv
	}
	return made, nil
}

// credential derives the keys for one authentication protocol.
func (us *Users) credential(row *authProtocol, u *User, hasPriv bool) (*credential, error) {
	hash := us.provider.Hash(row.hash)
	kul, err := us.localKey(row, u.AuthPassword, u.AuthKey, u.Localized)
	if err != nil {
		return nil, err
	}
	defer clear(kul)
	if len(kul) != row.keyLen {
		return nil, &KeyLengthError{row.name, len(kul), row.keyLen}
	}
	c := &credential{auth: row, key: hmac.New(hash, kul)}
	if !hasPriv {
		return c, nil
	}
	priv := u.Priv.row()
	base, err := us.localKey(row, u.PrivPassword, u.PrivKey, u.Localized)
	if err != nil {
		return nil, err
	}
	defer clear(base)
	for _, key := range us.extend(row, priv, base, u) {
		if len(key) != priv.keyLen {
			return nil, &KeyLengthError{priv.name, len(key), priv.keyLen}
		}
		block, err := priv.cipher(us.provider, key)
		if err != nil {
			return nil, err
		}
		made := &cipher{privProtocol: priv, block: block}
		if priv.mode == cbcMode {
			copy(made.preIV[:], key[len(key)-len(made.preIV):])
		}
		c.ciphers = append(c.ciphers, made)
		clear(key)
	}
	return c, nil
}

// localKey returns the localized key that a password or a key comes to. It is the
// caller's to clear.
func (us *Users) localKey(row *authProtocol, password Secret, key []byte, localized bool) ([]byte, error) {
	h := us.provider.Hash(row.hash)()
	defer provider.Wipe(h)
	switch {
	case len(key) > 0 && localized:
		return slices.Clone(key), nil
	case len(key) > 0:
		if len(key) != row.keyLen {
			return nil, &KeyLengthError{row.name, len(key), row.keyLen}
		}
		return localize(h, key, us.engine), nil
	}
	text := []byte(password.Reveal())
	defer clear(text)
	if len(text) < minPassword {
		return nil, errShort
	}
	ku := passwordToKey(h, text)
	defer clear(ku)
	return localize(h, ku, us.engine), nil
}

// minPassword is the least octets of a password (RFC 3414 §11.2).
const minPassword = 8

// extend returns the keys that a localized key may stand for: cut off where it is
// longer than the cipher's, extended where it is shorter, in the order in which
// they are tried.
func (us *Users) extend(row *authProtocol, priv *privProtocol, base []byte, u *User) [][]byte {
	n := priv.keyLen
	if len(base) >= n {
		return [][]byte{slices.Clone(base[:n])}
	}
	if u.Localized {
		return [][]byte{slices.Clone(base)} // complete, or an error
	}
	h := us.provider.Hash(row.hash)()
	defer provider.Wipe(h)
	reeder := func() []byte { return extendReeder(h, base, us.engine, n) }
	blumenthal := func() []byte { return extendBlumenthal(h, base, n) }
	switch {
	case !priv.extended || u.Extension == Reeder:
		return [][]byte{reeder()}
	case u.Extension == Blumenthal:
		return [][]byte{blumenthal()}
	}
	return [][]byte{reeder(), blumenthal()}
}
