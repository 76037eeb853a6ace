package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"unicode"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/cmd/internal/dissect"
	"snmpstack/pdu"
)

// The exit codes.
const (
	exitAnswered = 0
	exitFailed   = 1
	exitStatus   = 2 // the answer has an error-status
)

// needs checks that there is an agent and, if names is set, an OID.
func (c *call) needs(names bool) bool {
	switch {
	case len(c.operands) == 0:
		c.say("No hostname specified.")
	case names && len(c.operands) == 1:
		c.say("Missing object name")
	default:
		return true
	}
	fmt.Fprint(c.stderr, c.usage())
	return false
}

// resolve returns the OIDs that the texts mean. All that are unknown are
// reported.
func (c *call) resolve(texts ...string) (oids []ber.OID, ok bool) {
	ok = true
	for _, text := range texts {
		oid, err := c.names.Resolve(c.prefix + text + c.suffix)
		if err != nil {
			c.say("%v", err)
			ok = false
		}
		oids = append(oids, oid)
	}
	return oids, ok
}

// A dialler is manager.Dial, or manager.DialReceiver for whoever is to be told.
type dialler func(ctx context.Context, address string) (*manager.Client, error)

// open returns a client for the first operand.
func (c *call) open(ctx context.Context, dial dialler) (*manager.Client, bool) {
	client, err := dial(ctx, c.operands[0])
	if err != nil {
		c.failed(ctx, err)
		return nil, false
	}
	if !c.prepare(client) {
		client.Close()
		return nil, false
	}
	return client, true
}

// prepare gives a client what the options say.
func (c *call) prepare(client *manager.Client) (ok bool) {
	client.Version, client.Community = c.version, c.community
	if c.version == pdu.V3 {
		var err error
		if c.asked, err = c.security(); err != nil {
			c.say("%s: %s", c.name, plain(err))
			return false
		}
		client.Security = c.asked
	}
	client.Retries, client.Timeout = c.retries, c.timeout
	if c.dump {
		client.Trace = c.trace
	}
	return true
}

// trace is -d.
func (c *call) trace(sent bool, datagram []byte) {
	direction := "Received %d octets from %s\n"
	if sent {
		direction = "Sending %d octets to %s\n"
	}
	fmt.Fprintf(c.stderr, direction, len(datagram), c.operands[0])
	dissect.Message(datagram, c.dissectOptions()).Write(c.stderr)
	fmt.Fprintln(c.stderr)
}

// dissectOptions shows names and values as the other commands do.
func (c *call) dissectOptions() dissect.Options {
	return dissect.Options{
		ShowSecrets: c.showSecrets,
		Name: func(oid ber.OID) string {
			return string(c.out.AppendName(nil, c.names, oid))
		},
		Value: func(vb pdu.VarBind) string {
			if vb.Value == pdu.Null || vb.Value.IsException() || vb.Value.Syntax() == pdu.TypeObjectIdentifier {
				return ""
			}
			o := c.out
			o.QuickEqual = true // the type is already there
			text := string(o.AppendValue(nil, c.names, vb.Name, vb.Value))
			// Text is better quoted, and what a terminal may obey is left to
			// the octets.
			if text == vb.Value.Octets() || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
				return ""
			}
			return text
		},
	}
}

// print writes a varbind in a line.
func (c *call) print(vb pdu.VarBind) {
	c.stdout.Write(append(c.out.AppendLine(nil, c.names, vb), '\n'))
}

// oid writes an OID as the options say.
func (c *call) oid(o ber.OID) string { return string(c.out.AppendName(nil, c.names, o)) }

// failed reports why there is no answer, or none of use, and returns the exit
// code.
func (c *call) failed(ctx context.Context, err error) int {
	var timeout *manager.TimeoutError
	var report *manager.ReportError
	var dns *net.DNSError
	switch {
	case errors.As(err, &timeout):
		c.timedOut(ctx, timeout)
	case errors.As(err, &report):
		c.reported(report)
	case errors.As(err, &dns):
		c.say("%s: Unknown host (%s)", c.name, c.operands[0])
		if !dns.IsNotFound {
			c.say("  %s", dns.Err)
		}
	default:
		c.say("%s: %s", c.name, plain(err))
	}
	return exitFailed
}

// plain returns an error's text without the packages it has come through.
func plain(err error) string {
	return strings.NewReplacer("manager: ", "", "usm: ", "").Replace(err.Error())
}

// refused reports an error-status. The first line differs between Net-SNMP's
// programs.
func (c *call) refused(first string, e *pdu.StatusError, list []pdu.VarBind) int {
	c.say("%s\nReason: %s", first, reason(e.Status))
	if e.Index != 0 {
		object := ""
		if e.Index > 0 && e.Index <= len(list) {
			object = c.oid(list[e.Index-1].Name)
		}
		c.say("Failed object: %s\n", object)
	}
	if e.Status == pdu.AuthorizationError || e.Status == pdu.NoAccess {
		c.sayLevel()
	}
	return exitStatus
}

// reason explains an error-status in the words that scripts know, where they
// know any.
func reason(s pdu.ErrorStatus) string {
	if s.Valid() {
		return reasons[s]
	}
	return fmt.Sprintf("error-status %d, which no RFC defines", s)
}

var reasons = [...]string{
	pdu.NoError:             "(noError) No Error",
	pdu.TooBig:              "(tooBig) The answer would be larger than a message can be.",
	pdu.NoSuchName:          "(noSuchName) There is no such variable name in this MIB.",
	pdu.BadValue:            "(badValue) The value has the wrong type, length or content.",
	pdu.ReadOnly:            "(readOnly) The variable cannot be changed.",
	pdu.GenErr:              "(genError) The agent failed for another reason.",
	pdu.NoAccess:            "noAccess",
	pdu.WrongType:           "wrongType (the variable has another type)",
	pdu.WrongLength:         "wrongLength (the value is too short or too long)",
	pdu.WrongEncoding:       "wrongEncoding",
	pdu.WrongValue:          "wrongValue (the variable never takes this value)",
	pdu.NoCreation:          "noCreation (there is no such instance, and none can be made)",
	pdu.InconsistentValue:   "inconsistentValue (the variable does not take this value now)",
	pdu.ResourceUnavailable: "resourceUnavailable (the agent lacks memory or another resource)",
	pdu.CommitFailed:        "commitFailed",
	pdu.UndoFailed:          "undoFailed (some of the variables may have been changed)",
	pdu.AuthorizationError:  "authorizationError (access denied to that object)",
	pdu.NotWritable:         "notWritable (the variable cannot be changed)",
	pdu.InconsistentName:    "inconsistentName (there is no such instance, and none can be made now)",
}
