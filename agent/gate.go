package agent

import "sync"

// A gate counts what is under way, and can be closed: nothing new comes in then,
// and what is inside is waited for.
type gate struct {
	mu     sync.Mutex
	inside int
	empty  chan struct{} // closed when the gate is and nobody is inside; nil while it is open
}

// enter reports whether the gate is open. Then leave has to be called.
func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.empty != nil {
		return false
	}
	g.inside++
	return true
}

// join lets one more in on behalf of somebody who is inside, even if the gate
// has been closed meanwhile.
func (g *gate) join() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside++
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inside--; g.inside == 0 && g.empty != nil {
		close(g.empty)
	}
}

// close closes the gate, once, and returns what is closed when nobody is inside
// any more.
func (g *gate) close() (empty <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.empty = make(chan struct{})
	if g.inside == 0 {
		close(g.empty)
	}
	return g.empty
}
