// Real clients ask this agent whatever they can, while tshark records what it will dissect afterwards.

package main_test

import (
	"os"
	"path/filepath"
	"testing"
)

// TestInterop has every client ask in each way: with communities, as users of SNMPv3, and across restarts of the agent.
func TestInterop(t *testing.T) {
	tool(t, "snmpget")
	program, clients := buildAgent(t), findClients(t)
	t.Run("communities", func(t *testing.T) { askAsCommunities(t, program, clients) })
	t.Run("users", func(t *testing.T) { askAsUsers(t, program, clients) })
}

// agentTraits tells the scripts in what this agent and snmpd, which may stand in for it, differ where both may.
func agentTraits() []string {
	if os.Getenv("SNMPSTACK_INTEROP_AGENT") != "" {
		return []string{"SNMP_MUTE_DECRYPTION=1"}
	}
	return []string{"SNMP_SMALL_BULK=1"}
}

func askAsCommunities(t *testing.T, program string, clients map[string]*client) {
	daemon := startAgent(t, program, interopConfig)
	stop, capture := record(t, daemon.port)
	environment := append(agentTraits(), "SNMP_PORT="+daemon.port)
	if mibs, err := filepath.Abs("../../../shared/mibs"); err == nil {
		environment = append(environment, "SNMP_MIBS="+mibs)
	}
	for _, name := range []string{"tools", "perl", "pysnmp", "gosnmp", "node"} {
		t.Run(name, func(t *testing.T) { clients[name].run(t, environment) })
	}
	t.Run("tshark", func(t *testing.T) {
		stop(t)
		clients["tshark"].run(t, environment, capture)
	})
}
