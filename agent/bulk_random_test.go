package agent_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

type randomRow struct {
	key ber.OID
	val int
}

// randomTree has tables with holes, with an instance that cannot be sent where spoiled is
// set, and between them an object that is no table and may fail from some instance on.
// The names are some to begin at.
func randomTree(t *testing.T, rnd *rand.Rand, spoiled bool) (tree *mib.Tree, names []ber.OID) {
	arc := func() uint32 {
		return [...]uint32{0, math.MaxUint32 - rnd.Uint32N(2), rnd.Uint32N(5), rnd.Uint32N(5)}[rnd.IntN(4)]
	}
	tree, names = mib.NewTree(), []ber.OID{base, ber.NewOID(0, 0), ber.NewOID(2, 5), ber.NewOID(1, 3)}
	for n := range 3 {
		rows := &mib.Rows[randomRow]{Index: func(x *mib.Index, r *randomRow) { x.ImpliedOID(&r.key) }}
		table := mib.Table[randomRow]{Entry: base.Append(uint32(3*n+1), 1), Rows: rows}
		for range 2 + rnd.IntN(300) {
			key := ber.NewOID(arc())
			for range rnd.IntN(3) {
				key = key.Append(arc())
			}
			if err := rows.Put(randomRow{key, rnd.IntN(1000)}); err != nil {
				t.Fatal(err)
			}
			if rnd.IntN(20) == 0 {
				names = append(names, table.Entry.Append(1+rnd.Uint32N(4))+key, table.Entry.Append(1)+key.Append(arc()))
			}
		}
		bad := rnd.IntN(400)
		for c := range 1 + rnd.IntN(4) {
			names = append(names, table.Entry.Append(uint32(c+1)))
			table.Columns = append(table.Columns, mib.Column[randomRow]{Arc: uint32(c + 1), Get: func(r *randomRow) pdu.Value {
				switch {
				case r.val%7 == c:
					return pdu.Value{}
				case spoiled && n == 1 && r.val == bad:
					return pdu.EndOfMibView
				}
				return pdu.OctetString(strings.Repeat("x", r.val%40))
			}})
		}
		h, err := table.Handler()
		if err != nil {
			t.Fatal(err)
		}
		register(t, tree, table.Entry, h)
	}
	others, failing := make([]pdu.VarBind, 100), rnd.IntN(300)
	for i := range others {
		others[i] = vb(base.Append(5, uint32(i*i)), pdu.OctetString(strings.Repeat("x", i%90)))
	}
	register(t, tree, base.Append(5), &handler{inline: true, next: func(_ *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
		n, _ := instances(others).next(nil, from, dst)
		if failing < len(others) {
			n = min(n, max(0, len(slices.DeleteFunc(slices.Clone(dst[:n]), func(vb pdu.VarBind) bool { return vb.Name >= others[failing].Name }))))
			if n == 0 && from <= others[len(others)-1].Name {
				return 0, errors.New("it is not to be had")
			}
		}
		return n, nil
	}})
	return tree, append(names, others[3].Name, others[40].Name)
}

// randomView is a view, or with masks one whose families have wildcards, for a community
// that is called as it is.
func randomView(rnd *rand.Rand, name string, names []ber.OID, masks bool) []vacm.Statement {
	families := map[ber.OID]vacm.ViewTreeFamily{ber.NewOID(1, 3): {ViewName: name, Subtree: ber.NewOID(1, 3), Type: vacm.Included}}
	for range rnd.IntN(12) {
		f := vacm.ViewTreeFamily{ViewName: name, Subtree: names[rnd.IntN(len(names))], Type: vacm.FamilyType(1 + rnd.IntN(2))}
		if masks {
			mask := []byte{0xff, 0xff, 0xff}
			mask[rnd.IntN(3)] &^= 1 << rnd.IntN(8)
			f.Mask = string(mask[:1+rnd.IntN(3)])
		}
		if f.Subtree != ber.NewOID(1, 3) {
			families[f.Subtree] = f
		}
	}
	list := []vacm.Statement{
		vacm.Community{Community: name, SecurityName: name},
		vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: name, GroupName: name},
		vacm.Access{GroupName: name, ReadViewName: name},
	}
	for _, f := range families {
		list = append(list, f)
	}
	return list
}

// Property: with any tables, holes, views and masks, and with handlers that fail in the
// middle, a GetBulkRequest is answered with what GetNextRequests find, up to where these
// fail, and fails only where they do (RFC 3416 §4.2.3).
func TestGetBulkIsGetNextAnywhere(t *testing.T) {
	for seed := range uint64(24) {
		rnd := rand.New(rand.NewPCG(seed, 77))
		tree, begins := randomTree(t, rnd, seed%3 == 0)
		r := newRig(t, withMIB(tree), func(a *agent.Agent) {
			a.MaxBulkResponse = []int{0, 484, 9000}[rnd.IntN(3)]
			a.Access = vacm.MustNew(slices.Concat(randomView(rnd, "plain", begins, false), randomView(rnd, "masked", begins, true))...)
		})
		for range 50 {
			request := bulk(rnd.Int32N(3), rnd.Int32N(60))
			request.Community = []byte([]string{"plain", "masked"}[rnd.IntN(2)])
			for range 1 + rnd.IntN(4) {
				request.PDU.VarBinds = append(request.PDU.VarBinds, names(begins[rnd.IntN(len(begins))])...)
			}
			got := r.ask(request)
			want, failed := nextByNext(r, request)
			switch what := fmt.Sprintf("seed %d, %v of %s", seed, request.PDU, request.Community); {
			case got.ErrorStatus != pdu.NoError && !failed:
				t.Fatalf("%s: %v at %d, no GetNextRequest fails", what, got.ErrorStatus, got.ErrorIndex)
			case got.ErrorStatus != pdu.NoError:
			case len(got.VarBinds) > len(want) || !slices.Equal(got.VarBinds, want[:len(got.VarBinds)]):
				t.Fatalf("%s: got\n%v, want\n%v", what, got.VarBinds, want)
			case !failed && len(got.VarBinds) < len(want):
				response := request
				response.PDU = got
				response.PDU.VarBinds = want[:len(got.VarBinds)+1]
				if size := len(response.Append(nil)); size <= r.MaxBulkResponse || r.MaxBulkResponse == 0 && size <= 1472 {
					t.Fatalf("%s: %d varbinds, with one more it has %d octets", what, len(got.VarBinds), size)
				}
			}
		}
	}
}

// nextByNext answers a GetBulkRequest by GetNextRequests, up to the first one that fails.
func nextByNext(r *rig, request pdu.Message) (list []pdu.VarBind, failed bool) {
	next := func(name ber.OID) bool {
		m := message(pdu.V2c, pdu.GetNextRequest, names(name)...)
		m.Community = request.Community
		answer := r.ask(m)
		if answer.ErrorStatus != pdu.NoError {
			return false
		}
		list = append(list, answer.VarBinds[0].Clone())
		return true
	}
	asked := request.PDU.VarBinds
	n := min(int(request.PDU.NonRepeaters), len(asked))
	for _, vb := range asked[:n] {
		if !next(vb.Name) {
			return list, true
		}
	}
	row := slices.Clone(asked[n:])
	for range request.PDU.MaxRepetitions {
		ended := true
		for i := range row {
			if !next(row[i].Name) {
				return list, true
			}
			row[i] = list[len(list)-1]
			ended = ended && row[i].Value == pdu.EndOfMibView
		}
		if ended {
			break
		}
	}
	return list, false
}
