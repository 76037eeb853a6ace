package mib

import "sync/atomic"

// A turn is what SETs to one handler wait for. It is a mutex that can be waited for
// until a request is too late. The zero turn is nobody's. It is small, since every
// handler has one and hardly any is ever waited for: what that needs is made then.
type turn struct {
	holder atomic.Pointer[holder] // nil: nobody has the turn
}

// A holder has the turn.
type holder struct {
	over chan struct{} // closed when the turn is over
}

// alone holds a turn that nobody waits for.
var alone = new(holder)

func (t *turn) try() bool { return t.holder.CompareAndSwap(nil, alone) }

// wait takes the turn, and reports whether it could before late was closed.
func (t *turn) wait(late <-chan struct{}) bool {
	for !t.try() {
		h := t.holder.Load()
		if h == alone {
			waited := &holder{make(chan struct{})}
			if !t.holder.CompareAndSwap(alone, waited) {
				continue
			}
			h = waited
		}
		if h == nil {
			continue
		}
		select {
		case <-h.over: // whoever waits tries again
		case <-late:
			return false
		}
	}
	return true
}

func (t *turn) release() {
	if h := t.holder.Swap(nil); h != alone {
		close(h.over)
	}
}
