package transport

import (
	"strings"
	"sync"
	"testing"
)

func TestPoolSizes(t *testing.T) {
	for _, test := range []struct {
		name       string
		size, want int
	}{
		{"nothing", 0, SmallSize},
		{"one octet", 1, SmallSize},
		{"the 484 every engine takes, RFC 3417 §3.2", 484, SmallSize},
		{"all of a small one", SmallSize, SmallSize},
		{"one more than small", SmallSize + 1, FullSize},
		{"the longest UDP payload over IPv4", 65507, FullSize},
		{"all of a full one", FullSize, FullSize},
	} {
		t.Run(test.name, func(t *testing.T) {
			var pool Pool
			b := pool.Get(test.size)
			if len(b.Bytes()) != test.want || cap(b.Bytes()) != test.want {
				t.Errorf("Get(%d) has length %d, capacity %d, want %d", test.size, len(b.Bytes()), cap(b.Bytes()), test.want)
			}
			b.Release()
			if again := pool.Get(test.size); again != b {
				t.Errorf("a released buffer was not used again")
			}
			if second := pool.Get(test.size); second == b {
				t.Errorf("one buffer was handed out twice")
			}
		})
	}
}

func TestPoolMisusePanics(t *testing.T) {
	var pool Pool
	released := func() *Buffer {
		b := pool.Get(0)
		b.Release()
		return b
	}
	for _, test := range []struct {
		name   string
		misuse func()
		want   string
	}{
		{"release twice", func() { released().Release() }, "already released"},
		{"octets after release", func() { released().Bytes() }, "already released"},
		{"release twice when the pool kept neither", func() {
			none := Pool{MaxIdle: -1}
			b := none.Get(0)
			b.Release()
			b.Release()
		}, "already released"},
		{"release of a buffer from nowhere", func() { new(Buffer).Release() }, "no pool"},
		{"octets of a buffer from nowhere", func() { new(Buffer).Bytes() }, "no pool"},
		{"release of a copy", func() {
			b := pool.Get(0)
			c := &Buffer{mem: b.mem, pool: b.pool, self: b.self}
			c.inUse.Store(true)
			c.Release()
		}, "no pool"},
		{"release of nil", func() { (*Buffer)(nil).Release() }, "nil buffer"},
		{"less than nothing", func() { pool.Get(-1) }, "-1 octets"},
		{"more than full", func() { pool.Get(FullSize + 1) }, "65537 octets"},
	} {
		t.Run(test.name, func(t *testing.T) {
			defer func() {
				text, _ := recover().(string)
				if !strings.HasPrefix(text, "transport: ") || !strings.Contains(text, test.want) {
					t.Errorf("panic %q, want one with %q", text, test.want)
				}
			}()
			test.misuse()
		})
	}
}

func TestPoolBound(t *testing.T) {
	for _, test := range []struct {
		name      string
		maxIdle   int
		size      int
		wantKept  int
		wantOther int
	}{
		{"full by default", 0, FullSize, DefaultMaxIdle, 0},
		{"full", 3, FullSize, 3, 0},
		{"small, as many octets", 3, SmallSize, 96, 0},
		{"none, full", -1, FullSize, 0, 0},
		{"none, small", -1, SmallSize, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			pool := Pool{MaxIdle: test.maxIdle}
			taken := make([]*Buffer, 100)
			for i := range taken {
				taken[i] = pool.Get(test.size)
			}
			for _, b := range taken {
				b.Release()
			}
			kept, other := pool.full.n, pool.small.n
			if test.size == SmallSize {
				kept, other = other, kept
			}
			if kept != test.wantKept || other != test.wantOther {
				t.Errorf("kept %d idle and %d of the other size, want %d and %d", kept, other, test.wantKept, test.wantOther)
			}
			distinct := make(map[*Buffer]bool)
			for range taken {
				distinct[pool.Get(test.size)] = true
			}
			if len(distinct) != len(taken) {
				t.Errorf("%d buffers handed out as %d", len(distinct), len(taken))
			}
		})
	}
}

func TestPoolConcurrent(t *testing.T) {
	var pool Pool
	var users sync.WaitGroup
	for user := range 4 {
		users.Go(func() {
			for i := range 500 {
				b := pool.Get(i % 2 * FullSize)
				mine := b.Bytes()
				mine[0], mine[len(mine)-1] = byte(user), byte(user)
				if mine[0] != byte(user) || mine[len(mine)-1] != byte(user) {
					t.Errorf("a buffer in use was written by another goroutine")
				}
				b.Release()
			}
		})
	}
	users.Wait()
}

func TestPoolAllocs(t *testing.T) {
	var pool Pool
	n := testing.AllocsPerRun(100, func() {
		small, full := pool.Get(SmallSize), pool.Get(FullSize)
		full.Release()
		small.Release()
	})
	if n != 0 {
		t.Errorf("Get and Release cost %v allocations, want 0", n)
	}
}
