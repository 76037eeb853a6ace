package usm

import (
	"fmt"
	"runtime"
	"slices"

	"snmpstack/ber"
)

// Protocols returns the OIDs of the user's protocols, as usmUserAuthProtocol and
// usmUserPrivProtocol have them (RFC 3414 §5). With AnyAuth the first is the zero
// OID.
func (h *HashedUser) Protocols() (auth, priv ber.OID) {
	auth, priv = NoAuthProtocol, NoPrivProtocol
	switch {
	case h.anyAuth:
		auth = AnyAuth.OID()
	case len(h.keys) > 0:
		auth = h.keys[0].oid
	}
	if h.priv != nil {
		priv = h.priv.oid
	}
	return auth, priv
}

// Clone returns a user of another name with the same protocols and keys (RFC 3414
// §5, usmUserCloneFrom).
func (h *HashedUser) Clone(name string) (*HashedUser, error) {
	if len(name) == 0 || len(name) > maxUserName || h.name == "" {
		return nil, fmt.Errorf("usm: %w", errUserName)
	}
	return h.altered(func(c *HashedUser) { c.name = name }), nil
}

// WithoutPriv returns the user without privacy, WithoutAuth without both protocols.
func (h *HashedUser) WithoutPriv() *HashedUser {
	return h.altered(func(c *HashedUser) {
		c.priv = nil
		for i := range c.keys {
			c.keys[i].priv.wipe()
			c.keys[i].priv = hashedKey{}
		}
	})
}

// WithoutAuth is WithoutPriv for both protocols.
func (h *HashedUser) WithoutAuth() *HashedUser {
	return h.altered(func(c *HashedUser) {
		wipeKeys(c.keys)
		c.keys, c.priv, c.anyAuth = nil, nil, false
	})
}

// ChangeAuthKey returns the user with the authentication key that a KeyChange value
// makes of the one at an engine (RFC 3414 §5, usmUserAuthKeyChange). The new key is
// good at that engine alone. The error is ErrKeyChange if the value does not have
// the length that the protocol asks for; there is another one without
// authentication, and with AnyAuth.
func (h *HashedUser) ChangeAuthKey(engine EngineID, value []byte) (*HashedUser, error) {
	return h.changeKey(engine, func(k *hashedKeys, auth []byte, _ [][]byte) error {
		changed, err := ChangeKey(k.id, auth, value)
		if err != nil {
			return err
		}
		k.auth.wipe()
		k.auth = hashedKey{octets: changed, localized: true}
		return nil
	})
}

// ChangePrivKey is ChangeAuthKey for the privacy key; the hash is that of the
// authentication protocol. Where it is not known which of the two extensions of
// the former key the user has (AutoExtension), the new one is not known either, but
// that it is made of one of these: both are tried then, as before.
func (h *HashedUser) ChangePrivKey(engine EngineID, value []byte) (*HashedUser, error) {
	return h.changeKey(engine, func(k *hashedKeys, _ []byte, privs [][]byte) error {
		if len(privs) == 0 {
			return errMissing
		}
		changed := hashedKey{localized: true}
		for i, priv := range privs {
			key, err := ChangeKey(k.id, priv, value)
			if err != nil {
				return err
			}
			if i == 0 {
				changed.octets = key
			} else {
				changed.other = key
			}
		}
		k.priv.wipe()
		k.priv = changed
		return nil
	})
}

// changeKey returns a copy of h whose keys change has changed. It is handed those
// that there are at an engine.
func (h *HashedUser) changeKey(engine EngineID, change func(k *hashedKeys, auth []byte, privs [][]byte) error) (*HashedUser, error) {
	if h.anyAuth || len(h.keys) == 0 {
		return nil, fmt.Errorf("usm: user %q: %w", h.name, errAnyKey)
	}
	auth, privs := h.localized(&h.keys[0], engine)
	defer func() {
		clear(auth)
		for _, key := range privs {
			clear(key)
		}
	}()
	var err error
	c := h.altered(func(c *HashedUser) { err = change(&c.keys[0], auth, privs) })
	if err != nil {
		c.Wipe()
		return nil, fmt.Errorf("usm: user %q: %w", h.name, err)
	}
	return c, nil
}

// altered returns a copy of h, with keys of its own, that f has changed.
func (h *HashedUser) altered(f func(*HashedUser)) *HashedUser {
	defer runtime.KeepAlive(h)
	c := *h
	c.keys = slices.Clone(h.keys)
	for i := range c.keys {
		c.keys[i].auth = c.keys[i].auth.clone()
		c.keys[i].priv = c.keys[i].priv.clone()
	}
	f(&c)
	return c.kept()
}

// kept returns h as it is kept: the keys are cleared when nothing refers to it any
// more, whether or not somebody has called Wipe. Who reads them keeps h alive until
// that is done.
func (h *HashedUser) kept() *HashedUser {
	if len(h.keys) > 0 {
		runtime.AddCleanup(h, wipeKeys, h.keys)
	}
	return h
}

func wipeKeys(keys []hashedKeys) {
	for i := range keys {
		keys[i].auth.wipe()
		keys[i].priv.wipe()
	}
}

func (k hashedKey) clone() hashedKey {
	return hashedKey{slices.Clone(k.octets), slices.Clone(k.other), k.localized}
}

func (k hashedKey) wipe() {
	clear(k.octets)
	clear(k.other)
}
