package usm

import "snmpstack/usm/internal/provider"

// A Provider is where hashes and ciphers come from. All give the same octets.
type Provider int

const (
	// Internal is this repository's own cryptography, with the processor's
	// instructions for AES, SHA-1 and SHA-256 where there are any (amd64, and arm64
	// with Linux or macOS). Its AES and its hashes have no branch and no table index
	// that depends on a secret.
	Internal Provider = iota
	// System is Go's standard library: as fast as the processor's own instructions
	// for AES and SHA, which take constant time where there are any. Without them
	// its AES uses tables, and its DES always does.
	System
	// Portable is Internal without the processor's instructions: the same algorithms
	// in plain Go, several times slower, for who audits them or trusts no assembly. A
	// program built with the tag purego has no assembly of ours, and its Internal is
	// the same as Portable.
	Portable
)

func (p Provider) String() string { return p.impl().String() }

func (p Provider) impl() *provider.Provider {
	switch p {
	case System:
		return provider.System
	case Portable:
		return provider.Portable
	default:
		return provider.Internal
	}
}
