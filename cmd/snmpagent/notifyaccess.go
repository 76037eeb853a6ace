package main

import (
	"snmpstack/agent/vacm"
	"snmpstack/mib"
)

// access is the daemon's agent.Access: the policy, but for the sinks of the
// configuration, who may be told everything.
//
// Deviation: as with snmpd, the notify views of access are not asked about trapsink
// and its like. Who names a sink means it to hear.
type access struct{ *vacm.Policy }

// exempt is the key of a value in the context of what is sent to a sink.
type exempt struct{}

func (a access) View(r *mib.Request, t vacm.ViewType) (vacm.View, error) {
	if t == vacm.NotifyView && r.Context != nil && r.Context.Value(exempt{}) != nil {
		return vacm.Everything, nil
	}
	return a.Policy.View(r, t)
}
