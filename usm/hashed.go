package usm

import (
	"fmt"
	"io"
	"runtime"
	"slices"

	"snmpstack/pdu"
	"snmpstack/usm/internal/provider"
)

// MasterKey returns the key Ku of a password (RFC 3414 §A.2): the same at every
// engine, and as secret as the password. It takes milliseconds, on purpose. The
// password has at least 8 octets, and a is not AnyAuth. The result is the
// caller's to clear.
func MasterKey(p Provider, a AuthProtocol, password Secret) ([]byte, error) {
	row := a.row()
	if row == nil {
		return nil, fmt.Errorf("usm: %v: %w", a, errNoSuchAuth)
	}
	text := []byte(password.Reveal())
	defer clear(text)
	if len(text) < minPassword {
		return nil, fmt.Errorf("usm: %w", errShort)
	}
	h := p.impl().Hash(row.hash)()
	defer provider.Wipe(h)
	return passwordToKey(h, text), nil
}

// A HashedUser is a User whose passwords have become master keys: what is slow
// has been done, and no engine is in it yet. Users.AddHashed adds it to the users
// of any engine; localized keys that the User came with are good at their own
// engine alone. It does not change, but for Wipe, and is safe for concurrent use.
type HashedUser struct {
	name       string
	priv       *privProtocol // nil: none
	extension  KeyExtension
	allowLower bool
	anyAuth    bool
	provider   *provider.Provider
	// keys has an element for each authentication protocol: none without
	// authentication, all of them with AnyAuth.
	keys []hashedKeys
}

// hashedKeys are what the keys of a user with one authentication protocol are
// made of.
type hashedKeys struct {
	*authProtocol
	auth, priv hashedKey // priv is empty without privacy
}

// A hashedKey is a master key (Ku), or a key that is localized already (Kul).
type hashedKey struct {
	octets []byte
	// other is what a localized privacy key may be as well: see ChangePrivKey.
	other     []byte
	localized bool
}

// HashUser turns the passwords of u into master keys. hash does so for one password
// and authentication protocol, whose hash is that of privacy passwords too; nil
// means MasterKey. What it returns is copied. A password that serves for both
// protocols is hashed once; with AnyAuth each one is hashed for every
// authentication protocol.
//
// The error says what no user can have, such as a name of another length, a password of
// less than 8 octets, or privacy without authentication; it can be a *KeyLengthError, or
// hash's.
func HashUser(p Provider, u User, hash func(AuthProtocol, Secret) ([]byte, error)) (*HashedUser, error) {
	if hash == nil {
		var made [][]byte
		defer func() {
			for _, ku := range made {
				clear(ku)
			}
		}()
		hash = func(a AuthProtocol, password Secret) ([]byte, error) {
			ku, err := MasterKey(p, a, password)
			made = append(made, ku)
			return ku, err
		}
	}
	h, err := hashUser(p, &u, hash)
	if err != nil {
		return nil, fmt.Errorf("usm: user %q: %w", u.Name, err)
	}
	return h, nil
}

func hashUser(p Provider, u *User, hash func(AuthProtocol, Secret) ([]byte, error)) (*HashedUser, error) {
	if err := u.check(); err != nil {
		return nil, err
	}
	h := &HashedUser{
		name: u.Name, extension: u.Extension, allowLower: u.AllowLower,
		anyAuth: u.Auth == AnyAuth && u.hasAuth(), provider: p.impl(),
	}
	if !u.hasAuth() {
		return h, nil
	}
	if u.hasPriv() {
		h.priv = u.Priv.row()
	}
	for i := range authProtocols {
		row := &authProtocols[i]
		if u.Auth != AnyAuth && u.Auth != row.id {
			continue
		}
		if err := h.add(row, u, hash); err != nil {
			h.Wipe()
			return nil, err
		}
	}
	return h.kept(), nil
}

// add adds the keys for one authentication protocol.
func (h *HashedUser) add(row *authProtocol, u *User, hash func(AuthProtocol, Secret) ([]byte, error)) error {
	hashed := func(password Secret) (hashedKey, error) {
		ku, err := hash(row.id, password)
		if err == nil && len(ku) != row.keyLen {
			err = &KeyLengthError{row.name, len(ku), row.keyLen}
		}
		return hashedKey{octets: slices.Clone(ku)}, err
	}
	given := func(key []byte) hashedKey { return hashedKey{octets: slices.Clone(key), localized: u.Localized} }

	k, err := hashedKeys{authProtocol: row}, error(nil)
	if len(u.AuthKey) == 0 {
		k.auth, err = hashed(u.AuthPassword)
	} else if k.auth = given(u.AuthKey); len(u.AuthKey) != row.keyLen {
		err = &KeyLengthError{row.name, len(u.AuthKey), row.keyLen}
	}
	if err == nil && h.priv != nil {
		switch {
		case len(u.PrivKey) > 0:
			k.priv = given(u.PrivKey)
			if want := row.keyLen; !u.Localized && len(u.PrivKey) != want {
				err = &KeyLengthError{row.name, len(u.PrivKey), want}
			} else if want := h.priv.keyLen; u.Localized && !row.makes(len(u.PrivKey), want) {
				err = &KeyLengthError{h.priv.name, len(u.PrivKey), want}
			}
		case len(u.AuthKey) == 0 && u.PrivPassword == u.AuthPassword:
			k.priv = hashedKey{octets: slices.Clone(k.auth.octets)}
		default:
			k.priv, err = hashed(u.PrivPassword)
		}
	}
	h.keys = append(h.keys, k) // with an error too, to be wiped
	return err
}

// AllowsLower reports whether the user came with AllowLower.
func (h *HashedUser) AllowsLower() bool { return h.allowLower }

// makes reports whether a localized privacy key of n octets is one for a protocol that
// takes want of them: exactly these, or all that the protocol's hash has made, whose first
// octets are the key (RFC 3414 §8.1.1.1, RFC 3826 §3.1.2.1).
func (a *authProtocol) makes(n, want int) bool {
	return n == want || n > want && n%a.keyLen == 0
}

// Name returns the user's name.
func (h *HashedUser) Name() string { return h.name }

// String returns the user's name, without keys, and so do the other ways to print
// a HashedUser.
func (h HashedUser) String() string { return fmt.Sprintf("%q", h.name) }

// Format writes what String returns, whatever the verb.
func (h HashedUser) Format(f fmt.State, _ rune) { io.WriteString(f, h.String()) }

// Wipe clears the keys. The HashedUser is nobody then, whom AddHashed refuses: without
// keys he would be a user who needs none. Those in Users stay as they are.
func (h *HashedUser) Wipe() {
	wipeKeys(h.keys)
	*h = HashedUser{}
}

// LocalizedKeys returns the user's keys at an engine (Kul), the privacy key
// extended to what its protocol takes: with AutoExtension as Reeder does it, as a
// message is encrypted before one has come in. A User with these keys and
// Localized is the same user there. nil stands for a key that there is not. With
// AnyAuth, where there are several, it is an error. They are the caller's to
// clear.
func (h *HashedUser) LocalizedKeys(engine EngineID) (auth, priv []byte, err error) {
	defer runtime.KeepAlive(h)
	if h.name == "" {
		return nil, nil, fmt.Errorf("usm: %w", errUserName) // a HashedUser that was wiped, or that HashUser has not made
	}
	if h.anyAuth {
		return nil, nil, fmt.Errorf("usm: user %q: %w", h.name, errAnyKey)
	}
	if len(h.keys) == 0 {
		return nil, nil, nil
	}
	auth, ciphers := h.localized(&h.keys[0], engine)
	if len(ciphers) == 0 {
		return auth, nil, nil
	}
	for _, other := range ciphers[1:] {
		clear(other)
	}
	return auth, ciphers[0], nil
}

// TwoPrivKeys reports whether there are two keys that the privacy key may be: it is longer
// than the hash, and nobody has said how it is extended (AutoExtension). Who receives
// tries both.
func (h *HashedUser) TwoPrivKeys() bool {
	if h.priv == nil || len(h.keys) == 0 {
		return false
	}
	k := &h.keys[0].priv
	return k.other != nil || len(k.octets) < h.priv.keyLen && h.priv.extended && h.extension == AutoExtension
}

// IsLocalized reports whether a key that a message at a level takes came localized: then
// the message is good at that key's engine alone.
func (h *HashedUser) IsLocalized(level pdu.SecurityLevel) bool {
	for i := range h.keys {
		k := &h.keys[i]
		if level >= pdu.AuthNoPriv && k.auth.localized || level == pdu.AuthPriv && k.priv.localized {
			return true
		}
	}
	return false
}

// LocalizedKeys returns the keys that u has at an engine: what HashUser and
// HashedUser.LocalizedKeys do.
func LocalizedKeys(p Provider, u User, engine EngineID) (auth, priv []byte, err error) {
	h, err := HashUser(p, u, nil)
	if err != nil {
		return nil, nil, err
	}
	defer h.Wipe()
	return h.LocalizedKeys(engine)
}

// localized returns the authentication key at an engine, and the keys that the
// privacy key may be, in the order in which they are tried. They are the caller's
// to clear.
func (h *HashedUser) localized(k *hashedKeys, engine EngineID) (auth []byte, privs [][]byte) {
	hash := h.provider.Hash(k.hash)()
	defer provider.Wipe(hash)
	at := func(key hashedKey) []byte {
		if key.localized {
			return slices.Clone(key.octets)
		}
		return localize(hash, key.octets, engine)
	}
	auth = at(k.auth)
	if h.priv == nil {
		return auth, nil
	}
	kul := at(k.priv)
	defer clear(kul)
	n := h.priv.keyLen
	switch {
	case k.priv.other != nil: // both are complete
		privs = [][]byte{slices.Clone(kul), slices.Clone(k.priv.other)}
	case len(kul) >= n: // the first octets of it (RFC 3414 §8.1.1.1, RFC 3826 §3.1.2.1)
		privs = [][]byte{slices.Clone(kul[:n])}
	case !h.priv.extended || h.extension == Reeder:
		privs = [][]byte{extendReeder(hash, kul, engine, n)}
	case h.extension == Blumenthal:
		privs = [][]byte{extendBlumenthal(hash, kul, n)}
	default:
		privs = [][]byte{extendReeder(hash, kul, engine, n), extendBlumenthal(hash, kul, n)}
	}
	return auth, privs
}
