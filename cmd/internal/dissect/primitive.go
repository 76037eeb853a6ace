package dissect

import (
	"fmt"
	"math"
	"strconv"
	"unicode"
	"unicode/utf8"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// typeName returns what the RFCs call the type with this identifier octet.
func typeName(t ber.Tag) string {
	if t == ber.Sequence {
		return "SEQUENCE"
	}
	if k := pdu.Kind(t); k >= pdu.GetRequest && k <= pdu.Report {
		return k.String() + "-PDU"
	}
	if s := pdu.Syntax(t); s.String() != "type "+strconv.Itoa(int(t)) {
		return s.String()
	}
	return fmt.Sprintf("type %02X", byte(t))
}

// primitive reads the primitive encoding called name, whose identifier has to be
// tag, and returns its field and contents. ok is false where the contents are not
// of that type or not complete.
func (w *walker) primitive(name string, tag ber.Tag) (f *Field, contents []byte, ok bool) {
	found := w.peek()
	f, claimed := w.header(name)
	if f == nil {
		return nil, nil, false
	}
	w.off = f.End()
	f.Secret = w.hide
	if found != tag {
		clause := "X.690 §8.1.2"
		if found == tag|0x20 {
			clause = "RFC 3417 §8" // the primitive form shall be used
		}
		f.problem(Malformed, f.Offset, clause, "identifier %02X, expected %02X, %s", byte(found), byte(tag), typeName(tag))
		return f, nil, false
	}
	if claimed > f.End() {
		f.Text = "cut off"
		return f, nil, false
	}
	return f, w.data[f.Offset+f.Header : f.End()], true
}

// number reads contents as an INTEGER from low to high. X.690 §8.3 has signed
// numbers only, so that all types of SNMP's are read alike.
func (w *walker) number(f *Field, contents []byte, low, high int64, clause string) (int64, bool) {
	if len(contents) == 0 {
		f.problem(Malformed, f.Offset+1, "X.690 §8.3.1", "an INTEGER without contents")
		return 0, false
	}
	short := w.shortest(f, contents)
	if len(short) > 8 {
		f.problem(Malformed, f.Offset, clause, "an INTEGER of %d octets, expected %d to %d", len(short), low, high)
		return 0, false
	}
	v := int64(int8(short[0]))
	for _, b := range short[1:] {
		v = v<<8 | int64(b)
	}
	f.Text = strconv.FormatInt(v, 10)
	if v < low || v > high {
		f.problem(Malformed, f.Offset, clause, "the number is outside %d to %d", low, high)
		return v, false
	}
	return v, true
}

// shortest returns contents without the leading octets that X.690 §8.3.2
// forbids.
func (w *walker) shortest(f *Field, contents []byte) []byte {
	short := contents
	for len(short) > 1 && (short[0] == 0x00 && short[1] < 0x80 || short[0] == 0xFF && short[1] >= 0x80) {
		short = short[1:]
	}
	if len(short) != len(contents) {
		f.problem(Tolerated, f.Offset+f.Header, "X.690 §8.3.2", "the first nine bits are all equal: %s more than needed", octets(len(contents)-len(short)))
	}
	return short
}

// integer reads an INTEGER field of a message.
func (w *walker) integer(name string, low, high int64, clause string) (f *Field, v int64, ok bool) {
	f, contents, ok := w.primitive(name, ber.Integer)
	if !ok {
		return f, 0, false
	}
	v, ok = w.number(f, contents, low, high, clause)
	f.Secret = w.hide && !ok
	return f, v, ok
}

// octetString reads an OCTET STRING field of a message.
func (w *walker) octetString(name string) (f *Field, contents []byte, ok bool) {
	f, contents, ok = w.primitive(name, ber.OctetString)
	if ok {
		f.Text = quote(contents)
	}
	return f, contents, ok
}

// quote writes text in quotes, and of other octets only how many there are.
func quote(b []byte) string {
	if !utf8.Valid(b) {
		return octets(len(b))
	}
	for _, r := range string(b) {
		if !unicode.IsPrint(r) && r != '\n' && r != '\r' && r != '\t' {
			return octets(len(b))
		}
	}
	return strconv.Quote(string(b))
}

// oid reads contents as an OBJECT IDENTIFIER.
func (w *walker) oid(f *Field, contents []byte) (ber.OID, bool) {
	at := f.Offset + f.Header
	if len(contents) == 0 {
		f.problem(Tolerated, f.Offset+1, "X.690 §8.19.2", "an OBJECT IDENTIFIER without contents, read as 0.0")
		f.Text = "0.0"
		return ber.NewOID(0, 0), true
	}
	arcs := make([]uint32, 0, min(len(contents)+1, ber.MaxArcs))
	padded := false
	var arc uint64
	for i, b := range contents {
		if arc == 0 && b == 0x80 && !padded {
			f.problem(Tolerated, at+i, "X.690 §8.19.2", "a sub-identifier begins with 80, a leading zero")
			padded = true
		}
		limit := uint64(math.MaxUint32)
		if len(arcs) == 0 {
			limit += 80
		}
		if arc = arc<<7 | uint64(b&0x7F); arc > limit {
			f.problem(Malformed, at+i, "RFC 2578 §3.5", "a sub-identifier is over 4294967295")
			return "", false
		}
		if len(arcs) == ber.MaxArcs {
			f.problem(Malformed, at+i, "RFC 2578 §3.5", "there are more than %d sub-identifiers", ber.MaxArcs)
			return "", false
		}
		if b&0x80 != 0 {
			continue
		}
		if len(arcs) == 0 { // X.690 §8.19.4: 40·first + second
			first := min(arc/40, 2)
			arcs = append(arcs, uint32(first))
			arc -= 40 * first
		}
		arcs = append(arcs, uint32(arc))
		arc = 0
	}
	if contents[len(contents)-1]&0x80 != 0 {
		f.problem(Malformed, f.End(), "X.690 §8.19.2", "the last sub-identifier does not end")
		return "", false
	}
	o := ber.NewOID(arcs...)
	f.Text = o.String()
	if w.Name != nil {
		if name := w.Name(o); name != "" && name != f.Text && name != "."+f.Text {
			f.Text += " (" + name + ")"
		}
	}
	return o, true
}

// objectName reads the OBJECT IDENTIFIER called name.
func (w *walker) objectName(name string) (ber.OID, bool) {
	f, contents, ok := w.primitive(name, ber.ObjectIdentifier)
	if !ok {
		return "", false
	}
	f.Secret = false
	return w.oid(f, contents)
}

// value reads the value of the varbind with the name, which is empty if that
// could not be read.
func (w *walker) value(name ber.OID, version int64) {
	tag := w.peek()
	syntax := pdu.Syntax(tag)
	known := w.more() && typeName(tag) == syntax.String() && !tag.Constructed()
	if !known && w.more() && tag&0x1F != 0x1F {
		if f, claimed := w.header("value"); f != nil {
			f.problem(Malformed, f.Offset, "RFC 3416 §3", "identifier %02X is none of an ObjectSyntax", byte(tag))
			if tag.Constructed() {
				outer := w.inside(f, claimed)
				w.leftovers(0)
				w.in = outer
			} else {
				w.off = f.End()
			}
		}
		return
	}
	f, contents, ok := w.primitive("value", tag)
	if !ok {
		return
	}
	if v := w.objectSyntax(f, syntax, contents, version); !v.IsZero() && w.Value != nil {
		if text := w.Value(pdu.VarBind{Name: name, Value: v}); text != "" {
			f.Text = text
		}
	}
}

// objectSyntax reads the contents of a value and returns it, or the zero Value
// where that is not possible.
func (w *walker) objectSyntax(f *Field, syntax pdu.Syntax, contents []byte, version int64) (v pdu.Value) {
	switch syntax {
	case pdu.TypeInteger:
		if n, ok := w.number(f, contents, math.MinInt32, math.MaxInt32, "RFC 2578 §7.1.1"); ok {
			return pdu.Integer(int32(n))
		}
	case pdu.TypeOctetString:
		f.Text = quote(contents)
		if len(contents) > 65535 {
			f.problem(Malformed, f.Offset, "RFC 2578 §7.1.2", "%s, expected at most 65535", octets(len(contents)))
			break
		}
		return pdu.OctetString(string(contents))
	case pdu.TypeOpaque:
		f.Text = octets(len(contents))
		return pdu.Opaque(string(contents))
	case pdu.TypeNSAP:
		f.problem(Odd, f.Offset, "RFC 2578 §7.1", "NsapAddress is no type of SMIv2")
		f.Text = octets(len(contents))
		return pdu.NSAP(string(contents))
	case pdu.TypeNull, pdu.TypeNoSuchObject, pdu.TypeNoSuchInstance, pdu.TypeEndOfMibView:
		if len(contents) != 0 {
			f.problem(Malformed, f.Offset+1, "X.690 §8.8.2", "%v with %s of contents, expected none", syntax, octets(len(contents)))
			break
		}
		if syntax == pdu.TypeNull {
			return pdu.Null
		}
		if version == int64(pdu.V1) {
			f.problem(Odd, f.Offset, "RFC 1157 §4.1", "%v does not exist in SNMPv1", syntax)
		}
		return exceptions[syntax]
	case pdu.TypeObjectIdentifier:
		if o, ok := w.oid(f, contents); ok {
			return pdu.ObjectIdentifier(o)
		}
	case pdu.TypeIPAddress:
		if len(contents) != 4 {
			f.problem(Malformed, f.Offset, "RFC 2578 §7.1.5", "an IpAddress of %s, expected 4", octets(len(contents)))
			break
		}
		v = ipAddress(contents)
		f.Text = v.Text()
		return v
	case pdu.TypeCounter64:
		if version == int64(pdu.V1) {
			f.problem(Odd, f.Offset, "RFC 3584 §4.2.2.1", "Counter64 does not exist in SNMPv1")
		}
		return w.counter64(f, contents)
	default:
		return w.unsigned32(f, syntax, contents)
	}
	return pdu.Value{}
}

var exceptions = map[pdu.Syntax]pdu.Value{
	pdu.TypeNoSuchObject:   pdu.NoSuchObject,
	pdu.TypeNoSuchInstance: pdu.NoSuchInstance,
	pdu.TypeEndOfMibView:   pdu.EndOfMibView,
}

func (w *walker) unsigned32(f *Field, syntax pdu.Syntax, contents []byte) pdu.Value {
	n, ok := w.number(f, contents, 0, math.MaxUint32, "RFC 2578 §7.1")
	if !ok {
		return pdu.Value{}
	}
	switch syntax {
	case pdu.TypeCounter32:
		return pdu.Counter32(uint32(n))
	case pdu.TypeGauge32:
		return pdu.Gauge32(uint32(n))
	case pdu.TypeTimeTicks:
		return pdu.TimeTicks(uint32(n))
	}
	f.problem(Odd, f.Offset, "RFC 2578 §7.1", "UInteger32 is no type of SMIv2")
	return pdu.UInteger32(uint32(n))
}

// counter64 reads what number cannot: nine octets, the first one 00.
func (w *walker) counter64(f *Field, contents []byte) pdu.Value {
	if len(contents) == 0 {
		f.problem(Malformed, f.Offset+1, "X.690 §8.3.1", "an INTEGER without contents")
		return pdu.Value{}
	}
	short := w.shortest(f, contents)
	if short[0]&0x80 != 0 {
		f.problem(Malformed, f.Offset+f.Header, "RFC 2578 §7.1.10", "a negative Counter64")
		return pdu.Value{}
	}
	if len(short) > 9 || len(short) == 9 && short[0] != 0 {
		f.problem(Malformed, f.Offset, "RFC 2578 §7.1.10", "a Counter64 over 18446744073709551615")
		return pdu.Value{}
	}
	var n uint64
	for _, b := range short {
		n = n<<8 | uint64(b)
	}
	f.Text = strconv.FormatUint(n, 10)
	return pdu.Counter64(n)
}
