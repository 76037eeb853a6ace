package cryptotest

import (
	"bytes"
	"encoding"
	"fmt"
	"hash"
	"math/rand/v2"
	"testing"
)

// A NewHash returns a hash to which nothing has been written.
type NewHash = func() hash.Hash

// A saver is a hash that can save and restore its state.
type saver interface {
	hash.Hash
	encoding.BinaryAppender
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

// A wiper clears what it holds.
type wiper interface{ Wipe() }

// random returns n octets that are the same each time for a seed.
func random(seed uint64, n int) []byte {
	source := rand.NewPCG(seed, 0x534e4d50)
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(source.Uint64())
	}
	return p
}

// Hash checks the rules of hash.Hash and of the interfaces that save its state,
// and compares digests with those of the oracle.
func Hash(t *testing.T, newHash, oracle NewHash) {
	t.Helper()
	t.Run("every length", func(t *testing.T) { everyLength(t, newHash, oracle) })
	t.Run("split writes", func(t *testing.T) { splitWrites(t, newHash, oracle) })
	t.Run("sum", func(t *testing.T) { sumIsPure(t, newHash, oracle) })
	t.Run("arguments", func(t *testing.T) { argumentsAreLeftAlone(t, newHash, oracle) })
	t.Run("saved state", func(t *testing.T) { savedState(t, newHash, oracle) })
	t.Run("refused states", func(t *testing.T) { refusedStates(t, newHash) })
	t.Run("wipe", func(t *testing.T) { wipedHash(t, newHash, oracle) })
	t.Run("allocations", func(t *testing.T) { hashAllocs(t, newHash) })
}

func digest(newHash NewHash, message []byte) []byte {
	h := newHash()
	h.Write(message)
	return h.Sum(nil)
}

// Every length around the first blocks, where padding takes each of its forms,
// and some long ones.
func everyLength(t *testing.T, newHash, oracle NewHash) {
	h, want := newHash(), oracle()
	if h.Size() != want.Size() || h.BlockSize() != want.BlockSize() {
		t.Fatalf("Size %d and BlockSize %d, want %d and %d", h.Size(), h.BlockSize(), want.Size(), want.BlockSize())
	}
	message := random(1, 1<<16+1)
	check := func(n int) {
		if got, want := digest(newHash, message[:n]), digest(oracle, message[:n]); !bytes.Equal(got, want) {
			t.Errorf("%d octets: %x, want %x", n, got, want)
		}
	}
	for n := range 4*h.BlockSize() + 2 {
		check(n)
	}
	for _, n := range []int{1000, 1500, 4095, 4096, 65535, 65536, 65537} {
		check(n)
	}
}

func splitWrites(t *testing.T, newHash, oracle NewHash) {
	r := rand.New(rand.NewPCG(2, 2))
	h := newHash()
	for round := range 300 {
		message := random(uint64(round), r.IntN(6*h.BlockSize()))
		h.Reset()
		var cuts []int
		for rest := message; len(rest) > 0; {
			k := r.IntN(len(rest) + 1)
			if round%3 == 0 {
				k = min(len(rest), r.IntN(4))
			}
			if n, err := h.Write(rest[:k]); n != k || err != nil {
				t.Fatalf("Write of %d octets returned %d, %v", k, n, err)
			}
			rest = rest[k:]
			cuts = append(cuts, k)
		}
		if got, want := h.Sum(nil), digest(oracle, message); !bytes.Equal(got, want) {
			t.Fatalf("writes of %v: %x, want %x", cuts, got, want)
		}
	}
}

// Sum appends, and is no part of the message: it can be called again, and writing
// can go on.
func sumIsPure(t *testing.T, newHash, oracle NewHash) {
	message := random(3, 300)
	h := newHash()
	for i := range message {
		want := digest(oracle, message[:i])
		if got := h.Sum(nil); !bytes.Equal(got, want) {
			t.Fatalf("after %d octets: %x, want %x", i, got, want)
		}
		room := append(make([]byte, 0, 100), "before"...)
		if got := h.Sum(room); string(got[:6]) != "before" || !bytes.Equal(got[6:], want) || &got[0] != &room[0] {
			t.Fatalf("after %d octets, appended to \"before\": %x, want %x", i, got, want)
		}
		h.Write(message[i : i+1])
	}
	h.Reset()
	if got, want := h.Sum(nil), digest(oracle, nil); !bytes.Equal(got, want) {
		t.Errorf("after Reset: %x, want %x", got, want)
	}
}

// Write changes neither its argument nor keeps it.
func argumentsAreLeftAlone(t *testing.T, newHash, oracle NewHash) {
	h := newHash()
	message := random(4, 3*h.BlockSize()+5)
	p := bytes.Clone(message)
	h.Write(p)
	if !bytes.Equal(p, message) {
		t.Error("Write changed its argument")
	}
	clear(p)
	if got, want := h.Sum(nil), digest(oracle, message); !bytes.Equal(got, want) {
		t.Errorf("the argument of Write was kept: %x, want %x", got, want)
	}
}

func savedState(t *testing.T, newHash, oracle NewHash) {
	h, restored := newHash().(saver), newHash().(saver)
	message := random(5, 5*h.BlockSize())
	for n := 0; n <= len(message); n += 7 {
		h.Reset()
		h.Write(message[:n])
		state, err := h.AppendBinary([]byte("before"))
		if err != nil || string(state[:6]) != "before" {
			t.Fatalf("AppendBinary after %d octets: %q, %v", n, state, err)
		}
		state = state[6:]
		if marshaled, err := h.MarshalBinary(); err != nil || !bytes.Equal(marshaled, state) {
			t.Fatalf("MarshalBinary %x, %v; AppendBinary %x", marshaled, err, state)
		}

		restored.Write(message) // something else, which must be forgotten
		kept := bytes.Clone(state)
		if err := restored.UnmarshalBinary(state); err != nil {
			t.Fatalf("UnmarshalBinary after %d octets: %v", n, err)
		}
		if !bytes.Equal(state, kept) {
			t.Error("UnmarshalBinary changed its argument")
		}
		clear(state)
		if again, err := restored.AppendBinary(nil); err != nil || !bytes.Equal(again, kept) {
			t.Errorf("after %d octets saved as %x, and again as %x, %v", n, kept, again, err)
		}
		for _, h := range []hash.Hash{h, restored} {
			h.Write(message[n:])
			if got, want := h.Sum(nil), digest(oracle, message); !bytes.Equal(got, want) {
				t.Errorf("saved after %d octets: %x, want %x", n, got, want)
			}
		}
	}

	// How the octets came does not show in the state, nor what was there before.
	h.Reset()
	h.Write(message)
	h.Reset()
	restored.Reset()
	h.Write(message[:100])
	for _, b := range message[:100] {
		restored.Write([]byte{b})
	}
	one, _ := h.AppendBinary(nil)
	other, _ := restored.AppendBinary(nil)
	if !bytes.Equal(one, other) {
		t.Errorf("the same 100 octets saved as %x and %x", one, other)
	}
}

// What is no state is refused, and the hash goes on with what it had.
func refusedStates(t *testing.T, newHash NewHash) {
	h := newHash().(saver)
	h.Write([]byte("abc"))
	before := h.Sum(nil)
	good, err := h.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	wrongMark := bytes.Clone(good)
	wrongMark[0] ^= 1
	other := newHash().(saver)
	other.Write(make([]byte, other.BlockSize()))
	whole, err := other.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		state []byte
	}{
		{"a block where none was begun", append(whole, make([]byte, other.BlockSize())...)},
		{"nil", nil},
		{"empty", []byte{}},
		{"mark alone", good[:4]},
		{"an octet short", good[:len(good)-1]},
		{"an octet long", append(bytes.Clone(good), 0)},
		{"another mark", wrongMark},
		{"zeros", make([]byte, len(good))},
	} {
		if err := h.UnmarshalBinary(tt.state); err == nil {
			t.Errorf("%s: accepted", tt.name)
		}
		if got := h.Sum(nil); !bytes.Equal(got, before) {
			t.Errorf("%s: changed the digest to %x", tt.name, got)
		}
	}
}

// After Wipe nothing of the message is in the state, and Reset makes it usable.
func wipedHash(t *testing.T, newHash, oracle NewHash) {
	w, ok := newHash().(wiper)
	if !ok {
		return // one of the standard library
	}
	h := w.(saver)
	fresh, _ := h.AppendBinary(nil)
	for _, n := range []int{0, 1, h.BlockSize() - 1, h.BlockSize(), h.BlockSize() + 1} {
		h.Reset()
		h.Write(bytes.Repeat([]byte{0xa5}, n))
		w.Wipe()
		// The value itself, as it lies in memory.
		if text := fmt.Sprintf("%x", h); bytes.Contains([]byte(text), []byte("a5")) {
			t.Errorf("after %d octets and Wipe: %s", n, text)
		}
		state, _ := h.AppendBinary(nil)
		if bytes.Equal(state, fresh) {
			t.Errorf("after %d octets and Wipe it is ready for use", n)
		}
		for i, b := range state[5:] { // behind the mark, and the size of a digest
			if b != 0 {
				t.Errorf("after %d octets and Wipe, octet %d of the state is %#x: %x", n, 5+i, b, state)
				break
			}
		}
		h.Reset()
		h.Write([]byte("abc"))
		if got, want := h.Sum(nil), digest(oracle, []byte("abc")); !bytes.Equal(got, want) {
			t.Errorf("after Wipe and Reset: %x, want %x", got, want)
		}
	}
}

func hashAllocs(t *testing.T, newHash NewHash) {
	if RaceEnabled {
		t.Skip("the race detector makes the standard library's hashes allocate")
	}
	h := newHash().(saver)
	message := random(6, 1000)
	state, err := h.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	saved := make([]byte, 0, len(state)+h.BlockSize())
	sum := make([]byte, 0, h.Size())
	for _, tt := range []struct {
		name string
		run  func()
	}{
		{"Reset", h.Reset},
		{"Write", func() { h.Write(message) }},
		{"Sum", func() { h.Sum(sum) }},
		{"AppendBinary", func() { h.AppendBinary(saved) }},
		{"UnmarshalBinary", func() { h.UnmarshalBinary(state) }},
	} {
		if n := testing.AllocsPerRun(100, tt.run); n != 0 {
			t.Errorf("%s: %v allocations", tt.name, n)
		}
	}
}

// FuzzHash compares digests of what the fuzzer makes up, in two writes with the
// state saved and restored between them, and checks that UnmarshalBinary takes
// only what it could have saved.
func FuzzHash(f *testing.F, newHash, oracle NewHash) {
	state, _ := newHash().(saver).AppendBinary(nil)
	f.Add([]byte{}, 0, state)
	f.Add([]byte("message digest"), 7, []byte("abc"))
	f.Add(random(7, 300), 129, state[:len(state)-1])
	f.Fuzz(func(t *testing.T, message []byte, cut int, state []byte) {
		cut = min(max(cut, 0), len(message))
		h := newHash().(saver)
		h.Write(message[:cut])
		saved, err := h.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		h.Reset()
		if err := h.UnmarshalBinary(saved); err != nil {
			t.Fatal(err)
		}
		h.Write(message[cut:])
		if got, want := h.Sum(nil), digest(oracle, message); !bytes.Equal(got, want) {
			t.Errorf("%x cut at %d: %x, want %x", message, cut, got, want)
		}

		if h.UnmarshalBinary(state) == nil {
			if again, err := h.AppendBinary(nil); err != nil || !bytes.Equal(again, state) {
				t.Errorf("the state %x was saved again as %x, %v", state, again, err)
			}
			h.Write(message)
			h.Sum(nil)
		}
	})
}

// BenchmarkHash measures a hash on messages of the sizes that count: a key, a short
// request, a full datagram. of is whose it is.
func BenchmarkHash(b *testing.B, of string, newHash NewHash) {
	for _, n := range []int{64, 512, 8192} {
		b.Run(fmt.Sprintf("of=%s/octets=%d", of, n), func(b *testing.B) {
			h, message, sum := newHash(), random(8, n), make([]byte, 0, 64)
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				h.Reset()
				h.Write(message)
				sum = h.Sum(sum[:0])
			}
		})
	}
}
