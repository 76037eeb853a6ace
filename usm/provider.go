package usm

import "snmpstack/usm/internal/provider"

// A Provider is where hashes and ciphers come from. Both give the same octets.
type Provider int

const (
	// Internal is this repository's own cryptography. Its AES and its hashes have
	// no branch and no table index that depends on a secret.
	Internal Provider = iota
	// System is Go's standard library: as fast as the processor's own instructions
	// for AES and SHA, which take constant time where there are any. Without them
	// its AES uses tables, and its DES always does.
	System
)

func (p Provider) String() string { return p.impl().String() }

func (p Provider) impl() *provider.Provider {
	if p == System {
		return provider.System
	}
	return provider.Internal
}
