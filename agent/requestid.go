package agent

import (
	"math/rand/v2"
	"sync/atomic"
)

// RequestID returns the request-id of the next trap.
//
// Deviation: it is 1 at first in the specification, and a random number here: two
// starts must not send the same within a few minutes (RFC 3414 §11.1).
func (a *Agent) RequestID() int32 { return a.state.requestID.peek() }

// SetRequestID sets the request-id of the next trap, from which they count on: after
// 2147483647 comes 1. 0 is a random one. Informs have their own.
func (a *Agent) SetRequestID(id int32) { a.state.requestID.next.Store(id) }

// A serial counts from a random start to 2³¹−1, and then from 1.
type serial struct{ next atomic.Int32 }

func (s *serial) peek() int32 {
	s.next.CompareAndSwap(0, rand.Int32N(1<<31-1)+1)
	return s.next.Load()
}

func (s *serial) take() int32 {
	for {
		id := s.peek()
		if s.next.CompareAndSwap(id, following(id)) {
			return id
		}
	}
}

// giveBack makes an ID that take has returned the next one again, unless another one has
// been taken since.
func (s *serial) giveBack(id int32) { s.next.CompareAndSwap(following(id), id) }

func following(id int32) int32 {
	if id == 1<<31-1 {
		return 1
	}
	return id + 1
}

func (s *state) nextMsgID() int32 { return s.msgID.take() }
