package format

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"

	"snmpstack/ber"
	"snmpstack/mib/smi"
	"snmpstack/pdu"
)

// AppendName appends an OBJECT IDENTIFIER.
func (o *Options) AppendName(b []byte, names *smi.Names, oid ber.OID) []byte {
	if o.Name == NumericName {
		return oid.AppendText(append(b, '.'))
	}
	object, rest := names.Lookup(oid)
	if object == nil {
		return oid.AppendText(append(b, '.'))
	}
	switch o.Name {
	case FullName:
		b = o.appendPath(b, names, object)
	case UCDName:
		start := len(b)
		b = o.appendPath(b, names, object)
		b = o.appendIndex(b, names, object, rest)
		return cutUCDPrefix(b, start)
	case SuffixName:
		b = append(b, object.Name...)
	default:
		if object.Module != "" {
			b = append(b, object.Module...)
			b = append(b, "::"...)
		}
		b = append(b, object.Name...)
	}
	return o.appendIndex(b, names, object, rest)
}

// appendPath appends the names from the root to an object, numbers where there
// are none.
func (o *Options) appendPath(b []byte, names *smi.Names, object *smi.Object) []byte {
	for i := range object.OID.Len() {
		b = append(b, '.')
		if node := names.At(object.OID.Slice(0, i+1)); node != nil {
			b = append(b, node.Name...)
		} else {
			b = strconv.AppendUint(b, uint64(object.OID.At(i)), 10)
		}
	}
	return b
}

// The subtrees whose names the style of UCD-SNMP leaves out.
var ucdPrefixes = []string{
	".iso.org.dod.internet.mgmt.mib-2.",
	".iso.org.dod.internet.experimental.",
	".iso.org.dod.internet.private.",
	".iso.org.dod.internet.snmpParties.",
	".iso.org.dod.internet.snmpSecrets.",
}

func cutUCDPrefix(b []byte, start int) []byte {
	for _, prefix := range ucdPrefixes {
		if bytes.HasPrefix(b[start:], []byte(prefix)) {
			return append(b[:start], b[start+len(prefix):]...)
		}
	}
	return b
}

// appendIndex appends the sub-identifiers behind an object's name.
func (o *Options) appendIndex(b []byte, names *smi.Names, object *smi.Object, rest ber.OID) []byte {
	if object.Kind == smi.Row && rest.Len() > 0 { // a column that nobody knows
		b = rest.Slice(0, 1).AppendText(append(b, '.'))
		rest = rest.Slice(1, rest.Len())
	}
	if !o.NumericIndex {
		var values []smi.IndexValue
		values, rest = names.SplitIndex(object, rest)
		var previous pdu.Value
		for _, v := range values {
			if o.BracketIndex {
				b = append(b, '[')
				b = o.appendBracketed(b, names, v, previous)
				b = append(b, ']')
			} else {
				b = append(b, '.')
				b = o.appendIndexValue(b, v, previous)
			}
			previous = v.Value
		}
	}
	for arc := range rest.Arcs() {
		b = append(b, '.')
		b = strconv.AppendUint(b, uint64(arc), 10)
	}
	return b
}

// appendIndexValue appends one index as in `ifDescr.1` or `nsExtendResult."a"`.
// previous is the index in front of it: InetAddress has its InetAddressType
// there (RFC 4001 §3).
func (o *Options) appendIndexValue(b []byte, v smi.IndexValue, previous pdu.Value) []byte {
	if !isText(v) {
		return o.appendIndexNumber(b, v)
	}
	quote := byte('\'')
	if _, fixed := v.Type.FixedSize(); !fixed && !v.Implied {
		quote = '"'
	}
	octets := v.Value.Octets()
	if quote == '\'' && octets == "" {
		return b
	}
	if address, ok := inetAddress(previous.Int(), octets); ok && v.Type.Name == "InetAddress" {
		b = append(b, '"')
		b = append(b, address...)
		return append(b, '"')
	}
	b = appendPrintable(o.appendQuote(b, quote), octets)
	return o.appendQuote(b, quote)
}

// isText reports whether an index is printed as a string: BITS and other octets
// are not.
func isText(v smi.IndexValue) bool { return v.Type.Base == pdu.TypeOctetString && !v.Type.Bits }

func (o *Options) appendQuote(b []byte, quote byte) []byte {
	if o.EscapeQuotes {
		b = append(b, '\\')
	}
	return append(b, quote)
}

// appendIndexNumber appends an index that is no string.
func (o *Options) appendIndexNumber(b []byte, v smi.IndexValue) []byte {
	if v.Value.Syntax() == pdu.TypeInteger {
		if label, ok := v.Type.Label(int64(v.Value.Int())); ok {
			return append(b, label...)
		}
	}
	return v.Arcs.AppendText(b)
}

// appendBracketed appends one index as in `ifDescr[1]`.
func (o *Options) appendBracketed(b []byte, names *smi.Names, v smi.IndexValue, previous pdu.Value) []byte {
	switch v.Value.Syntax() {
	case pdu.TypeOctetString:
		if !isText(v) {
			break
		}
		if v.Type.Hint != "" {
			if !o.quick() {
				b = append(b, "STRING: "...)
			}
			if hinted, ok := o.appendHinted(b, v.Value.Octets(), v.Type.Hint); ok {
				return hinted
			}
		}
		return o.appendIndexValue(b, v, previous)
	case pdu.TypeTimeTicks:
		return appendUptime(b, uint32(v.Value.Uint()), o.quick())
	case pdu.TypeObjectIdentifier:
		if v.Value.OID() != "" {
			return o.AppendName(b, names, v.Value.OID())
		}
	}
	return o.appendIndexNumber(b, v)
}

// inetAddress returns the text of an InetAddress whose kind has one.
func inetAddress(kind int32, octets string) (string, bool) {
	const ipv4, ipv6, ipv4z, ipv6z, zone = 4, 16, 8, 20, 4
	sizes := [...]int{1: ipv4, 2: ipv6, 3: ipv4z, 4: ipv6z}
	if kind < 1 || int(kind) >= len(sizes) || len(octets) != sizes[kind] {
		return "", false
	}
	address, scope := octets, ""
	if kind >= 3 {
		address = octets[:len(octets)-zone]
		scope = "%" + strconv.FormatUint(uint64(binary.BigEndian.Uint32([]byte(octets[len(octets)-zone:]))), 10)
	}
	if len(address) == ipv4 {
		return dotted(address) + scope, true
	}
	return join(address, 16, 2, ":") + scope, true
}

func dotted(octets string) string { return join(octets, 10, 1, ".") }

// join returns the octets as numbers of at least the given width.
func join(octets string, base, width int, separator string) string {
	var parts []string
	for i := range len(octets) {
		s := strconv.FormatUint(uint64(octets[i]), base)
		parts = append(parts, strings.Repeat("0", max(0, width-len(s)))+s)
	}
	return strings.Join(parts, separator)
}

// appendPrintable appends octets as they are, dots for those that cannot be
// printed. Nothing is escaped, not even quotes: scripts expect that.
func appendPrintable(b []byte, octets string) []byte {
	for i := range len(octets) {
		c := octets[i]
		if c < ' ' || c > '~' {
			c = '.'
		}
		b = append(b, c)
	}
	return b
}
