// Package host serves this machine's own objects: its interfaces (IF-MIB, RFC
// 2863), its IPv4 addresses (IP-MIB, RFC 4293) and what the system group
// (SNMPv2-MIB, RFC 3418) says of it.
//
//	h, err := host.New(host.Options{Uptime: a.SysUpTime})
//	if err != nil { … }
//	defer h.Close()
//	err = h.Register(tree)
//
// # Objects
//
// Of IF-MIB: ifNumber, ifTable with all 22 columns, ifXTable with all 19,
// ifStackTable, ifTableLastChange and ifStackLastChange. Of IP-MIB: ipAddrTable
// and the ip group's scalars but ipRoutingDiscards, which are deprecated and what
// managers ask. ifTestTable and
// ifRcvAddressTable are not there: RFC 2863 deprecates the first, and asks for
// the second only where a MIB of the medium does.
//
// No object can be written; a SET is answered with notWritable. RFC 2863's
// compliance statement requires no more (MIN-ACCESS read-only for ifAdminStatus,
// ifPromiscuousMode, ifLinkUpDownTrapEnable and ifAlias), and an interface that
// a manager has shut down may be the one the manager came in by.
//
// # Consistency
//
// A snapshot of the machine is taken in the background, see
// [snmpstack/mib/host/internal/kernel]. It is at most a second old, and no
// request waits for it. All objects come from one snapshot, so that ifTable and
// ifXTable have the same rows, ifNumber is their count, and ifInOctets is the
// low half of ifHCInOctets. A new snapshot may come between two variables of a
// request.
//
// # Where the values come from
//
// The kernel counts per direction octets, packets, errors and drops, and of the
// packets received those that were multicast. The rest of the columns follows
// from that, or not at all:
//
//   - ifInUcastPkts and ifHCInUcastPkts are the packets received that were not
//     multicast. Broadcasts are among them.
//   - ifOutUcastPkts and ifHCOutUcastPkts are all packets sent.
//   - ifInDiscards includes packets that the hardware had no buffer for and
//     packets of protocols that nobody here speaks: the kernel does not tell
//     them apart. So ifInUnknownProtos is 0.
//   - ifOutQLen is 0: the kernel tells the length a queue may have, not the
//     one it has.
//
// Deviation: RFC 2863 §3.1.18 wants no instance of a counter that has no
// source. The broadcast counters, the multicast counters of packets sent, and
// ifInUnknownProtos are 0 here instead, as in other agents: managers walk the
// tables by rows, and take a hole for a broken agent. Where the system counts
// nothing at all (any but Linux) the counters do have no instances, and where it
// counts with 32 bits the Counter64 columns have none.
//
// Deviation: ifSpeed of the loopback interface is 10 Mbit/s, although it has no
// bandwidth (RFC 2863 §3.1.7 asks for 0): other agents on Linux say so, and
// managers divide by it.
//
// # Times
//
// ifLastChange, ifTableLastChange, ifStackLastChange and
// ifCounterDiscontinuityTime are the sysUpTime at which a snapshot showed the
// change, up to a second after it happened. An interface that appears while the
// agent runs gets that time as its ifLastChange and ifCounterDiscontinuityTime.
// ifLastChange also moves when a link was lost and came back between two
// snapshots.
//
// ifIndex is the kernel's number, also in what identifies an interface over
// time (RFC 2863 §3.1.5); the kernel package says what it does about numbers
// that are used again.
//
// # Concurrency
//
// All functions and methods may be called from any goroutine.
package host
