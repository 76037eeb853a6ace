package mib

import (
	"errors"
	"fmt"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// A Scalar is an object with one instance, Object.0 (RFC 2578 §7.7).
type Scalar struct {
	// Object is the object's OID, without the instance's 0.
	Object ber.OID
	// Get returns the value; see Value and Constant. pdu.NoSuchInstance says that
	// there is none now, or not in r.ContextName; the zero Value is a mistake, and
	// genErr for the one who asks. Errors are as for Handler.Get. It is called from
	// several goroutines at once, also while Set is.
	Get func(r *Request) (pdu.Value, error)
	// Blocks says that Get may block: wait for the network, a disk, or a lock that is
	// held for long. Without Blocks, Get runs on the goroutine that reads the socket:
	// while it waits nobody is answered, and nothing that it waits for can come in by
	// that socket.
	Blocks bool

	// Set assigns a value; nil makes the object read-only. It gets only values of
	// type Syntax that Check has accepted, may keep them, and is called again with the
	// former value, what Get has had, to undo a SET to several objects.
	//
	// Values are refused by Check. An error of Set's comes after every object of the
	// SET has agreed to it: the one who asks gets commitFailed, whatever its status,
	// and the agent's OnError and log are told what it was. Nothing may have changed
	// then; if something has, the error is pdu.UndoFailed. Where a former value is needed and
	// Get fails, or has a value of another type, Set is not called and that is commitFailed
	// too; where it has had pdu.NoSuchInstance, Set is not called to undo, and the one who
	// asks gets undoFailed.
	Set func(r *Request, v pdu.Value) error
	// Syntax is the type that Set takes.
	Syntax pdu.Syntax
	// Check refuses values with a pdu.ErrorStatus such as pdu.WrongValue or
	// pdu.InconsistentValue, which is sent as it is; nil accepts all. Another error is
	// genErr. It changes nothing, and v shares the memory of the request. It knows the
	// one value alone: for rules that several objects have in common see Setter.
	Check func(r *Request, v pdu.Value) error
	// SetBlocks says that Check or Set may block, as Blocks says it of Get.
	SetBlocks bool
}

// Value makes a function that gives a value into a Scalar's Get.
func Value(f func() pdu.Value) func(*Request) (pdu.Value, error) {
	return func(*Request) (pdu.Value, error) { return f(), nil }
}

// Constant is Get for a value that never changes.
func Constant(v pdu.Value) func(*Request) (pdu.Value, error) {
	return func(*Request) (pdu.Value, error) { return v, nil }
}

var errScalar = errors.New("a Scalar needs Object and Get, and with Set a Syntax")

// Register adds the scalar to t. The error is Handler's or that of Tree.Register.
func (s Scalar) Register(t *Tree) error {
	h, err := s.Handler()
	if err != nil {
		return err
	}
	return t.Register(s.Object, h)
}

// Handler returns what Register registers at Object. The error says what a Scalar cannot
// be: one without Get, with Set and no Syntax, a counter that can be set, or an Object
// that no instance can have its name from.
func (s Scalar) Handler() (Handler, error) {
	if err := s.Object.CheckPrefix(); err != nil {
		return nil, fmt.Errorf("mib: scalar: %w", err)
	}
	if s.Object == "" || s.Get == nil || s.Set != nil && s.Syntax == 0 {
		return nil, fmt.Errorf("mib: scalar %s: %w", s.Object, errScalar)
	}
	if s.Set != nil && isCounter(s.Syntax) {
		return nil, fmt.Errorf("mib: scalar %s: %w", s.Object, errCounter)
	}
	h := newScalar(s)
	if err := h.instance.CheckEncodable(); err != nil {
		return nil, fmt.Errorf("mib: scalar: %w", err)
	}
	if s.Set != nil {
		return &h, nil
	}
	return &h.scalar, nil
}

// scalar is the Handler of a read-only Scalar.
type scalar struct {
	single
	blocks, setBlocks bool
}

// newScalar returns the Handler of a Scalar, or what that of a read-only one is part of.
func newScalar(s Scalar) writableScalar {
	return writableScalar{scalar{single{s.Object.Append(0), s.Get}, s.Blocks, s.SetBlocks}, s.Syntax, s.Set, s.Check}
}

func (s *scalar) ordered() ber.OID { return s.instance }

func (s *scalar) Inline(op Operation) bool {
	if op == Write {
		return !s.setBlocks && !s.blocks // the former value is read with Get
	}
	return !s.blocks
}

// Get compares all of the name: whoever registers the Handler at a prefix other than Object
// has it asked for what is not below Object too.
func (s *scalar) Get(r *Request, name ber.OID) (pdu.Value, error) {
	if name != s.instance {
		return pdu.NoSuchInstance, nil
	}
	return s.value(r)
}

func (s *scalar) Next(r *Request, from ber.OID, dst []pdu.VarBind) (int, error) {
	return s.next(r, from, dst)
}

func (s *scalar) only() single { return s.single }

// A single is what it takes to read an object with one instance. It is so little that a
// Tree has it at hand where it looks names up: of many scalars each that is asked for
// would else have to be fetched from memory first.
type single struct {
	instance ber.OID                             // the object's OID and a 0
	value    func(r *Request) (pdu.Value, error) // Scalar.Get
}

// is reports whether a name that begins with the object's OID is the instance's: it is
// enough to look at its end.
func (s *single) is(name ber.OID) bool {
	return len(name) == len(s.instance) && name.At(name.Len()-1) == 0
}

// next is Handler.Next.
func (s *single) next(r *Request, from ber.OID, dst []pdu.VarBind) (int, error) {
	if from > s.instance {
		return 0, nil
	}
	v, err := s.value(r)
	if err != nil || v == pdu.NoSuchInstance || v == pdu.NoSuchObject {
		return 0, err // an instance that is not there now is stepped over
	}
	dst[0] = pdu.VarBind{Name: s.instance, Value: v}
	return 1, nil
}

// writableScalar is a scalar that is a Setter too.
type writableScalar struct {
	scalar
	syntax pdu.Syntax
	set    func(r *Request, v pdu.Value) error // Scalar.Set
	checks func(r *Request, v pdu.Value) error // Scalar.Check
}

// Test checks in the order of RFC 3416 §4.2.5. Of several values for the one
// instance the last is assigned.
func (s *writableScalar) Test(r *Request, vbs []pdu.VarBind) (Change, error) {
	for i := range vbs {
		if err := s.check(r, &vbs[i]); err != nil {
			return nil, atIndex(err, i+1)
		}
	}
	c := r.set.scalar()
	c.s, c.value, c.final = s, vbs[len(vbs)-1].Value.Clone(), r.set.allOf(s)
	return c, nil
}

func (s *writableScalar) check(r *Request, vb *pdu.VarBind) error {
	switch {
	case vb.Value.Syntax() != s.syntax:
		return pdu.WrongType // RFC 3416 §4.2.5 (3)
	case s.checks != nil:
		if err := s.checks(r, vb.Value); err != nil {
			return err
		}
	}
	if vb.Name != s.instance { // all of it, as in Get
		return pdu.NoCreation // RFC 3416 §4.2.5 (7)
	}
	return nil
}

// atIndex gives a status the place of the varbind that it is about. Other errors
// get genErr. What an error says beside its status stays with it, for the log.
func atIndex(err error, index int) error {
	if status, ok := err.(pdu.ErrorStatus); ok {
		return &pdu.StatusError{Status: status, Index: index}
	}
	status := pdu.GenErr
	errors.As(err, &status)
	return fmt.Errorf("%w: %w", &pdu.StatusError{Status: status, Index: index}, err)
}

type scalarChange struct {
	s          *writableScalar
	value, old pdu.Value
	final      bool // is never undone
}

// Commit needs the former value, for Undo: without it nothing is assigned.
func (c *scalarChange) Commit(r *Request) error {
	if c.final {
		return c.s.set(r, c.value)
	}
	old, err := c.former(r)
	if err != nil {
		return err
	}
	c.old = old.Clone()
	return c.s.set(r, c.value)
}

var (
	errFormer   = errors.New("Get returned a value that Set cannot assign to undo a SET: it is not of type Syntax")
	errNoFormer = errors.New("there was no value before the SET that Set could assign to undo it")
)

// former returns the value that is there now. A panic of Get's is no more than an
// error: nothing has changed yet.
func (c *scalarChange) former(r *Request) (v pdu.Value, err error) {
	defer Recovered(&err)
	v, err = c.s.value(r)
	if err == nil && v.Syntax() != c.s.syntax && v != pdu.NoSuchInstance && v != pdu.NoSuchObject {
		err = errFormer
	}
	return v, err
}

func (c *scalarChange) Undo(r *Request) error {
	if c.old.IsException() {
		return errNoFormer
	}
	return c.s.set(r, c.old)
}

func (c *scalarChange) Close() { c.value, c.old = pdu.Value{}, pdu.Value{} }
