package manager

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// Walk iterates over the instances below root, in order, with GetNext or GetBulk
// as MaxRepetitions says. An error is the last thing it yields. A Walker does
// the same and can be told more.
func (c *Client) Walk(ctx context.Context, root ber.OID) iter.Seq2[pdu.VarBind, error] {
	w := Walker{Client: c, Root: root, MaxRepetitions: int32(c.MaxRepetitions)}
	return w.All(ctx)
}

// A Walker walks through a part of an agent's MIB. It is for one walk.
type Walker struct {
	Client *Client
	Root   ber.OID
	// End is the first name that no longer belongs to the walk. Empty means the
	// end of the subtree Root. One that no name can begin with (ber.OID.CheckPrefix), as
	// the dotted text, is an error, and nothing is sent.
	End ber.OID
	// MaxRepetitions is what one GetBulk request asks for; below 2, and with
	// SNMPv1, it is GetNext.
	MaxRepetitions int32
	// NonRepeaters goes into each GetBulk request. It is 0 in any walk that
	// makes sense.
	NonRepeaters int32
	// AllowDecreasing goes on where names do not increase, for agents that
	// answer out of order. It can last for ever.
	AllowDecreasing bool

	// Ended says, after the walk, how it ended; an error has its own place.
	Ended Ending
	// Last is, if Ended is AtException, the varbind with it.
	Last pdu.VarBind
}

// An Ending is how a walk came to its end.
type Ending int

const (
	AtSubtree    Ending = iota // the agent went on behind End
	AtException                // endOfMibView (RFC 3416 §4.2.2), or another exception
	AtNoSuchName               // SNMPv1's way to say the same (RFC 1157 §4.1.3)
)

// An OrderError says that an agent's answer to GetNext or GetBulk does not
// follow what was asked for: a walk that went on would never end.
type OrderError struct {
	Asked, Got ber.OID
}

func (e *OrderError) Error() string {
	return fmt.Sprintf("manager: OID not increasing: %v >= %v", e.Asked, e.Got)
}

// All iterates over the walk's varbinds. An error is the last thing it yields,
// with the varbind that an *OrderError is about, or the first one that came with
// another error.
func (w *Walker) All(ctx context.Context) iter.Seq2[pdu.VarBind, error] {
	return func(yield func(pdu.VarBind, error) bool) {
		if err := w.End.CheckPrefix(); err != nil {
			yield(pdu.VarBind{}, fmt.Errorf("manager: End: %w", err))
			return
		}
		end, bounded := w.End, true
		if end == "" {
			// The root of everything has no end, and neither has the last
			// possible subtree.
			end, bounded = w.Root.After()
		}
		for name := w.Root; ; {
			list, err := w.next(ctx, name)
			if err != nil {
				// In SNMPv2c a proxy may answer so (RFC 3584 §4.4).
				if errors.Is(err, pdu.NoSuchName) {
					w.Ended = AtNoSuchName
					return
				}
				var failed pdu.VarBind
				if len(list) > 0 {
					failed = list[0]
				}
				yield(failed, err)
				return
			}
			for _, vb := range list {
				switch {
				case bounded && vb.Name >= end:
					w.Ended = AtSubtree
					return
				case vb.Value.IsException():
					w.Ended, w.Last = AtException, vb
					return
				case vb.Name <= name && !w.AllowDecreasing:
					yield(vb, &OrderError{Asked: name, Got: vb.Name})
					return
				case !yield(vb, nil):
					return
				}
				name = vb.Name
			}
		}
	}
}

// next asks for what follows name. It returns at least one varbind or an error.
func (w *Walker) next(ctx context.Context, name ber.OID) ([]pdu.VarBind, error) {
	if w.Client.Version == pdu.V1 || w.MaxRepetitions < 2 {
		return w.Client.GetNext(ctx, name)
	}
	list, err := w.Client.GetBulk(ctx, w.NonRepeaters, w.MaxRepetitions, name)
	if err == nil && len(list) == 0 {
		// RFC 3416 §4.2.3 lets an agent leave out what does not fit, but at the
		// end of the MIB there is an endOfMibView.
		err = &AnswerError{Clause: "RFC 3416 §4.2.3", Reason: "it is empty, so that a walk cannot go on"}
	}
	return list, err
}
