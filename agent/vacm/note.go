package vacm

import (
	"sync/atomic"
)

// What was found out about the one who asks need not be found out again for his next
// request: of very many none is in the processor's caches, and then a look-up takes longer
// than the rest of an answer. A note of it is kept where a request gets to anyway: in the
// row of its community, or beside the keys of its user. It counts for the name that it
// stands by and as long as no row has changed.
//
// It is the index's generation, the security model and the number of the rights. As it is
// no pointer it does not hold on to an index that is of no more use.

// A keeper has a note, which is 0 at first: a community.Principal, or a user of package
// usm.
type keeper interface {
	Note() (securityName string, note *atomic.Uint64)
}

// noted returns the rights of a member, with the help of a note that stands by a name.
func (x *index) noted(m member, name string, note *atomic.Uint64) *rights {
	if name != m.name || uint64(m.model) >= 1<<modelBits {
		return x.rightsOf(m)
	}
	key := x.generation<<modelBits | uint64(m.model)
	if n := note.Load(); n>>numberBits == key {
		return x.rights.byNumber[n&(1<<numberBits-1)]
	}
	g := x.rightsOf(m)
	if n := g.index(); n < 1<<numberBits {
		note.Store(key<<numberBits | n)
	}
	return g
}

// The bits of a note. Those for the generation do for 2⁴² changes of rows, which is one
// each millisecond for a hundred years.
const (
	numberBits = 20
	modelBits  = 2 // there are three models (RFC 3411 §5, SnmpSecurityModel)
)
