package mibtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

var ruleValue = rule{"value",
	"The name and the value of every instance can be put into a message; there are no exceptions among them, " +
		"since an instance without a value is one that Next steps over.",
	func(s *suite) error {
		for _, vb := range s.list {
			v := vb.Value
			switch {
			case vb.Name.CheckEncodable() != nil:
				return fmt.Errorf("the name %v cannot be encoded", vb.Name)
			case v.IsZero() || v.IsException() || v.Syntax() == pdu.TypeNull:
				return fmt.Errorf("the walk gave %v as the value of %v", v, vb.Name)
			case v.Syntax() == pdu.TypeObjectIdentifier && v.OID().CheckEncodable() != nil:
				return fmt.Errorf("the value of %v is the OID %v, which cannot be encoded", vb.Name, v.OID())
			case len(v.Octets()) > math.MaxUint16: // RFC 2578 §7.1.2
				return fmt.Errorf("the value of %v has %d octets, more than 65535", vb.Name, len(v.Octets()))
			}
		}
		return nil
	}}

var ruleGet = rule{"get",
	"Get has the same value for every instance that Next returns: managers walk first and then ask for what they saw.",
	func(s *suite) error {
		r := s.request()
		for _, vb := range s.list {
			v, err := s.get(r, vb.Name)
			if err != nil {
				return err
			}
			if err := s.sameValue(vb.Name, v, vb.Value); err != nil {
				return fmt.Errorf("different answers of Get and Next: %w", err)
			}
		}
		return nil
	}}

// get asks with a name that lives in the arena.
func (s *suite) get(r *mib.Request, name ber.OID) (pdu.Value, error) {
	r.Arena.Reset()
	v, err := s.h.Get(r, r.Arena.Join(name, ""))
	if err != nil {
		return pdu.Value{}, fmt.Errorf("the Get of %v failed: %v", name, err)
	}
	v = v.Clone()
	r.Arena.Poison()
	return v, nil
}

var ruleAbsent = rule{"absent",
	"Get returns noSuchObject or noSuchInstance for names that Next never returns (RFC 3416 §4.2.1), not a value and not an error.",
	func(s *suite) error {
		r := s.request()
		for _, name := range s.keys() {
			if !name.HasPrefix(s.prefix) || name.Len() > ber.MaxArcs || s.index(name) < len(s.list) && s.list[s.index(name)].Name == name {
				continue
			}
			if !s.whole && s.index(name) == len(s.list) {
				continue
			}
			v, err := s.get(r, name)
			if err != nil {
				return err
			}
			if v != pdu.NoSuchObject && v != pdu.NoSuchInstance {
				return fmt.Errorf("the Get of %v, which a walk does not show, returned %v", name, v)
			}
		}
		return nil
	}}

// index returns the number of the first instance at or after name.
func (s *suite) index(name ber.OID) int {
	i, _ := slices.BinarySearchFunc(s.list, name, func(vb pdu.VarBind, o ber.OID) int { return vb.Name.Compare(o) })
	return i
}

// keys returns names of every kind that a search can start from.
func (s *suite) keys() []ber.OID {
	long := s.prefix
	for long.Len() <= ber.MaxArcs {
		long = long.Append(math.MaxUint32)
	}
	keys := []ber.OID{
		"", ber.NewOID(0), ber.NewOID(1), ber.NewOID(0, 0), ber.NewOID(2, math.MaxUint32), ber.NewOID(math.MaxUint32),
		s.prefix.Slice(0, s.prefix.Len()-1), s.prefix, s.prefix.Append(0), s.prefix.Append(math.MaxUint32),
		long, long.Slice(0, ber.MaxArcs),
	}
	if after, ok := s.prefix.After(); ok {
		keys = append(keys, after)
	}
	for _, vb := range s.list {
		keys = append(keys, vb.Name, vb.Name.Append(0), vb.Name.Slice(0, vb.Name.Len()-1))
		last := vb.Name.At(vb.Name.Len() - 1)
		parent := vb.Name.Slice(0, vb.Name.Len()-1)
		keys = append(keys, parent.Append(last+1), parent.Append(last-1)) // both may wrap
		if long := vb.Name; long.Len() < ber.MaxArcs {
			for long.Len() <= ber.MaxArcs {
				long = long.Append(7)
			}
			keys = append(keys, long)
		}
	}
	return keys
}

var ruleKeys = rule{"keys",
	"Next starts anywhere: before and behind the subtree, at an instance, which is then the first result, and between " +
		"instances; with no sub-identifiers at all and with more than 128.",
	func(s *suite) error {
		r := s.request()
		for _, from := range s.keys() {
			i := s.index(from)
			if !s.whole && i == len(s.list) {
				continue
			}
			got, err := s.next(r, from, 1)
			if err != nil {
				return err
			}
			want := s.list[i:min(i+1, len(s.list))]
			if err := s.same(got, want); err != nil {
				return fmt.Errorf("the Next from %q: %w", from, err)
			}
		}
		return nil
	}}

var ruleRuns = rule{"runs",
	"How many instances the caller has room for does not matter: runs of any length give the same walk.",
	func(s *suite) error {
		for _, run := range []int{2, 3, 7, 64, len(s.list) + 1} {
			got, err := s.walk(s.request(), run)
			if err != nil {
				return err
			}
			if err := s.same(got, s.list); err != nil {
				return fmt.Errorf("in runs of %d: %w", run, err)
			}
		}
		return nil
	}}

var ruleRepeat = rule{"repeat",
	"Walks that nothing happens between are the same: a handler keeps no place of its own.",
	func(s *suite) error {
		// Two walks that take turns, so that one is always somewhere else.
		r, other := s.request(), s.request()
		i, from := 0, ber.OID("")
		for i < len(s.list) {
			got, err := s.next(r, from, 1)
			if err != nil {
				return err
			}
			if err := s.same(got, s.list[i:i+1]); err != nil {
				return err
			}
			if _, err := s.next(other, s.list[len(s.list)-1-i].Name, 2); err != nil {
				return err
			}
			from = got[0].Name.Append(0)
			i++
		}
		return nil
	}}

var ruleArena = rule{"arena",
	"Names and values that the handler is given live in memory of the request, which is used again: what a handler keeps it has to Clone. " +
		"What it returns lives until the answer has been sent.",
	func(s *suite) error {
		// Results stay good while more is asked for with the same request.
		r := s.request()
		var list []pdu.VarBind
		from := ber.OID("")
		for len(list) < s.Limit {
			dst := make([]pdu.VarBind, 5)
			n, err := s.h.Next(r, from, dst)
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
			list = append(list, dst[:n]...)
			from = r.Arena.JoinArc(dst[n-1].Name, 0)
		}
		if err := s.same(list[:min(len(list), s.Limit)], s.list); err != nil {
			return fmt.Errorf("with one request for the whole walk: %w", err)
		}
		// Nothing of that request is needed for the next one.
		r.Arena.Poison()
		again, err := s.walk(s.request(), 5)
		if err != nil {
			return err
		}
		if err := s.same(again, s.list); err != nil {
			return fmt.Errorf("after the memory of a request was used again: %w", err)
		}
		return nil
	}}

var ruleType = rule{"type",
	"An object has one type, so all instances of a column have it.",
	func(s *suite) error {
		if !s.Table {
			return nil
		}
		types := map[uint32]pdu.VarBind{}
		for _, vb := range s.list {
			if vb.Name.Len() <= s.prefix.Len()+1 {
				return fmt.Errorf("%v is below the entry %v, but no instance of a column", vb.Name, s.prefix)
			}
			column := vb.Name.At(s.prefix.Len())
			if first, known := types[column]; !known {
				types[column] = vb
			} else if first.Value.Syntax() != vb.Value.Syntax() {
				return fmt.Errorf("%v is a %v, and %v a %v", first.Name, first.Value.Syntax(), vb.Name, vb.Value.Syntax())
			}
		}
		return nil
	}}

// patience is how long a handler may take to notice that nobody waits for it.
const patience = 10 * time.Second

var ruleContext = rule{"context",
	"A handler that may block returns when Request.Context ends: a worker that waits for it would be lost.",
	func(s *suite) error {
		r := s.request()
		if r.Context == nil {
			r.Context = context.Background()
		}
		ended, cancel := context.WithCancel(r.Context)
		cancel()
		r.Context = ended
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.h.Get(r, s.prefix.Append(0))
			s.h.Next(r, s.prefix, make([]pdu.VarBind, 1))
		}()
		select {
		case <-done:
			return nil
		case <-time.After(patience):
			return fmt.Errorf("the methods Get and Next did not return within %v", patience)
		}
	}}

var ruleConcurrent = rule{"concurrent",
	"Handlers are called from several goroutines at once; Get and Next also while a SET is tested, carried out and undone.",
	func(s *suite) error {
		var wg sync.WaitGroup
		errs := make(chan error, 3*2)
		for range 3 {
			wg.Go(func() {
				got, err := s.walk(s.request(), 5)
				errs <- errors.Join(err, s.same(got, s.list))
			})
			wg.Go(func() { errs <- ruleGet.run(s) })
		}
		for _, vbs := range s.Sets { // one after the other, as the tree does it
			if c, err := s.test(s.request(), vbs); err == nil { // else another rule tells
				c.Close()
			}
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				return err
			}
		}
		for _, vbs := range s.Sets {
			if err := s.readWhileSet(vbs); err != nil {
				return err
			}
		}
		return nil
	}}

// readWhileSet reads while a SET is carried out and undone. Nothing but the handler
// itself keeps the one from the other, so that the race detector sees whether it does.
// What is read may be of before or after.
func (s *suite) readWhileSet(vbs []pdu.VarBind) error {
	r := s.request()
	c, err := s.test(r, vbs)
	if err != nil {
		return nil // another rule tells
	}
	defer c.Close()
	var wg sync.WaitGroup
	errs := make(chan error, 2)
	wg.Go(func() {
		_, err := s.walk(s.request(), 5)
		errs <- err
	})
	wg.Go(func() {
		r := s.request()
		for _, vb := range slices.Concat(s.list, vbs) {
			if _, err := s.get(r, vb.Name); err != nil {
				errs <- err
				return
			}
		}
		errs <- nil
	})
	if err := c.Commit(r); err == nil { // else another rule tells, as of an Undo that fails
		c.Undo(r)
	}
	wg.Wait()
	if err := errors.Join(<-errs, <-errs); err != nil {
		return fmt.Errorf("while a SET of %v was carried out and undone: %w", vbs, err)
	}
	return nil
}
