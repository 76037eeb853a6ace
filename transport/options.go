package transport

import (
	"errors"
	"fmt"
)

// A Switch is an option that is on, off, or left to what the package thinks
// best in the circumstances.
type Switch uint8

const (
	Default Switch = iota // as documented for the option
	On                    // on, and an error if it cannot be had
	Off                   // off
)

// DefaultInBuffer is how many octets Linux may queue for a socket whose
// Options.InBufferSize is zero, if it grants as many. With what the kernel adds that
// is more than two thousand small datagrams, where its own default is two or three
// hundred: those that come while somebody else has the processor for ten
// milliseconds.
const DefaultInBuffer = 1 << 20

// Options say how Listen sets up its socket. The zero Options ask for nothing
// special and work everywhere. What the system cannot do is an error that
// matches errors.ErrUnsupported, never ignored; everything but the buffer
// sizes needs Linux.
type Options struct {
	// InBufferSize and OutBufferSize are the octets the kernel may queue for
	// this socket in each direction (SO_RCVBUF, SO_SNDBUF). Zero leaves the
	// system's default, except that on Linux what is received may be
	// DefaultInBuffer. Linux grants an unprivileged process no more than
	// net.core.rmem_max and wmem_max, without saying so: UDPConn.BufferSizes
	// tells what was granted.
	InBufferSize  int
	OutBufferSize int

	// DSCP is the differentiated services codepoint of outgoing datagrams
	// (RFC 2474 §3), 0 to 63. Zero is the default, best effort.
	DSCP int

	// DontFragment sends with path MTU discovery (IP_MTU_DISCOVER): a datagram
	// longer than the path allows is then a Write error of ClassDatagram where
	// it would have left in fragments.
	DontFragment bool

	// ShareLocalPort lets several sockets of one user bind the same address
	// (SO_REUSEPORT), every one with this option; the kernel spreads datagrams
	// over them by source address and port. Without it a port in use is an
	// error. SO_REUSEADDR, with which a stranger could take over the port, is
	// never set.
	ShareLocalPort bool

	// Batch makes Read and Write move many datagrams with one system call
	// (recvmmsg, sendmmsg), which takes far less of the processor's time when there
	// are many. Default is on where it can be had, which is on Linux unless an
	// emulator or a filter of system calls forbids it. UDPConn.Batch tells.
	Batch Switch

	// GSO lets Write hand the kernel neighbours of one length between the same
	// addresses as one (UDP_SEGMENT, generic segmentation offload), which is far
	// cheaper than each by itself and the same on the wire. Default is on where it
	// can be had, which is with Batch on Linux from 5.0. A capture on the loopback
	// interface shows them unsegmented, as one long datagram. Where a router on the way
	// has a smaller MTU than the interface, and the kernel has yet to hear of it, all that
	// went as one are lost, and not only those that are too long.
	GSO Switch

	// ReplyFromDestination makes Read tell Local and IfIndex (IP_PKTINFO,
	// IPV6_RECVPKTINFO). Without it a socket on a wildcard address cannot know
	// which of its addresses was asked, and on a host with several an answer
	// may leave from another one. Default is on for wildcard addresses on
	// Linux, otherwise off; a socket bound to one address tells it as Local
	// in any case.
	ReplyFromDestination Switch
}

// check finds values that are wrong on every system.
func (o *Options) check() error {
	switch {
	case o.InBufferSize < 0:
		return fmt.Errorf("InBufferSize %d, expected 0 or more octets", o.InBufferSize)
	case o.OutBufferSize < 0:
		return fmt.Errorf("OutBufferSize %d, expected 0 or more octets", o.OutBufferSize)
	case o.DSCP < 0 || o.DSCP > 63:
		return fmt.Errorf("DSCP %d, expected 0 to 63", o.DSCP)
	case o.Batch > Off:
		return fmt.Errorf("Batch %d, expected Default, On or Off", o.Batch)
	case o.GSO > Off:
		return fmt.Errorf("GSO %d, expected Default, On or Off", o.GSO)
	case o.ReplyFromDestination > Off:
		return fmt.Errorf("ReplyFromDestination %d, expected Default, On or Off", o.ReplyFromDestination)
	}
	return nil
}

// unsupported is the error for what this system cannot do.
func unsupported(what, system string) error {
	return fmt.Errorf("%s is %w on %s", what, errNotSupported, system)
}

// errNotSupported reads better in a sentence than errors.ErrUnsupported, which
// it matches.
var errNotSupported error = notSupported{}

type notSupported struct{}

func (notSupported) Error() string        { return "not supported" }
func (notSupported) Is(target error) bool { return target == errors.ErrUnsupported }
