package vacm_test

import (
	"math"
	"net/netip"
	"slices"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
)

var ifEntry = ber.MustOID("1.3.6.1.2.1.2.2.1")

// rowMask is the mask of a row of ifTable: any column will do.
const rowMask = "\xff\xbf"

// rows includes n rows of ifTable, from 1 on, by masks.
func rows(n int) (list []vacm.ViewTreeFamily) {
	for i := range uint32(n) {
		list = append(list, vacm.ViewTreeFamily{Subtree: ifEntry.Append(0, i+1), Mask: rowMask})
	}
	return list
}

// holed includes ifTable without the rows from 1 to n of column 1.
func holed(n int) []vacm.ViewTreeFamily {
	list := []vacm.ViewTreeFamily{{Subtree: ifEntry}}
	for i := range uint32(n) {
		list = append(list, vacm.ViewTreeFamily{Subtree: ifEntry.Append(1, i+1), Type: vacm.Excluded})
	}
	return list
}

// deadEnds is a view in which a search by trial takes 3 to the power of depth: whatever
// begins with 0 is excluded by a wildcard, and to find that out there are three ways to
// go on at each sub-identifier. The first name in it is 0, only once or not at all.
func deadEnds(depth int) []vacm.ViewTreeFamily {
	mask := func(ones ...int) string {
		m := make([]byte, depth/8+1)
		for _, i := range ones {
			m[i/8] |= 0x80 >> (i % 8)
		}
		return string(m)
	}
	name := func(fill uint32, set ...uint32) ber.OID { // pairs of place and sub-identifier
		o := slices.Repeat([]uint32{fill}, depth+1)
		o[depth] = 7
		for i := 0; i < len(set); i += 2 {
			o[set[i]] = set[i+1]
		}
		return ber.NewOID(o...)
	}
	list := []vacm.ViewTreeFamily{
		{Subtree: name(0), Mask: mask(depth)},
		{Subtree: name(9, 0, 0), Mask: mask(0, depth), Type: vacm.Excluded},
	}
	for i := uint32(1); i < uint32(depth); i++ {
		for arc := range uint32(2) {
			list = append(list, vacm.ViewTreeFamily{Subtree: name(8, i, arc), Mask: mask(int(i), depth), Type: vacm.Excluded})
		}
	}
	return list
}

// alike are n families of wildcards but for one sub-identifier each.
func alike(n, length int) (list []vacm.ViewTreeFamily) {
	for i := range n {
		o := slices.Repeat([]uint32{1}, length)
		o[i%length] = uint32(100 + i)
		mask := make([]byte, 16)
		mask[i%length/8] |= 0x80 >> (i % length % 8)
		list = append(list, vacm.ViewTreeFamily{Subtree: ber.NewOID(o...), Mask: string(mask), Type: vacm.Included + vacm.FamilyType(i%2)})
	}
	return list
}

// TestViewNoAllocs: nothing that is asked for a variable allocates memory.
func TestViewNoAllocs(t *testing.T) {
	var a ber.Arena
	for name, list := range map[string][]vacm.ViewTreeFamily{
		"one subtree": {{Subtree: ifEntry}}, "rows": rows(100), "holes": holed(100), "dead ends": deadEnds(30), "alike": alike(500, 100),
	} {
		v := vacm.NewView(list)
		for _, from := range []ber.OID{"", ifEntry, ifEntry.Append(1, 3), ifEntry.Append(1, 200), ber.NewOID(0), ber.NewOID(0, 0), ber.NewOID(2)} {
			if n := testing.AllocsPerRun(20, func() {
				v.Contains(from)
				v.Seek(&a, from)
				a.Reset()
			}); n != 0 {
				t.Errorf("%s, %v: %v allocations", name, from, n)
			}
		}
	}
}

// TestPolicyNoAllocs: nor does what is asked for a request.
func TestPolicyNoAllocs(t *testing.T) {
	p := vacm.MustNew(
		vacm.CommunityRule{Community: "public", Sources: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Subtree: ifEntry},
		vacm.UserRule{User: "ops", Level: authPriv, ContextMatch: vacm.Prefix},
	)
	community, source := []byte("public"), netip.MustParseAddr("192.0.2.9")
	r := request(question{model: v2c})
	user := request(question{model: usm, name: "ops", level: authPriv, context: "somewhere"})
	stranger := request(question{model: usm, name: "stranger", level: authPriv})
	for name, f := range map[string]func() bool{
		"a community": func() bool {
			principal := p.Community(community, source)
			if principal == nil {
				return false
			}
			r.SecurityName, r.ContextName, r.Rights = principal.SecurityName, principal.ContextName, principal
			_, err := p.View(r, vacm.ReadView)
			return err == nil
		},
		"a user": func() bool {
			_, err := p.View(user, vacm.ReadView)
			return err == nil
		},
		"a stranger": func() bool {
			_, err := p.View(stranger, vacm.ReadView)
			return err != nil && p.Community(community[1:], source) == nil
		},
	} {
		if !f() {
			t.Fatalf("%s is not answered as it should be", name)
		}
		if n := testing.AllocsPerRun(20, func() { f() }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// TestWeigh: a view says how much it has looked at for a name and to seek the next one,
// which is little but for those that are made to be slow.
func TestWeigh(t *testing.T) {
	for _, tt := range []struct {
		name        string
		families    []vacm.ViewTreeFamily
		ask         ber.OID
		least, most int
	}{
		{"one subtree", []vacm.ViewTreeFamily{{Subtree: ifEntry}}, ifEntry.Append(3, 5), 0, 0},
		{"10000 rows", rows(10_000), ifEntry.Append(3, 9000), 0, 10},
		{"10000 rows, none of them", rows(10_000), ifEntry.Append(3, 20_000), 0, 10},
		{"10000 holes", holed(10_000), ifEntry.Append(1, 20_000), 0, 10},
		{"10000 masks that are alike", alike(10_000, 100), ber.NewOID(slices.Repeat([]uint32{2}, 120)...), 30, 100 * 157},
	} {
		v := vacm.NewView(tt.families).(vacm.Weigher)
		in, steps := v.WeighContains(tt.ask)
		if in != inView(tt.families, tt.ask) || steps < tt.least || steps > tt.most {
			t.Errorf("%s: %v after %d steps, want %d to %d", tt.name, in, steps, tt.least, tt.most)
		}
		_, _, seek := v.WeighSeek(new(ber.Arena), tt.ask)
		if seek < steps || seek > steps+vacm.MaxSeek+256 {
			t.Errorf("%s: %d steps to seek, %d to look", tt.name, seek, steps)
		}
	}
}

// TestSeekWork: Seek looks at no more than it may, and gives up at a place before which
// nothing is in the view.
func TestSeekWork(t *testing.T) {
	for _, tt := range []struct {
		name     string
		families []vacm.ViewTreeFamily
		from     ber.OID
		most     int
		exact    bool
	}{
		{"one subtree", []vacm.ViewTreeFamily{{Subtree: ifEntry}}, "", 0, true},
		{"10000 rows, the first", rows(10_000), "", 20, true},
		{"10000 rows, in the last but one column", rows(10_000), ifEntry.Append(math.MaxUint32-1, 10_001), 20, true},
		{"10000 rows, to the next column", rows(10_000), ifEntry.Append(3, 10_001), 20, true},
		{"10000 holes, the last ones", holed(10_000), ifEntry.Append(1, 9_000), vacm.MaxSeek, true},
		{"10000 holes, the first", holed(10_000), ifEntry.Append(1, 1), vacm.MaxSeek + 1, false},
		{"10000 subtrees excluded where nothing is included, one behind them", append(holed(10_000)[1:], vacm.ViewTreeFamily{Subtree: ifEntry.Append(1, 20_000)}), ifEntry, 2, true},
		{"dead ends, some", deadEnds(4), ber.NewOID(0), vacm.MaxSeek, true},
		{"dead ends", deadEnds(20), ber.NewOID(0), vacm.MaxSeek + 256, false},
		{"dead ends, too many to be remembered", deadEnds(100), ber.NewOID(0), vacm.MaxSeek + 256, false},
		{"families that are alike", alike(10_000, 100), ber.NewOID(1), vacm.MaxSeek, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := vacm.NewView(tt.families)
			if v.Contains(tt.from) {
				t.Fatalf("%v is in the view", tt.from)
			}
			work := vacm.SeekWork(v, tt.from)
			next, ok := v.Seek(new(ber.Arena), tt.from)
			if work > tt.most {
				t.Errorf("it looks at %d groups of families, want at most %d", work, tt.most)
			}
			if !ok || next < tt.from || tt.exact && !inView(tt.families, next) {
				t.Errorf("Seek(%v) is %v, %v", tt.from, next, ok)
			}
			if tt.exact {
				return
			}
			if inView(tt.families, next) {
				t.Errorf("it is not given up: %v is in the view", next)
			}
			// It goes on.
			if again, ok := v.Seek(new(ber.Arena), next.Append(0)); !ok || again <= next {
				t.Errorf("Seek(%v) is %v, %v", next.Append(0), again, ok)
			}
		})
	}
}
