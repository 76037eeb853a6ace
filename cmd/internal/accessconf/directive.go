package accessconf

import (
	"context"
	"fmt"

	"snmpstack/cmd/internal/snmpdconf"
)

// A Directive is one that this package understands.
type Directive struct {
	Name, Help string
	apply      func(context.Context, *Rules, snmpdconf.Directive) error
}

// Apply carries a directive of this name out. The error says what is wrong; one that
// is a warning is about a line that has an effect.
func (row Directive) Apply(ctx context.Context, r *Rules, d snmpdconf.Directive) error {
	return row.apply(ctx, r, d)
}

const (
	simpleCommunity = "COMMUNITY [SOURCE [OID | -V VIEW [CONTEXT]]]"
	simpleUser      = "[-s usm] USER [noauth|auth|priv [OID | -V VIEW [CONTEXT]]]"
)

// Directives are those that this package understands.
var Directives = []Directive{
	{"rocommunity", simpleCommunity, community(readOnly, overIPv4)},
	{"rwcommunity", simpleCommunity, community(readWrite, overIPv4)},
	{"rocommunity6", simpleCommunity, community(readOnly, overIPv6)},
	{"rwcommunity6", simpleCommunity, community(readWrite, overIPv6)},
	{"rouser", simpleUser, user(readOnly)},
	{"rwuser", simpleUser, user(readWrite)},
	{"authcommunity", "read[,write] " + simpleCommunity, byTypes(func(writable bool) applyWords { return communityWords(writable, overBoth) })},
	{"authuser", "read[,write] " + simpleUser, byTypes(userWords)},
	{"com2sec", "[-Cn CONTEXT] SECNAME SOURCE COMMUNITY", com2sec(overIPv4)},
	{"com2sec6", "[-Cn CONTEXT] SECNAME SOURCE COMMUNITY", com2sec(overIPv6)},
	{"com2secunix", "(there are no Unix domain sockets)", com2secUnix},
	{"group", "GROUP v1|v2c|usm SECNAME", group},
	{"view", "VIEW included|excluded OID [MASK]", view},
	{"access", "GROUP CONTEXT any|v1|v2c|usm noauth|auth|priv exact|prefix READ WRITE NOTIFY", access},
	{"authgroup", authGroupWords, authGroup},
	{"authaccess", authAccessWords, authAccess},
	{"setaccess", setAccessWords, setAccess},
	{groupLine, "STATUS STORAGE MODEL SECNAME GROUP", managed},
	{accessLine, "STATUS STORAGE MODEL LEVEL MATCH GROUP CONTEXT READ WRITE NOTIFY", managed},
	{viewLine, "STATUS STORAGE TYPE VIEW OID MASK", managed},
}

// wordsTooMany warns of words behind those that a line has a meaning for.
func wordsTooMany(d snmpdconf.Directive, words []string, want int) error {
	if n := len(words) - want; n > 0 {
		return d.Warnf("%d words too many at the end of the line, they have no effect", n)
	}
	return nil
}

func missing(what, expected string) error {
	return fmt.Errorf("%s is missing, expected %s; %s", what, expected, noAccess)
}
