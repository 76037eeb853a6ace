package agent

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"snmpstack/transport"
)

// A run is an active agent: the fields as they were at Activate, the sockets and
// the goroutines.
type run struct {
	Agent
	counters *counters
	pool     transport.Pool
	idle     sync.Pool // of *request, for workers

	context context.Context // of all requests; ends with the run
	cancel  context.CancelFunc
	readers sync.WaitGroup

	stopping atomic.Bool   // nothing more is accepted
	done     chan struct{} // closed when the last reader has failed

	mu      sync.Mutex
	working int           // workers that are busy
	idling  chan struct{} // closed when stopping and working is 0; nil until stop
	alive   int           // readers that have not failed
	failed  error

	reports limiter
}

// batch is how many datagrams are read with one call, if the system can.
const batch = 32

func (r *run) start() {
	r.context, r.cancel = context.WithCancel(context.Background())
	r.alive = len(r.Conns)
	for _, c := range r.Conns {
		r.readers.Go(func() { r.read(c) })
	}
}

// stop ends the run. Workers get HandlerTimeout to finish, then their requests
// are given up.
func (r *run) stop() {
	idle := make(chan struct{})
	r.mu.Lock()
	r.stopping.Store(true)
	r.idling = idle
	if r.working == 0 {
		close(idle)
	}
	r.mu.Unlock()
	expired := make(chan struct{})
	cancel := r.Clock.AfterFunc(r.HandlerTimeout, func() { close(expired) })
	select {
	case <-idle:
	case <-expired:
	}
	cancel()
	r.cancel()
	for _, c := range r.Conns {
		c.Close()
	}
	r.readers.Wait()
}

// failure returns why the last reader ended.
func (r *run) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

// read serves one socket: it reads datagrams, answers what can be answered
// without waiting and hands the rest to workers.
func (r *run) read(c transport.Conn) {
	in := make([]transport.Packet, batch)
	for i := range in {
		in[i].Buf = r.pool.Get(transport.FullSize)
	}
	out := make([]transport.Packet, 0, batch)
	answers := make([]*transport.Buffer, 0, batch)
	q := r.newRequest()
	pauses := 0
	for {
		n, err := c.Read(in)
		if err != nil {
			if !r.readFailed(c, err, &pauses) {
				return
			}
			continue
		}
		pauses = 0
		for i := range in[:n] {
			q.conn, q.Packet = c, in[i]
			switch answer, verdict := q.receive(); verdict {
			case answered:
				out = append(out, answer)
				answers = append(answers, q.takeAnswer())
			case wouldBlock:
				if r.handOver(q) { // the worker has the buffer now
					in[i].Buf = r.pool.Get(transport.FullSize)
				}
			}
		}
		r.send(c, out)
		for _, b := range answers {
			b.Release()
		}
		out, answers = out[:0], answers[:0]
	}
}

// readFailed deals with an error from Read and reports whether to go on.
func (r *run) readFailed(c transport.Conn, err error, pauses *int) bool {
	switch transport.Classify(err) {
	case transport.ClassClosed:
		return false
	case transport.ClassTransient, transport.ClassDatagram:
		r.counters.receiveErrors.Add(1)
		if *pauses++; *pauses > 100 { // nothing else for long: do not spin
			r.pause()
		}
		return true
	}
	r.counters.receiveErrors.Add(1)
	r.report(err)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = errors.Join(r.failed, systemError(err))
	if r.alive--; r.alive == 0 {
		close(r.done)
	}
	return false
}

// pause waits for a moment, or for the end of the run.
func (r *run) pause() {
	wake := make(chan struct{})
	stop := r.Clock.AfterFunc(pauseAfterErrors, func() { close(wake) })
	defer stop()
	select {
	case <-wake:
	case <-r.context.Done():
	}
}

// handOver gives the request to a worker, and reports whether it took it. A
// request that nobody can take now is dropped and counted.
func (r *run) handOver(q *request) bool {
	r.mu.Lock()
	full := r.working == r.MaxConcurrent
	accepted := !full && !r.stopping.Load()
	if accepted {
		r.working++
	}
	r.mu.Unlock()
	switch {
	case full:
		r.counters.overloaded.Add(1)
		return false
	case !accepted:
		r.counters.notAccepted.Add(1)
		return false
	}
	w, _ := r.idle.Get().(*request)
	if w == nil {
		w = r.newRequest()
	}
	w.conn, w.Packet = q.conn, q.Packet
	go w.work()
	return true
}

// finish says that a worker is done.
func (r *run) finish() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.working--; r.working == 0 && r.idling != nil {
		close(r.idling)
	}
}

// work is a worker: it answers one request, which may take its time.
func (q *request) work() {
	r := q.run
	defer r.finish()
	ctx, cancel := context.WithCancelCause(r.context)
	stop := r.Clock.AfterFunc(r.HandlerTimeout, func() { cancel(context.DeadlineExceeded) })
	q.mib.Context = ctx
	answer, verdict := q.resume()
	stop()
	cancel(nil)
	if verdict == answered {
		r.send(q.conn, []transport.Packet{answer})
		q.takeAnswer().Release()
	}
	q.Packet.Buf.Release()
	q.reset()
	r.idle.Put(q)
}

// send hands answers to the kernel. One that it refuses is counted and left
// behind.
func (r *run) send(c transport.Conn, out []transport.Packet) {
	for len(out) > 0 {
		n, err := c.Write(out)
		r.counters.answered.Add(uint64(n))
		if r.OnPacketTrace != nil {
			for i := range out[:n] {
				r.OnPacketTrace(&PacketTraceEvent{Packet: out[i].Data, Direction: Outgoing, Peer: out[i].Remote})
			}
		}
		out = out[n:]
		if err == nil {
			continue
		}
		switch transport.Classify(err) {
		case transport.ClassClosed, transport.ClassFatal:
			r.counters.sendErrors.Add(uint64(len(out)))
			return
		}
		r.counters.sendErrors.Add(1)
		out = out[1:]
	}
}

// report tells OnError, and the log as often as is good for it.
func (r *run) report(err error) {
	if suppressed, ok := r.reports.allow(r.Clock.Now()); ok {
		r.Logger.Error("snmp agent", "err", err, "suppressed", suppressed)
	}
	if r.OnError == nil {
		return
	}
	e := &ErrorEvent{Err: err}
	var coded *Error
	if errors.As(systemError(err), &coded) {
		e.Code = coded.Code
	}
	r.OnError(e)
}

// A limiter lets one event a second through, so that a peer cannot fill the log.
type limiter struct {
	mu         sync.Mutex
	next       time.Time
	suppressed int
}

// allow reports whether the event at now may pass, and how many were held back
// since the last one.
func (l *limiter) allow(now time.Time) (suppressed int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Before(l.next) {
		l.suppressed++
		return 0, false
	}
	suppressed, l.suppressed = l.suppressed, 0
	l.next = now.Add(time.Second)
	return suppressed, true
}

// pauseAfterErrors keeps a reader that gets nothing but errors from spinning.
const pauseAfterErrors = 100 * time.Millisecond
