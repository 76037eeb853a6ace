package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"snmpstack/mib/smi"
	"snmpstack/pdu"
)

// A valueType is a TYPE of set.
type valueType struct {
	letter string
	name   string // in messages
	// fits are the types of attributes it may be given to; none means any.
	fits  []pdu.Syntax
	parse func(c *call, t *smi.Type, text string) (pdu.Value, error)
}

var valueTypes = []valueType{
	{"i", "INTEGER", []pdu.Syntax{pdu.TypeInteger}, parseInteger},
	{"u", "Unsigned32", []pdu.Syntax{pdu.TypeGauge32}, unsigned(pdu.Gauge32)},
	{"3", "UInteger32", []pdu.Syntax{pdu.TypeUInteger32}, unsigned(pdu.UInteger32)},
	{"c", "Counter32", []pdu.Syntax{pdu.TypeCounter32}, unsigned(pdu.Counter32)},
	{"C", "Counter64", []pdu.Syntax{pdu.TypeCounter64}, parseCounter64},
	{"t", "Timeticks", []pdu.Syntax{pdu.TypeTimeTicks}, unsigned(pdu.TimeTicks)},
	{"a", "IpAddress", []pdu.Syntax{pdu.TypeIPAddress}, parseAddress},
	{"o", "OBJECT IDENTIFIER", []pdu.Syntax{pdu.TypeObjectIdentifier}, parseOID},
	{"s", "OCTET STRING", []pdu.Syntax{pdu.TypeOctetString}, parseText},
	{"x", "OCTET STRING", []pdu.Syntax{pdu.TypeOctetString}, parseHex},
	{"d", "OCTET STRING", []pdu.Syntax{pdu.TypeOctetString}, parseDecimal},
	{"b", "BITS", []pdu.Syntax{pdu.TypeOctetString}, parseBits},
	{"n", "NULL", nil, func(*call, *smi.Type, string) (pdu.Value, error) { return pdu.Null, nil }},
	{"=", "", nil, parseByType},
	{"U", "Opaque", nil, parseOpaqueUnsigned},
	{"I", "Opaque", nil, parseOpaqueSigned},
	{"F", "Opaque", nil, parseOpaqueFloat},
	{"D", "Opaque", nil, parseOpaqueDouble},
}

// parseValue reads the TYPE and VALUE for an attribute of type t, which is nil
// if it is unknown.
func (c *call) parseValue(t *smi.Type, letter, text string) (v pdu.Value, err error) {
	i := slices.IndexFunc(valueTypes, func(vt valueType) bool { return vt.letter == letter })
	if i < 0 {
		return v, fmt.Errorf("Bad object type: %s", letter)
	}
	vt := valueTypes[i]
	if t != nil && t.Base != 0 && !c.unchecked && len(vt.fits) > 0 {
		wrong := !slices.Contains(vt.fits, t.Base) || letter == "b" && !t.Bits
		if wrong {
			return v, valueError{"Bad variable type", fmt.Sprintf("Type of attribute is %s, not %s", attributeName(t), vt.name)}
		}
	}
	if v, err = vt.parse(c, t, text); err != nil {
		return v, err
	}
	return v, c.checkRange(t, v, text)
}

// attributeName returns what messages call the type of an attribute.
func attributeName(t *smi.Type) string {
	switch {
	case t.Bits:
		return "BITS"
	case t.Name == "Integer32":
		return t.Name
	case t.Base == pdu.TypeTimeTicks:
		return "Timeticks"
	case t.Base == pdu.TypeGauge32 && t.Name != "Gauge32" && t.Name != "Gauge":
		return "Unsigned32"
	}
	return t.Base.String()
}

// checkRange checks numbers and lengths against the attribute's ranges. An agent
// may allow less, and says so.
func (c *call) checkRange(t *smi.Type, v pdu.Value, text string) error {
	if t == nil || c.unchecked || len(t.Ranges) == 0 || t.Base != v.Syntax() || t.Bits {
		return nil
	}
	var n int64
	switch v.Syntax() {
	case pdu.TypeInteger:
		n = int64(v.Int())
	case pdu.TypeGauge32:
		n = int64(v.Uint())
	case pdu.TypeOctetString:
		n = int64(len(v.Octets()))
		text = fmt.Sprintf("%d octets", n)
	default:
		return nil
	}
	var ranges []string
	for _, r := range t.Ranges {
		if n >= r.Min && n <= r.Max {
			return nil
		}
		if r.Min == r.Max {
			ranges = append(ranges, fmt.Sprintf("(%d)", r.Min))
		} else {
			ranges = append(ranges, fmt.Sprintf("(%d..%d)", r.Min, r.Max))
		}
	}
	return outOfRange(fmt.Sprintf("%s :: {%s}", text, strings.Join(ranges, ", ")))
}

// parseInteger reads a number or an enumeration's label.
func parseInteger(_ *call, t *smi.Type, text string) (pdu.Value, error) {
	if text == "" {
		return pdu.Value{}, badNotation(text)
	}
	if t != nil {
		if n, ok := t.Value(text); ok && t.Base == pdu.TypeInteger {
			return pdu.Integer(int32(n)), nil
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
	if err != nil {
		return pdu.Value{}, outOfRange(text)
	}
	return pdu.Integer(int32(n)), nil
}

// unsigned returns what reads a number of 32 bits without sign.
func unsigned(value func(uint32) pdu.Value) func(*call, *smi.Type, string) (pdu.Value, error) {
	return func(_ *call, _ *smi.Type, text string) (pdu.Value, error) {
		n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 32)
		return value(uint32(n)), numberError(err, text)
	}
}

func parseCounter64(_ *call, _ *smi.Type, text string) (pdu.Value, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
	return pdu.Counter64(n), numberError(err, text)
}

// numberError tells numbers that are too large from what is none.
func numberError(err error, text string) error {
	if err == nil {
		return nil
	}
	if digits := strings.TrimLeft(strings.TrimSpace(text), "+-"); digits != "" && strings.Trim(digits, "0123456789") == "" {
		return outOfRange(text)
	}
	return badNotation(text)
}

func parseAddress(_ *call, _ *smi.Type, text string) (pdu.Value, error) {
	a, err := netip.ParseAddr(text)
	if err != nil || !a.Is4() {
		return pdu.Value{}, badNotation(text)
	}
	return pdu.IPAddress(a), nil
}

func parseOID(c *call, _ *smi.Type, text string) (pdu.Value, error) {
	oid, err := c.names.Resolve(text)
	if err != nil {
		_, detail, _ := strings.Cut(err.Error(), ": ")
		return pdu.Value{}, fmt.Errorf("%s", detail)
	}
	if err := oid.CheckEncodable(); err != nil {
		return pdu.Value{}, badNotation(text)
	}
	return pdu.ObjectIdentifier(oid), nil
}

// parseText reads octets by the attribute's DISPLAY-HINT, and as they are where
// that does not fit.
func parseText(c *call, t *smi.Type, text string) (pdu.Value, error) {
	if t != nil && t.Hint != "" && t.Base == pdu.TypeOctetString && !c.noHints {
		if octets, ok := readHinted(text, t.Hint); ok {
			return pdu.OctetString(octets), nil
		}
	}
	return pdu.OctetString(text), nil
}

func parseHex(_ *call, _ *smi.Type, text string) (pdu.Value, error) {
	var b []byte
	for word := range strings.FieldsSeq(text) {
		octets, err := hex.DecodeString(strings.TrimPrefix(word, "0x"))
		if err != nil {
			return pdu.Value{}, badNotation(text)
		}
		b = append(b, octets...)
	}
	return pdu.OctetString(string(b)), nil
}

func parseDecimal(_ *call, _ *smi.Type, text string) (pdu.Value, error) {
	var b []byte
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == '.' || r == ' ' || r == '\t' }) {
		n, err := strconv.ParseUint(word, 10, 8)
		if err != nil {
			return pdu.Value{}, badNotation(text)
		}
		b = append(b, byte(n))
	}
	return pdu.OctetString(string(b)), nil
}

// maxBit is the highest bit that fits an OCTET STRING.
const maxBit = 65535*8 - 1

// parseBits reads the numbers or labels of bits (RFC 2578 §7.1.4: bit 0 is the
// most significant of the first octet).
func parseBits(_ *call, t *smi.Type, text string) (pdu.Value, error) {
	b := make([]byte, 1)
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		bit, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			ok := false
			if t != nil {
				bit, ok = t.Value(word)
			}
			if !ok {
				return pdu.Value{}, outOfRange(word)
			}
		}
		if bit < 0 || bit > maxBit {
			return pdu.Value{}, outOfRange(word)
		}
		for int(bit/8) >= len(b) {
			b = append(b, 0)
		}
		b[bit/8] |= 0x80 >> (bit % 8)
	}
	return pdu.OctetString(string(b)), nil
}

// parseByType reads what the attribute's type asks for.
func parseByType(c *call, t *smi.Type, text string) (pdu.Value, error) {
	if t == nil {
		return pdu.Value{}, valueError{"Bad variable type", `"=": the type of the attribute is unknown`}
	}
	if t.Bits {
		return parseBits(c, t, text)
	}
	switch t.Base {
	case pdu.TypeInteger:
		return parseInteger(c, t, text)
	case pdu.TypeGauge32:
		return unsigned(pdu.Gauge32)(c, t, text)
	case pdu.TypeCounter32:
		return unsigned(pdu.Counter32)(c, t, text)
	case pdu.TypeUInteger32:
		return unsigned(pdu.UInteger32)(c, t, text)
	case pdu.TypeTimeTicks:
		return unsigned(pdu.TimeTicks)(c, t, text)
	case pdu.TypeCounter64:
		return parseCounter64(c, t, text)
	case pdu.TypeIPAddress:
		return parseAddress(c, t, text)
	case pdu.TypeObjectIdentifier:
		return parseOID(c, t, text)
	case pdu.TypeOctetString:
		return parseText(c, t, text)
	}
	return pdu.Value{}, valueError{"Bad variable type", fmt.Sprintf(`"=" and %s`, attributeName(t))}
}

// The tags, two octets each, of what Net-SNMP puts into an Opaque: a context
// class, constructed as it were, and a number of several octets. No RFC has
// them; draft-perkins-opaque did.
const (
	opaqueFloat    = 0x78
	opaqueDouble   = 0x79
	opaqueSigned   = 0x7A
	opaqueUnsigned = 0x7B
)

// opaque wraps contents into an Opaque.
func opaque(tag byte, contents []byte) pdu.Value {
	return pdu.Opaque(string(append([]byte{0x9F, tag, byte(len(contents))}, contents...)))
}

func parseOpaqueFloat(_ *call, _ *smi.Type, text string) (pdu.Value, error) {
	f, err := strconv.ParseFloat(text, 32)
	if err != nil {
		return pdu.Value{}, badNotation(text)
	}
	return opaque(opaqueFloat, binary.BigEndian.AppendUint32(nil, math.Float32bits(float32(f)))), nil
}

func parseOpaqueDouble(_ *call, _ *smi.Type, text string) (pdu.Value, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return pdu.Value{}, badNotation(text)
	}
	return opaque(opaqueDouble, binary.BigEndian.AppendUint64(nil, math.Float64bits(f))), nil
}

func parseOpaqueSigned(_ *call, _ *smi.Type, text string) (pdu.Value, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return pdu.Value{}, numberError(err, text)
	}
	b := binary.BigEndian.AppendUint64(nil, uint64(n))
	for len(b) > 1 && (b[0] == 0x00 && b[1] < 0x80 || b[0] == 0xFF && b[1] >= 0x80) {
		b = b[1:]
	}
	return opaque(opaqueSigned, b), nil
}

func parseOpaqueUnsigned(_ *call, _ *smi.Type, text string) (pdu.Value, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return pdu.Value{}, numberError(err, text)
	}
	b := binary.BigEndian.AppendUint64([]byte{0}, n)
	for len(b) > 1 && b[0] == 0x00 && b[1] < 0x80 {
		b = b[1:]
	}
	return opaque(opaqueUnsigned, b), nil
}
