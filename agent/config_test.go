package agent_test

import (
	"slices"
	"strings"
	"testing"

	"snmpstack/agent"
)

// specifiedSettings are the specification's, in its order.
var specifiedSettings = strings.Fields(`
	AuthenticationKey CompatibilityMode ContextEngineId ContextName DataToSend DecryptLogPackets EncryptionKey
	ForceLocalPort IgnoreDiscoveryRequestType IncomingContextEngineId IncomingContextName MsgMaxSize
	RespondFromDestIP SourceAddress SourcePort TimeWindow TrapAgentAddress TrapCommunity TrapEnterprise TrapPort
	CaptureIPPacketInfo DelayHostResolution DestinationAddress DontFragment LocalHost LocalPort MaxPacketSize
	QOSDSCPValue QOSTrafficType ShareLocalPort SourceIPAddress SourceMacAddress UseConnection UseIPv6
	AbsoluteTimeout FirewallData InBufferSize OutBufferSize
	BuildInfo CodePage LicenseInfo MaskSensitive ProcessIdleEvents SelectWaitMillis UseInternalSecurityAPI`)

// Every setting of the specification is there or says that it is not: a silent
// success there is not.
func TestSettings(t *testing.T) {
	names := agent.Settings()
	if want := append(slices.Clone(specifiedSettings), "RemoteHost", "RemotePort"); !slices.Equal(names, want) {
		t.Errorf("the settings are %v, want %v", names, want)
	}
	for _, name := range names {
		a := agent.New()
		old, err := a.Config(" " + strings.ToUpper(name))
		switch code := codeOf(err); code {
		case 0:
			if _, err := a.Config(name + "=\x00"); codeOf(err) == 0 && !strings.HasSuffix(name, "Host") {
				t.Errorf("%s takes nonsense", name)
			}
			if now, _ := a.Config(name); now != old && !strings.HasSuffix(name, "Host") {
				t.Errorf("%s was %q, and is %q after a value that was refused", name, old, now)
			}
		default:
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := agent.New().Config("Nonsense"); codeOf(err) != agent.CodeInvalidArgument {
		t.Errorf("a setting that is none: %v", err)
	}
}

// What settings were at first, can be set to, and cannot.
func TestSettingValues(t *testing.T) {
	for _, tt := range []struct {
		name, initial string
		set, now      string // now "": refused, with code
		code          agent.Code
	}{
		{"ForceLocalPort", "True", "no", "False", 0},
		{"ForceLocalPort", "True", "2", "", agent.CodeInvalidArgument},
		{"RespondFromDestIP", "True", "False", "False", 0},
		{"DontFragment", "False", "1", "True", 0},
		{"UseIPv6", "False", "yes", "True", 0},
		{"LocalHost", "", " 127.0.0.1 ", "127.0.0.1", 0},
		{"LocalPort", "161", "0", "0", 0},
		{"LocalPort", "161", "65536", "", agent.CodeInvalidArgument},
		{"MaxPacketSize", "65507", "1", "1", 0},
		{"MaxPacketSize", "65507", "65508", "", agent.CodeInvalidArgument},
		{"QOSDSCPValue", "0", "63", "63", 0},
		{"QOSDSCPValue", "0", "64", "", agent.CodeInvalidArgument},
		{"QOSTrafficType", "0", "Voice", "4", 0},
		{"QOSTrafficType", "0", "1", "1", 0},
		{"QOSTrafficType", "0", "AudioVideo", "3", 0}, // which has the DSCP of 2
		{"QOSTrafficType", "0", "5", "5", 0},
		{"QOSTrafficType", "0", "6", "", agent.CodeInvalidArgument},
		{"InBufferSize", "0", "1048576", "1048576", 0},
		{"OutBufferSize", "0", "-1", "", agent.CodeInvalidArgument},
		{"CodePage", "65001", "utf-8", "65001", 0},
		{"CodePage", "65001", "1252", "1252", 0},
		{"CodePage", "65001", "ISO-8859-1", "28591", 0},
		{"CodePage", "65001", "437", "", agent.CodeCodePage},
		{"SourceMacAddress", "", "00:00:5e:00:53:01", "", agent.CodeNotSupported},
		{"AbsoluteTimeout", "False", "False", "False", 0},
		{"AbsoluteTimeout", "False", "True", "", agent.CodeNotSupported},
		{"FirewallData", "", "", "", 0},
		{"QOSTrafficType", "0", "ExcellentEffort", "2", 0},
		{"QOSTrafficType", "0", "3", "3", 0},
		{"QOSTrafficType", "0", "Control", "5", 0},
		{"FirewallData", "", "x", "", agent.CodeNotSupported},
		{"DataToSend", "", "3", "", agent.CodeInvalidArgument},
		{"DataToSend", "", "", "", agent.CodeMessageTooShort},
		{"RemoteHost", "", "192.0.2.7", "192.0.2.7", 0},
		{"RemotePort", "0", "1162", "1162", 0},
		{"RemotePort", "0", "65536", "", agent.CodeInvalidArgument},
		{"UseConnection", "False", "True", "True", 0},
		{"DelayHostResolution", "False", "Yes", "True", 0},
		{"SourceIPAddress", "", "192.0.2.7", "192.0.2.7", 0},
		{"SourceIPAddress", "", "2001:db8::7", "2001:db8::7", 0},
		{"SourceIPAddress", "", "pump", "", agent.CodeBadIPAddress},
		{"LicenseInfo", "Apache-2.0", "MIT", "", agent.CodeInvalidArgument},
	} {
		a := agent.New()
		old, err := a.Config(tt.name + "=" + tt.set)
		if codeOf(err) != tt.code || err == nil && old != tt.initial {
			t.Errorf("%s=%s: %q, %v", tt.name, tt.set, old, err)
		}
		want := tt.now
		if tt.code != 0 {
			want = tt.initial
		}
		if now, err := a.Config(tt.name); now != want || err != nil {
			t.Errorf("%s is %q, want %q (%v)", tt.name, now, want, err)
		}
	}
}

// Some settings are fixed while the agent is active, and LocalPort then is the port
// that the system has chosen.
func TestSettingsWhileActive(t *testing.T) {
	a := agent.New()
	a.LocalHost, a.LocalPort = "127.0.0.1", 0
	if err := a.Activate(); err != nil {
		t.Fatal(err)
	}
	defer a.Deactivate()
	for setting, code := range map[string]agent.Code{
		"LocalPort=1161": agent.CodeLocalPortActive, "LocalHost=": agent.CodeLocalHostActive,
		"MaxPacketSize=1000": agent.CodePacketSizeActive, "ShareLocalPort=True": agent.CodeSharePortActive,
		"UseConnection=True": agent.CodeUseConnectionActive, "RemoteHost=192.0.2.1": 0, "RemotePort=1162": 0,
		"TimeWindow=100": 0, "MsgMaxSize=1000": 0,
	} {
		if _, err := a.Config(setting); codeOf(err) != code {
			t.Errorf("%s: %v, want code %d", setting, err, code)
		}
	}
	if host, err := a.Config("LocalHost"); host != "127.0.0.1" || err != nil {
		t.Errorf("LocalHost is %q, %v", host, err)
	}
	if port, err := a.Config("LocalPort"); port == "0" || err != nil {
		t.Errorf("LocalPort is %q, %v", port, err)
	}
}
