package vacm_test

import (
	"math/rand/v2"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// dice are octets that decide how something is made. When they are used up, all
// decisions are the first one.
type dice []byte

func (d *dice) roll(n int) int {
	if len(*d) == 0 {
		return 0
	}
	b := (*d)[0]
	*d = (*d)[1:]
	return int(b) % n
}

func pick[T any](d *dice, list ...T) T { return list[d.roll(len(list))] }

// The words of random policies: few, so that rows are about the same.
var (
	randomModels   = []pdu.SecurityModel{v1, v2c, usm}
	randomUsers    = []string{"u", "w", "stranger"}
	randomContexts = []string{"", "x", "xy", "y", "z"}
	randomNames    = []ber.OID{
		ber.MustOID("1.3"), ber.MustOID("1.3.0"), ber.MustOID("1.3.1.1"), ber.MustOID("1.3.1.2.1"), ber.MustOID("1.2.1.2"), ber.MustOID("2.3.1.2.2"),
	}
)

func (d *dice) row() vacm.Row {
	return vacm.Row{
		Status:  pick(d, 0, 0, 0, mib.Active, mib.NotInService, mib.NotReady),
		Storage: pick(d, 0, mib.Volatile, mib.NonVolatile),
	}
}

func (d *dice) subtree() (o ber.OID) {
	o = ber.NewOID(pick[uint32](d, 1, 2))
	for range d.roll(5) {
		o = o.Append(pick[uint32](d, 1, 2, 3, 0))
	}
	return o
}

// randomModel makes rows, none of which has the index of another one.
func randomModel(d *dice) *model {
	m := &model{contexts: []string{"", "x", "xy", "y"}}
	groups, accesses, views := make(map[any]bool), make(map[any]bool), make(map[any]bool)
	fresh := func(seen map[any]bool, index any) bool {
		defer func() { seen[index] = true }()
		return !seen[index]
	}
	for range 1 + d.roll(8) {
		r := vacm.SecurityToGroup{Model: pick(d, usm, v1, v2c), SecurityName: pick(d, "u", "w"), GroupName: pick(d, "g", "h"), Row: d.row()}
		if fresh(groups, [...]any{r.Model, r.SecurityName}) {
			m.groups = append(m.groups, r)
		}
	}
	for range 1 + d.roll(16) {
		r := vacm.Access{
			GroupName: pick(d, "g", "h"), ContextPrefix: pick(d, "", "x", "xy", "y"), ContextMatch: pick(d, vacm.Prefix, vacm.Exact, 0),
			Model: pick(d, anyModel, usm, v1, v2c), Level: pick(d, noAuth, authOnly, authPriv),
			ReadViewName: pick(d, "v", "", "w", "nowhere", vacm.All), WriteViewName: pick(d, "", "v", "w"), NotifyViewName: pick(d, "w", vacm.None, "v"), Row: d.row(),
		}
		if fresh(accesses, [...]any{r.GroupName, r.ContextPrefix, r.Model, r.Level}) {
			m.access = append(m.access, r)
		}
	}
	for range d.roll(12) {
		r := vacm.ViewTreeFamily{
			ViewName: pick(d, "v", "w"), Subtree: d.subtree(), Mask: pick(d, "", "", "\xff", "\xdf", "\xbf\x00", "\x7f", "\xef", "\x00"),
			Type: pick(d, 0, vacm.Included, vacm.Excluded), Row: d.row(),
		}
		if fresh(views, [...]any{r.ViewName, r.Subtree}) {
			m.families = append(m.families, r)
		}
	}
	m.families = append(m.families, ownViews()...)
	return m
}

// checkPolicy compares a policy with the model of the same rows, for all questions that
// there are.
func checkPolicy(t *testing.T, m *model) {
	t.Helper()
	p := m.policy(t)
	n := 0
	for _, model := range randomModels {
		for _, user := range randomUsers {
			for level := noAuth; level <= authPriv; level++ {
				for viewType := vacm.ReadView; viewType <= vacm.NotifyView; viewType++ {
					for _, context := range randomContexts {
						n++
						q := question{model, user, level, viewType, context, randomNames[n%len(randomNames)]}
						m.check(t, p, q, m.isAccessAllowed(q))
						if t.Failed() {
							t.Fatalf("the policy has\n%v\n%v\n%v", m.groups, m.access, m.families)
						}
					}
				}
			}
		}
	}
}

// TestPolicyRandom compares random policies with RFC 3415 §3.2 and §4 as they are
// written.
func TestPolicyRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(3415, 3))
	seen := make(map[vacm.Indication]int)
	for range 100 {
		d := make(dice, 400)
		for i := range d {
			d[i] = byte(random.Uint32())
		}
		m := randomModel(&d)
		checkPolicy(t, m)
		for i := range 100 {
			seen[m.isAccessAllowed(question{
				randomModels[i%3], randomUsers[i%2], authPriv, vacm.ViewType(i / 3 % 3), randomContexts[i%5], randomNames[i%6],
			})]++
		}
	}
	for _, want := range []vacm.Indication{vacm.AccessAllowed, vacm.NotInView, vacm.NoSuchView, vacm.NoSuchContext, vacm.NoGroupName, vacm.NoAccessEntry} {
		if seen[want] < 100 {
			t.Errorf("of 10000 questions to random policies %d get %s: these policies show little", seen[want], want)
		}
	}
}

// FuzzPolicy compares the policy of any rows with RFC 3415 §3.2 and §4 as they are
// written, for all who may ask for all there is in small sets.
func FuzzPolicy(f *testing.F) {
	random := rand.New(rand.NewPCG(3415, 5))
	for range 8 {
		seed := make([]byte, 250)
		for i := range seed {
			seed[i] = byte(random.Uint32())
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := dice(data)
		checkPolicy(t, randomModel(&d))
	})
}
