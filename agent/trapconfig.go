package agent

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"unicode"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// The settings for traps: rows of settingTable.

func getTrapEnterprise(a *Agent) string {
	if a.TrapEnterprise == "" {
		return pdu.SnmpTraps.String()
	}
	return a.TrapEnterprise.String()
}

func setTrapEnterprise(a *Agent, v string) error {
	oid, err := ber.ParseOID(v)
	if err == nil {
		err = oid.CheckEncodable()
	}
	if err == nil {
		a.TrapEnterprise = oid
	}
	return err
}

func getTrapAgentAddress(a *Agent) string {
	if !a.TrapAgentAddress.IsValid() {
		return ""
	}
	return a.TrapAgentAddress.String()
}

func setTrapAgentAddress(a *Agent, v string) error {
	if v == "" {
		a.TrapAgentAddress = netip.Addr{}
		return nil
	}
	addr, err := netip.ParseAddr(v)
	if err != nil || !addr.Is4() {
		return fmt.Errorf("%q is no IPv4 address", v)
	}
	a.TrapAgentAddress = addr
	return nil
}

func getTrapCommunity(a *Agent) string { return string(a.TrapCommunity) }

func setTrapCommunity(a *Agent, v string) error {
	if !printable(v) {
		return errors.New("expected text")
	}
	a.TrapCommunity = manager.Community(v)
	return nil
}

func getContextName(a *Agent) string { return a.ContextName }

func setContextName(a *Agent, v string) error {
	if !printable(v) || len(v) > maxContextName {
		return fmt.Errorf("expected text of at most %d octets", maxContextName)
	}
	a.ContextName = v
	return nil
}

func printable(v string) bool {
	return !strings.ContainsFunc(v, func(r rune) bool { return !unicode.IsPrint(r) })
}

func getContextEngineID(a *Agent) string {
	return strings.TrimPrefix(a.ContextEngineID.String(), "0x")
}

func setContextEngineID(a *Agent, v string) error {
	octets, err := hex.DecodeString(strings.TrimPrefix(v, "0x"))
	if err != nil {
		return fmt.Errorf("%q is not in hexadecimal digits", v)
	}
	id := usm.EngineID(octets)
	if id != "" {
		if err := id.Check(); err != nil {
			return err
		}
	}
	a.ContextEngineID = id
	return nil
}

// keySetting returns the row of a key. It shows whether there is one, and no more.
func keySetting(name string, lengths []int, field func(*Agent) *usm.Secret) setting {
	return setting{
		name: name,
		get: func(a *Agent) string {
			if field(a).IsEmpty() {
				return ""
			}
			return field(a).String()
		},
		set: func(a *Agent, v string) error {
			octets, err := hex.DecodeString(strings.TrimPrefix(v, "0x"))
			if err != nil {
				return errors.New("expected hexadecimal digits")
			}
			known := len(octets) == 0
			for _, n := range lengths {
				known = known || n == len(octets)
			}
			if !known {
				return fmt.Errorf("%d octets, expected one of %v", len(octets), lengths)
			}
			*field(a) = usm.NewSecret(hex.EncodeToString(octets))
			return nil
		},
		refused: CodeKeyLength,
	}
}

// The octets of keys: of the authentication protocols, and of the privacy protocols.
var (
	authKeyLengths = []int{16, 20, 28, 32, 48, 64}
	privKeyLengths = []int{16, 24, 32}
)
