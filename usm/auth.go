package usm

import (
	"fmt"

	"snmpstack/ber"
	"snmpstack/usm/internal/provider"
)

// An AuthProtocol is an authentication protocol, by the specification's numbers.
// Those of MD5 and SHA1 are weak by today's measure: they are used where they are
// named, and AnyAuth counts as naming them.
type AuthProtocol int

const (
	AnyAuth AuthProtocol = 0 // whichever verifies a message; the last one that did is used to send
	MD5     AuthProtocol = 1 // HMAC-MD5-96 (RFC 3414 §6)
	SHA1    AuthProtocol = 2 // HMAC-SHA-96 (RFC 3414 §7)
	SHA256  AuthProtocol = 3 // HMAC-192-SHA-256 (RFC 7860)
	SHA512  AuthProtocol = 4 // HMAC-384-SHA-512 (RFC 7860)
	SHA224  AuthProtocol = 5 // HMAC-128-SHA-224 (RFC 7860)
	SHA384  AuthProtocol = 6 // HMAC-256-SHA-384 (RFC 7860)
)

// NoAuthProtocol is the OBJECT IDENTIFIER of usmNoAuthProtocol (RFC 3414 §5), which
// stands for no authentication.
var NoAuthProtocol = ber.MustOID("1.3.6.1.6.3.10.1.1.1")

// An authProtocol is a row of the table below. To add a protocol is to add a row.
type authProtocol struct {
	id     AuthProtocol
	name   string // as Net-SNMP's tools have it
	oid    ber.OID
	hash   provider.Hash
	keyLen int // octets of a localized key: those of the hash (RFC 7860 §4: M)
	macLen int // octets of msgAuthenticationParameters (RFC 7860 §4: N)
}

var authProtocols = [...]authProtocol{
	{MD5, "MD5", ber.MustOID("1.3.6.1.6.3.10.1.1.2"), provider.MD5, 16, 12},
	{SHA1, "SHA", ber.MustOID("1.3.6.1.6.3.10.1.1.3"), provider.SHA1, 20, 12},
	{SHA224, "SHA-224", ber.MustOID("1.3.6.1.6.3.10.1.1.4"), provider.SHA224, 28, 16},
	{SHA256, "SHA-256", ber.MustOID("1.3.6.1.6.3.10.1.1.5"), provider.SHA256, 32, 24},
	{SHA384, "SHA-384", ber.MustOID("1.3.6.1.6.3.10.1.1.6"), provider.SHA384, 48, 32},
	{SHA512, "SHA-512", ber.MustOID("1.3.6.1.6.3.10.1.1.7"), provider.SHA512, 64, 48},
}

// row returns the protocol's row, nil if there is none.
func (a AuthProtocol) row() *authProtocol {
	for i := range authProtocols {
		if authProtocols[i].id == a {
			return &authProtocols[i]
		}
	}
	return nil
}

// AuthProtocolOf returns the protocol that an OBJECT IDENTIFIER (usmUserAuthProtocol)
// stands for, and false if it is none's.
func AuthProtocolOf(oid ber.OID) (AuthProtocol, bool) {
	for i := range authProtocols {
		if authProtocols[i].oid == oid {
			return authProtocols[i].id, true
		}
	}
	return AnyAuth, false
}

// String returns the protocol's name as Net-SNMP's tools have it.
func (a AuthProtocol) String() string {
	if row := a.row(); row != nil {
		return row.name
	}
	if a == AnyAuth {
		return "any"
	}
	return fmt.Sprintf("authentication protocol %d", int(a))
}

// OID returns the protocol's OBJECT IDENTIFIER (usmUserAuthProtocol), and the
// zero OID for AnyAuth.
func (a AuthProtocol) OID() ber.OID {
	if row := a.row(); row != nil {
		return row.oid
	}
	return ""
}

// KeyLen returns the octets of a localized key, 0 for AnyAuth.
func (a AuthProtocol) KeyLen() int {
	if row := a.row(); row != nil {
		return row.keyLen
	}
	return 0
}
