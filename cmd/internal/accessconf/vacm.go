package accessconf

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"snmpstack/agent/vacm"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/pdu"
)

// com2sec returns the function for com2sec and com2sec6:
// [-Cn CONTEXT] SECNAME SOURCE COMMUNITY.
func com2sec(o over) func(context.Context, *Rules, snmpdconf.Directive) error {
	const expected = "[-Cn CONTEXT] SECNAME SOURCE COMMUNITY"
	return func(ctx context.Context, r *Rules, d snmpdconf.Directive) error {
		words := d.Words()
		c := vacm.Community{Row: row(d)}
		if words[0] == "-Cn" {
			if len(words) < 2 {
				return missing("the context", "its name behind -Cn")
			}
			c.ContextName, words = words[1], words[2:]
		}
		if len(words) < 3 {
			return missing("a word", expected)
		}
		if words[2] == "" {
			return missing("the community", expected)
		}
		c.SecurityName, c.Community = words[0], words[2]
		others := []string{words[2]}
		if strings.ToLower(words[0]) != "default" { // which a name may be
			others = append(others, words[0])
		}
		source, err := o.parse(ctx, words[1], r.resolver(), others...)
		if err != nil {
			return r.badSource(d, c.Community, words[1], err)
		}
		if c.Sources = source.prefixes; source.denied {
			r.deny(d, c.Community, source.prefixes)
			return nil
		}
		if err := r.add(d, c); err != nil {
			return err
		}
		r.addContext(c.ContextName)
		if err := d.WarnOpenQuote(); err != nil {
			return err
		}
		return wordsTooMany(d, words, 3)
	}
}

func com2secUnix(_ context.Context, _ *Rules, d snmpdconf.Directive) error {
	return d.Warnf("there are no Unix domain sockets here, the line has no effect")
}

// group reads GROUP v1|v2c|usm SECNAME. With any it is for all three, and goes
// before lines that name one.
func group(_ context.Context, r *Rules, d snmpdconf.Directive) error {
	words := d.Words()
	if len(words) < 3 {
		return missing("a word", "GROUP v1|v2c|usm SECNAME")
	}
	model, err := parseModel(d, words[1])
	if err != nil {
		return err
	}
	members := []pdu.SecurityModel{model}
	if model == pdu.SecurityModelAny {
		members = models
	}
	for _, m := range members {
		// RFC 3415 §4, vacmSecurityModel: a group's member is of one model.
		s := vacm.SecurityToGroup{Model: m, SecurityName: words[2], GroupName: words[0], Row: row(d)}
		if err := r.add(d, s); err != nil {
			return err
		}
		r.entries[len(r.entries)-1].any = model == pdu.SecurityModelAny
	}
	return wordsTooMany(d, words, 3)
}

// view reads VIEW included|excluded OID [MASK].
func view(_ context.Context, r *Rules, d snmpdconf.Directive) error {
	words := d.Words()
	family, err := parseFamily(words)
	standard := words[0] == vacm.All || words[0] == vacm.None
	switch {
	case err == nil && standard && family.Subtree.Len() == 1:
		return d.Warnf("the view %q is one that there always is, the line has no effect", words[0])
	case err == nil && words[0] == vacm.None && family.Type == vacm.Included:
		// rocommunity and rouser have it as the view that may be written.
		return fmt.Errorf("nothing can be included in the view %q; %s", vacm.None, noAccess)
	case err == nil:
		family.Row = row(d)
		err = r.add(d, family)
	}
	if err != nil && len(words) > 1 && !strings.EqualFold(words[1], "included") && !standard {
		r.breakView(words[0], d)
		return fmt.Errorf("%w; the view %q has nothing while it is so", err, words[0])
	}
	if err != nil && words[0] == vacm.All && len(words) > 1 && !strings.EqualFold(words[1], "included") {
		return fmt.Errorf("%w; the line hides nothing", err)
	}
	return err
}

// breakView empties a view because of a line: what it was to hide is not to be shown.
func (r *Rules) breakView(name string, d snmpdconf.Directive) {
	if r.broken == nil {
		r.broken = make(map[string]snmpdconf.Directive)
	}
	r.broken[name] = d
}

func parseFamily(words []string) (f vacm.ViewTreeFamily, err error) {
	if len(words) < 3 {
		return f, missing("a word", "VIEW included|excluded OID [MASK]")
	}
	f.ViewName = words[0]
	switch strings.ToLower(words[1]) {
	case "included":
		f.Type = vacm.Included
	case "excluded":
		f.Type = vacm.Excluded
	default:
		return f, fmt.Errorf("%q is neither included nor excluded", words[1])
	}
	if f.Subtree, err = ResolveOID(words[2]); err != nil {
		return f, err
	}
	f.Mask, err = parseMask(words[3:])
	return f, err
}

// parseMask reads octets in hexadecimal digits, with or without 0x in front, that
// are separated by white space, dots or colons. Bits that are missing are ones (RFC
// 3415 §4, vacmViewTreeFamilyMask).
func parseMask(words []string) (string, error) {
	var mask []byte
	for _, octet := range strings.FieldsFunc(strings.Join(words, " "), func(c rune) bool { return c == ' ' || c == '.' || c == ':' }) {
		digits := octet
		if len(digits) > 2 && (digits[:2] == "0x" || digits[:2] == "0X") {
			digits = digits[2:]
		}
		n, err := strconv.ParseUint(digits, 16, 8)
		if err != nil || len(digits) > 2 {
			return "", fmt.Errorf("%q in the mask is not an octet, expected hexadecimal digits such as ff:a0", octet)
		}
		mask = append(mask, byte(n))
	}
	return string(mask), nil
}

var errPrefix = errors.New("the fifth word is neither exact nor prefix; " + noAccess)

// access reads
//
//	GROUP CONTEXT any|v1|v2c|usm noauth|auth|priv exact|prefix READ WRITE NOTIFY
func access(_ context.Context, r *Rules, d snmpdconf.Directive) error {
	words := d.Words()
	if len(words) < 8 {
		return missing("a word", `GROUP "" any|v1|v2c|usm noauth|auth|priv exact|prefix READ WRITE NOTIFY`)
	}
	a := vacm.Access{
		GroupName: words[0], ContextPrefix: words[1],
		ReadViewName: words[5], WriteViewName: words[6], NotifyViewName: words[7],
		Row: row(d),
	}
	var err error
	if a.Model, a.Level, a.ContextMatch, err = parseAccess(d, words[2:5]); err != nil {
		return err
	}
	if err := r.add(d, a); err != nil {
		return err
	}
	if a.ContextMatch == vacm.Exact {
		r.addContext(a.ContextPrefix)
	}
	return wordsTooMany(d, words, 8)
}

// parseAccess reads MODEL LEVEL PREFIX.
func parseAccess(d snmpdconf.Directive, words []string) (m pdu.SecurityModel, l pdu.SecurityLevel, match vacm.ContextMatch, err error) {
	if m, err = parseModel(d, words[0]); err != nil {
		return m, l, match, err
	}
	if l, err = parseLevel(d, words[1]); err != nil {
		return m, l, match, err
	}
	switch words[2] {
	case "exact", "0": // 0 is what UCD-SNMP wrote
		return m, l, vacm.Exact, nil
	case "prefix":
		return m, l, vacm.Prefix, nil
	}
	return m, l, match, errPrefix
}
