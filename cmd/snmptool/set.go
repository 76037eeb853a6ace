package main

import (
	"context"
	"errors"
	"fmt"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/mib/smi"
	"snmpstack/pdu"
)

func set(ctx context.Context, c *call) int {
	if !c.needs(true) {
		return exitFailed
	}
	list, ok := c.assignments(c.operands[1:])
	if !ok {
		return exitFailed
	}
	client, ok := c.open(ctx, manager.Dial)
	if !ok {
		return exitFailed
	}
	defer client.Close()
	answer, err := client.Set(ctx, list...)
	var status *pdu.StatusError
	if errors.As(err, &status) {
		return c.refused("Error in packet.", status, answer)
	}
	for _, vb := range answer {
		if !c.flags.quiet {
			c.print(vb)
		}
	}
	if err != nil {
		return c.failed(ctx, err)
	}
	return exitAnswered
}

// assignments reads OID TYPE VALUE, again and again. All mistakes are reported.
func (c *call) assignments(args []string) (list []pdu.VarBind, ok bool) {
	ok = true
	for ; len(args) > 0; args = args[3:] {
		switch len(args) {
		case 1:
			c.say("%s: Needs type and value", args[0])
			return nil, false
		case 2:
			c.say("%s: Needs value", args[0])
			return nil, false
		}
		oids, known := c.resolve(args[0])
		if !known {
			ok = false
			continue
		}
		v, err := c.parseValue(c.attribute(oids[0]), args[1], args[2])
		if err != nil {
			c.say("%s: %v", args[0], err)
			ok = false
			continue
		}
		list = append(list, pdu.VarBind{Name: oids[0], Value: v})
	}
	return list, ok
}

// attribute returns the type of an instance's object, nil if it is unknown. An
// instance may have a name of its own, as sysUpTimeInstance has.
func (c *call) attribute(name ber.OID) *smi.Type {
	object, rest := c.names.Lookup(name)
	if object != nil && object.Type == nil && rest == "" {
		object = c.names.Parent(object)
	}
	if object == nil {
		return nil
	}
	return object.Type
}

// A valueError is a value that a command line cannot have, in Net-SNMP's words.
type valueError struct{ kind, detail string }

func (e valueError) Error() string { return fmt.Sprintf("%s (%s)", e.kind, e.detail) }

func badNotation(text string) error { return valueError{"Bad value notation", text} }
func outOfRange(text string) error  { return valueError{"Value out of range", text} }
