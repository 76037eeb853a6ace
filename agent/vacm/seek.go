package vacm

import (
	"math"
	"sort"

	"snmpstack/ber"
)

// maxSeek bounds how many groups of families Seek looks at, so that no view, however
// its masks are, keeps the agent busy: it gives the place where it is instead, before
// which there is nothing.
const maxSeek = 2000

func (v *view) Seek(a *ber.Arena, from ber.OID) (ber.OID, bool) {
	next, ok, _ := v.WeighSeek(a, from)
	return next, ok
}

// WeighSeek implements Weigher. A group of families is a step.
func (v *view) WeighSeek(a *ber.Arena, from ber.OID) (next ber.OID, ok bool, steps int) {
	in, steps := v.WeighContains(from)
	if in {
		return from, true, steps
	}
	if from > v.root && !from.HasPrefix(v.root) {
		return "", false, steps
	}
	s := seeker{view: v}
	ok = s.seek(from)
	steps += s.visited
	if !ok {
		return "", false, steps
	}
	return max(from, a.JoinArcs(v.root, s.path[:s.depth]...)), true, steps // from if it was given up on the way there
}

// A seeker is a place in the tree. Because of wildcards several groups of families
// may be there.
type seeker struct {
	*view
	depth   int
	path    [ber.MaxArcs]uint32 // from root to here
	places  [ber.MaxArcs + 1]place
	groups  [256]group
	visited int
}

// A place is a name on the way: root and the first sub-identifiers of path.
type place struct {
	decider   int32 // the family that decides about the name, -1 if there is none
	from, end int16 // the groups of longer families that match it so far
}

// A group is families from one up to but without another one. All of them have the
// same patterns up to a place.
type group struct{ from, end int32 }

// hasIncluded reports whether one of the families of g is Included.
func (s *seeker) hasIncluded(g group) bool { return s.included[g.from] < g.end }

// seek goes to the first name in the view from a name on which is not in it. It goes
// down the tree along this name as far as something in the view can be there, and on
// the way back it looks at each place whether something follows. It reports false if
// there is none.
func (s *seeker) seek(from ber.OID) bool {
	all := group{0, int32(len(s.families))}
	if s.decider >= 0 { // it stands first
		all.from++
	}
	s.groups[0] = all
	s.places[0] = place{decider: s.decider, end: 1}
	if from < s.root {
		return s.first()
	}
	for s.level() < from.Len() && s.alive() {
		if arc := from.At(s.level()); !s.enter(arc) {
			s.giveUp(arc)
			return true
		}
	}
	if s.level() == from.Len() && s.alive() && s.next(0) {
		return true
	}
	for s.depth > 0 {
		s.depth--
		if arc := from.At(s.level()); arc < math.MaxUint32 && s.next(arc+1) {
			return true
		}
	}
	return false
}

// here returns the place and its groups.
func (s *seeker) here() (place, []group) {
	p := s.places[s.depth]
	return p, s.groups[p.from:p.end]
}

// isIn reports whether a family that decides is Included.
func (s *seeker) isIn(decider int32) bool {
	return decider >= 0 && s.families[decider].Type != Excluded
}

// alive reports whether something here or below may be in the view.
func (s *seeker) alive() bool {
	p, groups := s.here()
	if s.isIn(p.decider) {
		return true
	}
	for _, g := range groups {
		if s.hasIncluded(g) {
			return true
		}
	}
	return false
}

// first goes to the first name in the view that is here or below. It reports false,
// and stays, if there is none.
func (s *seeker) first() bool {
	return s.isIn(s.places[s.depth].decider) || s.next(0)
}

// next goes to the first name in the view that is below, from sub-identifier arc on.
// It reports false, and stays, if there is none.
func (s *seeker) next(arc uint32) bool {
	// Whether all sub-identifiers come into question, or only those that a family
	// has which is Included.
	all := s.sharesIncluded()
	for {
		if !all {
			var ok bool
			if arc, ok = s.nextIncluded(arc); !ok {
				return false
			}
		}
		if !s.enter(arc) {
			s.giveUp(arc)
			return true
		}
		if s.first() {
			return true
		}
		s.depth--
		if all && !s.names(arc) {
			all = false // what is nobody's own is everywhere the same
		}
		if arc == math.MaxUint32 {
			return false
		}
		arc++
	}
}

// sharesIncluded reports whether something may be in the view below whatever comes
// next.
func (s *seeker) sharesIncluded() bool {
	p, groups := s.here()
	if s.isIn(p.decider) {
		return true
	}
	for _, g := range groups {
		if wild := s.wild(g); wild.from < wild.end && s.hasIncluded(wild) {
			return true
		}
	}
	return false
}

// nextIncluded returns the first sub-identifier from arc on that a family here has
// which is Included.
func (s *seeker) nextIncluded(arc uint32) (next uint32, ok bool) {
	_, groups := s.here()
	for _, g := range groups {
		if i := s.included[s.search(g, int64(arc))]; i < g.end {
			if n := s.families[i].Subtree.At(s.level()); !ok || n < next {
				next, ok = n, true
			}
		}
	}
	return next, ok
}

// names reports whether a family here has sub-identifier arc.
func (s *seeker) names(arc uint32) bool {
	_, groups := s.here()
	for _, g := range groups {
		if own := s.own(g, arc); own.from < own.end {
			return true
		}
	}
	return false
}

// enter goes one sub-identifier further. It reports false, and stays, if that takes
// too much.
func (s *seeker) enter(arc uint32) bool {
	p, groups := s.here()
	to := place{p.decider, p.end, p.end}
	s.visited += len(groups)
	if s.visited > maxSeek {
		return false
	}
	for _, g := range groups {
		for _, g := range [...]group{s.wild(g), s.own(g, arc)} {
			if g.from < g.end && s.families[g.from].Subtree.Len() == s.level()+1 {
				if to.decider < 0 || comparePriority(&s.families[g.from], &s.families[to.decider]) < 0 {
					to.decider = g.from
				}
				g.from++
			}
			if g.from >= g.end {
				continue
			}
			if int(to.end) == len(s.groups) {
				return false
			}
			s.groups[to.end] = g
			to.end++
		}
	}
	s.path[s.depth] = arc
	s.depth++
	s.places[s.depth] = to
	return true
}

// giveUp goes one sub-identifier further without looking.
func (s *seeker) giveUp(arc uint32) {
	s.path[s.depth] = arc
	s.depth++
}

// level returns which sub-identifier of a name comes next.
func (s *seeker) level() int { return s.root.Len() + s.depth }

// wild returns the families of g that have a wildcard next. They stand first.
func (s *seeker) wild(g group) group { return group{g.from, s.search(g, wildcard+1)} }

// own returns the families of g that have sub-identifier arc next.
func (s *seeker) own(g group, arc uint32) group {
	return group{s.search(g, int64(arc)), s.search(g, int64(arc)+1)}
}

// search returns the first family of g whose pattern is arc or more.
func (s *seeker) search(g group, arc int64) int32 {
	i, level := g.from, s.level()
	if s.families[i].pattern(level) >= arc {
		return i
	}
	return i + int32(sort.Search(int(g.end-i), func(n int) bool { return s.families[i+int32(n)].pattern(level) >= arc }))
}
