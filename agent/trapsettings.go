package agent

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// DefaultTrapPort is the UDP port of those who receive notifications (RFC 3417 §3.2).
const DefaultTrapPort = 162

// TrapSettings say how SendTrap and SendSecureTrap send. Notify and NotifyAll take
// TrapPort and TrapAgentAddress alone from them, Destinations and Targets have the rest.
// They are looked at for each trap, so that Config and Reset change them at any time; the
// fields themselves are only assigned to where no other goroutine uses the agent.
type TrapSettings struct {
	// Version is the version of what SendTrap sends, and of nothing else, as the agent
	// answers all of them: pdu.V1, pdu.V2c or pdu.V3, whose numbers are those on the wire
	// (0, 1 and 3), not the specification's (1, 2 and 3). New sets it to SNMPv2c.
	Version pdu.Version
	// TrapPort is the port of targets that do not name theirs; 0 means 162.
	TrapPort int
	// TrapCommunity is the community of SNMPv1 and SNMPv2c. New sets it to "public".
	TrapCommunity manager.Community
	// TrapEnterprise is the enterprise of SNMPv1's traps; "" means pdu.SnmpTraps.
	TrapEnterprise ber.OID
	// TrapAgentAddress is the address in SNMPv1's traps, IPv4; the zero Addr means the
	// one that the trap leaves from, or 0.0.0.0 if that is IPv6. A notification that has
	// snmpTrapAddress.0 among its objects has that address when it is translated, as who
	// passes it on has to say whose it is (RFC 3584 §3.2 (2)).
	TrapAgentAddress netip.Addr

	// ContextName and ContextEngineID are the context of SNMPv3's traps; "" are the
	// default context and the agent's engine.
	ContextName     string
	ContextEngineID usm.EngineID
	// AuthenticationKey and EncryptionKey, keys that are localized to the agent's
	// engine, in hexadecimal digits, take the place of the authentication password and
	// of the privacy password that SendSecureTrap is given, each of its own. A user who
	// sends with a key does not get into the internal authentication cache, nor is he
	// changed there.
	AuthenticationKey, EncryptionKey usm.Secret
}

func defaultTrapSettings() TrapSettings {
	return TrapSettings{Version: pdu.V2c, TrapCommunity: "public"}
}

// Reset gives the TrapSettings the values that New gives them.
func (a *Agent) Reset() {
	a.state.fields.Lock()
	defer a.state.fields.Unlock()
	a.TrapSettings = defaultTrapSettings()
}

// trapSettings returns the settings as they are now.
func (a *Agent) trapSettings() TrapSettings {
	a.state.fields.Lock()
	defer a.state.fields.Unlock()
	return a.TrapSettings
}

// check returns an error for what no trap can have.
func (s *TrapSettings) check() error {
	if s.TrapPort < 0 || s.TrapPort > 65535 {
		return &Error{CodeInvalidArgument, fmt.Errorf("TrapPort is %d, expected 1 to 65535", s.TrapPort)}
	}
	if s.TrapAgentAddress.IsValid() && !s.TrapAgentAddress.Is4() {
		return &Error{CodeBadIPAddress, fmt.Errorf("TrapAgentAddress is %v, expected an IPv4 address", s.TrapAgentAddress)}
	}
	if s.TrapEnterprise != "" {
		if err := s.TrapEnterprise.CheckEncodable(); err != nil {
			return &Error{CodeInvalidArgument, fmt.Errorf("TrapEnterprise: %w", err)}
		}
	}
	return nil
}

func (s *TrapSettings) port() int {
	if s.TrapPort == 0 {
		return DefaultTrapPort
	}
	return s.TrapPort
}

// takeKeys puts the keys of the settings, as far as there are any, in the place of a
// user's passwords.
func (s *TrapSettings) takeKeys(u *usm.User) error {
	for _, k := range []struct {
		setting  usm.Secret
		key      *[]byte
		password *usm.Secret
	}{{s.AuthenticationKey, &u.AuthKey, &u.AuthPassword}, {s.EncryptionKey, &u.PrivKey, &u.PrivPassword}} {
		if k.setting.IsEmpty() {
			continue
		}
		octets, err := hex.DecodeString(k.setting.Reveal())
		if err != nil {
			return &Error{CodeKeyLength, errors.New("a key is not in hexadecimal digits")}
		}
		*k.key, *k.password, u.Localized = octets, usm.Secret{}, true
	}
	if len(u.PrivKey) > 0 && u.Priv == usm.NoPriv {
		return &Error{CodeInvalidArgument, errors.New("EncryptionKey is set, and there is no protocol for it")}
	}
	return nil
}
