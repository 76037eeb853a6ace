package main

import (
	"context"
	"errors"
	"slices"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/pdu"
)

func get(ctx context.Context, c *call) int {
	return c.getOrNext(ctx, "Error in packet", (*manager.Client).Get)
}

func getNext(ctx context.Context, c *call) int {
	return c.getOrNext(ctx, "Error in packet.", (*manager.Client).GetNext)
}

// getOrNext asks for the operands. A variable that the agent refuses is dropped
// and the others are asked for again, unless -Cf says not to.
func (c *call) getOrNext(ctx context.Context, first string, request func(*manager.Client, context.Context, ...ber.OID) ([]pdu.VarBind, error)) int {
	if !c.needs(true) {
		return exitFailed
	}
	oids, ok := c.resolve(c.operands[1:]...)
	if !ok {
		return exitFailed
	}
	client, ok := c.open(ctx, manager.Dial)
	if !ok {
		return exitFailed
	}
	defer client.Close()
	code := exitAnswered
	for {
		list, err := request(client, ctx, oids...)
		var status *pdu.StatusError
		if errors.As(err, &status) {
			code = c.refused(first, status, list)
			if c.flags.dontFix || status.Index < 1 || status.Index > len(oids) || len(oids) == 1 {
				return code
			}
			oids = slices.Delete(oids, status.Index-1, status.Index)
			continue
		}
		for _, vb := range list {
			c.print(vb)
		}
		if err != nil {
			return c.failed(ctx, err)
		}
		return code
	}
}

func getBulk(ctx context.Context, c *call) int {
	if !c.needs(true) {
		return exitFailed
	}
	oids, ok := c.resolve(c.operands[1:]...)
	if !ok {
		return exitFailed
	}
	if c.version == pdu.V1 {
		c.say("%s: Cannot send V2 PDU on V1 session: SNMPv1 has no GetBulk", c.name)
		return exitFailed
	}
	client, ok := c.open(ctx, manager.Dial)
	if !ok {
		return exitFailed
	}
	defer client.Close()
	list, err := client.GetBulk(ctx, c.flags.nonRepeaters, c.flags.maxRepetitions, oids...)
	var status *pdu.StatusError
	if errors.As(err, &status) {
		return c.refused("Error in packet.", status, list)
	}
	for _, vb := range list {
		c.print(vb)
	}
	if err != nil {
		return c.failed(ctx, err)
	}
	return exitAnswered
}
