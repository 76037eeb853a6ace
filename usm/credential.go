package usm

import (
	"runtime"
	"sync/atomic"

	"snmpstack/pdu"
	"snmpstack/usm/internal/hmac"
	"snmpstack/usm/internal/provider"
)

// A user is a User at one engine, with what verifying and encrypting takes. It
// does not change but for the guesses and the note.
type user struct {
	// The name stands here too, and not only where name has it: of very many users none
	// is in the processor's caches, and each place that a look-up goes to takes its time.
	octets [maxUserName]byte
	length uint8
	name   string
	note   atomic.Uint64 // see Note
	// credentials are the ways to verify: one, or with AnyAuth one for each
	// protocol. There is none without authentication.
	credentials []*credential
	guess       atomic.Int32 // of the credential that verified last; −1: none has
	highest     pdu.SecurityLevel
	lowest      pdu.SecurityLevel
}

// named returns a user called name, who has no keys.
func named(name string) *user {
	u := &user{name: name}
	u.length = uint8(copy(u.octets[:], name))
	return u
}

// isCalled reports whether that is the user's name.
func (u *user) isCalled(name []byte) bool { return string(u.octets[:u.length]) == string(name) }

// Note returns the user's name and a note that access control may keep about him: see
// Verified.Rights. It is 0 for a user who has just been added.
func (u *user) Note() (securityName string, note *atomic.Uint64) { return u.name, &u.note }

// hasDigestLength reports whether a MAC of n octets can be one of the user's.
func (u *user) hasDigestLength(n int) bool {
	for _, c := range u.credentials {
		if c.auth.macLen == n {
			return true
		}
	}
	return false
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

// A keyring is a credential and what belongs to it, in one piece of memory: where
// there are many users each piece has to be fetched when a message comes.
type keyring struct {
	credential
	key    hmac.Key
	cipher cipher // the first one
	list   [1]*credential
	first  [1]*cipher
}

// newUser makes a user's keys ready for use at an engine.
func newUser(p *provider.Provider, h *HashedUser, engine EngineID) (*user, error) {
	u := named(h.name)
	for i := range h.keys {
		k, err := newKeyring(p, h, &h.keys[i], engine)
		if err != nil {
			return nil, err
		}
		if len(h.keys) == 1 {
			u.credentials = k.list[:0]
		}
		u.credentials = append(u.credentials, &k.credential)
	}
	switch {
	case len(h.keys) == 0:
	case h.priv == nil:
		u.highest = pdu.AuthNoPriv
	default:
		u.highest = pdu.AuthPriv
	}
	if !h.allowLower {
		u.lowest = u.highest
	}
	if h.anyAuth {
		u.guess.Store(-1)
	}
	if len(u.credentials) > 0 {
		runtime.AddCleanup(u, wipe, u.credentials)
	}
	return u, nil
}

// wipe clears keys. It runs when nothing refers to their user any more: not when he
// is removed, since a request that came before still has to be answered with them.
// Whoever uses a key keeps its user alive (runtime.KeepAlive) until that is done.
func wipe(credentials []*credential) {
	for _, c := range credentials {
		c.key.Wipe()
		for _, cipher := range c.ciphers {
			provider.Wipe(cipher.block)
			clear(cipher.preIV[:])
		}
	}
}

// newKeyring makes the keys for one authentication protocol ready for use.
func newKeyring(p *provider.Provider, h *HashedUser, k *hashedKeys, engine EngineID) (*keyring, error) {
	auth, privs := h.localized(k, engine)
	defer clear(auth)
	defer func() {
		for _, key := range privs {
			clear(key)
		}
	}()
	ring := &keyring{key: *hmac.New(p.Hash(k.hash), auth)}
	c := &ring.credential
	c.auth, c.key, c.ciphers = k.authProtocol, &ring.key, ring.first[:0]
	for i, key := range privs {
		block, err := h.priv.cipher(p, key)
		if err != nil {
			return nil, err
		}
		made := &ring.cipher
		if i > 0 {
			made = new(cipher)
		}
		made.privProtocol, made.block = h.priv, block
		if h.priv.mode == cbcMode {
			copy(made.preIV[:], key[len(key)-len(made.preIV):])
		}
		c.ciphers = append(c.ciphers, made)
	}
	return ring, nil
}
