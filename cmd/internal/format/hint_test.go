package format

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"snmpstack/ber"
	"snmpstack/mib/smi"
	"snmpstack/pdu"
)

// TestOctetHint follows RFC 2579 §3.1 to the letter, where tools of others do
// not always. The first rows are textual conventions of the RFCs.
func TestOctetHint(t *testing.T) {
	for _, c := range []struct{ name, hint, octets, want string }{
		{"DisplayString", "255a", "Linux", "Linux"},
		{"SnmpAdminString", "255t", "größe", "größe"},
		{"MacAddress", "1x:", "\x02\x00\x5e\x10\x00\xab", "2:0:5e:10:0:ab"},
		{"DateAndTime", "2d-1d-1d,1d:1d:1d.1d,1a1d:1d", "\x07\xc8\x05\x1a\x0d\x1e\x0f\x00-\x04\x00", "1992-5-26,13:30:15.0,-4:0"},
		{"DateAndTime, local", "2d-1d-1d,1d:1d:1d.1d,1a1d:1d", "\x07\xc8\x05\x1a\x0d\x1e\x0f\x00", "1992-5-26,13:30:15.0"},
		{"InetAddressIPv4", "1d.1d.1d.1d", "\x7f\x00\x00\x01", "127.0.0.1"},
		{"InetAddressIPv6", "2x:2x:2x:2x:2x:2x:2x:2x", "\xfe\x80" + strings.Repeat("\x00", 13) + "\x01", "fe80:0:0:0:0:0:0:1"},
		{"InetAddressIPv6z", "2x:2x:2x:2x:2x:2x:2x:2x%4d", "\xfe\x80" + strings.Repeat("\x00", 13) + "\x01\x00\x00\x00\x02", "fe80:0:0:0:0:0:0:1%2"},
		{"TransportAddressIPv4", "1d.1d.1d.1d:2d", "\x7f\x00\x00\x01\x00\xa1", "127.0.0.1:161"},
		{"TransportAddressIPv6", "0a[2x:2x:2x:2x:2x:2x:2x:2x]0a:2d", "\xfe\x80" + strings.Repeat("\x00", 13) + "\x01\x00\xa1", "[fe80:0:0:0:0:0:0:1]:161"},
		{"SnmpIPXAddress", "4x.1x:1x:1x:1x:1x:1x.2d", "\x00\x00\x00\x01\x02\x03\x04\x05\x06\x07\x10\x92", "1.2:3:4:5:6:7.4242"},
		{"SnmpOSIAddress", "*1x:/1x:", "\x03\x49\x00\x01\xaa\xbb", "49:0:1:/aa:bb"},
		{"UUID", "4x-2x-2x-1x1x-6x", "\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef", "1234567-89ab-cdef-123-456789abcdef"},

		{"nothing", "1x:", "", ""},
		{"the last part is used again", "1d:2x-", "\x01\x02\x03\x04\x05", "1:203-405"},
		{"a short last part", "2d-", "\x00\x01\x02", "1-2"},
		{"no separator at the end", "1d,", "\x01", "1"},
		{"octal", "1o ", "\x08\xff", "10 377"},
		{"more than 64 bits", "16d", strings.Repeat("\xff", 16), "340282366920938463463374607431768211455"},
		{"octets without separator keep both digits", "1x", "\x01\x02\xff", "0102ff"},
		{"a repeat count of zero", "*1x:/1d", "\x00\x07", "/7"},
		{"a repeat count of too many", "*1x:/1d", "\x09\x07\x08", "7:8"},
		{"separator and terminator", "*1d.;1a", "\x02\x01\x02a", "1.2.;a"},
		{"text with a zero octet", "255a", "a\x00b\xff", "a.b."},
		{"letters as separators", "1dd1d", "\x01\x02", "1d2"},
	} {
		var o Options
		got, ok := o.appendHinted([]byte("> "), c.octets, c.hint)
		if !ok || string(got) != "> "+c.want {
			t.Errorf("%s: %q under %q is %q, %v, want %q", c.name, c.octets, c.hint, got[2:], ok, c.want)
		}
	}
	for _, hint := range []string{"", "5", "*", "1", "1z", "1x:1", " 1x", "99999999999999999999x", "65536a"} {
		if got, ok := new(Options).appendHinted(nil, "ab", hint); ok {
			t.Errorf("the hint %q is accepted and gives %q", hint, got)
		}
	}
}

func TestIntegerHint(t *testing.T) {
	for _, c := range []struct {
		hint string
		n    int64
		want string
	}{
		{"d", -5, "-5"},
		{"d-2", 1234, "12.34"},
		{"d-2", 5, ".05"},
		{"d-2", -5, "-.05"},
		{"d-0", 7, "7"},
		{"d-1", 4294967295, "429496729.5"},
		{"x", 255, "ff"},
		{"x", -1, "ffffffff"},
		{"o", 8, "10"},
		{"b", 5, "00000000000000000000000000000101"},
		{"b", -1, "11111111111111111111111111111111"},
		{"z", 5, "5"},
		{"d-", 5, "5"},
		{"d-999", 5, "5"},
	} {
		if got := string(appendHintedInteger(nil, c.n, c.hint)); got != c.want {
			t.Errorf("%d under %q is %q, want %q", c.n, c.hint, got, c.want)
		}
	}
}

// FuzzHint: any octets under any hint are printed, in work and size linear in
// theirs, and so is any line with them.
func FuzzHint(f *testing.F) {
	for _, hint := range []string{"255a", "1x:", "2d-1d-1d,1d:1d:1d.1d,1a1d:1d", "0a[2x:2x]0a:2d", "*1x:/1x:", "65535d", "*0a*0a", "0x"} {
		f.Add(hint, "\x00\x01\xff and more")
	}
	names := smi.Core()
	f.Fuzz(func(t *testing.T, hint, octets string) {
		var o Options
		b, ok := o.appendHinted(nil, octets, hint)
		if !ok && len(b) > 0 {
			t.Errorf("the hint %q is refused, but gives %q", hint, b)
		}
		// An octet gives three digits at most, a separator, a terminator and a
		// zero in front. A specification without octets gives a separator as
		// often as an octet in front of it says.
		if most := 6*len(octets) + 256*len(hint); len(b) > most {
			t.Errorf("%d octets under %q give %d", len(octets), hint, len(b))
		}
		vb := pdu.VarBind{Name: ber.MustOID("1.3.6.1.4.1.32473.1"), Value: pdu.OctetString(octets)}
		for _, letters := range []string{"", "a", "x", "xT", "q"} {
			o := Options{}
			if err := o.Set(letters); err != nil {
				t.Fatal(err)
			}
			o.AppendLine(nil, names, vb)
			o.AppendLine(nil, names, pdu.VarBind{Name: vb.Name, Value: pdu.Opaque(octets)})
		}
	})
}

// TestHintIsLinear uses the longest OCTET STRING there is.
func TestHintIsLinear(t *testing.T) {
	octets := strings.Repeat("\xff", 65535)
	begin := time.Now()
	for _, hint := range []string{"1x:", "*0a:/", "0a0a0a", "65535x", "1000d,", "*1o"} {
		var o Options
		if _, ok := o.appendHinted(nil, octets, hint); !ok {
			t.Errorf("the hint %q is refused", hint)
		}
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestRoundTrip: what is printed as a name is read as the same OID, for every
// object of the core table with an index as its row has it, in every style. Text
// in an index is as far as it can be printed.
func TestRoundTrip(t *testing.T) {
	names := smi.Core()
	random := rand.New(rand.NewPCG(3, 4))
	styles := []string{"", "f", "n", "u", "s", "X", "fX", "b"}
	count := 0
	for object := range names.All() {
		oid := object.OID
		switch {
		case object.Kind == smi.Scalar:
			oid = oid.Append(0)
		case object.Kind == smi.Column:
			oid = oid.Append(indexArcs(random, names.RowOf(object).Index)...)
		}
		if oid.Len() > ber.MaxArcs {
			continue
		}
		for _, letters := range styles {
			var o Options
			if err := o.Set(letters); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(letters, "s") && names.Find("", object.Name) != object {
				continue // another one is the first of that name
			}
			if o.BracketIndex && !readable(names, object) {
				continue
			}
			text := string(o.AppendName(nil, names, oid))
			if letters == "u" && !strings.HasPrefix(text, ".") && names.Find("", strings.SplitN(text, ".", 2)[0]).OID.Len() > 8 {
				continue // mib-2's children are meant; one of them is also called so elsewhere
			}
			count++
			if got, err := names.Resolve(text); err != nil || got != oid {
				t.Errorf("-O%s: %s is printed as %s and read as %s, %v", letters, oid, text, got, err)
			}
		}
	}
	if count < 10000 {
		t.Errorf("only %d names were tried", count)
	}
}

// readable reports whether an index in brackets can be read back. Most display
// hints cannot be reversed.
func readable(names *smi.Names, object *smi.Object) bool {
	row := names.RowOf(object)
	return row == nil || !slices.ContainsFunc(row.Index, func(x smi.Index) bool {
		switch x.Type.Hint {
		case "", "d", "1x:", "255a", "255t":
			return x.Type.Base == pdu.TypeTimeTicks
		}
		return x.Type.Base == pdu.TypeOctetString
	})
}

// indexArcs makes up an index.
func indexArcs(random *rand.Rand, index []smi.Index) (arcs []uint32) {
	const letters = "abc xyz019._-"
	for _, x := range index {
		text := func(n int) {
			for range n {
				arcs = append(arcs, uint32(letters[random.IntN(len(letters))]))
			}
		}
		size := 1 + random.IntN(5)
		fixed, isFixed := x.Type.FixedSize()
		switch x.Type.Base {
		case pdu.TypeOctetString:
			switch {
			case isFixed:
				text(fixed)
			case x.Implied:
				text(size)
			default:
				arcs = append(arcs, uint32(size))
				text(size)
			}
		case pdu.TypeObjectIdentifier:
			if !x.Implied {
				arcs = append(arcs, uint32(size))
			}
			for range size {
				arcs = append(arcs, random.Uint32N(2))
			}
		case pdu.TypeIPAddress:
			if x.Type.Name == "NetworkAddress" {
				arcs = append(arcs, 1)
			}
			arcs = append(arcs, random.Uint32N(256), random.Uint32N(256), random.Uint32N(256), random.Uint32N(256))
		default:
			arcs = append(arcs, random.Uint32N(20))
		}
	}
	return arcs
}
