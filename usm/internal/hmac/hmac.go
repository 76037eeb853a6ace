// Package hmac is the keyed-hash message authentication code HMAC of FIPS 198-1
// (and RFC 2104), over any hash that can save its state: those of this module,
// and those of the standard library.
//
// A message is authenticated in two parts. [Key] is what can be computed before
// there is a message; it is never written to again, so that any number of
// goroutines may share one. A [Worker] is what a goroutine needs for itself. With
// both at hand a MAC takes no memory:
//
//	key := hmac.New(sha1.New, secret)   // once for a key
//	w := hmac.NewWorker(sha1.New)       // once for a goroutine
//	mac = w.MAC(key, mac[:0], message)  // for each message
//
// Truncating the result is left to who knows how far (FIPS 198-1 §5), and so are
// rules about how long a key must be.
//
// Constant time: as the hash is. What a MAC takes depends on the lengths of key
// and message alone, if that is true for the hash.
package hmac

import (
	"crypto/subtle"
	"encoding"
	"fmt"
	"hash"
	"slices"
)

// The octets that K0 is combined with (FIPS 198-1 §2.3).
const (
	ipad = 0x36
	opad = 0x5c
)

// A Key is a secret, ready for computing MACs with one hash. It is as secret as
// what it was made of. Any number of goroutines may use it at the same time, but
// for Wipe.
//
// FIPS 198-1 §6 permits what it saves: "the intermediate results of the
// compression function on the B-byte blocks (K0 ⊕ ipad) and (K0 ⊕ opad) can be
// precomputed once, at the time of generation of the key K, or before its first
// use." So a short message costs two calls of the compression function and not
// four.
type Key struct {
	inner []byte // the state of the hash after K0 ⊕ ipad
	outer []byte // and after K0 ⊕ opad
}

// New prepares a secret of any length for HMAC with the hash that h returns. It
// keeps no reference to key. It panics if the hash cannot save its state.
func New(h func() hash.Hash, key []byte) *Key {
	state := h()
	k0 := make([]byte, state.BlockSize(), max(state.BlockSize(), state.Size()))

	// FIPS 198-1 §4, steps 1 to 3: K0 is the key, or its hash if it is longer than
	// a block, filled up to a block with zeros.
	if len(key) > len(k0) {
		state.Write(key)
		state.Sum(k0[:0])
	} else {
		copy(k0, key)
	}

	k := &Key{inner: padded(state, k0, ipad), outer: padded(state, k0, opad)} // steps 4 and 7
	clear(k0)
	wipe(state)
	k.join()
	return k
}

// join puts both states into one piece of memory: they are used one after the other.
func (k *Key) join() {
	n := len(k.inner)
	both := slices.Concat(k.inner, k.outer)
	k.Wipe()
	k.inner, k.outer = both[:n:n], both[n:]
}

// padded returns the state of a hash that has got K0 ⊕ pad, a whole block.
func padded(state hash.Hash, k0 []byte, pad byte) []byte {
	block := make([]byte, len(k0))
	for i, b := range k0 {
		block[i] = b ^ pad
	}
	state.Reset()
	state.Write(block)
	clear(block)
	saver, ok := state.(encoding.BinaryMarshaler)
	if !ok {
		panic(fmt.Sprintf("hmac: the state of a %T cannot be saved", state))
	}
	saved, err := saver.MarshalBinary()
	if err != nil {
		panic(fmt.Sprintf("hmac: saving the state of a %T: %v", state, err))
	}
	return saved
}

// Wipe clears the key. It must not be in use, and is of no use afterwards.
func (k *Key) Wipe() {
	clear(k.inner)
	clear(k.outer)
}

// A Worker computes MACs, one after the other, with any keys for the same hash.
// It is not safe for concurrent use.
type Worker struct {
	state hash.Hash
	saved encoding.BinaryUnmarshaler // the same
	key   *Key                       // between Start and Finish
	sum   []byte                     // for the inner hash
}

// NewWorker returns a Worker for keys made with the same h. It panics if the hash
// cannot restore its state.
func NewWorker(h func() hash.Hash) *Worker {
	state := h()
	saved, ok := state.(encoding.BinaryUnmarshaler)
	if !ok {
		panic(fmt.Sprintf("hmac: the state of a %T cannot be restored", state))
	}
	return &Worker{state: state, saved: saved, sum: make([]byte, 0, state.Size())}
}

// Start begins the MAC of a message; one that was not finished is forgotten. It
// panics if k is of another hash, or was wiped.
func (w *Worker) Start(k *Key) {
	w.restore(k.inner)
	w.key = k
}

// Write appends octets to the message. It keeps no reference to p, and never
// fails. It panics if there was no Start.
func (w *Worker) Write(p []byte) (int, error) {
	if w.key == nil {
		panic("hmac: Write without Start")
	}
	return w.state.Write(p) // FIPS 198-1 §4, step 5
}

// Finish appends the MAC to dst, in its full length, and clears what the worker
// holds of message and key. It panics if there was no Start.
func (w *Worker) Finish(dst []byte) []byte {
	if w.key == nil {
		panic("hmac: Finish without Start")
	}
	w.sum = w.state.Sum(w.sum[:0]) // FIPS 198-1 §4, step 6
	w.restore(w.key.outer)         // step 7
	w.state.Write(w.sum)           // step 8
	dst = w.state.Sum(dst)         // step 9
	w.Wipe()
	return dst
}

// MAC appends the MAC of a message to dst: Start, Write for each part, Finish.
func (w *Worker) MAC(k *Key, dst []byte, parts ...[]byte) []byte {
	w.Start(k)
	for _, p := range parts {
		w.Write(p)
	}
	return w.Finish(dst)
}

// Wipe clears what the worker holds of a message and a key. It can go on with
// Start.
func (w *Worker) Wipe() {
	wipe(w.state)
	clear(w.sum[:cap(w.sum)])
	w.key = nil
}

// restore goes on from a state that New saved.
func (w *Worker) restore(state []byte) {
	if err := w.saved.UnmarshalBinary(state); err != nil {
		panic(fmt.Sprintf("hmac: a key of another hash than %T, or a wiped one: %v", w.state, err))
	}
}

// wipe clears a hash as far as it can be done: one of the standard library keeps
// the last block until other octets take its place.
func wipe(h hash.Hash) {
	if w, ok := h.(interface{ Wipe() }); ok {
		w.Wipe()
		return
	}
	h.Reset()
}

// Equal reports whether two MACs are the same. Constant time: how long it takes
// depends on their lengths alone, of which it makes no secret.
func Equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
