package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/manager"
	"snmpstack/agent/notify"
	"snmpstack/cmd/internal/getopt"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/cmd/internal/targetconf"
	"snmpstack/cmd/internal/userconf"
	"snmpstack/cmd/internal/usmname"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// trapDirectives are the directives about notifications.
func trapDirectives() []directive {
	var list []directive
	for _, row := range targetconf.Directives {
		list = append(list, directive{row.Name, row.Help, "", func(_ context.Context, c *configuration, d snmpdconf.Directive) error {
			return row.Apply(&c.targets, d, c.IsPersistent(d))
		}})
	}
	return append(list, []directive{
		{"trapcommunity", "COMMUNITY", "", applyTrapCommunity},
		{"trapsink", "[-profile P] [-name N] [-tag T] HOST [COMMUNITY [PORT]]", "", sinkDirective(pdu.V1, false)},
		{"trap2sink", "[-profile P] [-name N] [-tag T] HOST [COMMUNITY [PORT]]", "", sinkDirective(pdu.V2c, false)},
		{"informsink", "[-profile P] [-name N] [-tag T] HOST [COMMUNITY [PORT]]", "", sinkDirective(pdu.V2c, true)},
		{"trapsess", "[-profile P] [-name N] [-tag T] [OPTIONS OF SNMPTRAP] HOST", "", applyTrapSess},
		{"v1trapaddress", "IPv4-ADDRESS", "", applyV1TrapAddress},
		{"authtrapenable", "1|2", "", applyAuthTrapEnable},
		{"linkUpDownNotifications", "yes|no", "", applyLinkUpDown},
	}...)
}

// A sink is somebody whom a line of the configuration has told. The tables have a row
// each for him (RFC 3413 §4), which managers read: his name is that of the rows. His
// community, his keys and his context are here alone.
type sink struct {
	agent.Target
	contextName        string
	name, tag, profile string
	engine             usm.EngineID // of -e
	line               snmpdconf.Directive
}

// sinkName is whom the community of a sink stands for: nobody who could ask anything.
// It is what the tables have as his snmpTargetParamsSecurityName, in the place of the
// community that snmpd shows there.
const sinkName = "trapsink"

// snmpd's for informs.
const (
	sinkTimeout = time.Second
	sinkRetries = 5
)

func applyTrapCommunity(_ context.Context, c *configuration, d snmpdconf.Directive) error {
	c.trapCommunity = manager.Community(d.Words()[0])
	return d.WarnOpenQuote()
}

func applyV1TrapAddress(_ context.Context, c *configuration, d snmpdconf.Directive) error {
	addr, err := netip.ParseAddr(d.Words()[0])
	if err != nil || !addr.Is4() {
		return errors.New("expected an IPv4 address")
	}
	c.trapAddress = addr
	return nil
}

func applyAuthTrapEnable(_ context.Context, c *configuration, d snmpdconf.Directive) error {
	switch d.Words()[0] {
	case "1":
		c.system.EnableAuthenTraps = true
	case "2":
		c.system.EnableAuthenTraps = false
	default:
		return fmt.Errorf("%s is neither 1 (enable) nor 2 (disable)", d.Show(d.Words()[0]))
	}
	return nil
}

func applyLinkUpDown(_ context.Context, c *configuration, d snmpdconf.Directive) error {
	switch lower(d.Words()[0]) {
	case "yes", "true", "on", "1":
		c.linkUpDown = true
	case "no", "false", "off", "0":
		c.linkUpDown = false
	default:
		return fmt.Errorf("%s is neither yes nor no", d.Show(d.Words()[0]))
	}
	return nil
}

// options takes the options in front, which name rows, and returns what follows them.
func (s *sink) options(d snmpdconf.Directive, words []string) (rest []string, note error) {
	for len(words) > 1 {
		switch words[0] {
		case "-profile":
			s.profile = words[1]
		case "-name":
			s.name = words[1]
		case "-tag":
			s.tag = words[1]
		case "-s":
			note = d.Warnf("-s has no effect")
		default:
			return words, note
		}
		words = words[2:]
	}
	return words, note
}

// addSink adds a sink and the rows that it has. Without a name it is internal0,
// internal1 and so on, as with snmpd, and without a tag it has one that is its name.
func (c *configuration) addSink(s *sink) error {
	if s.name == "" {
		s.name = fmt.Sprintf("internal%d", c.unnamed)
		c.unnamed++
	}
	tag := cmp.Or(s.tag, s.name)
	row := targetconf.RowOf(s.line)
	params := notify.TargetParams{Name: s.name, MPModel: s.Version, SecurityName: s.SecurityName, Row: row}
	if s.Version == pdu.V3 {
		params.SecurityName, params.SecurityLevel = s.User.Name, s.Level
	}
	kind := notify.Trap
	if s.Inform {
		kind = notify.Inform
	}
	rows := []notify.Statement{
		notify.TargetAddr{Name: s.name, Address: s.Address, Timeout: s.Timeout, RetryCount: s.Retries, TagList: tag, Params: s.name, Row: row},
		params,
		notify.Notify{Name: s.name, Tag: tag, Type: kind, Row: row},
	}
	if s.profile != "" {
		rows = append(rows, notify.FilterProfile{Params: s.name, ProfileName: s.profile, Row: row})
	}
	if err := c.targets.Add(s.line, rows...); err != nil {
		return err
	}
	c.sinks = append(c.sinks, *s)
	return nil
}

// sinkDirective returns the function for trapsink and its kin:
// HOST [COMMUNITY [PORT]].
func sinkDirective(v pdu.Version, inform bool) func(context.Context, *configuration, snmpdconf.Directive) error {
	return func(_ context.Context, c *configuration, d snmpdconf.Directive) error {
		s := sink{line: d}
		words, note := s.options(d, d.Words())
		if len(words) > 3 {
			return fmt.Errorf("%d words are too many, expected HOST [COMMUNITY [PORT]]", len(words))
		}
		s.Version, s.Inform, s.Community, s.SecurityName = v, inform, cmp.Or(c.trapCommunity, "public"), sinkName
		s.Timeout, s.Retries = sinkTimeout, sinkRetries
		if len(words) > 1 {
			s.Community = manager.Community(words[1])
		}
		port := ""
		if len(words) > 2 {
			port = words[2]
		}
		var err error
		if s.Address, err = sinkAddress(words[0], port); err != nil {
			return err
		}
		return cmp.Or(c.addSink(&s), d.WarnOpenQuote(), note)
	}
}

// sinkAddress returns the form that the agent takes of [udp:|udp6:]HOST[:PORT], with a
// port that counts if there is none.
func sinkAddress(text, port string) (string, error) {
	if word, rest, found := strings.Cut(text, ":"); found {
		switch lower(word) {
		case "udp", "udp4", "udp6", "udpv6", "udpipv6":
			text = rest
		case "tcp", "tcp6", "tcpv6", "unix", "ssh", "tlstcp", "dtlsudp", "ipx":
			return "", fmt.Errorf("there is no transport %s here, expected udp or udp6", lower(word))
		}
	}
	if text == "" {
		return "", errors.New("the host is missing")
	}
	if port == "" {
		return text, nil
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", errors.New("the port is not a number from 1 to 65535")
	}
	bare := strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	if _, err := netip.ParseAddr(bare); err != nil && strings.Contains(bare, ":") {
		return text, nil // it has one
	}
	return net.JoinHostPort(bare, port), nil
}

// applyTrapSess reads the options that snmptrap has for a session, and the HOST. No
// message shows what may be a password.
func applyTrapSess(_ context.Context, c *configuration, d snmpdconf.Directive) error {
	s := sink{line: d}
	words, note := s.options(d, d.Words())
	s.Version, s.Community, s.SecurityName = pdu.V3, cmp.Or(c.trapCommunity, "public"), sinkName
	s.Timeout, s.Retries = sinkTimeout, sinkRetries
	p := getopt.New(words, "v:c:u:l:a:A:x:X:n:e:E:r:t:C:")
	for p.Next() {
		if err := s.option(p.Name, p.Value); err != nil {
			return err
		}
	}
	if err := p.Err(); err != nil {
		return err
	}
	if len(p.Operands()) != 1 {
		return fmt.Errorf("%d words behind the options, expected one HOST", len(p.Operands()))
	}
	var err error
	if s.Address, err = sinkAddress(p.Operands()[0], ""); err != nil {
		return err
	}
	if s.Inform && s.Version == pdu.V1 {
		return errors.New("SNMPv1 has no informs")
	}
	if s.Version == pdu.V3 {
		s.SecurityName = ""
		if err := s.checkUser(); err != nil {
			return err
		}
	}
	return cmp.Or(c.addSink(&s), d.WarnOpenQuote(), note)
}

// option applies one option of trapsess.
func (s *sink) option(letter, value string) error {
	ok := true
	switch letter {
	case "v":
		s.Version, ok = map[string]pdu.Version{"1": pdu.V1, "2c": pdu.V2c, "3": pdu.V3}[lower(value)]
	case "c":
		s.Community = manager.Community(value)
	case "u":
		s.User.Name = value
	case "l":
		s.Level, ok = map[string]pdu.SecurityLevel{
			"noauthnopriv": pdu.NoAuthNoPriv, "noauth": pdu.NoAuthNoPriv, "nanp": pdu.NoAuthNoPriv,
			"authnopriv": pdu.AuthNoPriv, "auth": pdu.AuthNoPriv, "anp": pdu.AuthNoPriv,
			"authpriv": pdu.AuthPriv, "priv": pdu.AuthPriv, "ap": pdu.AuthPriv,
		}[lower(value)]
	case "a":
		s.User.Auth, ok = usmname.Auth(value)
	case "A":
		s.User.AuthPassword = usm.NewSecret(value)
	case "x":
		s.User.Priv, s.User.Extension, ok = usmname.Priv(value)
	case "X":
		s.User.PrivPassword = usm.NewSecret(value)
	case "n":
		s.contextName = value
	case "C":
		s.Inform, ok = true, value == "i"
	case "r":
		n, err := strconv.ParseUint(value, 10, 8)
		s.Retries, ok = int(n), err == nil
	case "t":
		seconds, err := strconv.ParseFloat(value, 64)
		s.Timeout, ok = time.Duration(seconds*float64(time.Second)), err == nil && seconds > 0 && seconds < math.MaxInt32
	case "e":
		id, err := userconf.EngineID(value)
		s.engine, ok = id, err == nil
	case "E":
	}
	if !ok {
		return fmt.Errorf("what stands behind -%s is not understood", letter)
	}
	return nil
}

// checkEngines returns warnings of sinks with an -e that is another engine's than the
// agent's, as far as the configuration says which that is.
func (c *configuration) checkEngines() (problems []error) {
	for _, s := range c.sinks {
		if s.engine != "" && (s.Inform || s.engine != c.engineID) {
			problems = append(problems, s.line.Warnf("-e has no effect: of a trap this agent is the engine, and that of an inform's receiver is asked for"))
		}
	}
	return problems
}

// checkUser checks what trapsess says of a user: with passwords he is one for sending
// to this sink, without any one of createUser's.
func (s *sink) checkUser() error {
	u := &s.User
	if u.Name == "" {
		return errors.New("SNMPv3 needs a user, -u USER")
	}
	if u.AuthPassword.IsEmpty() && u.PrivPassword.IsEmpty() {
		s.User = usm.User{Name: u.Name}
		return nil
	}
	if u.Auth == usm.AnyAuth {
		u.Auth = usm.MD5 // as with Net-SNMP
	}
	if !u.PrivPassword.IsEmpty() && u.Priv == usm.NoPriv {
		u.Priv = usm.DES
	}
	u.AllowLower = true // -l says at which level
	if err := userconf.Check(*u); err != nil {
		return err
	}
	if s.Level >= pdu.AuthNoPriv && u.AuthPassword.IsEmpty() || s.Level == pdu.AuthPriv && u.PrivPassword.IsEmpty() {
		return fmt.Errorf("there is no password for %v", s.Level)
	}
	return nil
}

// hashed returns a sink whose user has master keys in the place of his passwords: the
// agent does not keep such a user, who may have other passwords than createUser's.
func (s sink) hashed(p usm.Provider) (sink, error) {
	u := &s.User
	for _, password := range []struct {
		text *usm.Secret
		key  *[]byte
	}{{&u.AuthPassword, &u.AuthKey}, {&u.PrivPassword, &u.PrivKey}} {
		if password.text.IsEmpty() {
			continue
		}
		key, err := usm.MasterKey(p, u.Auth, *password.text)
		if err != nil {
			return s, s.line.Errorf("%w", err)
		}
		*password.key, *password.text = key, usm.Secret{}
	}
	return s, nil
}
