package manager

import (
	"bytes"

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
	// Hashed, if it is set, takes User's place: the passwords have been hashed
	// already. With keys for more than Level it has to allow lower ones.
	Hashed *usm.HashedUser

	// ContextName and ContextEngineID say which of the agent's contexts is meant
	// (RFC 3411 §3.3.1). Empty ones are the default context, and the agent's own
	// engine.
	ContextName     string
	ContextEngineID usm.EngineID

	// EngineID is the agent's snmpEngineID. If it is empty it is asked for in
	// front of the first request (RFC 3414 §4). For Trap it is that of the sender,
	// whom nobody can be asked for.
	EngineID usm.EngineID
	// Boots and Time, in seconds, are that engine's snmpEngineBoots and
	// snmpEngineTime to begin with, if EngineID is set. An agent corrects them.
	Boots, Time int32
	// Learned says that EngineID is what another Client has learned, not what somebody
	// knows: if nobody answers to it, or a Report says that it is another one, it is
	// asked for as if it were empty.
	Learned bool

	// Provider is where the cryptography comes from.
	Provider usm.Provider
}

// is reports whether s says the same as o.
func (s *Security) is(o *Security) bool {
	u, v := &s.User, &o.User
	return u.Name == v.Name && u.Auth == v.Auth && u.Priv == v.Priv &&
		u.AuthPassword == v.AuthPassword && u.PrivPassword == v.PrivPassword &&
		bytes.Equal(u.AuthKey, v.AuthKey) && bytes.Equal(u.PrivKey, v.PrivKey) &&
		u.Extension == v.Extension && u.Localized == v.Localized && u.AllowLower == v.AllowLower &&
		s.Level == o.Level && s.Hashed == o.Hashed &&
		s.ContextName == o.ContextName && s.ContextEngineID == o.ContextEngineID &&
		s.EngineID == o.EngineID && s.Boots == o.Boots && s.Time == o.Time && s.Learned == o.Learned &&
		s.Provider == o.Provider
}
