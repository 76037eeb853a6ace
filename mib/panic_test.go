package mib

import (
	"errors"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// A panicky handler panics in the method whose name it has, or in none.
type panicky string

func (p panicky) in(method string) {
	if string(p) == method {
		panic("in " + method)
	}
}

func (panicky) Inline(Operation) bool { return true }

func (p panicky) Get(*Request, ber.OID) (pdu.Value, error) {
	p.in("Get")
	return pdu.Integer(1), nil
}

func (p panicky) Next(*Request, ber.OID, []pdu.VarBind) (int, error) {
	p.in("Next")
	return 0, nil
}

func (p panicky) Test(*Request, []pdu.VarBind) (Change, error) {
	p.in("Test")
	return panickyChange{p}, nil
}

type panickyChange struct{ panicky }

func (c panickyChange) Commit(*Request) error {
	c.in("Commit")
	return nil
}

func (c panickyChange) Undo(*Request) error {
	c.in("Undo")
	return nil
}

func (c panickyChange) Close() { c.in("Close") }

// A handler that panics fails the request, and nothing else: RFC 3413 §3.2 (6).
// The tree is as good as before, what others had committed is undone, and the error
// says whose panic it was, and where.
func TestPanics(t *testing.T) {
	base := ber.MustOID("1.3.6.1.4.1.32473")
	vbs := []pdu.VarBind{{Name: base.Append(1, 0), Value: pdu.Integer(1)}, {Name: base.Append(2, 0), Value: pdu.Integer(2)}}
	for _, tt := range []struct {
		method string
		status pdu.StatusError // of a SET; 0 and 0: none
		undone bool            // what was committed before
	}{
		{"Get", pdu.StatusError{}, false},
		{"Next", pdu.StatusError{}, false},
		{"Test", pdu.StatusError{Status: pdu.GenErr, Index: 2}, false},
		{"Commit", pdu.StatusError{Status: pdu.UndoFailed}, true},
		{"Close", pdu.StatusError{}, false},
	} {
		t.Run(tt.method, func(t *testing.T) {
			tree := NewTree()
			var log []string
			first := recorder{name: "first", log: &log}
			if err := errors.Join(tree.Register(base.Append(1), &first), tree.Register(base.Append(2), panicky(tt.method))); err != nil {
				t.Fatal(err)
			}
			// Twice: the first panic leaves no lock behind.
			for range 2 {
				log = nil
				var r Request
				var err error
				switch tt.method {
				case "Get":
					_, err = tree.Get(&r, vbs[1].Name)
				case "Next":
					_, err = tree.Next(&r, vbs[1].Name, make([]pdu.VarBind, 1))
				default:
					err = tree.Set(&r, vbs)
				}
				var failed *HandlerError
				var panicked *PanicError
				if !errors.As(err, &failed) || !errors.As(err, &panicked) || failed.Prefix != base.Append(2) || panicked.Value != "in "+tt.method ||
					!strings.Contains(string(panicked.Stack), "panic_test.go") {
					t.Fatalf("%v", err)
				}
				var status *pdu.StatusError
				if errors.As(err, &status) != (tt.status.Status != 0) || status != nil && *status != tt.status {
					t.Errorf("the status is %v, want %v", status, tt.status)
				}
				if got := strings.Contains(strings.Join(log, "; "), "first undo"); got != tt.undone {
					t.Errorf("the other handler saw %q", log)
				}
			}
		})
	}
}
