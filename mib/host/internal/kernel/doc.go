// Package kernel collects what the operating system knows about this machine's
// network interfaces, addresses and identity. It knows nothing of SNMP: it
// speaks of interfaces and counters, and package host turns those into objects.
//
// On Linux a [Collector] asks the kernel over rtnetlink, in the same messages
// the ip command uses; where that socket is refused, as in a tight sandbox, it
// reads /sys/class/net and /proc/net/dev. Other systems give what the standard
// library's net package gives: interfaces without counters.
//
// # Freshness
//
// A request must never wait for the kernel: a dump takes the lock under which
// interfaces are configured, and with thousands of interfaces it is tens of
// milliseconds long. So a [Sampler] takes a snapshot in the background, and
// [Sampler.Current] is one atomic load. A snapshot is never changed once it is
// published, and holds everything that was read together, so that whoever
// stays with one snapshot sees one state of the machine.
//
// Sampling goes on when nobody asks. It has to: the first request after a quiet
// hour must not see an hour-old counter, and the time at which an interface
// went down is only known to someone who was looking. What that costs is
// bounded instead, see [Sampler].
//
// # What makes an interface the same interface
//
// The kernel's index does (RFC 2863 §3.1.5). It survives renaming, going down
// and the coming and going of other interfaces. Linux hands out indexes in
// ascending order and starts again only after 2³¹−1, so that a new interface
// does not get the index of one that was removed, unless an administrator asks
// for it by number (ip link add index N) or moves an interface in from another
// network namespace. If an index then names a device of another type or kind,
// it counts as one interface gone and another come; if it names a device of
// the same kind, only its counters can tell, and going back to zero they do.
//
// # Concurrency
//
// A Collector belongs to one goroutine. Everything a Sampler exports may be
// called from any goroutine, and snapshots are read-only.
package kernel
