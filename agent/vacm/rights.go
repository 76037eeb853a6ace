package vacm

import (
	"cmp"
	"slices"

	"snmpstack/mib"
	"snmpstack/pdu"
)

// rights are the active rows of the access table for one group, with their views,
// arranged so that the row for a message is found at once however many there are: a
// group may have a row for each of ten thousand contexts.
//
// Of rows that fit one message the first one is the one to be selected. As a rule
// there is one row, which stands here: whoever is in the group needs nothing else.
type rights struct {
	first  accessRow
	rest   []accessRow
	many   *manyRights // nil: there are few, to be looked at one by one
	number int         // among all that differ, from 1 on
}

// An accessRow is what View needs of a row of the access table. Views are nil where
// there is none.
type accessRow struct {
	prefix string
	model  pdu.SecurityModel
	level  pdu.SecurityLevel
	exact  bool
	views  [NotifyView + 1]View
}

// fits is Access.Fits.
func (r *accessRow) fits(model pdu.SecurityModel, level pdu.SecurityLevel, context string) bool {
	return (r.model == model || r.model == pdu.SecurityModelAny) && r.level <= level && coversContext(r.prefix, r.exact, context)
}

// index returns the number of the rights, 0 for none.
func (g *rights) index() uint64 {
	if g == nil {
		return 0
	}
	return uint64(g.number)
}

// few is how many rows of a group are looked at one by one.
const few = 8

// manyRights says where rows for a model and a beginning of a context's name stand in
// rest: those beside each other differ in their level.
type manyRights struct {
	from    map[rowsOf]int
	lengths []int // of the prefixes, the longest first
}

// rowsOf are the rows for a model, which may be any, and a context or a prefix.
type rowsOf struct {
	model  pdu.SecurityModel
	prefix string
}

// newRights makes rights of a group's rows, of which there is one at least.
func newRights(rows []accessRow) *rights {
	slices.SortFunc(rows, func(a, b accessRow) int {
		specific := func(r accessRow) int { return min(int(r.model), 1) }
		return cmp.Or(
			cmp.Compare(specific(b), specific(a)),
			cmp.Compare(len(b.prefix), len(a.prefix)),
			// What follows makes no difference where both fit, but for the level.
			cmp.Compare(a.model, b.model),
			cmp.Compare(a.prefix, b.prefix),
			cmp.Compare(b.level, a.level))
	})
	if len(rows) <= few {
		return &rights{first: rows[0], rest: rows[1:]}
	}
	g := &rights{rest: rows, many: &manyRights{from: make(map[rowsOf]int)}}
	for i := range rows {
		r := &rows[i]
		if key := (rowsOf{r.model, r.prefix}); i == 0 || key != (rowsOf{rows[i-1].model, rows[i-1].prefix}) {
			g.many.from[key] = i
		}
		if n := len(r.prefix); !r.exact && !slices.Contains(g.many.lengths, n) {
			g.many.lengths = append(g.many.lengths, n)
		}
	}
	slices.SortFunc(g.many.lengths, func(a, b int) int { return b - a })
	return g
}

// find returns the row that is selected for a message (RFC 3415 §4, vacmAccessTable),
// nil if there is none.
func (g *rights) find(model pdu.SecurityModel, level pdu.SecurityLevel, context string) *accessRow {
	if g.many != nil {
		return g.findMany(model, level, context)
	}
	if g.first.fits(model, level, context) {
		return &g.first
	}
	for i := range g.rest {
		if r := &g.rest[i]; r.fits(model, level, context) {
			return r
		}
	}
	return nil
}

// findMany tries the rows for the model before those for any (2a), of these the ones
// for the context itself first (2b) and then the longest prefixes (2c).
func (g *rights) findMany(model pdu.SecurityModel, level pdu.SecurityLevel, context string) *accessRow {
	for _, model := range [...]pdu.SecurityModel{model, pdu.SecurityModelAny} {
		if r := g.among(model, level, context, len(context)); r != nil {
			return r
		}
		for _, n := range g.many.lengths {
			if n >= len(context) {
				continue
			}
			if r := g.among(model, level, context, n); r != nil {
				return r
			}
		}
	}
	return nil
}

// among returns the row with the highest level (2d) of those that fit and whose prefix
// is the first n octets of the context.
func (g *rights) among(model pdu.SecurityModel, level pdu.SecurityLevel, context string, n int) *accessRow {
	key := rowsOf{model, context[:n]}
	i, ok := g.many.from[key]
	if !ok {
		return nil
	}
	for ; i < len(g.rest) && (rowsOf{g.rest[i].model, g.rest[i].prefix}) == key; i++ {
		if r := &g.rest[i]; r.fits(model, level, context) {
			return r
		}
	}
	return nil
}

// allRights are the rights that there are.
type allRights struct {
	byGroup  map[string]*rights
	byNumber []*rights // the first one is nil: none
}

// newAllRights returns the rights of all groups that have any. Those that may do the same
// have the same: as a rule there are few rights, however many groups there are.
func newAllRights(s *mib.Snapshot[Access], views map[string]View) allRights {
	rows := make(map[string][]accessRow)
	for _, r := range s.All() {
		if r.Status.Active() {
			rows[r.GroupName] = append(rows[r.GroupName], accessRow{r.ContextPrefix, r.Model, r.Level, r.ContextMatch != Prefix,
				[...]View{views[r.ReadViewName], views[r.WriteViewName], views[r.NotifyViewName]}})
		}
	}
	all := allRights{make(map[string]*rights, len(rows)), make([]*rights, 1)}
	single := make(map[accessRow]*rights)
	for name, list := range rows {
		g := single[list[0]]
		if g == nil || len(list) > 1 {
			g = newRights(list)
			g.number = len(all.byNumber)
			all.byNumber = append(all.byNumber, g)
		}
		if len(list) == 1 {
			single[list[0]] = g
		}
		all.byGroup[name] = g
	}
	return all
}
