// Package agent is an SNMP agent.
package agent
