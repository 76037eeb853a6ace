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
	for len(data) >= 4 && len(families) < 40 {
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
// vacmViewTreeFamilyTable), and that Seek gives for each name the first one from
// there on that it contains.
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
	for _, o := range slices.Backward(universe) {
		in := inView(families, o)
		if in {
			next, ok = o, true
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

// TestViewRandom compares views of random families with what RFC 3415 says.
func TestViewRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(3415, 4))
	for range 400 {
		data := make([]byte, 4*(1+random.IntN(20)))
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		checkView(t, smallFamilies(data))
	}
}

// FuzzView compares the view of any families in a small universe with what RFC 3415
// says: Contains for each name there, and Seek from each, which has to be exact.
func FuzzView(f *testing.F) {
	f.Add([]byte{0x06, 0, 0, 0, 0x09, 0, 0, 0})
	f.Add([]byte{0x88, 1, 0, 0x40, 0x89, 2, 0, 0x20, 0x03, 1, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) { checkView(t, smallFamilies(data)) })
}
