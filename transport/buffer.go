package transport

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// The two sizes of Buffer, in octets. SmallSize holds what fits one Ethernet
// frame, which is nearly every SNMP message and more than the 1472 that RFC
// 3417 §3.2 recommends to accept; FullSize holds any UDP datagram, so nothing
// is truncated in it.
const (
	SmallSize = 2048
	FullSize  = 65536
)

// DefaultMaxIdle is how many full buffers a Pool keeps idle unless told
// otherwise: 2 MiB of them.
const DefaultMaxIdle = 32

// A Buffer is the memory for one datagram, handed out by a Pool and returned
// with Release. It must not be copied, and belongs to one goroutine at a time.
type Buffer struct {
	mem  []byte
	pool *Pool
	// self finds copies of the struct, which would share mem with the
	// original and let it be released twice.
	self *Buffer
	// inUse is atomic to catch two goroutines releasing one buffer, which is
	// the very mistake it is there to find.
	inUse atomic.Bool
	next  *Buffer // in the pool's list, while idle
}

// Bytes returns the whole of the buffer, SmallSize or FullSize octets with
// whatever was last in them. It panics if the buffer has been released.
func (b *Buffer) Bytes() []byte {
	b.check("Bytes")
	return b.mem
}

// Release gives the buffer back to its pool. The caller must not use it, or
// any slice into it, afterwards. Releasing it again, or a Buffer that came
// from no pool, panics: the memory would otherwise be handed to two requests,
// and one of them would answer with the other's data.
func (b *Buffer) Release() {
	b.check("Release")
	if !b.inUse.CompareAndSwap(true, false) {
		panic("transport: Release of a buffer already released")
	}
	b.pool.put(b)
}

// check panics if b is not a buffer its caller may use.
func (b *Buffer) check(method string) {
	switch {
	case b == nil:
		panic("transport: " + method + " of a nil buffer")
	case b.self != b:
		panic("transport: " + method + " of a buffer that no pool handed out")
	case !b.inUse.Load():
		panic("transport: " + method + " of a buffer already released")
	}
}

// A Pool keeps released buffers for reuse, so that in the steady state Get and
// Release allocate nothing. The zero Pool is ready to use. It is safe for
// concurrent use and must not be copied after its first use.
//
// It bounds what it keeps, not what it hands out: buffers in use are bounded
// by those who hold them.
type Pool struct {
	// MaxIdle is how many full buffers the pool keeps while nobody uses them;
	// it keeps as many octets of small ones (32 small for each full one).
	// Those released beyond that go to the garbage collector. Zero means
	// DefaultMaxIdle, less than zero means none. Set it before first use.
	MaxIdle int

	mu    sync.Mutex
	small freelist
	full  freelist
}

// A freelist is the idle buffers of one size, linked through Buffer.next. It
// is a list under a mutex, not a sync.Pool, because a sync.Pool has no bound
// and is emptied by the garbage collector as it pleases.
type freelist struct {
	first *Buffer
	n     int
}

// Get returns a buffer of at least size octets: a small one if that is enough,
// otherwise a full one. Its content is arbitrary. It panics if size is
// negative or more than FullSize.
func (p *Pool) Get(size int) *Buffer {
	if size < 0 || size > FullSize {
		panic(fmt.Sprintf("transport: Get of a buffer of %d octets, expected 0 to %d", size, FullSize))
	}
	list, capacity := &p.small, SmallSize
	if size > SmallSize {
		list, capacity = &p.full, FullSize
	}
	p.mu.Lock()
	b := list.first
	if b != nil {
		list.first, b.next = b.next, nil
		list.n--
	}
	p.mu.Unlock()
	if b == nil {
		b = &Buffer{mem: make([]byte, capacity), pool: p}
		b.self = b
	}
	b.inUse.Store(true)
	return b
}

// put takes a released buffer into its list, if there is room.
func (p *Pool) put(b *Buffer) {
	list, limit := &p.full, p.MaxIdle
	if limit == 0 {
		limit = DefaultMaxIdle
	}
	if len(b.mem) == SmallSize {
		list, limit = &p.small, limit*(FullSize/SmallSize)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if list.n >= limit {
		return
	}
	b.next, list.first = list.first, b
	list.n++
}
