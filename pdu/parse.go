package pdu

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"

	"snmpstack/ber"
)

// ErrIPAddress: a text is no IPv4 address in dotted form.
var ErrIPAddress = errors.New("expected an IPv4 address in dotted form")

// ParseValue returns the value of a type that has text for its Text: octets as they
// are for the string types, numbers in decimal, OIDs and addresses dotted, and ""
// for NULL and the exceptions. A bad address is ErrIPAddress.
func ParseValue(s Syntax, text string) (Value, error) {
	switch s {
	case TypeInteger:
		n, err := strconv.ParseInt(text, 10, 32)
		return numberOr(err, s, text, Integer(int32(n)))
	case TypeCounter32, TypeGauge32, TypeTimeTicks, TypeUInteger32:
		n, err := strconv.ParseUint(text, 10, 32)
		return numberOr(err, s, text, Value{syntax: s, num: n})
	case TypeCounter64:
		n, err := strconv.ParseUint(text, 10, 64)
		return numberOr(err, s, text, Counter64(n))
	case TypeOctetString, TypeOpaque, TypeNSAP:
		if len(text) > maxOctets { // RFC 2578 §7.1.2
			return Value{}, fmt.Errorf("pdu: %d octets are more than the %d of a string", len(text), maxOctets)
		}
		return Value{syntax: s, octets: text}, nil
	case TypeObjectIdentifier:
		oid, err := ber.ParseOID(text)
		if err == nil {
			err = oid.CheckEncodable()
		}
		if err != nil {
			return Value{}, err
		}
		return ObjectIdentifier(oid), nil
	case TypeIPAddress:
		a, err := netip.ParseAddr(text)
		if err != nil || !a.Is4() {
			return Value{}, fmt.Errorf("pdu: %q: %w", text, ErrIPAddress)
		}
		return IPAddress(a), nil
	case TypeNull, TypeNoSuchObject, TypeNoSuchInstance, TypeEndOfMibView:
		if text != "" {
			return Value{}, fmt.Errorf("pdu: %v has no value, not %q", s, text)
		}
		return Value{syntax: s}, nil
	}
	return Value{}, fmt.Errorf("pdu: there is no type %d", int(s))
}

func numberOr(err error, s Syntax, text string, v Value) (Value, error) {
	if err != nil {
		return Value{}, fmt.Errorf("pdu: %q is no number of the range of %v", text, s)
	}
	return v, nil
}
