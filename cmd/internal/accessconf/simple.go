package accessconf

import (
	"context"
	"fmt"
	"strings"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/pdu"
)

const (
	readOnly  = false
	readWrite = true
)

// applyWords carries out what the words of a line say.
type applyWords func(ctx context.Context, r *Rules, d snmpdconf.Directive, words []string) error

func community(writable bool, o over) func(context.Context, *Rules, snmpdconf.Directive) error {
	apply := communityWords(writable, o)
	return func(ctx context.Context, r *Rules, d snmpdconf.Directive) error { return apply(ctx, r, d, d.Words()) }
}

func user(writable bool) func(context.Context, *Rules, snmpdconf.Directive) error {
	apply := userWords(writable)
	return func(ctx context.Context, r *Rules, d snmpdconf.Directive) error { return apply(ctx, r, d, d.Words()) }
}

// communityWords reads COMMUNITY [SOURCE [OID | -V VIEW [CONTEXT]]].
func communityWords(writable bool, o over) applyWords {
	return func(ctx context.Context, r *Rules, d snmpdconf.Directive, words []string) error {
		switch {
		case len(words) == 0 || words[0] == "":
			return missing("the community", simpleCommunity)
		case words[0] == "-v" && len(words) > 2:
			return fmt.Errorf("-v is not supported, expected %s without it; %s", simpleCommunity, noAccess)
		}
		rule := vacm.CommunityRule{Community: words[0], Writable: writable, Origin: place(d)}
		text := ""
		if len(words) > 1 {
			text = words[1]
		}
		source, err := o.parse(ctx, text, r.resolver(), rule.Community)
		if err != nil {
			return r.badSource(d, rule.Community, text, err)
		}
		if rule.Sources = source.prefixes; source.denied {
			r.deny(d, rule.Community, source.prefixes)
			return nil
		}
		what, err := parseWhat(words[min(2, len(words)):], simpleCommunity)
		if err != nil {
			return err
		}
		rule.Subtree, rule.ViewName = what.subtree, what.view
		// Requests of a community are for one context (RFC 3584 §5.2.1): ctx* is ctx.
		rule.ContextName = what.context
		if err := r.add(d, rule); err != nil {
			return err
		}
		r.addContext(rule.ContextName)
		return d.WarnOpenQuote()
	}
}

// userWords reads [-s usm] USER [noauth|auth|priv [OID | -V VIEW [CONTEXT]]].
func userWords(writable bool) applyWords {
	return func(_ context.Context, r *Rules, d snmpdconf.Directive, words []string) error {
		if len(words) > 0 && words[0] == "-s" {
			if len(words) < 2 || strings.ToLower(words[1]) != "usm" {
				return fmt.Errorf("expected usm behind -s, there is no other security model for users; %s", noAccess)
			}
			words = words[2:]
		}
		if len(words) == 0 || words[0] == "" {
			return fmt.Errorf("the user is missing, expected %s", simpleUser)
		}
		rule := vacm.UserRule{User: words[0], Level: pdu.AuthNoPriv, Writable: writable, Origin: place(d)}
		var err error
		if len(words) > 1 {
			if rule.Level, err = parseLevel(d, words[1]); err != nil {
				return err
			}
		}
		what, err := parseWhat(words[min(2, len(words)):], simpleUser)
		if err != nil {
			return err
		}
		rule.Subtree, rule.ViewName = what.subtree, what.view
		rule.ContextPrefix, rule.ContextMatch = what.context, what.match
		if err := r.add(d, rule); err != nil {
			return err
		}
		r.addContext(what.named())
		return nil
	}
}

// A what is what a simple directive gives access to.
type what struct {
	subtree ber.OID
	view    string
	context string
	match   vacm.ContextMatch
}

// named returns the context that is named as a whole.
func (w what) named() string {
	if w.match == vacm.Exact {
		return w.context
	}
	return ""
}

// parseWhat reads [OID | -V VIEW [CONTEXT]]. Without a CONTEXT it is all of them,
// and so it is with a *; CONTEXT* is those that begin so.
func parseWhat(words []string, expected string) (w what, err error) {
	w.match = vacm.Prefix
	switch {
	case len(words) == 0:
		return w, nil
	case words[0] == "-V":
		if len(words) < 2 || words[1] == "" {
			return w, missing("the view", "its name behind -V")
		}
		w.view, words = words[1], words[2:]
	default:
		if w.subtree, err = ResolveOID(words[0]); err != nil {
			return w, err
		}
		words = words[1:]
	}
	switch len(words) {
	case 0:
		return w, nil
	case 1:
		prefix, all := strings.CutSuffix(words[0], "*")
		if w.context = prefix; !all {
			w.match = vacm.Exact
		}
		return w, nil
	}
	return w, fmt.Errorf("%d words too many at the end of the line, expected %s; %s", len(words)-1, expected, noAccess)
}

// byTypes returns the function for authcommunity and authuser: their first word says
// what for.
func byTypes(apply func(writable bool) applyWords) func(context.Context, *Rules, snmpdconf.Directive) error {
	return func(ctx context.Context, r *Rules, d snmpdconf.Directive) error {
		words := d.Words()
		types, ok := parseTypes(words[0])
		if !ok {
			return fmt.Errorf("the first word is not a list of read, write and notify; %s", noAccess)
		}
		if !types.read {
			return d.Warnf("it is not for reading, which is what snmptrapd has a use for; the line has no effect")
		}
		return apply(types.write)(ctx, r, d, words[1:])
	}
}
