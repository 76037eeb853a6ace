package transport

import (
	"errors"
	"net"
	"slices"
	"strconv"
	"syscall"
)

// An ErrorClass says what a loop over Read or Write does about an error.
type ErrorClass uint8

const (
	// ClassNone is no error.
	ClassNone ErrorClass = iota

	// ClassClosed means the Conn was closed: stop.
	ClassClosed

	// ClassTransient means the moment was wrong, not the socket and not the
	// datagram: an ICMP message about an earlier datagram, no memory in the
	// kernel, an interrupted call. Count it and go on. After Write the same
	// packet may be tried again. A loop that gets nothing else for long
	// should pause between attempts.
	ClassTransient

	// ClassDatagram means this one datagram cannot be had or sent: too long,
	// unreachable, forbidden, its address of no use. Count it and go on with
	// the next; trying it again gives the same.
	ClassDatagram

	// ClassFatal is everything else: the socket is of no more use.
	ClassFatal
)

// String returns the name of the class, as in "transient".
func (c ErrorClass) String() string {
	switch c {
	case ClassNone:
		return "none"
	case ClassClosed:
		return "closed"
	case ClassTransient:
		return "transient"
	case ClassDatagram:
		return "datagram"
	case ClassFatal:
		return "fatal"
	}
	return "ErrorClass(" + strconv.Itoa(int(c)) + ")"
}

// Classify says what an error from Read or Write of a Conn means. It looks
// through wrapping. Which of the two failed it learns from the *net.OpError
// around the cause; an error without one counts as from Read, where less is
// forgiven.
func Classify(err error) ErrorClass {
	if err == nil {
		return ClassNone
	}
	if errors.Is(err, net.ErrClosed) {
		return ClassClosed
	}
	var errno syscall.Errno
	known := errors.As(err, &errno)
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "write" {
		return classifyWrite(known, errno)
	}
	return classifyRead(known, errno)
}

// classifyRead forgives only what is known to be harmless: a loop that goes on
// after an error it does not understand spins.
func classifyRead(known bool, errno syscall.Errno) ErrorClass {
	switch {
	case !known:
		return ClassFatal
	case slices.Contains(transientErrnos, errno), slices.Contains(unreachableErrnos, errno):
		return ClassTransient
	case slices.Contains(tooLongErrnos, errno):
		return ClassDatagram
	}
	return ClassFatal
}

// classifyWrite condemns the datagram for any reason that does not condemn the
// socket: routes, filters, address changes and security policies have many
// ways to refuse a datagram, and none is a reason to stop serving the others.
func classifyWrite(known bool, errno syscall.Errno) ErrorClass {
	switch {
	case !known:
		return ClassDatagram
	case slices.Contains(transientErrnos, errno):
		return ClassTransient
	case slices.Contains(brokenErrnos, errno):
		return ClassFatal
	}
	return ClassDatagram
}

// refused is the error for a packet that Write will not even give the kernel.
func refused(c Conn, p *Packet, cause error) error {
	return &net.OpError{
		Op:     "write",
		Net:    "udp",
		Source: net.UDPAddrFromAddrPort(c.LocalAddr()),
		Addr:   net.UDPAddrFromAddrPort(p.Remote),
		Err:    cause,
	}
}
