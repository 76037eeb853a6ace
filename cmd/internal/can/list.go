package can

import (
	"encoding/hex"
	"fmt"

	"snmpstack/agent/vacm"
	"snmpstack/pdu"
)

// list tells what somebody may do: of a user at each level, unless the question has
// one.
func (a *answer) list(q *question) int {
	exit := exitNo
	if !q.isUser {
		fmt.Fprintf(a.out, "from %v with %v:\n", q.Source, versions[q.SecurityModel])
		return a.listViews(q, exit)
	}
	from, to := q.SecurityLevel, q.SecurityLevel
	if !q.hasLevel {
		from = pdu.NoAuthNoPriv
	}
	for level := from; level <= to; level++ {
		q.SecurityLevel = level
		fmt.Fprintf(a.out, "user %q at %v in context %q:\n", q.SecurityName, level, q.ContextName)
		exit = a.listViews(q, exit)
	}
	return exit
}

var versions = map[pdu.SecurityModel]pdu.Version{pdu.SecurityModelV1: pdu.V1, pdu.SecurityModelV2c: pdu.V2c, pdu.SecurityModelUSM: pdu.V3}

// listViews lists the views of one group at one level. The exit code is exitYes if one of
// them has something, else what it was.
func (a *answer) listViews(q *question, exit int) int {
	for _, t := range q.types {
		q.ViewType = t
		e := a.policy.Explain(q.Question)
		switch {
		case e.Access == nil:
			a.row("nothing", e.Steps[len(e.Steps)-1].Text, decidingLine(e))
			return exit
		case e.Indication != vacm.AccessAllowed:
			a.row(t.String(), "nothing: "+e.Steps[len(e.Steps)-1].Text, decidingLine(e))
		case e.ViewName == vacm.All && len(e.Families) == 3: // a family for each arc at the top
			a.row(t.String(), "everything", decidingLine(e))
			exit = exitYes
		case !hasIncluded(e.Families):
			a.row(t.String(), fmt.Sprintf("nothing: view %q is empty", e.ViewName), decidingLine(e))
		default:
			a.listFamilies(t.String(), e.Families)
			exit = exitYes
		}
	}
	return exit
}

func hasIncluded(families []vacm.ViewTreeFamily) bool {
	for _, f := range families {
		if f.Type == vacm.Included {
			return true
		}
	}
	return false
}

// listFamilies lists what is in a view, in the order of the subtrees: what stands
// further down is an exception from what it lies in.
func (a *answer) listFamilies(title string, families []vacm.ViewTreeFamily) {
	for _, f := range families {
		text := a.name(f.Subtree)
		if f.Type == vacm.Excluded {
			text = "not " + text
		}
		if f.Mask != "" {
			text += " with mask " + hex.EncodeToString([]byte(f.Mask))
		}
		a.row(title, text, f.Origin)
		title = ""
	}
}

func (a *answer) row(title, text, origin string) {
	if origin != "" {
		text += " [" + origin + "]"
	}
	fmt.Fprintf(a.out, "  %-7s  %s\n", title, text)
}
