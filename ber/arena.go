package ber

// An Arena is scratch memory for OIDs, so that decoding allocates nothing once
// the arena has grown to what its messages need. The zero Arena is empty, and ready for
// use. What was read into it stays valid until Reset, also while it grows.
type Arena struct {
	buf    []byte
	blocks int // how often buf was made anew
}

// Reset forgets everything: the memory is used again, and the OIDs that were
// read into it change their value.
func (a *Arena) Reset() { a.buf = a.buf[:0] }

// A Mark is a moment in the life of an Arena.
type Mark struct{ blocks, used int }

// Mark returns the present moment, for Rewind.
func (a *Arena) Mark() Mark { return Mark{a.blocks, len(a.buf)} }

// Rewind forgets what was read or joined since m: that memory is used again, and
// the OIDs in it change their value. Older ones stay valid. m is of this arena and
// not older than its last Reset.
func (a *Arena) Rewind(m Mark) {
	if a.blocks != m.blocks { // all of the present block is younger
		m.used = 0
	}
	a.buf = a.buf[:m.used]
}

// Join returns the OID made of p's and then s's sub-identifiers. It lives in
// the arena.
func (a *Arena) Join(p, s OID) OID {
	dst := a.grow(len(p) + len(s))
	dst = append(dst, p...)
	dst = append(dst, s...)
	return OID(a.keep(dst))
}

// JoinArc is Join for a single sub-identifier.
func (a *Arena) JoinArc(p OID, arc uint32) OID {
	dst := a.grow(len(p) + arcSize)
	dst = append(dst, p...)
	return OID(a.keep(appendArc(dst, arc)))
}

// JoinArcs is Join for several sub-identifiers that are not an OID yet.
func (a *Arena) JoinArcs(p OID, arcs ...uint32) OID {
	dst := a.grow(len(p) + arcSize*len(arcs))
	dst = append(dst, p...)
	for _, arc := range arcs {
		dst = appendArc(dst, arc)
	}
	return OID(a.keep(dst))
}

// Cap returns how many octets the arena holds on to.
func (a *Arena) Cap() int { return cap(a.buf) }

// Poison overwrites the memory that the next message will be read into. Tests
// call it where the arena is given up, so that an OID that was kept without
// Clone shows. OIDs that were read before the arena last grew are not affected:
// their memory is no longer the arena's.
func (a *Arena) Poison() {
	for i := range a.buf {
		a.buf[i] = 0xDB
	}
}

// grow returns an empty slice at the end of the arena with room for n octets.
// Older OIDs keep the memory they are in when a new block is needed.
func (a *Arena) grow(n int) []byte {
	if cap(a.buf)-len(a.buf) < n {
		a.buf = make([]byte, 0, max(2*cap(a.buf), n, 1024))
		a.blocks++
	}
	return a.buf[len(a.buf):]
}

// keep makes b, which grow returned and the caller appended no more to than it
// asked for, part of the arena.
func (a *Arena) keep(b []byte) string {
	a.buf = a.buf[:len(a.buf)+len(b)]
	return alias(b)
}
