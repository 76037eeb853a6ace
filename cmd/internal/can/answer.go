package can

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/cmd/internal/accessconf"
	"snmpstack/cmd/internal/agentconf"
	"snmpstack/cmd/internal/format"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/mib/smi"
	"snmpstack/pdu"
)

// The exit codes.
const (
	exitYes = iota
	exitNo
	exitWrong // the question, or the configuration
)

// Run answers the question that args are, about the configuration that is there or that
// args name. name is what messages call the program. The result is the exit code: 0 for
// yes, 1 for no, 2 where the question is none or the configuration cannot be read.
func Run(ctx context.Context, name string, where agentconf.Where, args []string, stdout, stderr io.Writer) int {
	say := func(text string, args ...any) { fmt.Fprintf(stderr, name+": "+text+"\n", args...) }
	q, err := parse(args)
	switch {
	case err == errHelp:
		fmt.Fprintf(stdout, "Usage: %s [--config FILE] -u USER | -c COMMUNITY [get|set|notify [OID]]\n\n%s", name, Usage)
		return exitYes
	case err != nil:
		say("%v (-h shows the options)", err)
		return exitWrong
	}
	where.Given, where.NoSearch = append(where.Given, q.files...), where.NoSearch || q.noSearch
	c := new(agentconf.Config)
	wrong := 0
	for _, p := range c.Load(ctx, where, nil) {
		placed := (*snmpdconf.Error)(nil)
		switch {
		case !errors.As(p, &placed) || placed.Warning:
		case placed.Line > 0:
			wrong++
		case placed.File == c.PersistentPath(): // it is the daemon's alone
			say("%v", placed)
		default:
			say("%v", placed)
			return exitWrong
		}
	}
	c.Settle()
	policy, err := vacm.New(append(c.Access.Statements(), c.Access.Managed()...)...)
	if err != nil {
		say("%v", err)
		return exitWrong
	}
	if wrong > 0 {
		say("lines that are wrong and have no effect: %d (snmpagent -t lists them)", wrong)
	}
	q.Contexts = c.Access.Contexts()
	a := &answer{policy: policy, out: stdout, names: smi.Core()}
	if by, ok := c.Access.Disabled[q.SecurityModel]; ok {
		line := fmt.Sprintf("%s:%d", by.File, by.Line)
		fmt.Fprintf(stdout, "no: %s\n  RFC 3412 §4.2.1 (2): messages of %v are not accepted [%s]\n", line, versions[q.SecurityModel], line)
		return exitNo
	}
	if q.isUser && !a.checkUser(c.AccessUsers(), &q) {
		return exitNo
	}
	if !q.named() {
		return a.list(&q)
	}
	return a.decide(q.Question)
}

// An answer is on its way.
type answer struct {
	policy *vacm.Policy
	out    io.Writer
	names  *smi.Names
}

// checkUser reports whether messages of the user get as far as access control (RFC
// 3414 §3.2 (4), (5)). Without a level in the question it is the highest one.
func (a *answer) checkUser(users []accessconf.User, q *question) bool {
	highest, known := pdu.NoAuthNoPriv, false
	for _, u := range users {
		if u.Name == q.SecurityName {
			highest, known = max(highest, u.Level), true
		}
	}
	if !q.hasLevel {
		q.SecurityLevel = highest
	}
	switch {
	case !known:
		fmt.Fprintf(a.out, "no\n  RFC 3414 §3.2 (4): there is no user %q\n", q.SecurityName)
	case q.SecurityLevel > highest:
		fmt.Fprintf(a.out, "no\n  RFC 3414 §3.2 (5): user %q has no password for %v\n", q.SecurityName, q.SecurityLevel)
	default:
		return true
	}
	return false
}

// decide answers yes or no, and says why.
func (a *answer) decide(q vacm.Question) int {
	e := a.policy.Explain(q)
	word, exit := "yes", exitYes
	if e.Indication != vacm.AccessAllowed {
		word, exit = "no", exitNo
	}
	if line := decidingLine(e); line != "" {
		word += ": " + line
	}
	fmt.Fprintln(a.out, word)
	for _, s := range e.Steps {
		line := ""
		if s.Origin != "" {
			line = " [" + s.Origin + "]"
		}
		fmt.Fprintf(a.out, "  %s: %s%s\n", s.Clause, a.withNames(s), line)
	}
	return exit
}

// isStep reports whether a step is one of the procedure. The others say why no other
// row decided.
func isStep(s vacm.Step) bool { return !strings.Contains(s.Clause, "§4") }

// decidingLine returns the line that decided: that of the last step that has one.
func decidingLine(e *vacm.Explanation) (line string) {
	for _, s := range e.Steps {
		if isStep(s) && s.Origin != "" {
			line = s.Origin
		}
	}
	return line
}

// oids are what steps about views have of OIDs.
var oids = regexp.MustCompile(`\b[0-2](\.[0-9]+)+\b`)

// withNames returns the text of a step with names in the place of numbers. Steps
// about communities have addresses, which are none.
func (a *answer) withNames(s vacm.Step) string {
	if !strings.HasPrefix(s.Clause, "RFC 3415 §3.2 (5)") && !strings.HasSuffix(s.Clause, "vacmViewTreeFamilyTable") {
		return s.Text
	}
	return oids.ReplaceAllStringFunc(s.Text, func(text string) string {
		o, err := ber.ParseOID(text)
		if err != nil {
			return text
		}
		return a.name(o)
	})
}

func (a *answer) name(o ber.OID) string {
	return string((&format.Options{NumericIndex: true}).AppendName(nil, a.names, o))
}
