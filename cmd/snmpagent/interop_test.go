// Real clients ask this agent whatever they can, while tshark records what it will dissect afterwards.

package main_test

import (
	"os"
	"path/filepath"
	"testing"

	"snmpstack/cmd/internal/interoptest"
)

// TestInterop has every client ask in each way: with communities, as users of SNMPv3, and across restarts of the agent.
func TestInterop(t *testing.T) {
	interoptest.Tool(t, "snmpget")
	program, clients := buildAgent(t), findClients(t)
	t.Run("communities", func(t *testing.T) { askAsCommunities(t, program, clients) })
	t.Run("users", func(t *testing.T) { askAsUsers(t, program, clients) })
	t.Run("epoch", func(t *testing.T) { askAtEpoch(t, program, clients) })
	t.Run("restarts", func(t *testing.T) { askAcrossRestarts(t, program, clients) })
	t.Run("move", func(t *testing.T) {
		if os.Getenv("SNMPSTACK_INTEROP_AGENT") != "" {
			t.Skip("snmpd does not read another agent's state")
		}
		askAcrossTheMove(t, program, clients)
	})
}

// scriptEnvironment tells the scripts where the agent is, and whether it is snmpd, which may stand in for it.
func scriptEnvironment(daemon *interoptest.Daemon) []string {
	environment := []string{"SNMP_PORT=" + daemon.Port}
	if os.Getenv("SNMPSTACK_INTEROP_AGENT") != "" {
		environment = append(environment, "SNMP_SNMPD=1")
	}
	return environment
}

func askAsCommunities(t *testing.T, program string, clients map[string]*client) {
	daemon := interoptest.Start(t, program, interopConfig)
	stop, capture := record(t, daemon.Port)
	environment := scriptEnvironment(daemon)
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
