package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"time"

	"snmpstack/agent"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/cmd/internal/userconf"
	"snmpstack/usm"
)

// An engineIdentity is what the configuration says of the engine ID. The most exact
// directive counts: exactEngineID before engineID before engineIDType.
type engineIdentity struct {
	exact   usm.EngineID
	text    usm.EngineID
	kind    int    // of engineIDType; 0: none
	nic     string // of engineIDNic
	fromNIC snmpdconf.Directive

	// What snmpd's persistent file has of its engine: this agent takes its place.
	old   usm.EngineID
	boots int32
}

// The formats of engine IDs that hold an address (RFC 3411 §5, SnmpEngineID), which
// are the numbers of engineIDType too.
const (
	formatIPv4 = 1
	formatIPv6 = 2
	formatMAC  = 3
)

const defaultNIC = "eth0" // as with snmpd

func applyExactEngineID(_ context.Context, c *configuration, d snmpdconf.Directive) (err error) {
	c.identity.exact, err = userconf.EngineID(d.Words()[0])
	return err
}

func applyOldEngineID(_ context.Context, c *configuration, d snmpdconf.Directive) (err error) {
	c.identity.old, err = userconf.EngineID(d.Words()[0])
	return err
}

func applyEngineBoots(_ context.Context, c *configuration, d snmpdconf.Directive) error {
	n, err := strconv.ParseInt(d.Words()[0], 10, 32)
	if err != nil || n < 0 {
		return fmt.Errorf("%s is not a number from 0 to 2147483647", d.Show(d.Words()[0]))
	}
	c.identity.boots = int32(n)
	return nil
}

func applyEngineID(_ context.Context, c *configuration, d snmpdconf.Directive) error {
	words := d.Words()
	id, err := usm.NewEngineID(usm.DocumentationEnterprise, usm.FormatText, words[0])
	if err != nil || words[0] == "" || len(words) > 1 {
		return errors.New("expected a text of 1 to 27 octets, in quotes if there are spaces in it; exactEngineID takes hexadecimal digits")
	}
	c.identity.text = id
	return nil
}

func applyEngineIDType(_ context.Context, c *configuration, d snmpdconf.Directive) error {
	n, err := strconv.Atoi(d.Words()[0])
	if err != nil || n < formatIPv4 || n > formatMAC {
		return fmt.Errorf("%s is no type, expected 1 (IPv4 address), 2 (IPv6 address) or 3 (MAC address)", d.Show(d.Words()[0]))
	}
	c.identity.kind, c.identity.fromNIC = n, d
	return nil
}

func applyEngineIDNic(_ context.Context, c *configuration, d snmpdconf.Directive) error {
	c.identity.nic = d.Words()[0]
	return nil
}

// engineID returns the engine ID of the configuration, "" if it leaves it to the
// state directory and the machine.
func (i *engineIdentity) engineID(machine machine) (usm.EngineID, error) {
	switch {
	case i.exact != "":
		return i.exact, nil
	case i.text != "":
		return i.text, nil
	case i.kind == 0:
		return "", nil
	}
	address, err := i.address(machine)
	if err != nil {
		return "", i.fromNIC.Errorf("%w; the engine ID is made without it", err)
	}
	return usm.NewEngineID(usm.DocumentationEnterprise, byte(i.kind), string(address))
}

// A machine is where the addresses in an engine ID come from.
type machine struct {
	addresses func() ([]netip.Addr, error)
	mac       func(nic string) (net.HardwareAddr, error)
}

func (i *engineIdentity) address(m machine) ([]byte, error) {
	if i.kind == formatMAC {
		nic := cmp.Or(i.nic, defaultNIC)
		mac, err := m.mac(nic)
		if err != nil || len(mac) != 6 {
			return nil, fmt.Errorf("there is no interface %q with a MAC address, expected another one in engineIDNic", nic)
		}
		return mac, nil
	}
	addresses, err := m.addresses()
	if err != nil {
		return nil, err
	}
	for _, a := range addresses {
		if a.IsGlobalUnicast() && a.Is4() == (i.kind == formatIPv4) {
			return a.AsSlice(), nil
		}
	}
	return nil, fmt.Errorf("this machine has no IPv%d address", map[int]int{formatIPv4: 4, formatIPv6: 6}[i.kind])
}

// thisMachine is the one that the program runs on.
var thisMachine = machine{
	addresses: func() (list []netip.Addr, err error) {
		addrs, err := net.InterfaceAddrs()
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				list = append(list, p.Addr().Unmap())
			}
		}
		return list, err
	},
	mac: func(nic string) (net.HardwareAddr, error) {
		i, err := net.InterfaceByName(nic)
		if err != nil {
			return nil, err
		}
		return i.HardwareAddr, nil
	},
}

// openEngine returns the engine, and with a state directory the state that its
// identity and boots are kept in.
func openEngine(conf *configuration, a *agent.Agent) (state *agent.State, engine *usm.Engine, err error) {
	if conf.StateDir == "" {
		id := cmp.Or(conf.engineID, derivedEngineID(a))
		return nil, usm.NewEngine(id, usm.NewEpochClock(time.Now)), nil
	}
	if state, err = agent.OpenState(conf.StateDir); err != nil {
		if conf.become != nil && errors.Is(err, os.ErrPermission) {
			err = fmt.Errorf("%w (it has to belong to %v)", err, conf.become)
		}
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			state.Close()
			state = nil
		}
	}()
	id := conf.engineID
	if id != "" {
		err = state.SetEngineID(id)
	} else {
		id, err = state.EngineID(cmp.Or(conf.identity.old, derivedEngineID(a)))
	}
	if err == nil && id == conf.identity.old {
		err = countOn(state, conf.identity.boots)
	}
	if err != nil {
		return state, nil, err
	}
	clock, err := usm.NewPersistentClock(state, time.Now)
	if err != nil {
		return state, nil, err
	}
	return state, usm.NewEngine(id, clock), nil
}

// othersMayWrite reports whether group or others may write into a directory, where
// that can be told; not if there is none.
func othersMayWrite(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o022 != 0
}

// countOn makes snmpEngineBoots go on from where another agent of the same engine
// ID stopped: who knows its clock would take a smaller value for a replay.
func countOn(state *agent.State, boots int32) error {
	kept, err := state.LoadBoots()
	if err != nil || kept >= boots {
		return err
	}
	return state.SaveBoots(boots)
}

// derivedEngineID tells agents on one machine apart by where they are.
func derivedEngineID(a *agent.Agent) usm.EngineID {
	return agent.DeriveEngineID(a.Enterprise, a.Conns[0].LocalAddr())
}
