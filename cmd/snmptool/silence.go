package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"snmpstack/agent/manager"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// reported says what a Report means, first in the words that scripts know.
func (c *call) reported(e *manager.ReportError) {
	for _, row := range reportTexts {
		if errors.Is(e, row.err) {
			c.say("%s: %s", c.name, row.known)
			if row.more != "" {
				c.say("  %s", row.more)
			}
			switch row.err {
			case usm.ErrUnsupportedSecLevel:
				c.sayLevel()
			case usm.ErrDecryption:
				c.sayExtension()
			}
			return
		}
	}
	c.say("%s: the agent has sent a Report of %s", c.name, c.oid(e.Counter))
}

// sayLevel says it where the command line has a password that its level leaves
// unused: that is easily forgotten.
func (c *call) sayLevel() {
	switch {
	case c.version != pdu.V3:
	case hasPriv(&c.user) && c.level < pdu.AuthPriv:
		c.say("  The privacy password or key was not used: the level is %v, not -l authPriv.", c.level)
	case hasAuth(&c.user) && c.level < pdu.AuthNoPriv:
		c.say("  The authentication password or key was not used: the level is %v, not -l authNoPriv.", c.level)
	}
}

// sayExtension names the other thing that -x may have meant.
func (c *call) sayExtension() {
	if c.user.Priv == usm.AES192 || c.user.Priv == usm.AES256 {
		other := c.user
		other.Extension = otherExtension(other.Extension)
		c.say("  Some agents extend keys for it in another way, which is -x %s.", privName(&other))
	}
}

var reportTexts = []struct {
	err         error
	known, more string
}{
	{usm.ErrUnknownUserName, "Unknown user name", "The agent has no user of that name (-u) at this engine."},
	{usm.ErrWrongDigest, "Authentication failure (incorrect password, community or key)",
		"The agent knows the user; the password (-A) or the protocol (-a) is not the user's."},
	{usm.ErrUnsupportedSecLevel, "Unsupported security level", "The agent does not take messages of this user at this level (-l)."},
	{usm.ErrNotInTimeWindow, "Not in time window", "The agent does not take the boots and time of its engine that it was told, nor does it tell them authentically."},
	{usm.ErrUnknownEngineID, "Unknown engine ID", "The agent's engine ID is not the one given (-e)."},
	{usm.ErrDecryption, "Decryption error", "The authentication password is right; the privacy password (-X) or the protocol (-x) is not the user's."},
	{manager.ErrUnknownContext, "Unknown context", "The agent has no context of that name (-n)."},
	{manager.ErrUnavailableContext, "Unavailable context", "The context (-n) exists, but cannot be asked now."},
	{manager.ErrUnknownPDUHandler, "Unknown PDU handler", "The agent serves no context of that engine ID (-E)."},
	{manager.ErrUnknownSecurityModel, "Unknown security model", ""},
	{manager.ErrInvalidMsg, "Invalid message", ""},
}

// timedOut says what may be wrong. A wrong community shows as a time-out too,
// since agents do not answer it (RFC 1157 §4.1); some agents do not answer what
// they cannot decrypt either.
func (c *call) timedOut(ctx context.Context, e *manager.TimeoutError) {
	dot := "."
	if c.command.name != "get" && c.command.name != "next" {
		dot = "" // as Net-SNMP has it
	}
	c.say("Timeout: No Response from %s%s", e.Address, dot)
	attempts := "1 attempt"
	if e.Attempts != 1 {
		attempts = fmt.Sprintf("%d attempts", e.Attempts)
	}
	switch {
	case errors.Is(e, syscall.ECONNREFUSED):
		c.say("  %s of %v: connection refused, nothing listens on that UDP port.", attempts, e.Wait)
	case e.Refused != nil:
		c.say("  %s of %v: %v", attempts, e.Wait, e.Refused)
	case c.version == pdu.V3 && c.answersUnencrypted(ctx):
		c.say("  %s of %v. The agent answers this user where nothing is encrypted: the privacy password (-X)", attempts, e.Wait)
		c.say("  or the protocol (-x) is not the user's, and the agent keeps silent about that.")
		c.sayExtension()
	case c.version == pdu.V3:
		c.say("  %s of %v. %s", attempts, e.Wait, c.silence(ctx, e))
	case e.Ignored > 0:
		c.say("  %s of %v: something answers, but not this request; of the last answer, %s.", attempts, e.Wait, plain(e.LastIgnored))
	default:
		c.say("  %s of %v. Either the agent is down, the address or port is wrong, a firewall is between,", attempts, e.Wait)
		c.say("  or the agent does not accept this version (-v) or community (-c): then it keeps silent.")
	}
}

// answersUnencrypted reports whether an agent that does not answer what is encrypted
// answers the user otherwise.
func (c *call) answersUnencrypted(ctx context.Context) bool {
	unencrypted := c.asked
	unencrypted.Level = pdu.AuthNoPriv
	return c.asked.Level == pdu.AuthPriv && c.answers(ctx, unencrypted)
}

// silence finds out why else an agent does not answer with SNMPv3, by asking in
// other ways for nothing.
func (c *call) silence(ctx context.Context, e *manager.TimeoutError) string {
	elsewhere := c.asked
	elsewhere.ContextName, elsewhere.ContextEngineID = "", ""
	unknown := c.asked
	unknown.Level, unknown.User = pdu.NoAuthNoPriv, usm.User{Name: "nobody"}
	switch {
	case (c.asked.ContextName != "" || c.asked.ContextEngineID != "") && c.answers(ctx, elsewhere):
		return "The agent answers this user in the default context: it has no context like this one (-n, -E),\n  and keeps silent about that."
	case e.Ignored > 0:
		return fmt.Sprintf("Something answers, but not this request; of the last answer, %s.", plain(e.LastIgnored))
	case c.answers(ctx, unknown):
		return "The agent answers others with SNMPv3, but not this request."
	}
	return "Either the agent is down, the address or port is wrong, a firewall is between,\n  or the agent does not know SNMPv3 (-v)."
}

// answers reports whether the agent answers an empty request, be it with a
// Report.
func (c *call) answers(ctx context.Context, s manager.Security) bool {
	client, err := manager.Dial(ctx, c.operands[0])
	if err != nil {
		return false
	}
	defer client.Close()
	client.Version, client.Security = pdu.V3, s
	client.Timeout, client.Retries = c.timeout, 0
	if c.dump {
		client.Trace = c.trace
	}
	_, err = client.Get(ctx)
	var status *pdu.StatusError
	var report *manager.ReportError
	return err == nil || errors.As(err, &status) || errors.As(err, &report)
}
