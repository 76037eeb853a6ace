//go:build (amd64 || arm64) && !purego

package aes

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"snmpstack/usm/internal/cpu"
	"snmpstack/usm/internal/cryptotest"
)

// cfbReference is SP 800-38A §6.3 with the reference, octet for octet of a block.
func cfbReference(c *Portable, iv [BlockSize]byte, p []byte, encrypt bool) []byte {
	out := make([]byte, len(p))
	for i := range p {
		if i%BlockSize == 0 {
			if i > 0 {
				if encrypt {
					copy(iv[:], out[i-BlockSize:i])
				} else {
					copy(iv[:], p[i-BlockSize:i])
				}
			}
			c.Encrypt(iv[:], iv[:])
		}
		out[i] = p[i] ^ iv[i%BlockSize]
	}
	return out
}

// checkCFB compares both directions with the reference: src lies in memory, dst is
// the same place or one of its own, and nothing beside dst is written.
func checkCFB(t *testing.T, key []byte, iv [BlockSize]byte, memory []byte, at, n int, inPlace bool) {
	t.Helper()
	c, reference := newHardware(key), newPortable(key)
	for _, encrypt := range []bool{true, false} {
		run := c.DecryptCFB
		if encrypt {
			run = c.EncryptCFB
		}
		from := bytes.Clone(memory)
		to := from
		if !inPlace {
			to = bytes.Repeat([]byte{0xa5}, len(memory))
		}
		want := bytes.Clone(to)
		copy(want[at:], cfbReference(reference, iv, memory[at:at+n], encrypt))
		register := iv
		run(&register, to[at:at+n], from[at:at+n])
		if !bytes.Equal(to, want) {
			t.Fatalf("key %x, IV %x, encrypting %v, %d octets at %d, in place %v:\n%x, want\n%x", key, iv, encrypt, n, at, inPlace, to, want)
		}
		if !inPlace && !bytes.Equal(from, memory) {
			t.Fatalf("encrypting %v, %d octets at %d: the source was changed", encrypt, n, at)
		}
		if register != [BlockSize]byte{} {
			t.Fatalf("encrypting %v, %d octets: %x is left in the register", encrypt, n, register)
		}
	}
}

func needHardware(t testing.TB) {
	t.Helper()
	if !cpu.AES() {
		t.Skip("this host has no instructions for AES")
	}
}

// Every length up to some groups of blocks, at every place in memory that alignment
// could tell from another, with every length of a key.
func TestHardwareCFB(t *testing.T) {
	needHardware(t)
	r := rand.New(rand.NewPCG(2, 2))
	random := func(n int) []byte {
		p := make([]byte, n)
		for i := range p {
			p[i] = byte(r.Uint32())
		}
		return p
	}
	for n := range 3*group + 2 {
		for try := range 6 {
			at, key := r.IntN(BlockSize), random(16+8*(try%3))
			checkCFB(t, key, [BlockSize]byte(random(BlockSize)), random(at+n+50), at, n, try%2 == 0)
		}
	}
}

// The key schedule is the reference's, to its end and not beyond.
func TestHardwareSchedule(t *testing.T) {
	needHardware(t)
	r := rand.New(rand.NewPCG(4, 4))
	for try := range 3000 {
		key := make([]byte, 16+8*(try%3))
		for i := range key {
			key[i] = byte(r.Uint32())
		}
		var w schedule
		w.expand(key)
		c := newHardware(key)
		for i, word := range w {
			if got := binary.BigEndian.Uint32(c.keys[i/4][i%4*4:]); got != word {
				t.Fatalf("key %x: w[%d] is %08x, want %08x", key, i, got, word)
			}
		}
	}
}

// Single blocks in both directions, against the reference.
func TestHardwareBlocks(t *testing.T) {
	needHardware(t)
	r := rand.New(rand.NewPCG(3, 3))
	for try := range 3000 {
		memory := make([]byte, 32+16+64)
		for i := range memory {
			memory[i] = byte(r.Uint32())
		}
		key, at := memory[:16+8*(try%3)], 48+try%16
		c, reference := newHardware(key), newPortable(key)
		for name, run := range map[string][2]func(dst, src []byte){
			"Encrypt": {c.Encrypt, reference.Encrypt},
			"Decrypt": {c.Decrypt, reference.Decrypt},
		} {
			got, want := bytes.Clone(memory), bytes.Clone(memory)
			from := at + BlockSize*(try%2) // in place, or not
			run[0](got[at:], got[from:])
			run[1](want[at:], want[from:])
			if !bytes.Equal(got, want) {
				t.Fatalf("%s, key %x, %x at %d: %x, want %x", name, key, memory[from:from+BlockSize], at, got[at:at+BlockSize], want[at:at+BlockSize])
			}
		}
	}
}

// Keys, plaintext and what comes between it and the ciphertext are secrets.
func TestHardwareWipes(t *testing.T) {
	needHardware(t)
	for _, size := range []int{16, 24, 32} {
		var (
			key, in, out = make([]byte, size), make([]byte, 2*group), make([]byte, 2*group)
			c            *hardware
			keys         [maxRounds + 1][BlockSize]byte
			iv           [BlockSize]byte
		)
		setKey := func(secret byte) {
			for i := range key {
				key[i] = secret + byte(i)
			}
			c, iv = newHardware(key), [BlockSize]byte{}
			clear(in)
		}
		setBoth := func(secret byte) {
			setKey(secret)
			copy(in, bytes.Repeat([]byte{secret}, len(in)))
		}
		for _, f := range []struct {
			name    string
			prepare func(secret byte)
			run     func()
		}{
			{"expandHardware", setKey, func() { expandHardware(&keys, &key[0], size/4, 4*(c.rounds+1)) }},
			{"encryptHardware", setBoth, func() { encryptHardware(&c.keys, c.rounds, &out[0], &in[0]) }},
			{"decryptHardware", setKey, func() { decryptHardware(&c.keys, c.rounds, &out[0], &in[0]) }},
			{"encryptCFBHardware", setBoth, func() { encryptCFBHardware(&c.keys, c.rounds, &iv, &out[0], &in[0], 2) }},
			{"decryptCFBHardware", setKey, func() { decryptCFBHardware(&c.keys, c.rounds, &iv, &out[0], &in[0], 2) }},
		} {
			cryptotest.WipesRegisters(t, f.name, f.prepare, f.run)
		}
	}
}

func FuzzHardware(f *testing.F) {
	needHardware(f)
	f.Add(make([]byte, 16), make([]byte, 16), make([]byte, 100), uint8(0), false)
	f.Add(make([]byte, 24), make([]byte, 16), make([]byte, 128), uint8(7), true)
	f.Add(bytes.Repeat([]byte{0xff}, 32), bytes.Repeat([]byte{0xff}, 16), bytes.Repeat([]byte{0xff}, 200), uint8(15), true)
	f.Fuzz(func(t *testing.T, key, iv, message []byte, at uint8, inPlace bool) {
		if checkKey(key) != nil {
			return
		}
		memory := append(append(make([]byte, at%16), message...), 1, 2, 3)
		checkCFB(t, key, [BlockSize]byte(append(iv, make([]byte, BlockSize)...)), memory, int(at%16), len(message), inPlace)
	})
}
