package script

import "sync"

// maxOutput bounds what is kept of one output of one program; a program gone wild must not fill the memory.
const maxOutput = 16 << 20

// output collects what a program prints and wakes whoever waits for more. Both streams of a program share the wake channel's owner.
type output struct {
	mu      sync.Mutex
	streams [2][]byte     // standard output, standard error
	changed chan struct{} // closed at the next write
}

func newOutput() *output { return &output{changed: make(chan struct{})} }

// stream is an io.Writer for one of the two.
type stream struct {
	o *output
	i int
}

func (s stream) Write(b []byte) (int, error) {
	s.o.mu.Lock()
	defer s.o.mu.Unlock()
	kept := s.o.streams[s.i]
	s.o.streams[s.i] = append(kept, b[:min(len(b), maxOutput-len(kept))]...)
	close(s.o.changed)
	s.o.changed = make(chan struct{})
	return len(b), nil
}

// snapshot returns what was printed so far and a channel that is closed as soon as there is more. The slices are not written again.
func (o *output) snapshot() (streams [2][]byte, changed <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, b := range o.streams {
		streams[i] = b[:len(b):len(b)]
	}
	return streams, o.changed
}
