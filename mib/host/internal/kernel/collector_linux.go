package kernel

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// A Collector reads this machine's interfaces and addresses, in the network
// namespace of the thread that takes the first sample.
type Collector struct {
	root   fs.FS
	speeds speedometer

	socket int // of rtnetlink, −1 while there is none
	seq    uint32
	buffer []byte
}

// Receiving is bounded, although the kernel answers within the send and the
// receive call themselves: a kernel that does not must not keep Close waiting.
const receiveTimeout = 5 * time.Second

// The kernel fills a dump's datagrams to 32 KiB, and exceeds that only for a
// single message that does not fit.
const receiveBuffer = 256 << 10

// interruptedTries is how often a dump is begun again because something
// changed while the kernel was listing.
const interruptedTries = 4

// NewCollector returns a Collector for this machine.
func NewCollector() *Collector {
	root := os.DirFS("/")
	return &Collector{root: root, speeds: speedometer{root: root}, socket: -1}
}

// Sample reads the machine's state. Interfaces come from rtnetlink or, where
// that is refused, from /sys; without rtnetlink there are no addresses.
func (c *Collector) Sample() (*Snapshot, error) {
	s := &Snapshot{Taken: time.Now()}
	err := c.dump(getLink, s)
	if err != nil {
		s.Interfaces, err = c.withoutNetlink(err)
		if err != nil {
			return nil, err
		}
	}
	if err := c.dump(getAddress, s); err != nil && !refused(err) {
		return nil, err
	}
	s.sort()
	c.speeds.fill(s.Interfaces)
	return s, nil
}

// withoutNetlink reads the interfaces from /sys if the reason why rtnetlink
// failed is that this process may not use it. Any other reason is an error,
// since it will pass: rows that change their source would seem to be others.
func (c *Collector) withoutNetlink(reason error) ([]Interface, error) {
	if !refused(reason) {
		return nil, reason
	}
	list, err := readSysfs(c.root)
	if err != nil {
		return nil, fmt.Errorf("%w; instead of it: %w", reason, err)
	}
	return list, nil
}

// refused says whether a sandbox keeps this process from rtnetlink: seccomp
// and systemd's RestrictAddressFamilies refuse the socket, Android the request.
func refused(err error) bool {
	for _, errno := range []syscall.Errno{
		syscall.EACCES, syscall.EPERM, syscall.EAFNOSUPPORT, syscall.EPROTONOSUPPORT, syscall.ENOSYS, syscall.EOPNOTSUPP,
	} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}

// Close closes the netlink socket. The Collector may be used again.
func (c *Collector) Close() {
	if c.socket >= 0 {
		syscall.Close(c.socket)
		c.socket = -1
	}
}

// dump asks for all links or all addresses and appends them to s.
func (c *Collector) dump(kind uint16, s *Snapshot) error {
	for try := 1; ; try++ {
		interfaces, addresses := len(s.Interfaces), len(s.Addresses)
		interrupted, err := c.dumpOnce(kind, s)
		if err == nil && !(interrupted && try < interruptedTries) {
			return nil
		}
		s.Interfaces, s.Addresses = s.Interfaces[:interfaces], s.Addresses[:addresses]
		if err != nil {
			c.Close() // the next dump must not find the rest of this one
			return err
		}
	}
}

// dumpOnce makes one attempt. It returns true if the machine changed meanwhile.
func (c *Collector) dumpOnce(kind uint16, s *Snapshot) (interrupted bool, err error) {
	if err := c.open(); err != nil {
		return false, err
	}
	c.seq++
	d := dump{seq: c.seq, into: s}
	kernel := &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}
	if err := syscall.Sendto(c.socket, dumpRequest(kind, c.seq), 0, kernel); err != nil {
		return false, os.NewSyscallError("netlink: sendto", err)
	}
	for !d.done {
		n, from, err := c.receive()
		if err != nil {
			return false, err
		}
		if sender, ok := from.(*syscall.SockaddrNetlink); !ok || sender.Pid != 0 {
			continue // any process may send to a netlink socket; port 0 is the kernel
		}
		if err := d.add(c.buffer[:n]); err != nil {
			return false, err
		}
	}
	return d.interrupted, nil
}

// receive reads one datagram into c.buffer.
func (c *Collector) receive() (int, syscall.Sockaddr, error) {
	for {
		// With MSG_TRUNC the length is the datagram's, even if it did not fit.
		n, from, err := syscall.Recvfrom(c.socket, c.buffer, syscall.MSG_TRUNC)
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return 0, nil, os.NewSyscallError("netlink: recvfrom", err)
		case n > len(c.buffer):
			return 0, nil, fmt.Errorf("netlink: a datagram of %d octets, room for %d", n, len(c.buffer))
		}
		return n, from, nil
	}
}

// open makes the socket if there is none.
func (c *Collector) open() error {
	if c.socket >= 0 {
		return nil
	}
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, syscall.NETLINK_ROUTE)
	if err != nil {
		return os.NewSyscallError("netlink: socket", err)
	}
	timeout := syscall.NsecToTimeval(receiveTimeout.Nanoseconds())
	if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &timeout); err != nil {
		syscall.Close(fd)
		return os.NewSyscallError("netlink: setsockopt SO_RCVTIMEO", err)
	}
	c.socket = fd
	if c.buffer == nil {
		c.buffer = make([]byte, receiveBuffer)
	}
	return nil
}
