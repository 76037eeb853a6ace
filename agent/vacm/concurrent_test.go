package vacm_test

import (
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// A decision is by the policy as it is between two changes of it, whatever notes there are
// of those before: whoever asks after a change has been made gets what it says.
func TestDecisionsFollowChanges(t *testing.T) {
	const changes, readers = 400, 3
	source := netip.MustParseAddr("192.0.2.9")
	secret := ber.MustOID("1.3.6.1.4.1.32473.1")
	// In state n the community and the user may write to one of three things or to none; a
	// row of managers says it of another user.
	subtree := func(n int64) ber.OID { return secret.Append(uint32(n % 3)) }
	statements := func(n int64) []vacm.Statement {
		list := []vacm.Statement{
			vacm.ViewTreeFamily{ViewName: "managed0", Subtree: subtree(0)},
			vacm.ViewTreeFamily{ViewName: "managed1", Subtree: subtree(1)},
			vacm.ViewTreeFamily{ViewName: "managed2", Subtree: subtree(2)},
			vacm.Access{GroupName: "group0", WriteViewName: "managed0"},
			vacm.Access{GroupName: "group1", WriteViewName: "managed1"},
			vacm.Access{GroupName: "group2", WriteViewName: "managed2"},
		}
		if n%4 != 3 {
			list = append(list,
				vacm.CommunityRule{Community: "c", Writable: true, Subtree: subtree(n)},
				vacm.UserRule{User: "u", Level: pdu.NoAuthNoPriv, Writable: true, Subtree: subtree(n)})
		}
		return list
	}
	p := vacm.MustNew(statements(0)...)
	tree := served(t, p)
	row := groupAt(5, uint32(pdu.SecurityModelUSM), "m")
	group := groupAt(3, uint32(pdu.SecurityModelUSM), "m")
	setGroup := func(n int64) {
		status := int32(mib.CreateAndGo)
		if n > 0 {
			status = int32(mib.Active)
		}
		err := tree.Set(&mib.Request{}, []pdu.VarBind{
			{Name: group, Value: pdu.OctetString("group" + string(rune('0'+n%3)))}, {Name: row, Value: pdu.Integer(status)},
		})
		if err != nil {
			t.Error(err)
		}
	}
	setGroup(0)
	var begun, done atomic.Int64
	var all sync.WaitGroup
	all.Go(func() {
		for n := int64(1); n <= changes; n++ {
			begun.Store(n)
			if n%2 == 0 {
				setGroup(n)
			} else if err := p.Replace(statements(n)...); err != nil {
				t.Error(err)
			}
			done.Store(n)
		}
	})
	notes := map[string]*keeper{"u": {name: "u"}, "m": {name: "m"}}
	for i := range readers {
		all.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(i)))
			certain := 0
			for done.Load() < changes || certain == 0 {
				before := done.Load()
				r := &mib.Request{SecurityModel: pdu.SecurityModelUSM}
				what := rnd.IntN(3)
				known := true
				switch what {
				case 0:
					r.SecurityModel = pdu.SecurityModelV2c
					who := p.Community([]byte("c"), source)
					if known = who != nil; known {
						r.SecurityName, r.Rights = who.SecurityName, who
					}
				case 1:
					r.SecurityName, r.Rights = "u", notes["u"]
				case 2:
					r.SecurityName, r.Rights = "m", notes["m"]
				}
				var v vacm.View
				if known {
					v, _ = p.View(r, vacm.WriteView)
				}
				if begun.Load() != before {
					continue
				}
				certain++
				odd, even := before, before
				if before%2 == 0 {
					odd--
				} else {
					even--
				}
				for n := range int64(3) {
					want := odd < 0 || odd%4 != 3
					at := max(odd, 0)
					if what == 2 {
						want, at = true, even
					}
					want = want && at%3 == n
					if got := v != nil && v.Contains(subtree(n).Append(1)); got != want {
						t.Errorf("state %d, question %d: %v may be written: %v, want %v", before, what, subtree(n), got, want)
						return
					}
				}
			}
		})
	}
	all.Wait()
}
