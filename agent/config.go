package agent

import (
	"fmt"
	"math"
	"runtime/debug"
	"strconv"
	"strings"

	"snmpstack/transport"
	"snmpstack/usm"
)

// Config sets or reads one of the specification's settings: Config("Name=Value")
// sets it and returns the former value, Config("Name") returns the value. Names
// are the specification's, in upper or lower case; booleans are True, False, 1,
// 0, Yes or No. Octets are hexadecimal digits, with or without 0x in front. Of a key it
// returns "REDACTED", or "" if there is none; TrapCommunity it returns as it is.
//
// QOSTrafficType is BestEffort (0), Background (1), ExcellentEffort (2), AudioVideo (3),
// Voice (4) or Control (5), which are the DSCPs 0, 8, 40, 40, 56 and 56.
//
// A number that stands for a default where the field is 0 is read as that default, and
// cannot be set to 0: TimeWindow=0 is error 10022.
//
// RemoteHost, RemotePort, CodePage, CompatibilityMode (for users added and traps sent from
// then on), CaptureIPPacketInfo and DelayHostResolution take effect at once, those of the
// TrapSettings with the next trap, all others with the next Activate: until then Config
// returns the new value, and the agent works with the one that there was.
//
// DataToSend, in hexadecimal digits, is what SendData sends, whose errors it has.
//
// Changing a setting that is fixed while the agent is active is error 106, 107, 112,
// 113 or 117, with UseConnection 114 or 115. A name that is none, and a value that
// cannot be, is error 10022 (for CodePage 434, for a key 329, for TrapAgentAddress and
// SourceIPAddress 303). AbsoluteTimeout, FirewallData and SourceMacAddress have no
// meaning here: to set them to anything but False and "", which they are, is error 10045,
// never a silent success.
//
// Most settings are fields of Agent too. Config may be called at any time, the
// fields are only assigned to before Activate.
//
// Deviation: the specification has RespondFromDestIP off. An answer must come from the
// address that was asked, or the manager does not take it: it is on by default where the
// socket listens on all addresses.
func (a *Agent) Config(setting string) (string, error) {
	name, value, set := strings.Cut(setting, "=")
	s := findSetting(strings.TrimSpace(name))
	if s == nil {
		return "", &Error{CodeInvalidArgument, fmt.Errorf("there is no setting %q", name)}
	}
	value = strings.TrimSpace(value)
	if set && s.missing != "" && strings.EqualFold(value, s.get(a)) {
		return s.get(a), nil // what it is anyway
	}
	if set {
		if err := s.mayBeSet(a); err != nil {
			return "", err
		}
		if s.prepare != nil {
			var err error
			if value, err = s.prepare(a, value); err != nil {
				return "", err
			}
		}
	}
	a.state.fields.Lock()
	defer a.state.fields.Unlock()
	old := s.get(a)
	if !set {
		return old, nil
	}
	if err := s.set(a, value); err != nil {
		code := CodeInvalidArgument
		if s.refused != 0 {
			code = s.refused
		}
		return "", &Error{code, fmt.Errorf("setting %s: %w", s.name, err)}
	}
	return old, nil
}

// mayBeSet returns why a setting cannot be set now.
func (s *setting) mayBeSet(a *Agent) error {
	r := a.activeRun()
	switch {
	case s.missing != "":
		return &Error{CodeNotSupported, fmt.Errorf("setting %s: %s", s.name, s.missing)}
	case s.set == nil:
		return &Error{CodeInvalidArgument, fmt.Errorf("setting %s can only be read", s.name)}
	case s.fixed != 0 && r != nil && (r.UseConnection || !s.connected):
		return &Error{Code: s.fixed}
	}
	return nil
}

// Settings returns the names of all settings, as the specification spells them.
func Settings() []string {
	names := make([]string, len(settingTable))
	for i := range settingTable {
		names[i] = settingTable[i].name
	}
	return names
}

// A setting is a row of the table below.
type setting struct {
	name    string
	get     func(*Agent) string
	set     func(*Agent, string) error // nil: read-only
	fixed   Code                       // the error for a change while active; 0: allowed
	refused Code                       // the error for a bad value; 0: 10022
	missing string                     // why the setting cannot be set
	// prepare is called before set, which must not block, and returns what is to be
	// set.
	prepare   func(*Agent, string) (string, error)
	connected bool // fixed with UseConnection only
}

func findSetting(name string) *setting {
	for i := range settingTable {
		if strings.EqualFold(settingTable[i].name, name) {
			return &settingTable[i]
		}
	}
	return nil
}

// noSuchThing is why settings cannot be set.
const noSuchThing = "it has no meaning for an agent that speaks UDP through the system's sockets"

var settingTable = []setting{
	keySetting("AuthenticationKey", authKeyLengths, func(a *Agent) *usm.Secret { return &a.AuthenticationKey }),
	{name: "CompatibilityMode", get: getCompatibilityMode, set: setCompatibilityMode},
	{name: "ContextEngineId", get: getContextEngineID, set: setContextEngineID},
	{name: "ContextName", get: getContextName, set: setContextName},
	{name: "DataToSend", get: empty, set: func(*Agent, string) error { return nil }, prepare: sendHex},
	boolean("DecryptLogPackets", 0, func(a *Agent) *bool { return &a.DecryptLogPackets }),
	keySetting("EncryptionKey", privKeyLengths, func(a *Agent) *usm.Secret { return &a.EncryptionKey }),
	boolean("ForceLocalPort", 0, func(a *Agent) *bool { return &a.ForceLocalPort }),
	boolean("IgnoreDiscoveryRequestType", 0, func(a *Agent) *bool { return &a.IgnoreDiscoveryRequestType }),
	lastSetting("IncomingContextEngineId", (*lastPacket).incomingEngineID),
	lastSetting("IncomingContextName", (*lastPacket).incomingContext),
	number("MsgMaxSize", 0, minMessage, maxDatagram, func(a *Agent) *int { return &a.MsgMaxSize }, maxDatagram),
	{name: "RespondFromDestIP", get: getRespondFromDest, set: setRespondFromDest},
	lastSetting("SourceAddress", (*lastPacket).sourceAddress),
	lastSetting("SourcePort", (*lastPacket).sourcePort),
	number("TimeWindow", 0, 1, math.MaxInt32, func(a *Agent) *int { return &a.TimeWindow }, usm.TimeWindow),
	{name: "TrapAgentAddress", get: getTrapAgentAddress, set: setTrapAgentAddress, refused: CodeBadIPAddress},
	{name: "TrapCommunity", get: getTrapCommunity, set: setTrapCommunity},
	{name: "TrapEnterprise", get: getTrapEnterprise, set: setTrapEnterprise},
	number("TrapPort", 0, 1, 65535, func(a *Agent) *int { return &a.TrapPort }, DefaultTrapPort),
	boolean("CaptureIPPacketInfo", 0, func(a *Agent) *bool { return &a.CaptureIPPacketInfo }),
	boolean("DelayHostResolution", 0, func(a *Agent) *bool { return &a.DelayHostResolution }),
	{name: "DestinationAddress", get: getDestinationAddress},
	boolean("DontFragment", 0, func(a *Agent) *bool { return &a.Transport.DontFragment }),
	{
		name: "LocalHost",
		get: func(a *Agent) string {
			if addr := a.LocalAddr(); addr.IsValid() {
				return addr.Addr().String()
			}
			return a.LocalHost
		},
		set:   func(a *Agent, v string) error { a.LocalHost = v; return nil },
		fixed: CodeLocalHostActive,
	},
	{
		name: "LocalPort",
		get: func(a *Agent) string {
			if addr := a.LocalAddr(); addr.IsValid() {
				return strconv.Itoa(int(addr.Port())) // the one that the system chose for 0
			}
			return strconv.Itoa(a.LocalPort)
		},
		set:   setNumber(0, 65535, func(a *Agent) *int { return &a.LocalPort }),
		fixed: CodeLocalPortActive,
	},
	number("MaxPacketSize", CodePacketSizeActive, 1, maxDatagram, func(a *Agent) *int { return &a.MaxPacketSize }, maxDatagram),
	number("QOSDSCPValue", 0, 0, 63, func(a *Agent) *int { return &a.Transport.DSCP }, 0),
	{name: "QOSTrafficType", get: getTrafficType, set: setTrafficType},
	boolean("ShareLocalPort", CodeSharePortActive, func(a *Agent) *bool { return &a.Transport.ShareLocalPort }),
	{name: "SourceIPAddress", get: func(a *Agent) string { return addrText(a.SourceIPAddress) }, set: setSourceIPAddress, refused: CodeBadIPAddress},
	{name: "SourceMacAddress", get: empty, missing: noSuchThing},
	boolean("UseConnection", CodeUseConnectionActive, func(a *Agent) *bool { return &a.UseConnection }),
	boolean("UseIPv6", 0, func(a *Agent) *bool { return &a.UseIPv6 }),
	{name: "AbsoluteTimeout", get: func(*Agent) string { return formatBool(false) }, missing: noSuchThing},
	{name: "FirewallData", get: empty, missing: noSuchThing},
	number("InBufferSize", 0, 0, 1<<30, func(a *Agent) *int { return &a.Transport.InBufferSize }, 0),
	number("OutBufferSize", 0, 0, 1<<30, func(a *Agent) *int { return &a.Transport.OutBufferSize }, 0),
	{name: "BuildInfo", get: func(*Agent) string { return BuildInfo() }},
	{name: "CodePage", get: getCodePage, set: setCodePage, refused: CodeCodePage},
	{name: "LicenseInfo", get: func(*Agent) string { return "Apache-2.0" }},
	{name: "MaskSensitive", get: func(*Agent) string { return "True" }, set: setMaskSensitive},
	boolean("ProcessIdleEvents", 0, func(a *Agent) *bool { return &a.ProcessIdleEvents }),
	number("SelectWaitMillis", 0, 0, math.MaxInt32, func(a *Agent) *int { return &a.SelectWaitMillis }, 0),
	{name: "UseInternalSecurityAPI", get: getInternalSecurity, set: setInternalSecurity},
	// These two are properties of the specification's other classes, which its
	// settings and errors speak of.
	{
		name:  "RemoteHost",
		get:   func(a *Agent) string { return a.RemoteHost },
		set:   func(a *Agent, v string) error { a.RemoteHost = v; return nil },
		fixed: CodeRemoteHostActive, connected: true, prepare: resolveRemoteHost,
	},
	{
		name:  "RemotePort",
		get:   func(a *Agent) string { return strconv.Itoa(a.RemotePort) },
		set:   setNumber(0, 65535, func(a *Agent) *int { return &a.RemotePort }),
		fixed: CodeRemotePortActive, connected: true,
	},
}

func empty(*Agent) string { return "" }

// boolean returns the row of a setting that is a field.
func boolean(name string, fixed Code, field func(*Agent) *bool) setting {
	return setting{
		name: name,
		get:  func(a *Agent) string { return formatBool(*field(a)) },
		set: func(a *Agent, v string) (err error) {
			*field(a), err = parseBool(v, *field(a))
			return err
		},
		fixed: fixed,
	}
}

// number returns the row of a setting that is a field in which 0 stands for
// zero.
func number(name string, fixed Code, least, most int, field func(*Agent) *int, zero int) setting {
	return setting{
		name: name,
		get: func(a *Agent) string {
			if n := *field(a); n != 0 {
				return strconv.Itoa(n)
			}
			return strconv.Itoa(zero)
		},
		set:   setNumber(least, most, field),
		fixed: fixed,
	}
}

func setNumber(least, most int, field func(*Agent) *int) func(*Agent, string) error {
	return func(a *Agent, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < least || n > most {
			return fmt.Errorf("%q is not a number from %d to %d", v, least, most)
		}
		*field(a) = n
		return nil
	}
}

func formatBool(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// parseBool returns old with the error.
func parseBool(v string, old bool) (bool, error) {
	switch strings.ToLower(v) {
	case "true", "1", "yes":
		return true, nil
	case "false", "0", "no":
		return false, nil
	}
	return old, fmt.Errorf("%q is none of True, False, 1, 0, Yes, No", v)
}

// RespondFromDestIP is on by default where the socket listens on all addresses (see
// Config).
func getRespondFromDest(a *Agent) string {
	return formatBool(a.Transport.ReplyFromDestination != transport.Off)
}

func setRespondFromDest(a *Agent, v string) error {
	on, err := parseBool(v, false)
	if err != nil {
		return err
	}
	a.Transport.ReplyFromDestination = transport.Off
	if on {
		a.Transport.ReplyFromDestination = transport.On
	}
	return nil
}

// trafficTypes has the DSCP for each of the specification's traffic types.
var trafficTypes = []struct {
	name string
	dscp int
}{
	{"BestEffort", 0}, {"Background", 8}, {"ExcellentEffort", 40}, {"AudioVideo", 40}, {"Voice", 56}, {"Control", 56},
}

func getTrafficType(a *Agent) string {
	if i := a.state.trafficType; trafficTypes[i].dscp == a.Transport.DSCP {
		return strconv.Itoa(i) // what was set: others have its DSCP too
	}
	for i, t := range trafficTypes {
		if t.dscp == a.Transport.DSCP {
			return strconv.Itoa(i)
		}
	}
	return ""
}

func setTrafficType(a *Agent, v string) error {
	for i, t := range trafficTypes {
		if strings.EqualFold(v, t.name) || v == strconv.Itoa(i) {
			a.Transport.DSCP, a.state.trafficType = t.dscp, i
			return nil
		}
	}
	return fmt.Errorf("%q is no traffic type, expected 0 (BestEffort) to 5 (Control)", v)
}

func getCompatibilityMode(a *Agent) string { return strconv.Itoa(int(a.CompatibilityMode)) }

func setCompatibilityMode(a *Agent, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < int(CompatibilityReeder) || n > int(CompatibilityReceive) {
		return fmt.Errorf("%q is not a number from 0 to 2", v)
	}
	a.CompatibilityMode = CompatibilityMode(n)
	return nil
}

func getInternalSecurity(a *Agent) string { return formatBool(a.SecurityProvider != usm.System) }

func setInternalSecurity(a *Agent, v string) error {
	on, err := parseBool(v, false)
	if err != nil {
		return err
	}
	a.SecurityProvider = usm.System
	if on {
		a.SecurityProvider = usm.Internal
	}
	return nil
}

func getCodePage(a *Agent) string {
	if a.CodePage == 0 {
		return strconv.Itoa(int(UTF8))
	}
	return strconv.Itoa(int(a.CodePage))
}

func setCodePage(a *Agent, v string) error {
	p, err := parseCodePage(v)
	if err == nil {
		a.CodePage = p
	}
	return err
}

func setMaskSensitive(_ *Agent, v string) error {
	on, err := parseBool(v, false)
	if err == nil && !on {
		err = fmt.Errorf("secrets are always masked")
	}
	return err
}

// BuildInfo returns the module's version and the Go version it was built with.
func BuildInfo() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "snmpstack"
	}
	version := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 && (version == "" || version == "(devel)") {
			version = s.Value[:12]
		}
	}
	if version == "" {
		version = "(devel)"
	}
	return "snmpstack " + version + " " + info.GoVersion
}
