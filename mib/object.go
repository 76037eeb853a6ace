package mib

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime/debug"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// A Request tells a handler on whose behalf it is called. It is valid until the
// handler returns. The agent fills it in; tests of a handler may use the zero
// Request.
type Request struct {
	// Context ends when the answer would come too late. It is never nil where
	// the agent calls a handler.
	Context context.Context

	Version       pdu.Version
	SecurityModel pdu.SecurityModel
	SecurityLevel pdu.SecurityLevel
	SecurityName  string // who asks: a user, or what stands for a community
	ContextName   string // SNMP's context (RFC 3411 §3.3.1), "" for the default one
	Source        netip.AddrPort

	// Rights is where the agent's Access finds again what it has found out about
	// SecurityName: the *community.Principal that it gave for a community, or what package
	// usm has for a user. It is for Access alone, and may be nil.
	Rights any

	// Arena is memory for the names that Next returns. What is in it is valid until
	// the handler returns, names that Next has returned until the answer has been
	// sent.
	Arena ber.Arena

	// Inline says that the caller cannot wait: only handlers that do not block
	// may be called, others make the operation fail with ErrWouldBlock.
	Inline bool

	// Steps counts what has been looked at on behalf of the request: instances,
	// and rows and handlers without one. MaxSteps bounds it, so that no request
	// keeps the agent busy for long: what would take more is ErrTooFar. 0 is no bound.
	Steps, MaxSteps int

	enough  int // Steps that the present search may go to, see Tree.Next
	set     setScratch
	begun   bool     // between Begin and End
	sources []source // what there is of Sources already
}

// A source is what the Source of a table has given.
type source struct{ table, rows any }

// Begin says that what follows, up to End or another Begin, is one request: its Steps
// count from 0, and a Table asks its Source only once. The agent calls it. Without it,
// as in a test, a Source is asked in each call.
func (r *Request) Begin() {
	r.End()
	r.Steps, r.begun = 0, true
}

// End ends what Begin began: r holds on to nothing that Sources gave.
func (r *Request) End() {
	clear(r.sources)
	r.sources, r.begun = r.sources[:0], false
}

// step counts n steps and reports whether the search may go on.
func (r *Request) step(n int) bool {
	r.Steps += n
	return r.enough == 0 || r.Steps < r.enough
}

// ErrTooFar ends a search that has taken MaxSteps.
var ErrTooFar = errors.New("mib: too much has been looked at for one request")

// ErrWouldBlock is what the Tree returns for a Request with Inline set, when a
// handler would have to be called that may block. Nothing has happened then.
var ErrWouldBlock = errors.New("mib: a handler that may block is needed")

// A Handler answers for the instances of a subtree.
type Handler interface {
	// Get returns the value of the instance called name. Where there is none it
	// returns pdu.NoSuchInstance if the object exists and pdu.NoSuchObject if
	// not (RFC 3416 §4.2.1).
	//
	// An error makes the request fail. RFC 3416 §4.2.1 knows one status for that:
	// pdu.GenErr is sent as it is, and so are pdu.TooBig and pdu.AuthorizationError.
	// Any other error, another pdu.ErrorStatus too, is genErr for the one who asks,
	// and what it was is told to the agent's OnError and log, as a *HandlerError.
	Get(r *Request, name ber.OID) (pdu.Value, error)

	// Next writes the first instances whose names are from or come after it to
	// dst, in ascending order, and returns how many: fewer than len(dst) if it
	// likes, 0 only if there is none. dst is never empty. from may lie before
	// the handler's subtree, and may have 0 or more than 128 sub-identifiers.
	//
	// The names may live in r.Arena. Errors are as for Get.
	Next(r *Request, from ber.OID, dst []pdu.VarBind) (n int, err error)
}

// A Setter is a Handler whose objects can be written. Scalars and Tables are Setters
// where they have to be: one of one's own is for objects with a rule in common, such
// as a lower and an upper limit. Registered at the prefix that they have in common, it
// sees all that a SET assigns to them in one call: see mib/example_test.go.
//
// A proxy that forwards a SET does so in Commit, and hears too late what the other
// agent says of it: the peer gets commitFailed. Who has to pass that on answers in the
// agent's OnSetRequest hook, whose ErrorStatus is sent as it is.
type Setter interface {
	// Test checks the varbinds of a SET that lie in the handler's subtree, in
	// the order of the request, and returns a Change that can carry them out. It
	// changes nothing. The varbinds are to be seen as assigned at once: their
	// order means nothing, and one name may come twice.
	//
	// A varbind that cannot be set is a *pdu.StatusError whose Index counts vbs
	// from 1. It is sent as it is; the statuses and their order are those of RFC 3416
	// §4.2.5 (1) to (12). A pdu.ErrorStatus alone is about the first of vbs. Any
	// other error is genErr, and so are pdu.NoSuchName, pdu.BadValue and
	// pdu.ReadOnly, which are a proxy's (RFC 3416 §3): the agent's OnError and log are
	// told what it was.
	//
	// vbs are the request's, and lie in its memory: they are not changed, and what the
	// Change keeps of them is cloned.
	Test(r *Request, vbs []pdu.VarBind) (Change, error)
}

// A Change is a handler's part of one SET that has been tested. Commit is called
// at most once, Undo only after a Commit that returned nil, Close always and
// last.
type Change interface {
	// Commit carries out the change. What can fail should have failed in Test:
	// an error, whatever its status, becomes commitFailed (RFC 3416 §4.2.5), and
	// nothing may have changed then. If something has, and cannot be taken back, the
	// error is pdu.UndoFailed. What it was instead is told to the agent's OnError and
	// log. A panic is taken for pdu.UndoFailed.
	Commit(r *Request) error
	// Undo takes back what Commit did. An error becomes undoFailed, and is told to
	// OnError and the log.
	Undo(r *Request) error
	// Close ends the SET and frees what Test reserved.
	Close()
}

// An Operation is what an Inliner is asked about.
type Operation int

const (
	Read  Operation = iota // Get and Next
	Write                  // Test, Commit, Undo and Close
)

// An Inliner is a Handler that says which of its methods never block: no
// network, no disk, no lock that is held for long. They are called by the goroutine
// that reads the socket: while they wait nobody is answered. Without this method all
// of them are taken to block. With Scalars and Tables it is the other way round: they
// have fields that say that they block.
type Inliner interface {
	Inline(op Operation) bool
}

// A HandlerError tells that a handler broke the rules or failed, or what it said in
// the place of the status that the peer sees. Its text is for the log.
type HandlerError struct {
	Prefix  ber.OID // of the registration
	Handler Handler
	Err     error
}

func (e *HandlerError) Error() string {
	return fmt.Sprintf("mib: handler %T at %s: %v", e.Handler, e.Prefix, e.Err)
}

func (e *HandlerError) Unwrap() error { return e.Err }

// A PanicError is a panic of a handler's, or of a hook's: the request fails with
// genErr, and the agent goes on. What the one who panicked left half done is his.
type PanicError struct {
	Value any
	Stack []byte // of the goroutine, as runtime/debug has it
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v\n%s", e.Value, e.Stack) }

// Recovered, when it is deferred, makes a *PanicError of a panic.
func Recovered(err *error) {
	if v := recover(); v != nil {
		*err = &PanicError{v, debug.Stack()}
	}
}

// The rules that handlers break.
var (
	ErrNotIncreasing = errors.New("Next returned a name that does not come after the one before it")
	ErrOutside       = errors.New("Next returned a name outside the handler's subtree")
	ErrNoValue       = errors.New("returned no value, or a value or name that cannot be sent")
	ErrNoChange      = errors.New("Test returned neither a Change nor an error")
)
