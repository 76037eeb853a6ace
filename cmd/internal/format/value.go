package format

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"snmpstack/ber"
	"snmpstack/mib/smi"
	"snmpstack/pdu"
)

// AppendLine appends a varbind as `name = type: value`, without a line end.
func (o *Options) AppendLine(b []byte, names *smi.Names, vb pdu.VarBind) []byte {
	if !o.ValueOnly {
		b = o.AppendName(b, names, vb.Name)
		if o.Quick && !o.QuickEqual {
			b = append(b, ' ')
		} else {
			b = append(b, " = "...)
		}
	}
	return o.AppendValue(b, names, vb.Name, vb.Value)
}

// AppendValue appends the value of an instance with the given name.
func (o *Options) AppendValue(b []byte, names *smi.Names, name ber.OID, v pdu.Value) []byte {
	switch v.Syntax() {
	case pdu.TypeNoSuchObject:
		return append(b, "No Such Object available on this agent at this OID"...)
	case pdu.TypeNoSuchInstance:
		return append(b, "No Such Instance currently exists at this OID"...)
	case pdu.TypeEndOfMibView:
		return append(b, "No more variables left in this MIB View (It is past the end of the MIB tree)"...)
	}
	object, _ := names.Lookup(name)
	if object == nil || object.Type == nil || object.Type.Base == 0 {
		return o.appendUntyped(b, names, v)
	}
	w := valueWriter{o, names, object.Type, object.Units}
	if o.NoUnits {
		w.units = ""
	}
	if !fits(object.Type, v) {
		if !o.QuickEqual {
			b = append(b, "Wrong Type (should be "...)
			b = append(b, typeName(object.Type)...)
			b = append(b, "): "...)
		}
		return o.appendUntyped(b, names, v)
	}
	return w.append(b, v)
}

// appendUntyped appends a value about whose object nothing is known.
func (o *Options) appendUntyped(b []byte, names *smi.Names, v pdu.Value) []byte {
	w := valueWriter{o: o, names: names, t: &smi.Type{Base: v.Syntax()}}
	return w.append(b, v)
}

// fits reports whether a value is of the type that its object has. A 64-bit
// number may come as Opaque, because SNMPv1 has no Counter64.
func fits(t *smi.Type, v pdu.Value) bool {
	if t.Base == pdu.TypeCounter64 && v.Syntax() == pdu.TypeOpaque {
		inner, ok := openOpaque(v.Octets())
		return ok && inner.is64()
	}
	return t.Base == v.Syntax()
}

// typeName returns a type's name as the remark about wrong types has it.
func typeName(t *smi.Type) string {
	switch {
	case t.Bits:
		return "BITS"
	case t.Base == pdu.TypeGauge32:
		return "Gauge32 or Unsigned32"
	case t.Base == pdu.TypeTimeTicks:
		return "Timeticks"
	}
	return t.Base.String()
}

// A valueWriter appends a value of a certain object.
type valueWriter struct {
	o     *Options
	names *smi.Names
	t     *smi.Type
	units string
}

func (w *valueWriter) append(b []byte, v pdu.Value) []byte {
	switch v.Syntax() {
	case pdu.TypeInteger:
		return w.integer(b, v.Int())
	case pdu.TypeOctetString:
		if w.t.Bits {
			return w.bits(b, v.Octets())
		}
		return w.octets(b, v.Octets())
	case pdu.TypeObjectIdentifier:
		b = w.o.AppendName(w.label(b, "OID: "), w.names, v.OID())
		return w.unit(b)
	case pdu.TypeIPAddress:
		if w.t.Name == "NetworkAddress" { // of SMIv1
			a := v.Addr().As4()
			return fmt.Appendf(w.label(b, "Network Address: "), "%02X:%02X:%02X:%02X", a[0], a[1], a[2], a[3])
		}
		return v.Addr().AppendTo(w.label(b, "IpAddress: "))
	case pdu.TypeCounter32:
		b = strconv.AppendUint(w.label(b, "Counter32: "), v.Uint(), 10)
		return w.unit(b)
	case pdu.TypeGauge32:
		b = w.label(b, "Gauge32: ")
		if w.t.Hint != "" {
			b = appendHintedInteger(b, int64(v.Uint()), w.t.Hint)
		} else {
			b = strconv.AppendUint(b, v.Uint(), 10)
		}
		return w.unit(b)
	case pdu.TypeUInteger32:
		return w.unit(strconv.AppendUint(b, v.Uint(), 10))
	case pdu.TypeCounter64:
		b = strconv.AppendUint(w.label(b, "Counter64: "), v.Uint(), 10)
		return w.unit(b)
	case pdu.TypeTimeTicks:
		return w.ticks(b, uint32(v.Uint()))
	case pdu.TypeOpaque:
		return w.opaque(b, v.Octets())
	case pdu.TypeNull:
		return append(b, "NULL"...)
	}
	return append(b, "Variable has bad type"...)
}

// label appends the type, unless types are left out.
func (w *valueWriter) label(b []byte, text string) []byte {
	if w.o.quick() {
		return b
	}
	return append(b, text...)
}

func (w *valueWriter) unit(b []byte) []byte {
	if w.units == "" {
		return b
	}
	b = append(b, ' ')
	return append(b, w.units...)
}

func (w *valueWriter) integer(b []byte, n int32) []byte {
	b = w.label(b, "INTEGER: ")
	name, known := w.t.Label(int64(n))
	switch {
	case known && !w.o.NumericEnums && w.o.quick():
		b = append(b, name...)
	case known && !w.o.NumericEnums:
		b = append(b, name...)
		b = append(b, '(')
		b = strconv.AppendInt(b, int64(n), 10)
		b = append(b, ')')
	case w.t.Hint != "":
		b = appendHintedInteger(b, int64(n), w.t.Hint)
	default:
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return w.unit(b)
}

// ticks appends hundredths of a second.
func (w *valueWriter) ticks(b []byte, n uint32) []byte {
	if w.o.RawTicks {
		return strconv.AppendUint(b, uint64(n), 10)
	}
	if !w.o.quick() {
		b = append(b, "Timeticks: ("...)
		b = strconv.AppendUint(b, uint64(n), 10)
		b = append(b, ") "...)
	}
	return w.unit(appendUptime(b, n, w.o.quick()))
}

// appendUptime appends hundredths of a second as `1 day, 0:00:00.00`, or as
// `1:0:00:00.00`, the short form.
func appendUptime(b []byte, n uint32, short bool) []byte {
	const second, minute, hour, day = 100, 6000, 360000, 8640000
	days := n / day
	switch {
	case short:
		b = strconv.AppendUint(b, uint64(days), 10)
		b = append(b, ':')
	case days == 1:
		b = append(b, "1 day, "...)
	case days > 1:
		b = strconv.AppendUint(b, uint64(days), 10)
		b = append(b, " days, "...)
	}
	b = strconv.AppendUint(b, uint64(n%day/hour), 10)
	b = appendTwoDigits(append(b, ':'), n%hour/minute)
	b = appendTwoDigits(append(b, ':'), n%minute/second)
	return appendTwoDigits(append(b, '.'), n%second)
}

func appendTwoDigits(b []byte, n uint32) []byte {
	return append(b, byte('0'+n/10), byte('0'+n%10))
}

// octets appends an OCTET STRING.
func (w *valueWriter) octets(b []byte, s string) []byte {
	if w.t.Hint != "" {
		hinted, ok := w.o.appendHinted(w.label(b, "STRING: "), s, w.t.Hint)
		if ok || s == "" {
			return w.unit(hinted)
		}
		b = append(b, "(Bad hint ignored: "...)
		b = append(b, w.t.Hint...)
		b = append(b, ") "...)
	}
	if s == "" {
		return append(b, `""`...)
	}
	asHex := w.o.Strings == HexString
	if w.o.Strings == GuessString {
		asHex = strings.ContainsFunc(s, func(r rune) bool { return r > '~' || r < ' ' && !isSpace(byte(r)) })
	}
	switch {
	case !asHex:
		b = append(w.label(b, "STRING: "), '"')
		b = append(appendText(b, s), '"')
	case w.o.quick():
		b = append(w.hex(append(b, '"'), s), '"')
	default:
		b = w.hex(append(b, "Hex-STRING: "...), s)
	}
	return w.unit(b)
}

// hexPerLine is how many octets are printed on a line.
const hexPerLine = 16

// hex appends octets as pairs of digits with a blank behind each.
func (w *valueWriter) hex(b []byte, s string) []byte {
	const digits = "0123456789ABCDEF"
	for start := 0; start < len(s) || start == 0; start += hexPerLine {
		if start > 0 {
			b = append(b, '\n')
		}
		line := s[start:min(start+hexPerLine, len(s))]
		for i := range len(line) {
			b = append(b, digits[line[i]>>4], digits[line[i]&15], ' ')
		}
		if w.o.HexText {
			b = append(b, "  ["...)
			b = append(appendPrintable(b, line), ']')
		}
	}
	return b
}

// appendText appends octets as text: quotes and backslashes escaped, dots for
// what cannot be printed.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c >= ' ' && c <= '~' || isSpace(c):
			b = append(b, c)
		default:
			b = append(b, '.')
		}
	}
	return b
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// bits appends BITS: the octets, and the bits that are set (RFC 2578 §7.1.4:
// the first one is the most significant).
func (w *valueWriter) bits(b []byte, s string) []byte {
	if w.o.quick() {
		b = append(w.hex(append(b, '"'), s), '"')
		return b
	}
	b = w.hex(append(b, "BITS: "...), s)
	for i := range len(s) * 8 {
		if s[i/8]&(0x80>>(i%8)) == 0 {
			continue
		}
		if label, ok := w.t.Label(int64(i)); ok && !w.o.NumericEnums {
			b = append(b, label...)
			b = append(b, '(')
			b = strconv.AppendInt(b, int64(i), 10)
			b = append(b, ") "...)
		} else {
			b = strconv.AppendInt(b, int64(i), 10)
			b = append(b, ' ')
		}
	}
	return b
}

// opaque appends an Opaque: the number in it, or its octets.
func (w *valueWriter) opaque(b []byte, s string) []byte {
	inner, ok := openOpaque(s)
	if !ok {
		return w.unit(w.hex(w.label(b, "OPAQUE: "), s))
	}
	switch inner.tag {
	case opaqueFloat:
		b = w.float(b, float64(math.Float32frombits(binary.BigEndian.Uint32([]byte(inner.contents)))))
	case opaqueDouble:
		b = w.float(b, math.Float64frombits(binary.BigEndian.Uint64([]byte(inner.contents))))
	case opaqueCounter64:
		b = strconv.AppendUint(w.label(b, "Opaque: Counter64: "), inner.unsigned(), 10)
	case opaqueUnsigned64:
		b = strconv.AppendUint(w.label(b, "Opaque: UInt64: "), inner.unsigned(), 10)
	case opaqueInteger64:
		b = strconv.AppendInt(w.label(b, "Opaque: Int64: "), inner.signed(), 10)
	}
	return w.unit(b)
}

func (w *valueWriter) float(b []byte, f float64) []byte {
	b = w.label(b, "Opaque: Float: ")
	precision := 6
	if w.o.Precision != "" {
		precision, _ = strconv.Atoi(w.o.Precision)
	}
	switch {
	case math.IsNaN(f):
		return append(b, "nan"...)
	case math.IsInf(f, 1):
		return append(b, "inf"...)
	case math.IsInf(f, -1):
		return append(b, "-inf"...)
	}
	return strconv.AppendFloat(b, f, 'f', precision, 64)
}
