package manager

import (
	"snmpstack/pdu"
	"snmpstack/usm"
)

// Security is what SNMPv3 has in the place of a community: who asks, how the
// messages are protected, and which context the request is for.
type Security struct {
	// User is who asks. Level may be lower than the keys allow, never higher.
	// There has to be a name, and with a password or key its protocol: AnyAuth
	// tells a sender nothing.
	User  usm.User
	Level pdu.SecurityLevel

	// ContextName and ContextEngineID say which of the agent's contexts is meant
	// (RFC 3411 §3.3.1). Empty ones are the default context, and the agent's own
	// engine.
	ContextName     string
	ContextEngineID usm.EngineID

	// EngineID is the agent's snmpEngineID. If it is empty it is asked for in
	// front of the first request (RFC 3414 §4).
	EngineID usm.EngineID
	// Boots and Time, in seconds, are the agent's snmpEngineBoots and
	// snmpEngineTime to begin with, if EngineID is set. The agent corrects them.
	Boots, Time int32

	// Provider is where the cryptography comes from.
	Provider usm.Provider
}
