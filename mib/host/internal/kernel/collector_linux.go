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
	socket *socket // of rtnetlink, nil while there is none
	seq    uint32
}

// NewCollector returns a Collector for this machine.
func NewCollector() *Collector {
	root := os.DirFS("/")
	return &Collector{root: root, speeds: speedometer{root: root}}
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
	s.IP, _ = readIPGroup(c.root) // a sandbox may have no /proc: then it is not known
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
	if c.socket != nil {
		c.socket.close()
		c.socket = nil
	}
}

// dump asks for all links or all addresses and appends them to s.
func (c *Collector) dump(kind uint16, s *Snapshot) (err error) {
	if c.socket == nil {
		if c.socket, err = newSocket(); err != nil {
			return err
		}
	}
	if err := readDump(c.socket, kind, &c.seq, s); err != nil {
		c.Close() // the next dump must not find the rest of this one
		return err
	}
	return nil
}

// A socket is a connection to the kernel's rtnetlink.
type socket struct {
	fd     int
	buffer []byte
}

// Receiving is bounded, although the kernel answers within the send and the
// receive call themselves: a kernel that does not must not keep Close waiting.
const receiveTimeout = 5 * time.Second

// The kernel fills a dump's datagrams to 32 KiB, and exceeds that only for a
// single message that does not fit.
const receiveBuffer = 256 << 10

func newSocket() (*socket, error) {
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, syscall.NETLINK_ROUTE)
	if err != nil {
		return nil, os.NewSyscallError("netlink: socket", err)
	}
	timeout := syscall.NsecToTimeval(receiveTimeout.Nanoseconds())
	if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &timeout); err != nil {
		syscall.Close(fd)
		return nil, os.NewSyscallError("netlink: setsockopt SO_RCVTIMEO", err)
	}
	return &socket{fd, make([]byte, receiveBuffer)}, nil
}

func (s *socket) close() { syscall.Close(s.fd) }

func (s *socket) send(request []byte) error {
	kernel := &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}
	return os.NewSyscallError("netlink: sendto", syscall.Sendto(s.fd, request, 0, kernel))
}

// receive returns the kernel's next datagram, which is valid until the next
// call. Any process with the privilege may send to a netlink socket: what does
// not come from port 0, the kernel, is dropped.
func (s *socket) receive() ([]byte, error) {
	for {
		// With MSG_TRUNC the length is the datagram's, even if it did not fit.
		n, from, err := syscall.Recvfrom(s.fd, s.buffer, syscall.MSG_TRUNC)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return nil, os.NewSyscallError("netlink: recvfrom", err)
		}
		if sender, ok := from.(*syscall.SockaddrNetlink); !ok || sender.Pid != 0 {
			continue
		}
		if n > len(s.buffer) {
			return nil, fmt.Errorf("netlink: a datagram of %d octets, room for %d", n, len(s.buffer))
		}
		return s.buffer[:n], nil
	}
}
