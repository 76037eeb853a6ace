package sha256

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// checkCompress compares compressHardware with the reference, from any hash value
// and for any message, of which both take the whole blocks. What lies beside the hash
// value in memory is left alone.
func checkCompress(t *testing.T, hash [8]uint32, message []byte) {
	t.Helper()
	const guard = 0xa5a5a5a5
	memory := struct{ before, hash, after [8]uint32 }{before: [8]uint32{7: guard}, after: [8]uint32{guard, guard}}
	want, guarded, kept := hash, memory, bytes.Clone(message)
	compress(&want, kept)
	memory.hash, guarded.hash = hash, want
	compressHardware(&memory.hash, message)
	if memory != guarded {
		t.Fatalf("%x and %x: %x, want %x", hash, message, memory, guarded)
	}
	if !bytes.Equal(message, kept) {
		t.Fatal("the message was changed")
	}
}

// Every number of blocks up to some, with what does not make a block behind them,
// at every place in memory that alignment could tell from another.
func TestHardware(t *testing.T) {
	if !hasHardware {
		t.Skip("this host has no instructions for SHA-256")
	}
	r := rand.New(rand.NewPCG(1, 1))
	memory := make([]byte, 1000)
	for n := range 6*BlockSize + 2 {
		for at := range 64 {
			for i := range memory[at : at+n] {
				memory[at+i] = byte(r.Uint32())
			}
			var hash [8]uint32
			for i := range hash {
				hash[i] = r.Uint32()
			}
			checkCompress(t, hash, memory[at:at+n])
		}
	}
}

func FuzzHardware(f *testing.F) {
	if !hasHardware {
		f.Skip("this host has no instructions for SHA-256")
	}
	f.Add(make([]byte, 4*8), make([]byte, BlockSize), uint8(0))
	f.Add(bytes.Repeat([]byte{0xff}, 4*8), bytes.Repeat([]byte{0xff}, 3*BlockSize+1), uint8(7))
	f.Fuzz(func(t *testing.T, octets, message []byte, at uint8) {
		var hash [8]uint32
		octets = append(octets, make([]byte, 4*len(hash))...)
		for i := range hash {
			hash[i] = binary.BigEndian.Uint32(octets[4*i:])
		}
		moved := append(make([]byte, at%64), message...)
		checkCompress(t, hash, moved[at%64:])
	})
}
