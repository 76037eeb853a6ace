// Package mibtest checks whether a [mib.Handler] keeps the rules that package mib
// has for handlers, in the manner of testing/slogtest:
//
//	func TestPumps(t *testing.T) {
//		h := newPumps()
//		mibtest.Run(t, h, pumpEntry, mibtest.Options{Table: true})
//	}
//
// Of a mib.Scalar or mib.Table the method Handler gives the handler: what is tried
// then is what its functions do.
//
// The tree that a handler is registered in guards an agent against handlers that
// break some of the rules, but the managers of that agent then get a genErr
// where there should be values. Run it with -race: some rules show only there.
package mibtest

import (
	"errors"
	"fmt"
	"testing"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// Options say what is known about a handler.
type Options struct {
	// Table says that the prefix is the Entry of a table: the sub-identifier
	// behind it is the column.
	Table bool
	// Changing says that values change while nobody sets them, as those of
	// counters do. Then only names and types are compared. The instances have to
	// be the same during a test.
	Changing bool
	// Sets are SETs that the handler accepts as it is now, each one by itself.
	// They are carried out and undone.
	Sets [][]pdu.VarBind
	// Request, if it is set, makes the requests that the handler gets: with a
	// context name, for example. It is called from several goroutines.
	Request func() *mib.Request
	// Limit is how many instances are looked at, 0 is 10000.
	Limit int
}

// A Violation is a rule that a handler broke.
type Violation struct {
	Rule   string // its name
	Why    string // the rule, in a sentence
	Detail string // what the handler did
}

func (v *Violation) Error() string {
	return fmt.Sprintf("mibtest: %s: %s. The rule: %s", v.Rule, v.Detail, v.Why)
}

// Run checks h, registered at prefix, in a subtest for each rule.
func Run(t *testing.T, h mib.Handler, prefix ber.OID, o Options) {
	s, err := newSuite(h, prefix, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			if err := s.check(r); err != nil {
				t.Error(err)
			}
		})
	}
}

// Check is Run for programs that are no tests. The error is made of a *Violation
// for each rule that h broke.
func Check(h mib.Handler, prefix ber.OID, o Options) error {
	s, err := newSuite(h, prefix, o)
	if err != nil {
		return err
	}
	var all []error
	for _, r := range rules {
		all = append(all, s.check(r))
	}
	return errors.Join(all...)
}

// A suite is what the rules share.
type suite struct {
	Options
	h      mib.Handler
	setter mib.Setter // nil: read-only
	prefix ber.OID
	// list is what a walk by single steps gave, in the beginning.
	list []pdu.VarBind
	// whole says that list is all there is: Limit was not reached.
	whole bool
}

// A rule is one property of a handler.
type rule struct {
	name, why string
	run       func(s *suite) error
}

var rules = []rule{
	ruleValue, ruleGet, ruleAbsent, ruleKeys, ruleRuns, ruleRepeat, ruleArena, ruleType,
	ruleContext, ruleRefuse, ruleTest, ruleUndo, ruleOrder, ruleConcurrent,
}

// newSuite takes the first walk. Without one there is nothing to compare with, so
// a handler that cannot be walked breaks one rule only.
func newSuite(h mib.Handler, prefix ber.OID, o Options) (*suite, error) {
	if o.Limit == 0 {
		o.Limit = 10000
	}
	s := &suite{Options: o, h: h, prefix: prefix}
	s.setter, _ = h.(mib.Setter)
	list, err := s.walk(s.request(), 1)
	if err != nil {
		return nil, &Violation{"walk", "Next returns instances in ascending order, at or after the name it is asked for " +
			"and inside the handler's subtree, at most as many as fit and none only if there is none: otherwise a walk goes wrong or never ends.", err.Error()}
	}
	s.list, s.whole = list, len(list) < o.Limit
	return s, nil
}

func (s *suite) check(r rule) error {
	if err := r.run(s); err != nil {
		return &Violation{r.name, r.why, err.Error()}
	}
	return nil
}

func (s *suite) request() *mib.Request {
	if s.Request != nil {
		return s.Options.Request()
	}
	return new(mib.Request)
}

// walk reads up to Limit instances in runs of length run. What it returns does
// not depend on the arena.
func (s *suite) walk(r *mib.Request, run int) ([]pdu.VarBind, error) {
	var list []pdu.VarBind
	from := ber.OID("")
	for len(list) < s.Limit {
		got, err := s.next(r, from, run)
		if err != nil {
			return nil, err
		}
		if len(got) == 0 {
			return list, nil
		}
		list = append(list, got...)
		from = got[len(got)-1].Name.Append(0)
	}
	return list[:s.Limit], nil
}

// next is Next with the checks that the tree makes. The name it asks for and what
// it gets back are in the request's arena, which is used again at once.
func (s *suite) next(r *mib.Request, from ber.OID, run int) ([]pdu.VarBind, error) {
	r.Arena.Reset()
	dst := make([]pdu.VarBind, run)
	n, err := s.h.Next(r, r.Arena.Join(from, ""), dst)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the Next from %q failed: %v", from, err)
	case n < 0 || n > run:
		return nil, fmt.Errorf("the Next from %q returned %d of at most %d instances", from, n, run)
	}
	var list []pdu.VarBind
	for i, vb := range dst[:n] {
		switch {
		case !vb.Name.HasPrefix(s.prefix):
			return nil, fmt.Errorf("the Next from %q returned %v, which is not below %v", from, vb.Name, s.prefix)
		case vb.Name < from:
			return nil, fmt.Errorf("the Next from %q returned %v, which is before it", from, vb.Name)
		case i > 0 && vb.Name <= list[i-1].Name:
			return nil, fmt.Errorf("the Next from %q returned %v after %v", from, vb.Name, list[i-1].Name)
		}
		list = append(list, vb.Clone())
	}
	r.Arena.Poison()
	return list, nil
}

// same compares two lists of instances. Values of handlers that are Changing
// only have to have the same type.
func (s *suite) same(got, want []pdu.VarBind) error {
	for i := range max(len(got), len(want)) {
		switch {
		case i == len(got):
			return fmt.Errorf("%v is missing", want[i].Name)
		case i == len(want):
			return fmt.Errorf("%v is there as well", got[i].Name)
		case got[i].Name != want[i].Name:
			return fmt.Errorf("%v is there in the place of %v", got[i].Name, want[i].Name)
		}
		if err := s.sameValue(want[i].Name, got[i].Value, want[i].Value); err != nil {
			return err
		}
	}
	return nil
}

func (s *suite) sameValue(name ber.OID, got, want pdu.Value) error {
	switch {
	case got.Syntax() != want.Syntax():
		return fmt.Errorf("%v is a %v, and was a %v", name, got.Syntax(), want.Syntax())
	case got != want && !s.Changing:
		return fmt.Errorf("%v is %v, and was %v", name, got, want)
	}
	return nil
}
