package pdu

import (
	"strconv"

	"snmpstack/ber"
)

// A Syntax is the type of a Value: the tag of its encoding.
type Syntax ber.Tag

// The types of SMIv2 (RFC 2578 §7.1) and, from 69, 71 and 128 on, what RFC 1442
// had beside them and the exceptions of RFC 3416 §3.
const (
	TypeInteger          Syntax = 0x02 // INTEGER and Integer32: −2³¹ to 2³¹−1
	TypeOctetString      Syntax = 0x04 // OCTET STRING and BITS
	TypeNull             Syntax = 0x05 // unSpecified: the value of a request's varbind
	TypeObjectIdentifier Syntax = 0x06
	TypeIPAddress        Syntax = 0x40 // four octets, network order
	TypeCounter32        Syntax = 0x41 // 0 to 2³²−1, wraps
	TypeGauge32          Syntax = 0x42 // 0 to 2³²−1, also Unsigned32
	TypeTimeTicks        Syntax = 0x43 // hundredths of a second, modulo 2³²
	TypeOpaque           Syntax = 0x44 // a BER encoding as octets
	TypeNSAP             Syntax = 0x45 // obsolete (RFC 1442)
	TypeCounter64        Syntax = 0x46 // 0 to 2⁶⁴−1, wraps; not in SNMPv1
	TypeUInteger32       Syntax = 0x47 // obsolete (RFC 1442): 0 to 2³²−1
	TypeNoSuchObject     Syntax = 0x80 // exceptions: RFC 3416 §3
	TypeNoSuchInstance   Syntax = 0x81
	TypeEndOfMibView     Syntax = 0x82
)

// String returns the type's name in the RFCs.
func (s Syntax) String() string {
	switch s {
	case TypeInteger:
		return "INTEGER"
	case TypeOctetString:
		return "OCTET STRING"
	case TypeNull:
		return "NULL"
	case TypeObjectIdentifier:
		return "OBJECT IDENTIFIER"
	case TypeIPAddress:
		return "IpAddress"
	case TypeCounter32:
		return "Counter32"
	case TypeGauge32:
		return "Gauge32"
	case TypeTimeTicks:
		return "TimeTicks"
	case TypeOpaque:
		return "Opaque"
	case TypeNSAP:
		return "NsapAddress"
	case TypeCounter64:
		return "Counter64"
	case TypeUInteger32:
		return "UInteger32"
	case TypeNoSuchObject:
		return "noSuchObject"
	case TypeNoSuchInstance:
		return "noSuchInstance"
	case TypeEndOfMibView:
		return "endOfMibView"
	}
	return "type " + strconv.Itoa(int(s))
}
