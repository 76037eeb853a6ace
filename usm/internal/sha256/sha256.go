// Package sha256 is the Secure Hash Algorithms SHA-224 and SHA-256 of
// FIPS 180-4, for the authentication protocols
// usmHMAC128SHA224 and usmHMAC192SHA256 and their keys (RFC 7860 §4).
//
// The names are those of FIPS 180-4 §2.2: H is the hash value, W[t] the words of
// the message schedule, K[t] the constants, a to h the working variables.
//
// Constant time: the time depends on how long the message is and how it was cut
// into writes, never on its octets: additions, shifts, rotations and boolean
// functions of 32-bit words are all there is, without a branch or a table index
// that depends on them.
//
// Where the processor has instructions for SHA-256, New and New224 use them
// (compress_amd64.s, compress_arm64.s). compress.go is the reference that these are
// tested against, and what is to be audited; NewPortable and NewPortable224 use
// nothing else.
//
// What is wiped: Wipe, and the end of a computation, clear what a Digest holds of
// the message, and the assembly the registers that it used. It keeps nothing on the
// stack. The reference's message schedule stays there until something else takes
// its place, and what the operating system saves when it interrupts a thread is out
// of reach.
package sha256

import (
	"encoding/binary"
	"errors"
	"hash"
)

const (
	Size      = 32 // octets of a SHA-256 digest
	Size224   = 28 // octets of a SHA-224 digest
	BlockSize = 64 // octets of a message block
)

// A Digest is the state of a computation: what has been written of a message.
// New and New224 make it; the zero Digest is of no use. It is not safe for
// concurrent use.
type Digest struct {
	h    [8]uint32       // H, the hash value so far
	x    [BlockSize]byte // the beginning of a block: its first n % BlockSize octets
	n    uint64          // octets of the message so far
	size int             // Size or Size224: which of the two it is

	hardware bool // whether blocks go through compressHardware
}

var errState = errors.New("sha256: this is not the saved state of a computation with the same digest size")

// New returns a *Digest for SHA-256 to which nothing has been written.
func New() hash.Hash { return newDigest(Size, hasHardware) }

// New224 returns a *Digest for SHA-224 to which nothing has been written.
func New224() hash.Hash { return newDigest(Size224, hasHardware) }

// NewPortable is New without the processor's instructions for SHA-256.
func NewPortable() hash.Hash { return newDigest(Size, false) }

// NewPortable224 is New224 without the processor's instructions for SHA-256.
func NewPortable224() hash.Hash { return newDigest(Size224, false) }

func newDigest(size int, hardware bool) *Digest {
	d := &Digest{size: size, hardware: hardware}
	d.Reset()
	return d
}

// Sum256 returns the SHA-256 digest of data.
func Sum256(data []byte) [Size]byte {
	d := Digest{size: Size, hardware: hasHardware}
	d.Reset()
	d.Write(data)
	return d.final()
}

// Sum224 returns the SHA-224 digest of data.
func Sum224(data []byte) [Size224]byte {
	d := Digest{size: Size224, hardware: hasHardware}
	d.Reset()
	d.Write(data)
	sum := d.final()
	return [Size224]byte(sum[:Size224])
}

// Size returns the octets of a digest: 32, of SHA-224 28.
func (d *Digest) Size() int { return d.size }

// BlockSize returns 64, the octets of a message block.
func (d *Digest) BlockSize() int { return BlockSize }

// Reset forgets the message.
func (d *Digest) Reset() {
	d.Wipe()
	d.h = initial256
	if d.size == Size224 {
		d.h = initial224
	}
}

// Wipe clears everything that the state holds of the message. Before it is used
// again it must be Reset.
func (d *Digest) Wipe() { *d = Digest{size: d.size, hardware: d.hardware} }

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
		d.compress(d.x[:])
		p = p[k:]
	}
	if whole := len(p) &^ (BlockSize - 1); whole > 0 {
		d.compress(p[:whole])
		p = p[whole:]
	}
	copy(d.x[:], p)
	return written, nil
}

// compress takes whole blocks into the hash value.
func (d *Digest) compress(blocks []byte) {
	if d.hardware {
		compressHardware(&d.h, blocks)
	} else {
		compress(&d.h, blocks)
	}
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
	// FIPS 180-4 §5.1.1: the bit "1", then zeros until 64 bits are left of a block,
	d.x[held] = 0x80
	clear(d.x[held+1:])
	if held >= BlockSize-8 {
		d.compress(d.x[:])
		clear(d.x[:])
	}
	// which hold the length of the message in bits.
	binary.BigEndian.PutUint64(d.x[BlockSize-8:], d.n*8)
	d.compress(d.x[:])
	// FIPS 180-4 §6.2.2: the digest is H0 to H7, one after the other; §6.3:
	// of SHA-224 their first 224 bits.
	for i, word := range d.h {
		binary.BigEndian.PutUint32(sum[4*i:], word)
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
		d.h[i] = binary.BigEndian.Uint32(b[4*i:])
	}
	d.n = n
	clear(d.x[copy(d.x[:], begun):])
	return nil
}
