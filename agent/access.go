package agent

import (
	"net/netip"

	"snmpstack/agent/community"
	"snmpstack/agent/vacm"
	"snmpstack/mib"
)

// Access decides who may do what: which communities are known where, and which
// part of the MIB the one who asks may see. Its methods are called for each
// request, from several goroutines, and must neither block nor resolve names.
//
// A vacm.Policy is one, and the one to use: whoever writes another has to know
// what RFC 3415 guards against.
type Access interface {
	community.Table

	// View returns the view for one class of operation (RFC 3415 §3.2 up to step
	// (5) a)): what r's SecurityName may do under its SecurityModel, at its
	// SecurityLevel, in its ContextName. The error is pdu.AuthorizationError if
	// there is no view.
	View(r *mib.Request, t vacm.ViewType) (vacm.View, error)
}

// A CommunityFinder is an Access that also knows which community stands for somebody.
// Without it, a row of Targets for SNMPv1 or SNMPv2c has to have its Community.
type CommunityFinder interface {
	// CommunityOf returns the community that stands for a securityName in a context and
	// is good at an address, and false if there is none (RFC 3584 §5.2.3).
	CommunityOf(securityName, contextName string, at netip.Addr) (community string, ok bool)
}

// InsecureAllowAll lets everybody with any community, and every SNMPv3 user at
// whatever level the user's messages may have, read and write everything.
var InsecureAllowAll Access = allowAll{}

type allowAll struct{}

var anybody = &community.Principal{SecurityName: "anybody"}

func (allowAll) Community([]byte, netip.Addr) *community.Principal { return anybody }

func (allowAll) View(*mib.Request, vacm.ViewType) (vacm.View, error) { return vacm.Everything, nil }
