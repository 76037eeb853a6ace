package agent

import (
	"sync"

	"snmpstack/transport"
)

// kernelDrops counts what the kernel has thrown away at a run's sockets. These tell
// how much it was since they were opened, modulo 2³²; what has been added since they
// were asked last is added up here.
type kernelDrops struct {
	mu   sync.Mutex
	told []uint32 // by each socket, when it was asked last
}

// countKernelDrops asks the sockets. One that cannot say adds nothing.
func (r *run) countKernelDrops() {
	d := &r.kernelDrops
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.told == nil {
		d.told = make([]uint32, len(r.Conns))
	}
	for i, c := range r.Conns {
		if n, ok := droppedAt(c); ok {
			r.counters.kernelDrops.Add(uint64(n - d.told[i]))
			d.told[i] = n
		}
	}
}

// droppedAt returns what a socket says that the kernel has thrown away.
func droppedAt(c transport.Conn) (n uint32, ok bool) {
	teller, ok := c.(interface{ Dropped() (uint32, error) })
	if !ok {
		return 0, false
	}
	n, err := teller.Dropped()
	return n, err == nil
}
