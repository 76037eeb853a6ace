// Package transport moves datagrams between an SNMP engine and the network,
// and knows nothing of what is in them. It is the lowest layer of the module:
// UDP over IPv4, which is SNMP's preferred transport mapping (RFC 3417 §3), and
// UDP over IPv6 beside it (RFC 3419: transportDomainUdpIpv6).
//
// [Conn] is what an agent or a manager works with. [Listen] gives the one over
// UDP sockets; package transport/memnet gives one in memory, for tests.
// [Buffer] and [Pool] are the memory the datagrams live in. [Classify] tells a
// reading loop which errors to count and which to stop for.
//
// # Ownership of memory
//
// [Pool.Get]: the buffer belongs to the caller until its Release.
//
// [Buffer.Bytes]: the octets belong to the buffer and go back with it.
//
// [Buffer.Release]: the buffer belongs to the pool again, and so does every
// slice into it.
//
// [Conn].Read: each packet's Buf belongs to the caller throughout; Read writes
// into it and leaves Data aliasing it, so Data is good until that Buf is given
// to another Read or released.
//
// [Conn].Write: Data belongs to the caller again when Write returns, and Buf
// is not looked at.
//
// A request that takes long keeps its datagram without a copy: take p.Buf away
// and put a fresh buffer in its place before the next Read.
//
//	slow := p.Buf
//	p.Buf = pool.Get(transport.FullSize)
//
// # Answers
//
// A packet that was read is addressed as an answer already: Remote is where it
// goes, Local the address of ours that was asked and that the answer must
// leave from (a manager drops answers from anywhere else), IfIndex the
// interface. Set Data and Write it.
//
// # Concurrency
//
// Every method of a Conn may be called from any number of goroutines at once,
// as long as no two calls share a packet or a buffer. Reads exclude each
// other, but neither does a read wait for a write nor, in batches, a write for
// another one: several processors can serve a socket if the reader passes the
// reading on before it answers. A Pool is safe for concurrent use. A Buffer and a
// Packet are not: they belong to one goroutine at a time.
//
// # Batches
//
// Read and Write take slices because recvmmsg(2) and sendmmsg(2) do: n datagrams
// a call, each with its own memory, address and control data. On Linux the socket
// of Listen makes these calls; elsewhere, and where they are refused, it moves one
// datagram a call, and its users notice nothing but the time that takes, provided
// they look at n and neither assume 1 nor more. Options.Batch is the switch.
//
// Packets that stand beside each other in a Write, have one length and go from one
// address to another pass the kernel together (UDP_SEGMENT) and are datagrams of
// their own again where they leave: what a manager that asks many things at a time
// has to wait for is sent at half the price. Where the kernel refuses, the path being
// too narrow perhaps, they are sent apart. Options.GSO is the switch.
//
// # What is lost
//
// A socket's queue has room for so much; what comes when it is full the kernel throws
// away without a word. UDPConn.Dropped tells how much that was, on Linux.
//
// # Example
//
// A complete reading loop, in which a datagram that cannot be sent is skipped:
//
//	for { // p: some packets, each with its Buf
//		n, err := conn.Read(p)
//		if c := transport.Classify(err); c == transport.ClassClosed || c == transport.ClassFatal {
//			return err
//		}
//		for i := range p[:n] {
//			p[i].Data = answer(p[i].Data)
//		}
//		for sent := 0; sent < n; sent++ {
//			k, _ := conn.Write(p[sent:n])
//			sent += k
//		}
//	}
//
// # What is not here
//
// TCP, TLS and DTLS; joining multicast groups; raw sockets. Control over
// datagrams beyond the portable minimum (see [Options]) exists on Linux only,
// and asking for it elsewhere is an error.
//
// # The files
//
// In the order in which to read them: transport.go is a Conn, address.go and
// buffer.go its packets, errors.go what reading comes to, options.go what can be
// asked for, udp.go the portable socket. Linux adds batches (mmsg_linux.go,
// batchin_linux.go, batchout_linux.go, gso_linux.go), addresses of datagrams
// (pktinfo_linux.go) and what was lost (dropped_linux.go).
package transport
