package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"snmpstack/agent"
	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/cmd/internal/accessconf"
	"snmpstack/cmd/internal/agentconf"
	"snmpstack/cmd/internal/privilege"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/cmd/internal/targetconf"
	"snmpstack/mib/host"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// sysObjectID is what management systems recognise an agent on Linux by:
// NET-SNMP-TC::linux.
var sysObjectID = ber.MustOID("1.3.6.1.4.1.8072.3.2.10")

// A configuration is what the files and the command line come to.
type configuration struct {
	agentconf.Config
	users     []user           // what settleUsers makes of Users
	ordinary  map[string]*user // those at this agent's engine whom other files than the persistent one have
	addresses []listenAddress
	// addressLines has the lines of those addresses that are not of the command line.
	addressLines map[listenAddress]snmpdconf.Directive
	system       *agent.System
	targets      targetconf.Rules
	sinks        []sink // which have rows among the targets
	unnamed      int    // those of them who have no -name
	// What trapcommunity and v1trapaddress have said.
	trapCommunity manager.Community
	trapAddress   netip.Addr
	linkUpDown    bool
	identity      engineIdentity
	engineID      usm.EngineID // what identity comes to; "": nothing
	owner         owner
	become        *privilege.Identity // what owner comes to; nil: whoever has started the agent

	digest       hash.Hash // of the lines of other files than the persistent one
	machine      machine
	badAddresses []error
	badOwner     error
}

func newConfiguration() *configuration {
	return &configuration{
		digest:       sha256.New(),
		addressLines: make(map[listenAddress]snmpdconf.Directive),
		machine:      thisMachine,
		system: &agent.System{
			Descr:    host.SystemDescr(),
			ObjectID: sysObjectID,
			Services: host.SystemServices,
			Name:     host.SystemName(),
		},
	}
}

// addCommandLine adds the addresses of the command line, which stand beside those of
// the files, as with snmpd. Without any there is one.
func (c *configuration) addCommandLine(addresses []string) {
	for _, text := range addresses {
		if _, err := c.addAddresses(text); err != nil {
			c.badAddresses = append(c.badAddresses, err)
		}
	}
	switch {
	case len(c.addresses) > 0 || len(c.badAddresses) > 0:
	case c.BuiltIn:
		c.addresses = []listenAddress{{"udp4", "127.0.0.1", "1161"}}
	default:
		c.addresses = []listenAddress{{"udp4", "", defaultPort}}
	}
}

// addAddresses adds addresses that are separated by commas, and returns those that were
// not there. What is empty between two commas is no address: it must not open the agent to
// all networks.
func (c *configuration) addAddresses(list string) (added []listenAddress, err error) {
	some := false
	for text := range strings.SplitSeq(list, ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		some = true
		a, err := parseAddress(text)
		if err != nil {
			return added, err
		}
		if !slices.Contains(c.addresses, a) {
			added = append(added, a)
			c.addresses = append(c.addresses, a)
		}
	}
	if !some {
		return added, fmt.Errorf("address %q: %s", list, expectedAddress)
	}
	return added, nil
}

// check returns why the agent cannot start with this configuration.
func (c *configuration) check() error {
	switch {
	case len(c.Unreadable) > 0:
		return c.Unreadable[0]
	case !c.Access.LetsIn(c.AccessUsers()):
		return errNobody
	case len(c.badAddresses) > 0:
		return c.badAddresses[0]
	case c.badOwner != nil:
		return c.badOwner
	}
	return nil
}

// errNobody is for a configuration that is of no use to anybody.
var errNobody = errors.New("the configuration lets nobody in: expected at least one correct rocommunity or rwcommunity, " +
	"a rouser or rwuser with its createUser, or a group with somebody in it and an access line")

// disables reports whether a line switches off the version of SNMP whose messages come
// with a security model.
func (c *configuration) disables(m pdu.SecurityModel) bool {
	_, ok := c.Access.Disabled[m]
	return ok
}

// A directive is a row of the table below.
type directive struct {
	name    string
	help    string
	section string // "" is snmpd
	apply   func(ctx context.Context, c *configuration, d snmpdconf.Directive) error
}

// directives are those that are understood.
var directives = append(append(sharedDirectives(), trapDirectives()...), []directive{
	{"exactEngineID", "0xOCTETS", "", applyExactEngineID},
	{"engineID", "TEXT", "", applyEngineID},
	{"engineIDType", "1|2|3", "", applyEngineIDType},
	{"engineIDNic", "INTERFACE", "", applyEngineIDNic},
	{"oldEngineID", "0xOCTETS", "", applyOldEngineID},
	{"engineBoots", "NUMBER", "", applyEngineBoots},
	{"agentAddress", "ADDRESS[,ADDRESS…]", "", applyAgentAddress},
	{"agentUser", `USER|UID|"#UID"`, "", applyAgentUser},
	{"agentGroup", `GROUP|GID|"#GID"`, "", applyAgentGroup},
	{"sysLocation", "TEXT", "", displayString(func(c *configuration) *string { return &c.system.Location })},
	{"sysContact", "TEXT", "", displayString(func(c *configuration) *string { return &c.system.Contact })},
	{"sysName", "TEXT", "", displayString(func(c *configuration) *string { return &c.system.Name })},
	{"sysDescr", "TEXT", "", displayString(func(c *configuration) *string { return &c.system.Descr })},
	{"sysObjectID", "OID", "", applySysObjectID},
	{"sysServices", "0 to 127", "", applySysServices},
	{"dontLogTCPWrappersConnects", "yes|no", "", applyNothing},
}...)

// sharedDirectives are those that not the daemon alone goes by.
func sharedDirectives() (list []directive) {
	for _, row := range agentconf.Directives {
		list = append(list, directive{row.Name, row.Help, row.Section, func(ctx context.Context, c *configuration, d snmpdconf.Directive) error {
			return row.Apply(ctx, &c.Config, d)
		}})
	}
	return list
}

// directiveHelp is the text of -H.
func directiveHelp() string {
	var b strings.Builder
	for _, row := range directives {
		if row.section != "" {
			fmt.Fprintf(&b, "[%s] ", row.section)
		}
		fmt.Fprintf(&b, "%s %s\n", row.name, row.help)
	}
	b.WriteString("includeFile FILE\nincludeDir DIRECTORY\nincludeSearch FILE\n")
	return b.String()
}

// interpret carries out directives and returns what is wrong with them.
func (c *configuration) interpret(ctx context.Context, list []snmpdconf.Directive) (problems []error) {
	return agentconf.Interpret(ctx, list, c.apply)
}

// apply carries out a directive.
func (c *configuration) apply(ctx context.Context, d snmpdconf.Directive) error {
	if !c.IsPersistent(d) { // else it may be the agent's own
		fmt.Fprintf(c.digest, "%q %q %q\n", d.Section, d.Key(), d.Rest)
	}
	for _, row := range directives {
		if d.Is(row.name) && (d.Section == row.section || d.Section == snmpdconf.SectionAgent && row.section == "") {
			return row.apply(ctx, c, d)
		}
	}
	return unknown(d)
}

// saysTheSame reports whether another configuration has the same lines, but for those
// that the agent writes.
func (c *configuration) saysTheSame(other *configuration) bool {
	return bytes.Equal(c.digest.Sum(nil), other.digest.Sum(nil))
}

// finish draws the conclusions from all directives together, and returns what is
// wrong with them.
func (c *configuration) finish() []error {
	problems := c.Settle()
	var err error
	if c.engineID, err = c.identity.engineID(c.machine); err != nil {
		problems = append(problems, err)
	}
	return append(problems, c.checkEngines()...)
}

// unknown says why a directive is not understood.
func unknown(d snmpdconf.Directive) error {
	off := slices.Contains([]string{"no", "false", "0", "none"}, lower(d.Words()[0]))
	switch restricts := slices.Contains(restricting, d.Key()); {
	case restricts && !off:
		return d.Errorf("this directive of snmpd is not supported, whom it keeps out is let in")
	case restricts || slices.Contains(unsupported, d.Key()):
		return d.Warnf("this directive of snmpd is not supported, the line has no effect")
	}
	return d.Errorf("unknown directive, the line has no effect; -H lists those that are understood")
}

// restricting are directives that are not supported either, without which the agent
// is open to more than snmpd would be.
var restricting = strings.Fields(`sourcefiltertype sourcefilteraddress`)

// unsupported are directives that people have in their snmpd.conf, and what snmpd
// keeps in its persistent file.
var unsupported = strings.Fields(`
	setserialno
	defaultmonitors
	monitor notificationevent setevent iquerysecname agentsecname
	extend extend-sh exec sh execfix pass pass_persist perl disableperl dlmod
	disk includealldisks ignoredisk load proc procfix swap file logmatch realstorageunits skipnfsinhostresources storageusenfs
	interface interface_fadeout interface_replace_old include_ifmib_iface_prefix ifmib_max_num_ifaces override proxy table add_row
	master agentxsocket agentxperms agentxtimeout agentxretries agentxpinginterval smuxpeer smuxsocket
	leave_pidfile maxgetbulkrepeats maxgetbulkresponses clientaddr quit
	injecthandler
	psyslocation psyscontact psysname ifxtable
	vacmauthaccess`)

func applyAgentAddress(_ context.Context, c *configuration, d snmpdconf.Directive) error {
	// White space separates no addresses, as with snmpd, so that one word too many is told.
	added, err := c.addAddresses(strings.Join(d.Words(), " "))
	for _, a := range added {
		c.addressLines[a] = d
	}
	if err != nil {
		placed := d.Errorf("%w", err)
		c.badAddresses = append(c.badAddresses, placed)
		return placed
	}
	return nil
}

// displayString returns the function for a directive that takes the rest of the
// line, as it stands.
func displayString(field func(*configuration) *string) func(context.Context, *configuration, snmpdconf.Directive) error {
	return func(_ context.Context, c *configuration, d snmpdconf.Directive) error {
		if len(d.Rest) > 255 {
			return fmt.Errorf("the text has %d octets, expected at most 255", len(d.Rest))
		}
		*field(c) = d.Rest
		return nil
	}
}

func applySysObjectID(_ context.Context, c *configuration, d snmpdconf.Directive) error {
	o, err := accessconf.ResolveOID(d.Words()[0])
	if err != nil {
		return err
	}
	if err := o.CheckEncodable(); err != nil {
		return err
	}
	c.system.ObjectID = o
	return nil
}

func applySysServices(_ context.Context, c *configuration, d snmpdconf.Directive) error {
	n, err := strconv.Atoi(d.Words()[0])
	if err != nil || n < 0 || n > 127 {
		return fmt.Errorf("%q is not a number from 0 to 127", d.Words()[0])
	}
	c.system.Services = int32(n)
	return nil
}

// applyNothing is for directives that ask for what is so anyway: requests are
// never logged.
func applyNothing(context.Context, *configuration, snmpdconf.Directive) error { return nil }
