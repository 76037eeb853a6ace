package usm

import (
	"fmt"

	"snmpstack/ber"
	"snmpstack/usm/internal/provider"
)

// A PrivProtocol is a privacy protocol, by the specification's numbers. DES is
// weak by today's measure: it is used where it is named.
type PrivProtocol int

const (
	NoPriv    PrivProtocol = 0
	DES       PrivProtocol = 1 // CBC-DES (RFC 3414 §8)
	AES128    PrivProtocol = 2 // CFB128-AES-128 (RFC 3826)
	TripleDES PrivProtocol = 3 // 3DES-EDE (draft-reeder-snmpv3-usm-3desede-00)
	AES192    PrivProtocol = 4 // draft-blumenthal-aes-usm-04
	AES256    PrivProtocol = 5 // draft-blumenthal-aes-usm-04
)

// NoPrivProtocol is the OBJECT IDENTIFIER of usmNoPrivProtocol (RFC 3414 §5), which
// stands for no privacy.
var NoPrivProtocol = ber.MustOID("1.3.6.1.6.3.10.1.2.1")

// A privProtocol is a row of the table below. To add a protocol is to add a row.
type privProtocol struct {
	id     PrivProtocol
	name   string // as Net-SNMP's tools have it
	oid    ber.OID
	keyLen int // octets of a localized key, with what an IV is made of
	// extended says that AES's two key extensions make different keys where the
	// hash is shorter than keyLen. 3DES has one extension only.
	extended bool
	mode     mode
	cipher   func(*provider.Provider, []byte) (provider.Block, error) // from keyLen octets
}

// A mode is how a protocol applies its cipher.
type mode int

const (
	cbcMode mode = iota // with padding; IV = pre-IV ⊕ salt (RFC 3414 §8.1.1.1)
	cfbMode             // IV = boots ‖ time ‖ salt (RFC 3826 §3.1.2.1)
)

var privProtocols = [...]privProtocol{
	{DES, "DES", ber.MustOID("1.3.6.1.6.3.10.1.2.2"), 16, false, cbcMode, desCipher},
	{TripleDES, "3DES", ber.MustOID("1.3.6.1.6.3.10.1.2.3"), 32, false, cbcMode, tripleDESCipher},
	{AES128, "AES", ber.MustOID("1.3.6.1.6.3.10.1.2.4"), 16, true, cfbMode, (*provider.Provider).NewAES},
	// The draft's OIDs were never assigned; these are the ESO Consortium's, which
	// Net-SNMP, pysnmp and Perl's Net::SNMP use. Others have others.
	{AES192, "AES-192", ber.MustOID("1.3.6.1.4.1.14832.1.3"), 24, true, cfbMode, (*provider.Provider).NewAES},
	{AES256, "AES-256", ber.MustOID("1.3.6.1.4.1.14832.1.4"), 32, true, cfbMode, (*provider.Provider).NewAES},
}

// desCipher takes the first 8 octets: the others are the pre-IV (RFC 3414
// §8.1.1.1).
func desCipher(p *provider.Provider, key []byte) (provider.Block, error) { return p.NewDES(key[:8]) }

// tripleDESCipher takes the first 24 octets: the others are the pre-IV (Reeder's
// draft, §5.1.1.1).
func tripleDESCipher(p *provider.Provider, key []byte) (provider.Block, error) {
	return p.NewTripleDES(key[:24])
}

// row returns the protocol's row, nil if there is none.
func (p PrivProtocol) row() *privProtocol {
	for i := range privProtocols {
		if privProtocols[i].id == p {
			return &privProtocols[i]
		}
	}
	return nil
}

// PrivProtocolOf returns the protocol that an OBJECT IDENTIFIER (usmUserPrivProtocol)
// stands for, and false if it is none's.
func PrivProtocolOf(oid ber.OID) (PrivProtocol, bool) {
	for i := range privProtocols {
		if privProtocols[i].oid == oid {
			return privProtocols[i].id, true
		}
	}
	return NoPriv, false
}

// String returns the protocol's name as Net-SNMP's tools have it.
func (p PrivProtocol) String() string {
	if row := p.row(); row != nil {
		return row.name
	}
	if p == NoPriv {
		return "none"
	}
	return fmt.Sprintf("privacy protocol %d", int(p))
}

// OID returns the protocol's OBJECT IDENTIFIER (usmUserPrivProtocol), and the
// zero OID for NoPriv.
func (p PrivProtocol) OID() ber.OID {
	if row := p.row(); row != nil {
		return row.oid
	}
	return ""
}

// KeyLen returns the octets of a localized key, 0 for NoPriv.
func (p PrivProtocol) KeyLen() int {
	if row := p.row(); row != nil {
		return row.keyLen
	}
	return 0
}
