package vacm_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
)

// arcs are the sub-identifiers of the small universe: families have the first two
// and the last one; between them there are enough that no family has.
var arcs = []uint32{0, 1, math.MaxUint32, 2, 3}

// universeLen is the length of the longest names there.
const universeLen = 5

// universe returns all names of the small universe in their order.
var universe = func() (names []ber.OID) {
	var below func(o ber.OID)
	below = func(o ber.OID) {
		names = append(names, o)
		if o.Len() < universeLen {
			for _, arc := range arcs {
				below(o.Append(arc))
			}
		}
	}
	below("")
	slices.Sort(names)
	return names
}()

// smallFamilies makes families in the small universe of octets: four for each.
func smallFamilies(data []byte) (families []vacm.ViewTreeFamily) {
	for len(data) >= 4 && len(families) < 20 {
		f := vacm.ViewTreeFamily{Type: []vacm.FamilyType{0, vacm.Included, vacm.Excluded, vacm.Excluded}[data[0]>>5&3]}
		n, digits := 1+int(data[0])%universeLen, int(data[1])|int(data[2])<<8
		for range n {
			f.Subtree = f.Subtree.Append(arcs[digits%3])
			digits /= 3
		}
		if data[0]&0x80 != 0 {
			f.Mask = string(data[3:4])
		}
		data = data[4:]
		if !slices.ContainsFunc(families, func(g vacm.ViewTreeFamily) bool { return f.Subtree == g.Subtree }) {
			families = append(families, f)
		}
	}
	return families
}

func describe(families []vacm.ViewTreeFamily) string {
	var b strings.Builder
	for _, f := range families {
		fmt.Fprintf(&b, "%d %v mask %x\n", f.Type, f.Subtree, f.Mask)
	}
	return b.String()
}

// checkView compares a view with its families: what it contains (RFC 3415 §4,
// vacmViewTreeFamilyTable), that Seek gives for each name the first one from there on
// that it contains, and that Span does not go beyond one that it does not contain.
func checkView(t *testing.T, families []vacm.ViewTreeFamily) {
	t.Helper()
	v := vacm.NewView(families)
	if v == vacm.Everything {
		for _, o := range universe {
			if o.Len() > 0 && o.At(0) <= 2 && !inView(families, o) {
				t.Fatalf("everything, but %v is not in the view of\n%s", o, describe(families))
			}
		}
		return
	}
	var a ber.Arena
	next, ok := ber.OID(""), false
	var hidden ber.OID // the first name behind o that is, "" if there is none
	masked := slices.ContainsFunc(families, func(f vacm.ViewTreeFamily) bool { return f.Mask != "" })
	for _, o := range slices.Backward(universe) {
		in := inView(families, o)
		if in {
			next, ok = o, true
			if end := v.(vacm.Spanner).Span(o); end < o || !masked && end == o || hidden != "" && end > hidden {
				t.Fatalf("Span(%v) is %v, and %v is hidden, in\n%s", o, end, hidden, describe(families))
			}
		} else {
			hidden = o
		}
		if got := v.Contains(o); got != in {
			t.Fatalf("Contains(%v) is %v, want %v, in\n%s", o, got, in, describe(families))
		}
		if slices.Contains(slices.Collect(o.Arcs()), 3) {
			continue // what follows may have a 4, which is not in the universe
		}
		a.Reset()
		if got, found := v.Seek(&a, o); got != next || found != ok {
			t.Fatalf("Seek(%v) is %v, %v, want %v, %v, in\n%s", o, got, found, next, ok, describe(families))
		}
	}
}

// checkLongView compares a view of families whose subtrees have up to 128
// sub-identifiers and whose masks have up to 16 octets with what RFC 3415 says, for
// names near them. All that Seek steps over has to be hidden.
func checkLongView(t *testing.T, random *rand.Rand) {
	t.Helper()
	digit := func() uint32 { return arcs[random.IntN(len(arcs))] }
	base := ber.OID("")
	for range ber.MaxArcs {
		base = base.Append(digit())
	}
	near := func() ber.OID { // the beginning of base with a few other sub-identifiers
		o := slices.Collect(base.Slice(0, 1+random.IntN(ber.MaxArcs)).Arcs())
		for range random.IntN(3) {
			o[random.IntN(len(o))] = digit()
		}
		return ber.NewOID(o...)
	}
	var families []vacm.ViewTreeFamily
	var names []ber.OID
	ones := 1 + random.IntN(8) // how many of eight bits of a mask
	for range 1 + random.IntN(200) {
		f := vacm.ViewTreeFamily{Subtree: near(), Type: vacm.Included + vacm.FamilyType(random.IntN(2))}
		mask := make([]byte, random.IntN(17))
		for i := range mask {
			for bit := range 8 {
				if random.IntN(8) < ones {
					mask[i] |= 1 << bit
				}
			}
		}
		f.Mask = string(mask)
		if !slices.ContainsFunc(families, func(g vacm.ViewTreeFamily) bool { return f.Subtree == g.Subtree }) {
			families = append(families, f)
		}
		names = append(names, near(), near().Append(digit()), f.Subtree, f.Subtree.Append(digit()), f.Subtree.Slice(0, f.Subtree.Len()-1))
	}
	slices.Sort(names)
	v := vacm.NewView(families)
	in := make([]bool, len(names))
	for i, o := range names {
		in[i] = inView(families, o)
		if got := v.Contains(o); got != in[i] && (v != vacm.Everything || o.Len() > 0 && o.At(0) <= 2) {
			t.Fatalf("Contains(%v) is %v, want %v, in\n%s", o, got, in[i], describe(families))
		}
	}
	var a ber.Arena
	for i, o := range names {
		if spanner, ok := v.(vacm.Spanner); ok && in[i] {
			end := spanner.Span(o)
			for j := i; j < len(names) && names[j] < end; j++ {
				if !in[j] {
					t.Fatalf("Span(%v) is %v, but %v is hidden, in\n%s", o, end, names[j], describe(families))
				}
			}
		}
		a.Reset()
		next, ok := v.Seek(&a, o)
		if ok && next < o {
			t.Fatalf("Seek(%v) is %v, in\n%s", o, next, describe(families))
		}
		for j := i; j < len(names) && (!ok || names[j] < next); j++ {
			if in[j] {
				t.Fatalf("Seek(%v) is %v, %v, and steps over %v, in\n%s", o, next, ok, names[j], describe(families))
			}
		}
	}
}

// TestViewRandom compares views of random families with what RFC 3415 says.
func TestViewRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(3415, 4))
	for range 200 {
		data := make([]byte, 4*(1+random.IntN(20)))
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		checkView(t, smallFamilies(data))
	}
	for range 15 {
		checkLongView(t, random)
	}
}

// TestViewOfMany compares views of thousands of families, of which each sub-identifier
// fits many, with what RFC 3415 says.
func TestViewOfMany(t *testing.T) {
	random := rand.New(rand.NewPCG(3415, 6))
	name := func() ber.OID {
		o := ber.NewOID(1)
		for range 1 + random.IntN(5) {
			o = o.Append(random.Uint32N(12) * (1 + random.Uint32N(3)))
		}
		return o
	}
	for range 4 {
		seen := make(map[ber.OID]bool)
		var families []vacm.ViewTreeFamily
		for range 4000 {
			f := vacm.ViewTreeFamily{Subtree: name(), Type: vacm.Included + vacm.FamilyType(random.IntN(2))}
			if random.IntN(50) == 0 {
				f.Mask = string([]byte{byte(random.Uint32()) | 0x80})
			}
			if !seen[f.Subtree] {
				seen[f.Subtree] = true
				families = append(families, f)
			}
		}
		v := vacm.NewView(families)
		for range 500 {
			o := name()
			if got, want := v.Contains(o), inView(families, o); got != want {
				t.Fatalf("Contains(%v) is %v, want %v", o, got, want)
			}
		}
	}
}

// FuzzView compares the view of any families in a small universe with what RFC 3415
// says: Contains for each name there, and Seek from each, which has to be exact; and
// those of long families, which a seed makes, for names near them.
func FuzzView(f *testing.F) {
	f.Add([]byte{0x06, 0, 0, 0, 0x69, 0, 0, 0}, uint64(1))
	f.Add([]byte{0x88, 1, 0, 0x40, 0xe9, 2, 0, 0x20, 0x03, 1, 0, 0}, uint64(2))
	f.Add([]byte{0xa1, 0, 0, 0, 0xe2, 4, 0, 0xbf, 0x84, 5, 0, 0xd7, 0xc4, 80, 0, 0xef}, uint64(3))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		checkView(t, smallFamilies(data))
		if seed%16 == 0 { // it takes long
			checkLongView(t, rand.New(rand.NewPCG(seed, 3415)))
		}
	})
}
