package agent

import (
	"sync/atomic"
	"time"

	"snmpstack/transport"
)

// An eventLoop hands what an agent without ProcessIdleEvents has to do to whoever
// calls DoEvents. What readers have read waits there, one batch for each socket, and
// the rest in the kernel.
type eventLoop struct {
	ready chan event
	ended chan struct{} // closed when the run ends
	busy  atomic.Bool   // somebody is in DoEvents
}

type event struct {
	do   func()
	done chan struct{} // closed when that is done
}

func newEventLoop() *eventLoop {
	return &eventLoop{ready: make(chan event), ended: make(chan struct{})}
}

// do waits until DoEvents has called f, and reports whether it has: it does not any
// more when the run ends.
func (l *eventLoop) do(f func()) bool {
	e := event{f, make(chan struct{})}
	select {
	case l.ready <- e:
		<-e.done
		return true
	case <-l.ended:
		return false
	}
}

func (e event) handle() {
	defer close(e.done)
	e.do()
}

// event calls f where hooks are called, at once or by DoEvents, and reports whether
// it has.
func (r *run) event(f func()) bool {
	if r.events != nil {
		return r.events.do(f)
	}
	f()
	return true
}

// failedRead is goOn where hooks are called.
func (r *run) failedRead(err error, failures int) (goOn bool) {
	r.event(func() { goOn = r.goOn(err, failures) })
	return goOn
}

// serveInEvents is serve on the goroutine that calls DoEvents.
func (rd *reader) serveInEvents(in []transport.Packet) {
	r := rd.run
	served := false
	r.events.do(func() {
		if served = r.gate.enter(); served {
			defer r.gate.leave()
			defer rd.request.forget() // what a hook that panics has left behind
			rd.serve(in)
		}
	})
	if !served {
		r.counters.notAccepted.Add(uint64(len(in)))
	}
}

// DoEvents handles what there is to handle, if ProcessIdleEvents is false: it answers
// the requests that have come, and calls hooks, all of them on the goroutine of the
// caller, which need not lock what only hooks use. If there is nothing it waits for
// SelectWaitMillis at most. Otherwise the agent's own goroutines do all that, and it
// just waits.
//
// It is error 109 if the agent is not active, and 307 if somebody else is in DoEvents,
// as the hook that calls it.
//
// An inform waits for an answer that comes in by DoEvents too: another goroutine has
// to call it meanwhile.
func (a *Agent) DoEvents() error {
	r := a.activeRun()
	if r == nil {
		return &Error{Code: CodeNotActive}
	}
	var ready chan event
	if l := r.events; l != nil {
		if !l.busy.CompareAndSwap(false, true) {
			return &Error{Code: CodeBusy}
		}
		defer l.busy.Store(false)
		ready = l.ready
	}
	waited := make(chan struct{})
	defer r.Clock.AfterFunc(time.Duration(r.SelectWaitMillis)*time.Millisecond, func() { close(waited) })()
	select {
	case e := <-ready:
		e.handle()
	case <-waited:
		return nil
	case <-r.context.Done():
		return nil
	}
	for range r.Conns { // what has come meanwhile, but not for ever
		select {
		case e := <-ready:
			e.handle()
		default:
			return nil
		}
	}
	return nil
}

// activeRun returns the run, nil if the agent is not active.
func (a *Agent) activeRun() *run {
	if a.state == nil {
		return nil
	}
	if r := a.state.run.Load(); r != nil && !r.isBroken() {
		return r
	}
	return nil
}
