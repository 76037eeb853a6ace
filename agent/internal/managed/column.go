package managed

import (
	"unicode/utf8"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

const (
	MaxName = 32 // the most octets of an SnmpAdminString that names something in these tables
	MaxMask = 16 // of a mask with a bit for each sub-identifier of an OID

	// NoAuthNoPriv is SnmpSecurityLevel's value for it (RFC 3411 §5), where
	// pdu.NoAuthNoPriv is 0.
	NoAuthNoPriv = 1
)

// IsName reports whether name is an SnmpAdminString (RFC 3411 §5) of min to 32 octets.
func IsName(name string, min int) bool {
	return len(name) >= min && len(name) <= MaxName && utf8.ValidString(name)
}

// IsSubtree reports whether o can be an OBJECT IDENTIFIER that stands for a subtree.
func IsSubtree(o ber.OID) bool { return o.Len() >= 1 && o.Len() <= ber.MaxArcs && o.At(0) <= 2 }

// CheckName refuses what is no SnmpAdminString of min to 32 octets.
func CheckName(min int) func(*mib.Request, pdu.Value) error {
	size := mib.Size(min, MaxName)
	return func(r *mib.Request, v pdu.Value) error {
		if err := size(r, v); err != nil {
			return err
		}
		return mib.AdminString(r, v)
	}
}

// Text is a column with an OCTET STRING that is empty unless it is set.
func Text[R any](arc uint32, check func(*mib.Request, pdu.Value) error, field func(*R) *string) mib.Column[R] {
	return mib.Column[R]{
		Arc:    arc,
		Get:    func(r *R) pdu.Value { return pdu.OctetString(*field(r)) },
		Set:    func(r *R, v pdu.Value) error { *field(r) = v.Octets(); return nil },
		Syntax: pdu.TypeOctetString,
		Check:  check,
	}
}

// RequiredText is Text that is never empty, and has no DEFVAL: a row without it is not
// ready.
func RequiredText[R any](arc uint32, check func(*mib.Request, pdu.Value) error, field func(*R) *string) mib.Column[R] {
	c := Text(arc, check, field)
	get := c.Get
	c.Get = func(r *R) pdu.Value {
		if *field(r) == "" {
			return pdu.Value{}
		}
		return get(r)
	}
	c.Required = true
	return c
}

// Enum is a column with an INTEGER that is one or other; one is its DEFVAL.
func Enum[R any, E ~int32](arc uint32, one, other E, field func(*R) *E) mib.Column[R] {
	return mib.Column[R]{
		Arc:     arc,
		Get:     func(r *R) pdu.Value { return pdu.Integer(int32(*field(r))) },
		Set:     func(r *R, v pdu.Value) error { *field(r) = E(v.Int()); return nil },
		Syntax:  pdu.TypeInteger,
		Check:   mib.Enumeration(int32(one), int32(other)),
		Default: pdu.Integer(int32(one)),
	}
}

// Storage is a StorageType column whose DEFVAL is nonVolatile.
func Storage[R any](arc uint32, field func(*R) *mib.StorageType) mib.Column[R] {
	return mib.Column[R]{Arc: arc, StorageType: field, Default: pdu.Integer(int32(mib.NonVolatile))}
}

// Status is a RowStatus column.
func Status[R any](arc uint32, field func(*R) *mib.RowStatus) mib.Column[R] {
	return mib.Column[R]{Arc: arc, RowStatus: field}
}
