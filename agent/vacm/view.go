package vacm

import (
	"strconv"

	"snmpstack/ber"
)

// A ViewType is a class of operations that has a view of its own (RFC 3415 §2.5).
type ViewType int

const (
	ReadView ViewType = iota
	WriteView
	NotifyView
)

func (t ViewType) String() string {
	switch t {
	case ReadView:
		return "read"
	case WriteView:
		return "write"
	case NotifyView:
		return "notify"
	}
	return "view type " + strconv.Itoa(int(t))
}

// A View is a set of instances (RFC 3415 §2.4).
type View interface {
	// Contains reports whether the instance called name is in the view.
	Contains(name ber.OID) bool
	// Seek returns the smallest OID that is not smaller than from and may be in
	// the view, and false if there is none. It lets GETNEXT step over what is
	// hidden. The result may live in a. Returning from is always right, but slow
	// where much is hidden, and makes names that are not in the view
	// noSuchInstance where noSuchObject would say more.
	Seek(a *ber.Arena, from ber.OID) (ber.OID, bool)
}

// A Spanner is a View that knows how far it goes on, so that a GETBULK need not ask it
// about each name.
type Spanner interface {
	// Span returns an OID up to which, but without it, all OIDs are in the view from
	// one on that is. It is from if the view does not know of any.
	Span(from ber.OID) (end ber.OID)
}

// A Weigher is a View that may take long to decide, because somebody has made it so, and
// says how long it was. It counts steps: one is about what it takes to look at an
// instance (mib.Request.Steps).
type Weigher interface {
	// WeighContains is Contains, with the steps that it took.
	WeighContains(name ber.OID) (contains bool, steps int)
	// WeighSeek is Seek, with the steps that it took.
	WeighSeek(a *ber.Arena, from ber.OID) (next ber.OID, ok bool, steps int)
}

// Everything is the view that has everything.
var Everything View = everything{}

type everything struct{}

func (everything) Contains(ber.OID) bool                           { return true }
func (everything) Seek(_ *ber.Arena, from ber.OID) (ber.OID, bool) { return from, true }
