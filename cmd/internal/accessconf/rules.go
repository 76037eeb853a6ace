package accessconf

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/mib/smi"
	"snmpstack/pdu"
)

// Rules are what the directives about access come to. The zero Rules let nobody in.
type Rules struct {
	// LookUp finds the addresses of a host: network is "ip4" or "ip6". nil is the
	// system's resolver. It is asked when a line is read, never afterwards.
	LookUp func(ctx context.Context, network, host string) ([]netip.Addr, error)

	// Disabled has the security models whose messages are not accepted, each with the
	// line that says so.
	Disabled map[pdu.SecurityModel]snmpdconf.Directive

	entries  []entry
	contexts []string
	broken   map[string]snmpdconf.Directive // views with a line that was to hide something
}

// An entry is a statement with the line that it comes from.
type entry struct {
	vacm.Statement // nil: denied
	line           snmpdconf.Directive
	managed        bool    // a manager has made it
	any            bool    // a group line with the model any
	byTypes        bool    // an Access that a line gives some of the views of
	denied         *denial // a community's source with a ! in front
}

// Add adds a statement that no line says.
func (r *Rules) Add(s vacm.Statement) { r.entries = append(r.entries, entry{Statement: s}) }

// Len returns the number of statements.
func (r *Rules) Len() int { return len(r.entries) }

// Statements returns the statements, in the order of their lines, without the rows
// of managers.
func (r *Rules) Statements() []vacm.Statement {
	var list []vacm.Statement
	for _, e := range r.entries {
		if e.Statement != nil && !e.managed {
			list = append(list, e.Statement)
		}
	}
	return list
}

// Contexts returns the names of the contexts that lines name, beside the default
// one: those of -Cn, those that access lines with exact are for, and those of the
// simple directives. They are sorted.
func (r *Rules) Contexts() []string { return slices.Sorted(slices.Values(r.contexts)) }

// Broken returns the names of the views that have nothing because a line that was to
// hide something is wrong. They are sorted.
func (r *Rules) Broken() []string { return slices.Sorted(maps.Keys(r.broken)) }

func (r *Rules) addContext(name string) {
	if name != "" && !slices.Contains(r.contexts, name) {
		r.contexts = append(r.contexts, name)
	}
}

// add adds the statement of a line, if it is a good one.
func (r *Rules) add(d snmpdconf.Directive, s vacm.Statement) error {
	if err := vacm.Check(s); err != nil {
		return fmt.Errorf("%w; %s", err, noAccess)
	}
	r.entries = append(r.entries, entry{Statement: s, line: d})
	return nil
}

const noAccess = "the line gives no access"

// place is a line's as messages and Origin name it.
func place(d snmpdconf.Directive) string { return fmt.Sprintf("%s:%d", d.File, d.Line) }

// row is what the rows of a line have in common.
func row(d snmpdconf.Directive) vacm.Row { return vacm.Row{Origin: place(d)} }

func (r *Rules) resolver() lookUp {
	if r.LookUp != nil {
		return r.LookUp
	}
	return net.DefaultResolver.LookupNetIP
}

// LookUpOnce returns a function for Rules.LookUp that asks find, of which nil is the
// system's resolver, once for each host and network, and then remembers what it has
// said.
func LookUpOnce(find func(ctx context.Context, network, host string) ([]netip.Addr, error)) func(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if find == nil {
		find = net.DefaultResolver.LookupNetIP
	}
	type answer struct {
		addrs []netip.Addr
		err   error
	}
	answers := make(map[[2]string]answer)
	return func(ctx context.Context, network, host string) ([]netip.Addr, error) {
		question := [2]string{network, host}
		a, ok := answers[question]
		if !ok {
			a.addrs, a.err = find(ctx, network, host)
			answers[question] = a
		}
		return a.addrs, a.err
	}
}

// levels are the names of the security levels, in lower case.
var levels = map[string]pdu.SecurityLevel{
	"noauth": pdu.NoAuthNoPriv, "noauthnopriv": pdu.NoAuthNoPriv,
	"auth": pdu.AuthNoPriv, "authnopriv": pdu.AuthNoPriv,
	"priv": pdu.AuthPriv, "authpriv": pdu.AuthPriv,
}

// Level returns the security level that a word names.
func Level(word string) (level pdu.SecurityLevel, ok bool) {
	level, ok = levels[strings.ToLower(word)]
	return level, ok
}

func parseLevel(d snmpdconf.Directive, word string) (pdu.SecurityLevel, error) {
	level, ok := Level(word)
	if !ok {
		return 0, fmt.Errorf("%s is no security level, expected noauth, auth or priv; %s", d.Show(word), noAccess)
	}
	return level, nil
}

func parseModel(d snmpdconf.Directive, word string) (pdu.SecurityModel, error) {
	model, ok := pdu.ParseSecurityModel(word)
	if !ok {
		return 0, fmt.Errorf("%s is no security model, expected v1, v2c or usm; %s", d.Show(word), noAccess)
	}
	return model, nil
}

// names are those that lines may have in the place of numbers.
var names = sync.OnceValue(smi.Core)

// ResolveOID reads an OID in numbers or by name.
func ResolveOID(text string) (ber.OID, error) {
	o, err := names().Resolve(strings.TrimSuffix(text, "."))
	if err != nil {
		return "", fmt.Errorf("%q is not an OID, expected numbers such as .1.3.6.1.2.1.1 or a name such as system", text)
	}
	return o, nil
}
