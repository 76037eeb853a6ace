package kernel

import (
	"encoding/binary"
	"fmt"
	"syscall"
)

// A conn carries datagrams to the kernel and back. What receive returns is valid
// until it is called again.
type conn interface {
	send(request []byte) error
	receive() ([]byte, error)
}

// interruptedTries is how often a dump is begun again because something changed
// while the kernel was listing. The last one has to do: on a machine where
// interfaces come and go all the time, old data would be worse.
const interruptedTries = 4

// readDump asks for all links or all addresses and appends them to s. Every
// request gets the next sequence number. After an error, s is as it was, and
// answers may be left in c.
func readDump(c conn, kind uint16, seq *uint32, s *Snapshot) error {
	for try := 1; ; try++ {
		*seq++
		d := dump{seq: *seq, into: &Snapshot{}}
		if err := c.send(dumpRequest(kind, d.seq)); err != nil {
			return err
		}
		for !d.done {
			datagram, err := c.receive()
			if err != nil {
				return err
			}
			if err := d.add(datagram); err != nil {
				return err
			}
		}
		if !d.interrupted || try == interruptedTries {
			s.Interfaces = append(s.Interfaces, d.into.Interfaces...)
			s.Addresses = append(s.Addresses, d.into.Addresses...)
			return nil
		}
	}
}

// A dump gathers the answer to one dumpRequest, which comes in several
// datagrams of several messages each.
type dump struct {
	seq  uint32 // of the request
	into *Snapshot

	done bool // NLMSG_DONE has come
	// interrupted says that links or addresses changed while the kernel was
	// listing them, so that one may be missing or be listed twice.
	interrupted bool
}

// add takes in one datagram. Messages that answer another request, left over
// from a dump that was given up, are skipped.
func (d *dump) add(datagram []byte) error {
	for m, err := range messages(datagram) {
		if err != nil {
			return err
		}
		if m.seq != d.seq || d.done {
			continue
		}
		if m.flags&flagInterrupted != 0 {
			d.interrupted = true
		}
		switch m.kind {
		case newLink:
			i, err := parseLink(m.payload)
			if err != nil {
				return err
			}
			d.into.Interfaces = append(d.into.Interfaces, i)
		case newAddress:
			a, ok, err := parseAddress(m.payload)
			if err != nil {
				return err
			}
			if ok {
				d.into.Addresses = append(d.into.Addresses, a)
			}
		case messageError:
			if err := kernelError(m.payload); err != nil {
				return err
			}
			return fmt.Errorf("netlink: an acknowledgement where a dump was expected")
		case messageDone:
			if err := kernelError(m.payload); err != nil {
				return err
			}
			d.done = true
		}
	}
	return nil
}

// kernelError reads the negated error number that NLMSG_ERROR and NLMSG_DONE
// begin with, 0 for none.
func kernelError(b []byte) error {
	if len(b) < 4 {
		return nil
	}
	n := int32(binary.NativeEndian.Uint32(b))
	if n >= 0 {
		return nil
	}
	return fmt.Errorf("netlink: the kernel refuses the dump: %w", syscall.Errno(-n))
}
