package mibtest

import (
	"errors"
	"fmt"
	"slices"

	"snmpstack/mib"
	"snmpstack/pdu"
)

// unchanged compares what is there now with the first walk.
func (s *suite) unchanged() error {
	now, err := s.walk(s.request(), 5)
	if err != nil {
		return err
	}
	return s.same(now, s.list)
}

// test calls Test with varbinds that live in memory which is overwritten before
// the Change is used.
func (s *suite) test(r *mib.Request, vbs []pdu.VarBind) (mib.Change, error) {
	if s.setter == nil {
		return nil, fmt.Errorf("the handler has no Test, but the options have Sets")
	}
	own := make([]pdu.VarBind, len(vbs))
	for i, vb := range vbs {
		own[i] = pdu.VarBind{Name: r.Arena.Join(vb.Name, ""), Value: vb.Value}
	}
	c, err := s.setter.Test(r, own)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, fmt.Errorf("the Test of %v returned neither a Change nor an error", vbs)
	}
	return c, nil
}

var ruleRefuse = rule{"refuse",
	"Test refuses a value of a type that no object has with wrongType, at the varbind that has it (RFC 3416 §4.2.5 (3)), " +
		"and nothing has changed then.",
	func(s *suite) error {
		for _, vbs := range s.Sets {
			for i := range vbs {
				wrong := slices.Clone(vbs)
				wrong[i].Value = pdu.Null
				c, err := s.test(s.request(), wrong)
				if err == nil {
					c.Close()
					return fmt.Errorf("the Test accepted NULL as the value of %v", wrong[i].Name)
				}
				var e *pdu.StatusError
				if !errors.As(err, &e) || e.Status != pdu.WrongType || e.Index != i+1 {
					return fmt.Errorf("the Test refused NULL as the value of varbind %d with %q", i+1, err)
				}
				if err := s.unchanged(); err != nil {
					return fmt.Errorf("after that was refused: %w", err)
				}
			}
		}
		return nil
	}}

var ruleTest = rule{"test",
	"Test accepts what can be set and changes nothing: another handler may yet refuse its part of the SET.",
	func(s *suite) error {
		for _, vbs := range s.Sets {
			c, err := s.test(s.request(), vbs)
			if err != nil {
				return fmt.Errorf("the Test refused %v: %w", vbs, err)
			}
			err = s.unchanged()
			c.Close()
			if err != nil {
				return fmt.Errorf("after Test: %w", err)
			}
			if err := s.unchanged(); err != nil {
				return fmt.Errorf("after Test and Close: %w", err)
			}
		}
		return nil
	}}

var ruleUndo = rule{"undo",
	"Undo restores what was there before Commit, instances that came and went included, and the next SET works as if nothing had been.",
	func(s *suite) error {
		for _, vbs := range s.Sets {
			for range 2 { // the second time shows what the first left behind
				r := s.request()
				c, err := s.test(r, vbs)
				if err != nil {
					return fmt.Errorf("the Test refused %v: %w", vbs, err)
				}
				if err := s.commitAndUndo(r, c); err != nil {
					return err
				}
			}
		}
		return nil
	}}

// commitAndUndo carries c out, looks, and takes it back.
func (s *suite) commitAndUndo(r *mib.Request, c mib.Change) error {
	defer c.Close()
	if err := c.Commit(r); err != nil {
		return fmt.Errorf("the Commit after a successful Test failed: %w", err)
	}
	r.Arena.Poison()
	if _, err := s.walk(s.request(), 5); err != nil {
		return fmt.Errorf("after Commit: %w", err)
	}
	if err := c.Undo(r); err != nil {
		return fmt.Errorf("the Undo failed: %w", err)
	}
	if err := s.unchanged(); err != nil {
		return fmt.Errorf("after Undo: %w", err)
	}
	return nil
}

var ruleOrder = rule{"order",
	"The varbinds of a SET are assigned at once, so that their order means nothing (RFC 3416 §4.2.5): what is there afterwards is the same.",
	func(s *suite) error {
		for _, vbs := range s.Sets {
			var first []pdu.VarBind
			for turn := range len(vbs) {
				r := s.request()
				c, err := s.test(r, append(slices.Clone(vbs[turn:]), vbs[:turn]...))
				if err != nil {
					return fmt.Errorf("the Test refused %v with varbind %d first: %w", vbs, turn+1, err)
				}
				after, err := s.commitAndLook(r, c)
				if err != nil {
					return err
				}
				if turn == 0 {
					first = after
				} else if err := s.same(after, first); err != nil {
					return fmt.Errorf("with varbind %d first: %w", turn+1, err)
				}
			}
		}
		return nil
	}}

// commitAndLook returns what is there while c is carried out.
func (s *suite) commitAndLook(r *mib.Request, c mib.Change) (list []pdu.VarBind, err error) {
	defer c.Close()
	if err := c.Commit(r); err != nil {
		return nil, fmt.Errorf("the Commit after a successful Test failed: %w", err)
	}
	r.Arena.Poison()
	list, err = s.walk(s.request(), 5)
	if e := c.Undo(r); e != nil {
		return nil, fmt.Errorf("the Undo failed: %w", e)
	}
	return list, err
}
