package pdu

import "snmpstack/ber"

// A List is varbinds in their encoding, for an answer that takes as many of them as
// there is room for: they can be counted and measured, and put behind each other in
// any order without being encoded again. The zero List is empty.
type List struct {
	buf []byte
	w   ber.Writer // of buf
	// ends[i] is how many octets the first i+1 varbinds take. The Writer puts them at
	// the end of buf, the last one first.
	ends  []int
	limit int
}

// Reset makes the list empty. Its memory is used again.
func (l *List) Reset() {
	l.w, l.ends, l.limit = ber.NewWriter(l.buf), l.ends[:0], 0
}

// Len returns the number of varbinds.
func (l *List) Len() int { return len(l.ends) }

// Cap returns how many octets of memory the list holds on to.
func (l *List) Cap() int { return len(l.buf) }

// SetLimit sets what Left counts down to: octets more than the list has now.
func (l *List) SetLimit(octets int) { l.limit = l.w.Len() + octets }

// Left returns how many octets there are to go to the limit, less than none if it has
// been passed. The list takes more all the same: who adds to it looks.
func (l *List) Left() int { return l.limit - l.w.Len() }

// At returns the encoding of varbind i, counted from 0. It is valid until the list is
// changed.
func (l *List) At(i int) []byte {
	before := 0
	if i > 0 {
		before = l.ends[i-1]
	}
	return l.buf[len(l.buf)-l.ends[i] : len(l.buf)-before]
}

// Add adds a varbind. It panics if its name or value cannot be encoded.
func (l *List) Add(vb *VarBind) {
	end := l.w.Mark()
	for vb.encode(&l.w); l.w.Err() != nil; vb.encode(&l.w) {
		end = l.grow(end)
	}
	l.ends = append(l.ends, l.w.Len())
}

// AddInstance adds the varbind whose name begins with column and goes on with index.
func (l *List) AddInstance(column ber.Prefix, index ber.OID, v Value) {
	end := l.w.Mark()
	for {
		v.encode(&l.w)
		l.w.OIDBelow(ber.ObjectIdentifier, column, index)
		l.w.Wrap(ber.Sequence, end)
		if l.w.Err() == nil {
			break
		}
		end = l.grow(end)
	}
	l.ends = append(l.ends, l.w.Len())
}

// grow takes back what was written after Mark had returned end, makes more room and
// returns what is the Mark now.
func (l *List) grow(end int) int {
	written := l.buf[end:]
	l.buf = make([]byte, max(1024, 2*len(l.buf)))
	l.w = ber.NewWriter(l.buf)
	l.w.Raw(written)
	return l.w.Mark()
}

// Poison overwrites the list's memory: see Decoder.Poison.
func (l *List) Poison() {
	for i := range l.buf {
		l.buf[i] = 0xDB
	}
}
