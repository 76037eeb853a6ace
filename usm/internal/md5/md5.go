// Package md5 is the MD5 message-digest algorithm of RFC 1321, for the
// authentication protocol HMAC-MD5-96 and its keys (RFC 3414 §6). Collisions of
// MD5 are found in seconds: use it where a protocol names it, and for nothing
// new.
//
// The names are those of RFC 1321 §2 to §3: A, B, C, D are the state, X[k] the
// words of a block, T[i] the table, F, G, H, I the functions of the rounds.
//
// Constant time: the time depends on how long the message is and how it was cut
// into writes, never on its octets: additions, rotations and boolean functions
// of 32-bit words are all there is, without a branch or a table index that
// depends on them.
package md5

import (
	"encoding/binary"
	"errors"
	"hash"
)

const (
	Size      = 16 // octets of a digest
	BlockSize = 64 // octets of a message block
)

// A Digest is the state of a computation: what has been written of a message.
// One that New did not return is ready for use after Reset. It is not safe for
// concurrent use.
type Digest struct {
	h [4]uint32       // A, B, C, D
	x [BlockSize]byte // the beginning of a block: its first n % BlockSize octets
	n uint64          // octets of the message so far
}

var errState = errors.New("md5: this is not the saved state of an MD5 computation")

// New returns a *Digest to which nothing has been written.
func New() hash.Hash {
	d := new(Digest)
	d.Reset()
	return d
}

// Sum returns the digest of data.
func Sum(data []byte) [Size]byte {
	var d Digest
	d.Reset()
	d.Write(data)
	return d.final()
}

// Size returns 16, the octets of a digest.
func (d *Digest) Size() int { return Size }

// BlockSize returns 64, the octets of a message block.
func (d *Digest) BlockSize() int { return BlockSize }

// Reset forgets the message (RFC 1321 §3.3: the initial value of A, B, C, D).
func (d *Digest) Reset() {
	d.Wipe()
	d.h = [4]uint32{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}
}

// Wipe clears everything that the state holds of the message. Before it is used
// again it must be Reset.
func (d *Digest) Wipe() { *d = Digest{} }

// Write appends octets to the message. It keeps no reference to p, and never
// fails.
func (d *Digest) Write(p []byte) (int, error) {
	written := len(p)
	held := int(d.n % BlockSize)
	d.n += uint64(written)
	if held > 0 {
		k := copy(d.x[held:], p)
		if held+k < BlockSize {
			return written, nil
		}
		compress(&d.h, d.x[:])
		p = p[k:]
	}
	whole := len(p) &^ (BlockSize - 1)
	compress(&d.h, p[:whole])
	copy(d.x[:], p[whole:])
	return written, nil
}

// Sum appends the digest of what was written so far to b, and leaves the state
// as it is: more can be written.
func (d *Digest) Sum(b []byte) []byte {
	last := *d
	sum := last.final()
	return append(b, sum[:]...)
}

// final ends the message and returns its digest; the state is wiped.
func (d *Digest) final() (sum [Size]byte) {
	held := d.n % BlockSize
	// RFC 1321 §3.1: "1" bit, then "0" bits until 64 bits are left of a block.
	d.x[held] = 0x80
	clear(d.x[held+1:])
	if held >= BlockSize-8 {
		compress(&d.h, d.x[:])
		clear(d.x[:])
	}
	// RFC 1321 §3.2: the length in bits, modulo 2^64, low-order word first.
	binary.LittleEndian.PutUint64(d.x[BlockSize-8:], d.n*8)
	compress(&d.h, d.x[:])
	// RFC 1321 §3.5: A, B, C, D, each beginning with its low-order octet.
	for i, word := range d.h {
		binary.LittleEndian.PutUint32(sum[4*i:], word)
	}
	d.Wipe()
	return sum
}

// A saved state is a mark, the words of the state, the length of the message in
// octets, and what there is of a block that was begun: stateSize octets and that.
const (
	stateMark = "MD5\x01"
	stateSize = len(stateMark) + Size + 8
)

// AppendBinary appends the state to b, for UnmarshalBinary. It is as secret as
// the message. The error is always nil.
func (d *Digest) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, stateMark...)
	for _, word := range d.h {
		b = binary.BigEndian.AppendUint32(b, word)
	}
	b = binary.BigEndian.AppendUint64(b, d.n)
	return append(b, d.x[:d.n%BlockSize]...), nil
}

// MarshalBinary returns the state: see AppendBinary.
func (d *Digest) MarshalBinary() ([]byte, error) {
	return d.AppendBinary(make([]byte, 0, stateSize+int(d.n%BlockSize)))
}

// UnmarshalBinary goes on from a state that AppendBinary saved. It keeps no
// reference to b and allocates nothing; what no Digest saved is an error, and
// changes nothing.
func (d *Digest) UnmarshalBinary(b []byte) error {
	if len(b) < stateSize || string(b[:len(stateMark)]) != stateMark {
		return errState
	}
	n, begun := binary.BigEndian.Uint64(b[stateSize-8:]), b[stateSize:]
	if uint64(len(begun)) != n%BlockSize {
		return errState
	}
	b = b[len(stateMark):]
	for i := range d.h {
		d.h[i] = binary.BigEndian.Uint32(b[4*i:])
	}
	d.n = n
	clear(d.x[copy(d.x[:], begun):])
	return nil
}
