package agent

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"snmpstack/transport"
	"snmpstack/usm"
)

// A run is an active agent: the fields as they were at Activate, the sockets and
// the goroutines.
//
// Each socket has readers, which answer what can be answered without waiting (see
// read). Everything else gets a worker, a goroutine for one request. Readers are
// inside the gate while they deal with what they have read, workers as long as they
// live: to stop is to close the gate, to wait until everybody is out, and then to
// close the sockets.
type run struct {
	Agent
	counters *counters
	pool     transport.Pool
	idle     sync.Pool // of *request, for workers
	traces   sync.Pool // of *PacketTraceEvent
	gate     gate
	events   *eventLoop   // nil: readers and workers do all themselves
	working  atomic.Int64 // workers
	// ignoreLocal lets answers leave from where the system likes, though the address
	// that was asked is known.
	ignoreLocal bool
	kernelDrops kernelDrops
	poison      bool // overwrite what requests leave behind, see poisonForTests

	peer      netip.AddrPort // the one with whom alone it speaks, if UseConnection is set
	deferrals deferrals
	hooked    hookedUsers

	usm      *usm.Model
	senders  *usm.Model        // of users who were added by sending
	contexts map[string]string // that there are beside the default one, by their names

	context context.Context // of all requests; ends with the run
	cancel  context.CancelFunc
	readers sync.WaitGroup
	stopped chan struct{} // closed when stop is done
	broken  chan struct{} // closed when the last reader has failed

	mu     sync.Mutex // guards what follows
	alive  int        // readers that have not failed
	failed error      // why readers have

	reports limiter
	// hookReports lets through what hooks for users have got wrong.
	hookReports limiter
	informs     informs
	engines     knownEngines
}

// poisonForTests makes every run overwrite the memory of a request as soon as the
// request is done, so that what was kept without a copy shows.
var poisonForTests bool

// How many datagrams are read with one call, if the system can: one until that was not
// enough, then twice as many, and so on up to batch. Each has a buffer of 64 KiB, most
// of which is never touched, but counts for the garbage collector: an agent that is
// asked little has little, and a thousand of them in one process do.
const (
	firstBatch = 1
	batch      = 64
)

// mostReaders is how many goroutines read from one socket at most: so many
// processors can answer at once. Each that has been needed once stays.
const mostReaders = 8

func (r *run) start() {
	for _, c := range r.Conns {
		turn := make(chan struct{}, 1)
		turn <- struct{}{}
		r.readers.Go(func() { r.read(c, turn, min(runtime.GOMAXPROCS(0), mostReaders)-1) })
	}
}

// stop ends the run. What has been read is answered; workers get HandlerTimeout
// to finish, then their requests are given up.
func (r *run) stop() {
	empty := r.gate.close()
	if r.events != nil {
		close(r.events.ended)
	}
	expired := make(chan struct{})
	cancel := r.Clock.AfterFunc(r.HandlerTimeout, func() { close(expired) })
	select {
	case <-empty:
	case <-expired:
	}
	cancel()
	r.cancel()
	r.countKernelDrops()
	for _, c := range r.Conns {
		c.Close()
	}
	r.readers.Wait()
	if n := r.reports.rest() + r.hookReports.rest(); n > 0 {
		r.Logger.Error("snmp agent: further errors were not logged", "suppressed", n)
	}
	close(r.stopped)
}

// isBroken reports whether the last reader has failed.
func (r *run) isBroken() bool {
	select {
	case <-r.broken:
		return true
	default:
		return false
	}
}

// failure returns why readers have ended.
func (r *run) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

// read is a reader. One at a time waits for datagrams: the one that has taken what
// is in turn. It keeps the turn while it answers them, since to wake another one
// costs more than a datagram does, and to read more of them at once saves time. Only
// when it has read as many as it can, so that there are probably more, it passes the
// turn on, and another processor goes on reading: who asks the agent more than one
// processor can answer has the others as well, even from a single port. The first
// time it starts that other reader, unless there are to be no others. The turn is
// closed when the socket is of no more use.
//
// Several sockets that share the port (SO_REUSEPORT) were measured too. They cost no
// less then, more in between, when they make smaller batches of what one socket has
// together, and let other processes of the same user have a part of the requests.
func (r *run) read(c transport.Conn, turn chan struct{}, others int) {
	if _, ok := <-turn; !ok {
		return
	}
	in := r.room(nil, firstBatch)
	rd := reader{run: r, conn: c, request: r.newRequest()}
	failures := 0
	for {
		n, err := c.Read(in)
		if err != nil {
			if failures++; !r.failedRead(err, failures) {
				close(turn)
				return
			}
			continue
		}
		failures = 0
		r.counters.snmp[SnmpInPkts].Add(uint32(n))
		if r.events != nil {
			rd.serveInEvents(in[:n])
			continue
		}
		if !r.gate.enter() {
			r.counters.notAccepted.Add(uint64(n))
			continue // the next Read says that the socket is closed
		}
		more := n == batch
		if more {
			turn <- struct{}{}
			if others > 0 {
				next := others - 1
				r.readers.Go(func() { r.read(c, turn, next) })
				others = 0
			}
		}
		rd.serve(in[:n])
		r.gate.leave()
		if n == len(in) && n < batch {
			in = r.room(in, 2*n)
		}
		if more {
			if _, ok := <-turn; !ok {
				return
			}
		}
	}
}

// room returns in with buffers for n datagrams.
func (r *run) room(in []transport.Packet, n int) []transport.Packet {
	for len(in) < n {
		in = append(in, transport.Packet{Buf: r.pool.Get(transport.FullSize)})
	}
	return in
}

// A reader is what a goroutine that reads works with.
type reader struct {
	run     *run
	conn    transport.Conn
	request *request
	out     []transport.Packet
	what    []departure // for each of out
}

// serve answers datagrams that were read together, in their order, and sends the
// answers together.
func (rd *reader) serve(in []transport.Packet) {
	r, q := rd.run, rd.request
	octets := 0
	for i := range in {
		q.conn, q.Packet = rd.conn, &in[i]
		verdict := q.receive()
		if i == len(in)-1 {
			q.note()
		}
		switch verdict {
		case answered, reported:
			octets += len(q.answer.data)
			rd.out = append(rd.out, transport.Packet{})
			q.depart(&rd.out[len(rd.out)-1])
			rd.what = append(rd.what, departure{verdict, q.decrypted})
		case wouldBlock:
			in[i].Buf = r.handOver(q)
		}
		q.forget()
		if octets > heldBack {
			rd.send()
			octets = 0
		}
	}
	rd.send()
}

// heldBack is how many octets of answers wait at most for the rest of a batch.
// Small answers all do: sent together they cost the least. Large ones take their
// time, and would take memory.
const heldBack = 64 << 10

// send sends the answers that there are. Their buffers are kept for the next ones,
// if they are small.
func (rd *reader) send() {
	rd.run.counters.add(&rd.request.tally)
	rd.run.send(rd.conn, rd.out, rd.what)
	for i := range rd.out {
		if buf := rd.out[i].Buf; len(buf.Bytes()) == transport.SmallSize && len(rd.request.spare) < batch {
			rd.request.spare = append(rd.request.spare, buf)
		} else {
			buf.Release()
		}
		rd.out[i].Buf, rd.out[i].Data = nil, nil
	}
	clear(rd.what)
	rd.out, rd.what = rd.out[:0], rd.what[:0]
}

// goOn deals with an error from Read, the number of errors since something was
// read, and reports whether the reader goes on.
func (r *run) goOn(err error, failures int) bool {
	class := transport.Classify(err)
	if class == transport.ClassClosed && r.context.Err() != nil {
		return false // we have closed it
	}
	r.counters.receiveErrors.Add(1)
	if class == transport.ClassTransient || class == transport.ClassDatagram {
		if failures > patience {
			r.pause()
		}
		return true
	}
	r.report(err)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = errors.Join(r.failed, systemError(err))
	if r.alive--; r.alive == 0 {
		close(r.broken)
	}
	return false
}

// A reader that gets nothing but errors must not spin: after some it pauses
// before each further one.
const (
	patience         = 100
	pauseAfterErrors = 100 * time.Millisecond
)

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

// handOver gives the request to a worker and returns the buffer that the reader
// goes on with. When there are MaxConcurrent workers already the request is
// dropped and counted.
func (r *run) handOver(q *request) *transport.Buffer {
	buf := q.Packet.Buf
	if r.working.Add(1) > int64(r.MaxConcurrent) {
		r.working.Add(-1)
		r.counters.overloaded.Add(1)
		q.traceIncoming()
		return buf
	}
	r.gate.join()
	w, _ := r.idle.Get().(*request)
	if w == nil {
		w = r.newRequest()
	}
	w.taken = *q.Packet
	w.conn, w.Packet, w.traced = q.conn, &w.taken, q.traced
	if len(q.Data) <= transport.SmallSize {
		// Most datagrams are small: while they wait they need not hold on to a
		// buffer that is fit for any.
		small := r.pool.Get(transport.SmallSize)
		w.Packet.Buf, w.Packet.Data = small, small.Bytes()[:copy(small.Bytes(), q.Data)]
	} else {
		buf = r.pool.Get(transport.FullSize)
		q.Packet = nil // the worker's
	}
	if r.events != nil {
		w.work() // by whoever calls DoEvents
	} else {
		go w.begin()
	}
	return buf
}

// work is a worker: it answers one request, which may take its time.
func (q *request) work() {
	r := q.run
	if q.context == nil {
		q.context = &requestContext{run: r}
	}
	ctx := q.context
	ctx.start()
	q.mib.Context = ctx
	what := q.resume()
	r.counters.add(&q.tally)
	if what == deferred {
		q.context = nil
		q.deferred.park(ctx, func() { ctx.end() })
		return
	}
	if waited := ctx.end(); waited || r.poison {
		q.context = nil
	}
	q.conclude(what)
}

// conclude ends a worker's work on a request: it sends the answer and gives
// everything back.
func (q *request) conclude(what verdict) {
	r := q.run
	defer r.gate.leave()
	defer r.working.Add(-1)
	r.counters.add(&q.tally)
	if what == answered || what == reported {
		q.depart(&q.out[0])
		q.what[0] = departure{what, q.decrypted}
		r.send(q.conn, q.out[:], q.what[:])
		q.out[0].Buf.Release()
		q.out[0], q.what[0] = transport.Packet{}, departure{}
	}
	q.forget()
	q.taken.Buf.Release()
	q.taken = transport.Packet{}
	r.idle.Put(q)
}

// A departure is what there is to know of a datagram that is about to leave.
type departure struct {
	verdict          // answered or reported
	decrypted []byte // what OnPacketTrace has in its place, if that is another message
}

// send hands Responses and Reports to the kernel; what says which is which. One that
// it refuses is counted, told to OnError and left behind. An error of the moment may be
// about another datagram, sent earlier, or about the kernel's memory: then the same one
// is tried once more, so that one peer's ICMP message does not cost another his answer.
func (r *run) send(c transport.Conn, out []transport.Packet, what []departure) {
	tried := 0 // how many were left when the first one of them met such an error
	for len(out) > 0 {
		n, err := c.Write(out)
		r.countSent(what[:n])
		if r.OnPacketTrace != nil {
			for i := range out[:n] {
				packet := out[i].Data
				if what[i].decrypted != nil {
					packet = what[i].decrypted
				}
				r.trace(Outgoing, packet, out[i].Remote)
			}
		}
		out, what = out[n:], what[n:]
		if err == nil {
			continue
		}
		lost := 1
		class := transport.Classify(err)
		switch class {
		case transport.ClassTransient:
			if tried != len(out) {
				tried = len(out)
				continue
			}
		case transport.ClassClosed, transport.ClassFatal:
			lost = len(out)
		}
		if class != transport.ClassClosed || r.context.Err() == nil { // else we have closed it
			r.report(fmt.Errorf("agent: the answer to %v cannot be sent: %w", out[0].Remote, err))
		}
		for _, d := range what[:lost] {
			if d.verdict == answered {
				r.counters.sendErrors.Add(1)
			}
		}
		out, what = out[lost:], what[lost:]
	}
}

func (r *run) countSent(what []departure) {
	answers := uint64(0)
	for i := range what {
		if what[i].verdict == answered {
			answers++
		}
	}
	if answers > 0 {
		r.counters.answered.Add(answers)
	}
	if reports := uint64(len(what)) - answers; reports > 0 {
		r.counters.reported.Add(reports)
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
	e := &ErrorEvent{Code: systemCode(err), Err: err}
	if coded := (*Error)(nil); errors.As(err, &coded) {
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

// rest returns how many events were held back since the last one that was not.
func (l *limiter) rest() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.suppressed
}
