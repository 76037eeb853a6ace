package bench

import (
	"fmt"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/pdu"
)

// family is a row of the view that the benchmarks ask for.
func family(subtree ber.OID, mask string, t vacm.FamilyType) vacm.Statement {
	return vacm.ViewTreeFamily{ViewName: "v", Subtree: subtree, Mask: mask, Type: t}
}

// anyColumn is the mask of a row of table.
const anyColumn = "\xff\xbf"

// views are shapes of views of n families, each with an instance that it shows.
var views = []struct {
	name     string
	families func(n int) []vacm.Statement
	ask      ber.OID
}{
	{"subtrees", func(n int) (list []vacm.Statement) {
		for i := range uint32(n) {
			list = append(list, family(objects.Append(i+1), "", vacm.Included))
		}
		return list
	}, objects.Append(1, 0)},
	{"instances", func(n int) (list []vacm.Statement) {
		for i := range uint32(n) {
			list = append(list, family(table.Append(i%10+1, i/10+1), "", vacm.Included))
		}
		return list
	}, table.Append(1, 1)},
	{"rows", func(n int) (list []vacm.Statement) {
		for i := range uint32(n) {
			list = append(list, family(table.Append(0, i+1), anyColumn, vacm.Included))
		}
		return list
	}, table.Append(7, 1)},
	{"scattered-rows", func(n int) (list []vacm.Statement) {
		for i := range uint32(n) {
			list = append(list, family(table.Append(0, 1+i*i*i), anyColumn, vacm.Included))
		}
		return list
	}, table.Append(7, 1)},
	{"holes", func(n int) []vacm.Statement {
		list := []vacm.Statement{family(ber.MustOID("1.3"), "", vacm.Included)}
		for i := range uint32(n - 1) {
			list = append(list, family(table.Append(1, i+2), "", vacm.Excluded))
		}
		return list
	}, table.Append(1, 1)},
	{"lengths", func(n int) (list []vacm.Statement) {
		for i := range uint32(n) {
			o := objects
			for rest := i; rest > 0; rest /= 7 {
				o = o.Append(rest%7 + 1)
			}
			list = append(list, family(o, "", vacm.Included+vacm.FamilyType(i%2)))
		}
		return list
	}, objects.Append(3, 0)},
	{"hostile", func(n int) (list []vacm.Statement) {
		// Made to be slow: each family has wildcards but for one sub-identifier, and
		// there no name has it.
		for i := range uint32(n - 1) {
			at := 1 + int(i%9)
			arcs, mask := make([]uint32, 10), []byte{0, 0}
			arcs[1], arcs[at] = 100+i, 100+i // the first one for their order
			mask[at/8] |= 0x80 >> (at % 8)
			list = append(list, family(ber.NewOID(arcs...), string(mask), vacm.Excluded))
		}
		return append(list, family(objects, "", vacm.Included))
	}, objects.Append(1, 0)},
}

// BenchmarkAccessView is the cost of a GetRequest by the number of families that the
// view is made of: but for those that are made to be slow it should hardly depend on
// that.
func BenchmarkAccessView(b *testing.B) {
	for _, v := range views {
		for _, n := range []int{1, 10_000} {
			policy := vacm.MustNew(append(v.families(n), vacm.CommunityRule{Community: "public", ViewName: "v"})...)
			b.Run(fmt.Sprintf("shape=%s/families=%d", v.name, n), func(b *testing.B) {
				benchmarkAccess(b, policy, "public", v.ask)
			})
		}
	}
}

// BenchmarkAccessUsers is the cost of a GetRequest by the number of users, each of whom
// has a community, a group, a row of the access table and a view.
func BenchmarkAccessUsers(b *testing.B) {
	for _, n := range []int{1, 100_000} {
		var list []vacm.Statement
		for i := range n {
			name := fmt.Sprint("user-", i)
			list = append(list,
				vacm.Community{Community: name, SecurityName: name},
				vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: name, GroupName: name},
				vacm.Access{GroupName: name, ReadViewName: name},
				vacm.ViewTreeFamily{ViewName: name, Subtree: objects})
		}
		policy := vacm.MustNew(list...)
		b.Run(fmt.Sprintf("users=%d", n), func(b *testing.B) {
			benchmarkAccess(b, policy, fmt.Sprint("user-", n/2), objects.Append(1, 0))
		})
	}
}

// benchmarkAccess measures GetRequests of a community for an instance.
func benchmarkAccess(b *testing.B, policy *vacm.Policy, community string, instance ber.OID) {
	m := pdu.Message{Version: pdu.V2c, Community: []byte(community)}
	m.PDU = pdu.PDU{Kind: pdu.GetRequest, RequestID: 1, VarBinds: []pdu.VarBind{{Name: instance, Value: pdu.Null}}}
	conn := newLoopConn(m.Append(nil))
	a := newAgent(b, conn, 1000)
	a.Access = policy
	serve(b, a, conn)
	check(b, conn.last, 1)
}
