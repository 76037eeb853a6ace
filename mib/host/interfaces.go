package host

import (
	"math"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/mib/host/internal/kernel"
	"snmpstack/pdu"
)

// An ifRow is a row of ifTable and of ifXTable, which AUGMENTS it.
type ifRow struct {
	kernel.Interface
	layered bool  // another interface is below this one in ifStackTable
	ifType  int32 // told once for all who ask: that takes looks into maps
}

// ifRows makes rows of the interfaces of a snapshot, in their order.
func ifRows(s *kernel.Snapshot) []ifRow {
	rows := make([]ifRow, len(s.Interfaces))
	layered := make(map[int32]bool)
	for _, e := range s.Stack {
		if e.Higher != 0 && e.Lower != 0 {
			layered[e.Higher] = true
		}
	}
	for i := range rows {
		in := &s.Interfaces[i]
		rows[i] = ifRow{*in, layered[in.Index], ifType(in)}
	}
	return rows
}

func ifIndex(x *mib.Index, r *ifRow) { x.Int32(&r.Index) }

// ifColumns are all columns of ifTable (RFC 2863 §6). The NUcast counters are
// multicasts and broadcasts together (RFC 2863 §3.1.8).
var ifColumns = []mib.Column[ifRow]{
	{Arc: 1, Get: func(r *ifRow) pdu.Value { return pdu.Integer(r.Index) }},                              // ifIndex
	{Arc: 2, Get: func(r *ifRow) pdu.Value { return displayString(r.Name, 255) }},                        // ifDescr
	{Arc: 3, Get: func(r *ifRow) pdu.Value { return pdu.Integer(r.ifType) }},                             // ifType
	{Arc: 4, Get: func(r *ifRow) pdu.Value { return pdu.Integer(int32(min(r.MTU, math.MaxInt32))) }},     // ifMtu
	{Arc: 5, Get: func(r *ifRow) pdu.Value { return pdu.Gauge32(uint32(min(r.Speed, math.MaxUint32))) }}, // ifSpeed
	{Arc: 6, Get: func(r *ifRow) pdu.Value { return pdu.OctetString(r.Address) }},                        // ifPhysAddress
	{Arc: 7, Get: func(r *ifRow) pdu.Value { return pdu.Integer(r.adminStatus()) }},                      // ifAdminStatus
	{Arc: 8, Get: func(r *ifRow) pdu.Value { return pdu.Integer(int32(r.Oper)) }},                        // ifOperStatus
	{Arc: 9, Get: func(r *ifRow) pdu.Value { return pdu.TimeTicks(r.LastChange) }},                       // ifLastChange
	{Arc: 10, Get: counter32(func(c *kernel.Counters) uint64 { return c.InOctets })},                     // ifInOctets
	{Arc: 11, Get: counter32(func(c *kernel.Counters) uint64 { return c.InUcast })},                      // ifInUcastPkts
	{Arc: 12, Get: counter32(func(c *kernel.Counters) uint64 { return c.InMulticast })},                  // ifInNUcastPkts
	{Arc: 13, Get: counter32(func(c *kernel.Counters) uint64 { return c.InDiscards })},                   // ifInDiscards
	{Arc: 14, Get: counter32(func(c *kernel.Counters) uint64 { return c.InErrors })},                     // ifInErrors
	{Arc: 15, Get: counter32(noSource)},                                                                  // ifInUnknownProtos
	{Arc: 16, Get: counter32(func(c *kernel.Counters) uint64 { return c.OutOctets })},                    // ifOutOctets
	{Arc: 17, Get: counter32(func(c *kernel.Counters) uint64 { return c.OutUcast })},                     // ifOutUcastPkts
	{Arc: 18, Get: counter32(noSource)},                                                                  // ifOutNUcastPkts
	{Arc: 19, Get: counter32(func(c *kernel.Counters) uint64 { return c.OutDiscards })},                  // ifOutDiscards
	{Arc: 20, Get: counter32(func(c *kernel.Counters) uint64 { return c.OutErrors })},                    // ifOutErrors
	{Arc: 21, Get: func(*ifRow) pdu.Value { return pdu.Gauge32(0) }},                                     // ifOutQLen
	{Arc: 22, Get: func(*ifRow) pdu.Value { return zeroDotZero }},                                        // ifSpecific
}

// ifXColumns are all columns of ifXTable (RFC 2863 §6).
var ifXColumns = []mib.Column[ifRow]{
	{Arc: 1, Get: func(r *ifRow) pdu.Value { return displayString(r.Name, 255) }},                  // ifName
	{Arc: 2, Get: counter32(func(c *kernel.Counters) uint64 { return c.InMulticast })},             // ifInMulticastPkts
	{Arc: 3, Get: counter32(noSource)},                                                             // ifInBroadcastPkts
	{Arc: 4, Get: counter32(noSource)},                                                             // ifOutMulticastPkts
	{Arc: 5, Get: counter32(noSource)},                                                             // ifOutBroadcastPkts
	{Arc: 6, Get: counter64(func(c *kernel.Counters) uint64 { return c.InOctets })},                // ifHCInOctets
	{Arc: 7, Get: counter64(func(c *kernel.Counters) uint64 { return c.InUcast })},                 // ifHCInUcastPkts
	{Arc: 8, Get: counter64(func(c *kernel.Counters) uint64 { return c.InMulticast })},             // ifHCInMulticastPkts
	{Arc: 9, Get: counter64(noSource)},                                                             // ifHCInBroadcastPkts
	{Arc: 10, Get: counter64(func(c *kernel.Counters) uint64 { return c.OutOctets })},              // ifHCOutOctets
	{Arc: 11, Get: counter64(func(c *kernel.Counters) uint64 { return c.OutUcast })},               // ifHCOutUcastPkts
	{Arc: 12, Get: counter64(noSource)},                                                            // ifHCOutMulticastPkts
	{Arc: 13, Get: counter64(noSource)},                                                            // ifHCOutBroadcastPkts
	{Arc: 14, Get: func(r *ifRow) pdu.Value { return pdu.Integer(r.linkUpDownTrapEnable()) }},      // ifLinkUpDownTrapEnable
	{Arc: 15, Get: func(r *ifRow) pdu.Value { return pdu.Gauge32(highSpeed(r.Speed)) }},            // ifHighSpeed
	{Arc: 16, Get: func(r *ifRow) pdu.Value { return truthValue(r.Promiscuous) }},                  // ifPromiscuousMode
	{Arc: 17, Get: func(r *ifRow) pdu.Value { return truthValue(connectorPresent(&r.Interface)) }}, // ifConnectorPresent
	{Arc: 18, Get: func(r *ifRow) pdu.Value { return displayString(r.Alias, 64) }},                 // ifAlias
	{Arc: 19, Get: func(r *ifRow) pdu.Value { return pdu.TimeTicks(r.Discontinuity) }},             // ifCounterDiscontinuityTime
}

// zeroDotZero says that there is nothing to point to.
var zeroDotZero = pdu.ObjectIdentifier(ber.MustOID("0.0"))

// counter32 makes a Get of a counter. A 64-bit count is served modulo 2³², so
// that it is the low half of the HC counter beside it (RFC 2863 §3.1.6).
func counter32(count func(*kernel.Counters) uint64) func(*ifRow) pdu.Value {
	return func(r *ifRow) pdu.Value {
		if r.Counters.Width == 0 {
			return pdu.Value{} // RFC 2863 §3.1.18: not known, no instance
		}
		return pdu.Counter32(uint32(count(&r.Counters)))
	}
}

// counter64 makes a Get of an HC counter, of which there is no instance unless
// the source counts with 64 bits (RFC 2863 §3.1.6).
func counter64(count func(*kernel.Counters) uint64) func(*ifRow) pdu.Value {
	return func(r *ifRow) pdu.Value {
		if r.Counters.Width != 64 {
			return pdu.Value{}
		}
		return pdu.Counter64(count(&r.Counters))
	}
}

// noSource is the count of what the kernel does not count; see the package
// documentation.
func noSource(*kernel.Counters) uint64 { return 0 }

// displayString cuts a text to the size its object allows.
func displayString(s string, size int) pdu.Value { return pdu.OctetString(s[:min(len(s), size)]) }

// truthValue is RFC 2579's.
func truthValue(b bool) pdu.Value {
	if b {
		return pdu.Integer(1)
	}
	return pdu.Integer(2)
}

const (
	up   = 1 // ifAdminStatus
	down = 2

	enabled  = 1 // ifLinkUpDownTrapEnable
	disabled = 2
)

func (r *ifRow) adminStatus() int32 {
	if r.Up {
		return up
	}
	return down
}

// linkUpDownTrapEnable is the default of RFC 2863 §3.1.9: enabled where nothing
// is below, as what is above a link that is lost goes down with it.
func (r *ifRow) linkUpDownTrapEnable() int32 {
	if r.layered {
		return disabled
	}
	return enabled
}

// highSpeed is a bandwidth in Mbit/s, to the nearest (RFC 2863, ifHighSpeed).
func highSpeed(bits uint64) uint32 {
	const mbit = 1_000_000
	n := bits / mbit
	if bits%mbit >= mbit/2 {
		n++
	}
	return uint32(min(n, math.MaxUint32))
}

func stackIndex(x *mib.Index, e *kernel.StackEntry) {
	x.Int32(&e.Higher)
	x.Int32(&e.Lower)
}

// stackColumns are the accessible columns of ifStackTable: ifStackStatus, a
// RowStatus, is active(1) in every row there is.
var stackColumns = []mib.Column[kernel.StackEntry]{
	{Arc: 3, Get: func(*kernel.StackEntry) pdu.Value { return pdu.Integer(1) }},
}
