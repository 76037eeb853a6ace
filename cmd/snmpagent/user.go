package main

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"strconv"

	"snmpstack/agent"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/mib"
	"snmpstack/usm"
)

// A user is an SNMPv3 user of the configuration.
type user struct {
	agent.UserEntry
	engine usm.EngineID // of createUser's -e, or of usmUser's keys; "" is this agent's
	line   snmpdconf.Directive
	kept   string // the arguments of his usmUser in the persistent file; "" if that has none
	of     string // of a permanent one there: the fingerprint of the user whom managers changed
}

// configuredUsers are the users of the lines.
func (c *configuration) configuredUsers() (list []user) {
	for _, u := range c.Users {
		list = append(list, user{UserEntry: u.UserEntry, engine: u.Engine, line: u.Line, of: u.Fingerprint})
	}
	return list
}

// hasUser reports whether there is a user of that name.
func (c *configuration) hasUser(name string) bool {
	for _, u := range c.users {
		if u.Name == name {
			return true
		}
	}
	return false
}

// usmUserArguments is what stands behind usmUser for a user with localized keys.
func usmUserArguments(engine usm.EngineID, u *agent.UserEntry) string {
	auth, authKey := usm.NoAuthProtocol, `""`
	if len(u.AuthKey) > 0 {
		auth, authKey = u.Auth.OID(), "0x"+hex.EncodeToString(u.AuthKey)
	}
	priv, privKey := usm.NoPrivProtocol, `""`
	if len(u.PrivKey) > 0 {
		priv, privKey = u.Priv.OID(), "0x"+hex.EncodeToString(u.PrivKey)
	}
	name := quoteOctets(u.Name)
	return fmt.Sprintf(`%d %d %v %s %s NULL .%v %s .%v %s %s`,
		cmp.Or(u.Status, mib.Active), cmp.Or(u.StorageType, mib.Permanent), engine, name, name, auth, authKey, priv, privKey, quoteOctets(u.Public))
}

// quoteOctets writes octets in a way that userconf.Octets reads.
func quoteOctets(name string) string {
	for i := range len(name) {
		if c := name[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return "0x" + hex.EncodeToString([]byte(name))
		}
	}
	return strconv.Quote(name)
}
