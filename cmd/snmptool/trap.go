package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm"
)

func trap(ctx context.Context, c *call) int { return c.notify(ctx, c.flags.include) } // -Ci

func inform(ctx context.Context, c *call) int { return c.notify(ctx, true) }

// notify sends a trap, or an inform and waits for its confirmation.
func (c *call) notify(ctx context.Context, inform bool) int {
	if !c.needs(false) {
		return exitFailed
	}
	if inform && c.version == pdu.V1 {
		c.say("Cannot send INFORM as SNMPv1 PDU")
		return exitFailed
	}
	client, ok := c.openReceiver(ctx, inform)
	if !ok {
		return exitFailed
	}
	defer client.Close()
	var err error
	if c.version == pdu.V1 {
		v1, ok := c.trapV1(ctx, client.LocalAddr().Addr())
		if !ok {
			return exitFailed
		}
		err = client.TrapV1(ctx, v1)
	} else {
		list, ok := c.trapV2()
		if !ok {
			return exitFailed
		}
		send := client.Trap
		if inform {
			send = client.Inform
		}
		err = send(ctx, list...)
	}
	var status *pdu.StatusError
	switch {
	case err == nil:
		return exitAnswered
	case errors.As(err, &status):
		return c.refused("Error in packet.", status, nil)
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.say("%s: Timeout", c.name)
		c.say("  %s", plain(err))
		return exitFailed
	}
	return c.failed(ctx, err)
}

// openReceiver returns a client for whoever is to be told.
func (c *call) openReceiver(ctx context.Context, inform bool) (*manager.Client, bool) {
	client, ok := c.open(ctx, manager.DialReceiver)
	if ok && c.version == pdu.V3 && !inform {
		// Of a trap the sender is the authoritative engine (RFC 3414 §1.5.1).
		s := &client.Security
		if s.EngineID == "" {
			s.EngineID = usm.DeriveEngineID(0, "snmptool")
		}
		if !c.clock {
			s.Boots, s.Time = usm.NewEpochClock(time.Now).BootsTime()
		}
	}
	return client, ok
}

// parameter returns the next operand behind the receiver, which has to be there.
func (c *call) parameter(at int, missing string) (string, bool) {
	if at < len(c.operands) {
		return c.operands[at], true
	}
	c.say("%s", missing)
	fmt.Fprint(c.stderr, c.usage())
	return "", false
}

// trapV2 reads UPTIME TRAPOID [OID TYPE VALUE]...
func (c *call) trapV2() (list []pdu.VarBind, ok bool) {
	text, ok := c.parameter(1, "Missing up-time parameter")
	if !ok {
		return nil, false
	}
	upTime, ok := c.upTime(text)
	if !ok {
		return nil, false
	}
	name, ok := c.parameter(2, "Missing trap-oid parameter")
	if !ok {
		return nil, false
	}
	oids, ok := c.resolve(name)
	if !ok {
		return nil, false
	}
	objects, ok := c.trapObjects(3)
	return pdu.NotificationVarBinds(upTime, oids[0], objects...), ok
}

// defaultEnterprise is what an empty enterprise means: enterprises.cmu.1.1, as with
// Net-SNMP.
var defaultEnterprise = ber.MustOID("1.3.6.1.4.1.3.1.1")

// trapV1 reads ENTERPRISE AGENT GENERIC SPECIFIC UPTIME [OID TYPE VALUE]... An empty
// AGENT is own.
func (c *call) trapV1(ctx context.Context, own netip.Addr) (t pdu.Trap, ok bool) {
	var words [5]string
	for i, missing := range []string{"No enterprise oid", "Missing agent parameter", "Missing generic-trap parameter", "Missing specific-trap parameter", "Missing uptime parameter"} {
		if words[i], ok = c.parameter(1+i, missing); !ok {
			return t, false
		}
	}
	t.Enterprise = defaultEnterprise
	if words[0] != "" {
		oids, ok := c.resolve(words[0])
		if !ok {
			return t, false
		}
		t.Enterprise = oids[0]
	}
	t.AgentAddr = own
	if words[1] != "" {
		if t.AgentAddr, ok = c.agentAddress(ctx, words[1]); !ok {
			return t, false
		}
	}
	for i, number := range []*int32{&t.GenericTrap, &t.SpecificTrap} {
		n, err := strconv.ParseInt(words[2+i], 10, 32)
		if err != nil {
			c.say("%s: generic-trap and specific-trap are numbers", words[2+i])
			return t, false
		}
		*number = int32(n)
	}
	if t.TimeStamp, ok = c.upTime(words[4]); !ok {
		return t, false
	}
	t.VarBinds, ok = c.trapObjects(6)
	return t, ok
}

// agentAddress returns the IPv4 address that a host has.
func (c *call) agentAddress(ctx context.Context, host string) (netip.Addr, bool) {
	list, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", host)
	if err != nil || len(list) == 0 {
		c.say("unknown host: %s", host)
		return netip.Addr{}, false
	}
	return list[0].Unmap(), true
}

// upTime reads a time in hundredths of a second; nothing is how long the machine has
// been up.
func (c *call) upTime(text string) (uint32, bool) {
	if text == "" {
		return machineUpTime(), true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n >= 1<<32 {
		c.say("%s: the up-time is a number of hundredths of a second, or '' for the machine's", text)
		return 0, false
	}
	return uint32(n), true
}

// machineUpTime returns how long the machine has been up where it tells, else 0.
func machineUpTime() uint32 {
	text, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return 0
	}
	seconds, err := strconv.ParseFloat(strings.Fields(string(text) + " 0")[0], 64)
	if err != nil {
		return 0
	}
	return uint32(int64(seconds * 100))
}

// trapObjects reads OID TYPE VALUE, again and again.
func (c *call) trapObjects(at int) (list []pdu.VarBind, ok bool) {
	for args := c.operands[min(at, len(c.operands)):]; len(args) > 0; args = args[3:] {
		if len(args) < 3 {
			c.say("%s: Missing type/value for variable", args[0])
			return nil, false
		}
		oids, ok := c.resolve(args[0])
		if !ok {
			return nil, false
		}
		v, err := c.parseValue(c.attribute(oids[0]), args[1], args[2])
		if err != nil {
			c.say("%s: %v", args[0], err)
			return nil, false
		}
		list = append(list, pdu.VarBind{Name: oids[0], Value: v})
	}
	return list, true
}
