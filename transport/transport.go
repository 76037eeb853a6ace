package transport

import "net/netip"

// A Packet is one datagram with its addresses. Read fills everything but Buf;
// Write uses Data, Remote, Local and IfIndex, so a packet that was read is
// already addressed as its own answer.
type Packet struct {
	// Buf is the memory Read puts the datagram into: all of Buf.Bytes(), and
	// a longer datagram is truncated. The caller puts it there, may take it
	// away and replace it between two Reads, and releases it. Write does not
	// use it.
	Buf *Buffer

	// Data is the datagram. Read makes it alias Buf; Write sends it, wherever
	// it lies. Empty is a valid datagram.
	Data []byte

	// Remote is, for Read, who sent the datagram, for Write, where it goes.
	// IPv4 is always a 4-octet address, never an IPv4-mapped one (Write takes
	// either); a link-local IPv6 address has its zone. It is invalid after a
	// Read only if Truncated: Windows does not tell who sent such a datagram.
	Remote netip.AddrPort

	// Local is, for Read, the address the datagram was sent to, where the
	// system tells, otherwise invalid. An IPv4 broadcast or multicast, whose
	// destination nothing may be sent from, is given with the address of ours
	// that answers it; an IPv6 multicast with none.
	//
	// For Write it is the address the datagram has to leave from; if invalid
	// or unspecified, the kernel chooses. It never has a zone: IfIndex says
	// as much.
	Local netip.Addr

	// IfIndex is, for Read, the index of the interface the datagram came in
	// by, where the system tells, otherwise 0.
	//
	// For Write it is the interface the datagram has to leave by, but only
	// where Remote or Local has no meaning without one, being link-local,
	// multicast or limited broadcast. To any other address the routing table
	// knows the way, and the way back is not always the way in.
	IfIndex int

	// Truncated, set by Read, says that the datagram was longer than the
	// buffer. Data is its beginning and not to be trusted.
	Truncated bool
}

// A Conn sends and receives datagrams on one local address. Its methods may
// be called by several goroutines at once.
type Conn interface {
	// Read waits for at least one datagram, fills p[:n] with the 1 to len(p)
	// it can have without waiting longer, and returns n. Every p[i].Buf must
	// be set, or Read panics, and stays the caller's. With no packets it
	// returns 0, nil at once. When err is not nil n is 0 and nothing in p is
	// of use except Buf; Classify tells what to do about it.
	Read(p []Packet) (n int, err error)

	// Write sends p in order and returns how many were handed to the kernel,
	// which promises no more than that. If n < len(p), err says why p[n] was
	// not sent and p[n+1:] have not been tried: depending on Classify,
	// continue with p[n+1:]. Write can block while the send buffer is full.
	// With no packets it returns 0, nil at once.
	// p and everything in it are the caller's again when it returns.
	Write(p []Packet) (n int, err error)

	// LocalAddr returns the address the Conn is bound to, with the port the
	// system chose if it was asked to choose. It stays valid after Close.
	LocalAddr() netip.AddrPort

	// Close unblocks every Read and Write, which then return errors that
	// match net.ErrClosed, as all later calls do, a second Close included.
	Close() error
}

// needsInterface reports whether a datagram between these addresses has to be
// told its interface: whether one of them exists on every link anew.
func needsInterface(remote, local netip.Addr) bool {
	return remote.IsLinkLocalUnicast() || remote.IsMulticast() ||
		remote == netip.AddrFrom4([4]byte{255, 255, 255, 255}) ||
		local.IsLinkLocalUnicast()
}

// unmap makes an IPv4-mapped IPv6 address the IPv4 address it stands for.
func unmap(ap netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
