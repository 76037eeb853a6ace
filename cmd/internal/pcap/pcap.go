package pcap

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/netip"
	"time"
)

// A Datagram is one UDP datagram of a capture.
type Datagram struct {
	Frame       int // number of the frame in the file, counted from 1
	Time        time.Time
	Source      netip.AddrPort
	Destination netip.AddrPort
	// Payload is valid until the next datagram is read.
	Payload []byte
	// Missing counts the octets at the end of the payload that the capture does
	// not have, because it was cut off or the rest is in other fragments.
	Missing int
}

// A Reader reads one capture file.
type Reader struct {
	in    *bufio.Reader
	order binary.ByteOrder
	unit  time.Duration // of the fraction in a frame's time
	link  uint32
	frame []byte
	count int
}

// The magic numbers of the formats.
const (
	magicMicroseconds = 0xA1B2C3D4
	magicNanoseconds  = 0xA1B23C4D
	magicPcapng       = 0x0A0D0D0A // a palindrome, so the byte order does not matter
)

// ErrFormat says that a file is no capture this package can read.
var ErrFormat = errors.New("not a capture in the classic pcap format")

// Is reports whether a file that begins with these octets is a capture, be it in
// a format that NewReader refuses.
func Is(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	switch big := binary.BigEndian.Uint32(b); {
	case big == magicMicroseconds, big == magicNanoseconds, big == magicPcapng:
		return true
	}
	little := binary.LittleEndian.Uint32(b)
	return little == magicMicroseconds || little == magicNanoseconds
}

// NewReader reads the header of a capture file.
func NewReader(in io.Reader) (*Reader, error) {
	r := &Reader{in: bufio.NewReader(in)}
	var h [24]byte
	if _, err := io.ReadFull(r.in, h[:]); err != nil {
		return nil, fmt.Errorf("pcap: %w: the header of 24 octets is not complete", ErrFormat)
	}
	switch magic := binary.BigEndian.Uint32(h[:]); magic {
	case magicMicroseconds, magicNanoseconds:
		r.order = binary.BigEndian
	case magicPcapng:
		return nil, fmt.Errorf("pcap: %w: it is pcapng; editcap -F pcap converts it", ErrFormat)
	default:
		r.order = binary.LittleEndian
	}
	switch magic := r.order.Uint32(h[:]); magic {
	case magicMicroseconds:
		r.unit = time.Microsecond
	case magicNanoseconds:
		r.unit = time.Nanosecond
	default:
		return nil, fmt.Errorf("pcap: %w: it begins with % X", ErrFormat, h[:4])
	}
	// The upper half says how long a frame check sequence is, if there is one.
	r.link = r.order.Uint32(h[20:]) & 0xFFFF
	if _, known := links[r.link]; !known {
		return nil, fmt.Errorf("pcap: link type %d is not known, expected one of Ethernet (1), Linux cooked (113, 276), raw IP (12, 14, 101, 228, 229), loopback (0, 108)", r.link)
	}
	return r, nil
}

// maxFrame bounds a frame. No capture has larger ones: tcpdump's limit is the
// same.
const maxFrame = 262144

// Datagrams iterates over the UDP datagrams, in the file's order; everything
// else is passed over. An error is the last thing it yields.
func (r *Reader) Datagrams() iter.Seq2[Datagram, error] {
	return func(yield func(Datagram, error) bool) {
		for {
			var h [16]byte
			if _, err := io.ReadFull(r.in, h[:]); err == io.EOF {
				return
			} else if err != nil {
				yield(Datagram{}, fmt.Errorf("pcap: frame %d: its header is cut off", r.count+1))
				return
			}
			r.count++
			size := r.order.Uint32(h[8:])
			if size > maxFrame {
				yield(Datagram{}, fmt.Errorf("pcap: frame %d: its length is %d octets, expected at most %d", r.count, size, maxFrame))
				return
			}
			if cap(r.frame) < int(size) {
				r.frame = make([]byte, size)
			}
			r.frame = r.frame[:size]
			if _, err := io.ReadFull(r.in, r.frame); err != nil {
				yield(Datagram{}, fmt.Errorf("pcap: frame %d: it is cut off", r.count))
				return
			}
			d, ok := parseFrame(r.link, r.order, r.frame)
			if !ok {
				continue
			}
			d.Frame = r.count
			d.Time = time.Unix(int64(r.order.Uint32(h[:])), int64(r.order.Uint32(h[4:]))*int64(r.unit)).UTC()
			if !yield(d, nil) {
				return
			}
		}
	}
}
