package main

import (
	"time"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/mib/host"
	"snmpstack/pdu"
)

// The standard notifications that the daemon sends (RFC 3418), and snmpd's for an end
// that was asked for (NET-SNMP-AGENT-MIB), of which there is no standard one.
var (
	coldStart             = pdu.SnmpTraps.Append(1)
	warmStart             = pdu.SnmpTraps.Append(2)
	authenticationFailure = pdu.SnmpTraps.Append(5)

	nsNotifyShutdown = ber.MustOID("1.3.6.1.4.1.8072.4.0.2")
)

// linkChange is the host's OnLinkChange (RFC 2863 §3.1.15).
func (n *notifier) linkChange(c host.LinkChange) {
	if n.links.Load() {
		n.tell(c.Notification(), c.Objects()...)
	}
}

// authFailInterval is the least time between two authenticationFailures: who guesses
// communities must not make the agent fill the network, or a log elsewhere.
const authFailInterval = 10 * time.Second

// badPacket is the agent's OnBadPacket: a message that is not authentic is told as
// authenticationFailure where snmpEnableAuthenTraps allows it (RFC 3418), once in
// authFailInterval at most. That is a community that is not known where it comes from,
// and with SNMPv3 a user who is not, or a MAC that is wrong.
func (n *notifier) badPacket(e *agent.BadPacketEvent) {
	switch e.Code {
	case agent.CodeNotAuthenticated, agent.CodeUserName, agent.CodeWrongMAC, agent.CodeNoMAC:
	default:
		return
	}
	if !n.system.AuthenTrapsEnabled() {
		return
	}
	now := time.Now().UnixNano()
	last := n.lastAuthFail.Load()
	if last != 0 && now-last < int64(authFailInterval) || !n.lastAuthFail.CompareAndSwap(last, now) {
		return
	}
	n.tell(authenticationFailure)
}
