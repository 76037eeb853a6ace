package vacm

import (
	"fmt"
	"strings"
	"sync"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

var oidCommunityEntry = ber.MustOID("1.3.6.1.6.3.18.1.1.1") // SNMP-COMMUNITY-MIB, RFC 3584 §5.3

// registerCommunities adds snmpCommunityTable. Its objects may be read-only
// (snmpCommunityMIBCompliance), and are: communities are written in a configuration.
//
// A community is good for whoever knows it, and the table has it in clear: it is to
// be read by who is known for certain, and encrypted, if at all (RFC 3584 §8). Below
// authPriv there are no instances, whatever a view has in it.
func (p *Policy) registerCommunities(tree *mib.Tree, engineID func() string) error {
	return mib.Table[communityEntry]{
		Entry: oidCommunityEntry,
		Source: func(r *mib.Request) (*mib.Snapshot[communityEntry], error) {
			if r.SecurityLevel != pdu.AuthPriv {
				return nil, nil
			}
			return p.communities.Load().entries()
		},
		Columns: []mib.Column[communityEntry]{
			{Arc: 2, Get: func(e *communityEntry) pdu.Value { return pdu.OctetString(e.row.Community) }},
			{Arc: 3, Get: func(e *communityEntry) pdu.Value { return pdu.OctetString(e.row.SecurityName) }},
			{Arc: 4, Get: func(*communityEntry) pdu.Value { return pdu.OctetString(engineID()) }},
			{Arc: 5, Get: func(e *communityEntry) pdu.Value { return pdu.OctetString(e.row.ContextName) }},
			{Arc: 6, Get: func(e *communityEntry) pdu.Value { return pdu.OctetString(e.row.transportTag()) }},
			{Arc: 7, Get: func(e *communityEntry) pdu.Value { return pdu.Integer(int32(e.row.Storage)) }},
			{Arc: 8, Get: func(e *communityEntry) pdu.Value { return pdu.Integer(int32(e.row.Status)) }},
		},
	}.Register(tree)
}

// A communityEntry is a row of snmpCommunityTable.
type communityEntry struct {
	index string
	row   *Community
}

// newEntries returns the function that makes the rows of snmpCommunityTable, once
// there is need of them. snmpCommunityIndex is the row's number: several rows may be
// for one community or one securityName, and the order of the table is to be the one
// in which they are tried.
func newEntries(list []Community) func() (*mib.Snapshot[communityEntry], error) {
	return sync.OnceValues(func() (*mib.Snapshot[communityEntry], error) {
		entries := make([]communityEntry, len(list))
		for i := range list {
			entries[i] = communityEntry{fmt.Sprintf("%06d", i+1), &list[i]}
		}
		return mib.NewSnapshot(entries, func(x *mib.Index, e *communityEntry) { x.ImpliedString(&e.index) })
	})
}

// maxTag is the most octets of an SnmpTagValue (RFC 3413 §4.1.2).
const maxTag = 255

// transportTag returns the row's snmpCommunityTransportTag. An empty one would say
// that the community is good from everywhere. Ours selects no row of
// snmpTargetAddrTable, but tells itself what it stands for: the sources, separated
// by commas, with "..." in the place of those that there is no room for.
func (r *Community) transportTag() string {
	const more = "..."
	var b strings.Builder
	for i, source := range r.Sources {
		text := source.String()
		if i > 0 {
			text = "," + text
		}
		room := maxTag - b.Len()
		if i+1 < len(r.Sources) {
			room -= len(",") + len(more)
		}
		if len(text) > room {
			b.WriteString("," + more)
			break
		}
		b.WriteString(text)
	}
	return b.String()
}
