package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/pdu"
)

// mib2 is where a walk starts that has no OID.
var mib2 = ber.MustOID("1.3.6.1.2.1")

func walk(ctx context.Context, c *call) int {
	if !c.flags.bulk {
		c.flags.maxRepetitions = 1 // GetNext
	}
	return c.walk(ctx)
}

func bulkWalk(ctx context.Context, c *call) int {
	if c.version == pdu.V1 {
		c.say("%s: Cannot send V2 PDU on V1 session: SNMPv1 has no GetBulk", c.name)
		return exitFailed
	}
	return c.walk(ctx)
}

func (c *call) walk(ctx context.Context) int {
	if !c.needs(false) {
		return exitFailed
	}
	w, ok := c.walker()
	if !ok {
		return exitFailed
	}
	client, ok := c.open(ctx, manager.Dial)
	if !ok {
		return exitFailed
	}
	defer client.Close()
	w.Client = client

	found, code := 0, exitAnswered
	start := time.Now()
	if c.flags.include {
		found += c.getAndPrint(ctx, client, w.Root)
	}
	last := start
	for vb, err := range w.All(ctx) {
		var order *manager.OrderError
		if err == nil || errors.As(err, &order) {
			if c.flags.timeEach {
				fmt.Fprintf(c.stdout, "%f s: ", time.Since(last).Seconds())
			}
			c.print(vb)
			found++
		}
		if err != nil {
			code = c.walkFailed(ctx, err, vb)
		}
		last = time.Now()
	}
	if code == exitAnswered {
		found += c.ended(&w)
		// Nothing below it: perhaps it is an instance itself.
		if found == 0 && !c.flags.noGet {
			found += c.getAndPrint(ctx, client, w.Root)
		}
	}
	if c.flags.countFound {
		fmt.Fprintf(c.stdout, "Variables found: %d\n", found)
	}
	if c.flags.timeWalk {
		c.say("Total traversal time = %f seconds", time.Since(start).Seconds())
	}
	return code
}

// walker returns what is to be walked, from where to where.
func (c *call) walker() (w manager.Walker, ok bool) {
	w = manager.Walker{
		Root:            mib2,
		MaxRepetitions:  c.flags.maxRepetitions,
		NonRepeaters:    c.flags.nonRepeaters,
		AllowDecreasing: c.flags.anyOrder,
	}
	if len(c.operands) > 1 {
		oids, ok := c.resolve(c.operands[1])
		if !ok {
			return w, false
		}
		w.Root = oids[0]
	}
	if c.flags.end != "" {
		oids, ok := c.resolve(c.flags.end)
		if !ok {
			return w, false
		}
		w.End = oids[0]
	}
	return w, true
}

// ended shows how the walk has ended, and returns how many variables that was.
func (c *call) ended(w *manager.Walker) int {
	switch w.Ended {
	case manager.AtNoSuchName:
		fmt.Fprintln(c.stdout, "End of MIB")
	case manager.AtException:
		c.print(w.Last)
		return 1
	}
	return 0
}

// walkFailed reports what ended a walk early.
func (c *call) walkFailed(ctx context.Context, err error, vb pdu.VarBind) int {
	var status *pdu.StatusError
	var order *manager.OrderError
	switch {
	case errors.As(err, &status):
		return c.refused("Error in packet.", status, []pdu.VarBind{vb})
	case errors.As(err, &order):
		c.say("Error: OID not increasing: %s\n >= %s\n", c.oid(order.Asked), c.oid(order.Got))
		return exitFailed
	}
	return c.failed(ctx, err)
}

// getAndPrint asks for one instance, and returns how many variables came. That
// it cannot be had is no error.
func (c *call) getAndPrint(ctx context.Context, client *manager.Client, name ber.OID) int {
	list, err := client.Get(ctx, name)
	if err != nil {
		return 0
	}
	for _, vb := range list {
		c.print(vb)
	}
	return len(list)
}
