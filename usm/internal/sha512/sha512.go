// Package sha512 is the Secure Hash Algorithms SHA-384 and SHA-512 of
// FIPS 180-4, for the authentication protocols
// usmHMAC256SHA384 and usmHMAC384SHA512 and their keys (RFC 7860 §4).
//
// The names are those of FIPS 180-4 §2.2: H is the hash value, W[t] the words of
// the message schedule, K[t] the constants, a to h the working variables.
//
// Constant time: the time depends on how long the message is and how it was cut
// into writes, never on its octets: additions, shifts, rotations and boolean
// functions of 64-bit words are all there is, without a branch or a table index
// that depends on them.
package sha512

import (
	"encoding/binary"
	"errors"
	"hash"
)

const (
	Size      = 64  // octets of a SHA-512 digest
	Size384   = 48  // octets of a SHA-384 digest
	BlockSize = 128 // octets of a message block
)

// A Digest is the state of a computation: what has been written of a message.
// New and New384 make it; the zero Digest is of no use. It is not safe for
// concurrent use.
type Digest struct {
	h    [8]uint64       // H, the hash value so far
	x    [BlockSize]byte // the beginning of a block: its first n % BlockSize octets
	n    uint64          // octets of the message so far
	size int             // Size or Size384: which of the two it is
}

var errState = errors.New("sha512: this is not the saved state of a computation with the same digest size")

// New returns a *Digest for SHA-512 to which nothing has been written.
func New() hash.Hash {
	d := &Digest{size: Size}
	d.Reset()
	return d
}

// New384 returns a *Digest for SHA-384 to which nothing has been written.
func New384() hash.Hash {
	d := &Digest{size: Size384}
	d.Reset()
	return d
}

// Sum512 returns the SHA-512 digest of data.
func Sum512(data []byte) [Size]byte {
	d := Digest{size: Size}
	d.Reset()
	d.Write(data)
	return d.final()
}

// Sum384 returns the SHA-384 digest of data.
func Sum384(data []byte) [Size384]byte {
	d := Digest{size: Size384}
	d.Reset()
	d.Write(data)
	sum := d.final()
	return [Size384]byte(sum[:Size384])
}

// Size returns the octets of a digest: 64, of SHA-384 48.
func (d *Digest) Size() int { return d.size }

// BlockSize returns 128, the octets of a message block.
func (d *Digest) BlockSize() int { return BlockSize }

// Reset forgets the message.
func (d *Digest) Reset() {
	d.Wipe()
	d.h = initial512
	if d.size == Size384 {
		d.h = initial384
	}
}

// Wipe clears everything that the state holds of the message. Before it is used
// again it must be Reset.
func (d *Digest) Wipe() { *d = Digest{size: d.size} }

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
	return append(b, sum[:d.size]...)
}

// final ends the message and returns its digest; the state is wiped.
func (d *Digest) final() (sum [Size]byte) {
	held := d.n % BlockSize
	// FIPS 180-4 §5.1.2: the bit "1", then zeros until 128 bits are left of a block,
	d.x[held] = 0x80
	clear(d.x[held+1:])
	if held >= BlockSize-16 {
		compress(&d.h, d.x[:])
		clear(d.x[:])
	}
	// which hold the length of the message in bits: octets times 8, with the bits
	// that this pushes out of 64.
	binary.BigEndian.PutUint64(d.x[BlockSize-16:], d.n>>61)
	binary.BigEndian.PutUint64(d.x[BlockSize-8:], d.n<<3)
	compress(&d.h, d.x[:])
	// FIPS 180-4 §6.4.2: the digest is H0 to H7, one after the other; §6.5:
	// of SHA-384 their first 384 bits.
	for i, word := range d.h {
		binary.BigEndian.PutUint64(sum[8*i:], word)
	}
	d.Wipe()
	return sum
}

// A saved state is a mark, the size of the digest, the words of the state, the
// length of the message in octets, and what there is of a block that was begun:
// stateSize octets and that.
const (
	stateMark = "SHA2"
	stateSize = len(stateMark) + 1 + Size + 8
)

// AppendBinary appends the state to b, for UnmarshalBinary. It is as secret as
// the message. The error is always nil.
func (d *Digest) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, stateMark...)
	b = append(b, byte(d.size))
	for _, word := range d.h {
		b = binary.BigEndian.AppendUint64(b, word)
	}
	b = binary.BigEndian.AppendUint64(b, d.n)
	return append(b, d.x[:d.n%BlockSize]...), nil
}

// MarshalBinary returns the state: see AppendBinary.
func (d *Digest) MarshalBinary() ([]byte, error) {
	return d.AppendBinary(make([]byte, 0, stateSize+int(d.n%BlockSize)))
}

// UnmarshalBinary goes on from a state that AppendBinary saved. It keeps no
// reference to b and allocates nothing; what no Digest of the same size saved is
// an error, and changes nothing.
func (d *Digest) UnmarshalBinary(b []byte) error {
	if len(b) < stateSize || string(b[:len(stateMark)]) != stateMark || int(b[len(stateMark)]) != d.size {
		return errState
	}
	n, begun := binary.BigEndian.Uint64(b[stateSize-8:]), b[stateSize:]
	if uint64(len(begun)) != n%BlockSize {
		return errState
	}
	b = b[len(stateMark)+1:]
	for i := range d.h {
		d.h[i] = binary.BigEndian.Uint64(b[8*i:])
	}
	d.n = n
	clear(d.x[copy(d.x[:], begun):])
	return nil
}
