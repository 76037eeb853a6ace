package manager

import (
	"context"
	"errors"
	"fmt"
	"net"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// Inform tells the other side something and waits until it says that it has heard
// (RFC 3416 §4.2.7). The varbinds begin with sysUpTime.0 and snmpTrapOID.0:
// pdu.NotificationVarBinds makes them. SNMPv1 has no informs. Errors are those of
// Do.
func (c *Client) Inform(ctx context.Context, varBinds ...pdu.VarBind) error {
	if err := checkNotification(varBinds); err != nil {
		return err
	}
	_, err := c.Do(ctx, pdu.PDU{Kind: pdu.InformRequest, VarBinds: varBinds})
	return err
}

// Trap tells the other side something and does not wait (RFC 3416 §4.2.6): whether
// it has arrived nobody knows. The varbinds are those of Inform; for SNMPv1 they are
// translated (RFC 3584 §3.2), with 0.0.0.0 as the address, so that those who can
// tell theirs use TrapV1.
//
// With SNMPv3 the sender is the authoritative engine (RFC 3414 §1.5.1): Security has
// its EngineID, Boots and Time, and the receiver has to know the user there.
func (c *Client) Trap(ctx context.Context, varBinds ...pdu.VarBind) error {
	if err := checkNotification(varBinds); err != nil {
		return err
	}
	if c.Version == pdu.V1 {
		trap, err := pdu.TrapOf(varBinds, pdu.ForwardedFrom(varBinds))
		if err != nil {
			return fmt.Errorf("manager: %w", err)
		}
		return c.TrapV1(ctx, trap)
	}
	if c.Version == pdu.V3 && c.Security.EngineID == "" {
		return errNoOwnEngine
	}
	varBinds, err := encodable(varBinds)
	if err != nil {
		return err
	}
	return c.send(ctx, func() ([]byte, error) {
		mp, err := c.messageProcessing()
		if err != nil {
			return nil, err
		}
		return mp.prepareOutgoingMessage(c.sendBuf, &pdu.PDU{Kind: pdu.TrapV2, RequestID: c.nextID(), VarBinds: varBinds})
	})
}

var errNoOwnEngine = errors.New("manager: a trap of SNMPv3 needs the sender's engine ID in Security")

// checkNotification checks that varbinds are those of a notification.
func checkNotification(list []pdu.VarBind) error {
	if _, _, ok := pdu.ReadNotification(list); !ok {
		return errors.New("manager: a notification begins with sysUpTime.0 and snmpTrapOID.0 (RFC 3416 §4.2.6)")
	}
	return nil
}

// TrapV1 sends SNMPv1's trap, with the Client's community, whatever its Version is.
func (c *Client) TrapV1(ctx context.Context, trap pdu.Trap) error {
	if err := trap.Enterprise.CheckEncodable(); err != nil {
		return fmt.Errorf("manager: enterprise: %w", err)
	}
	var err error
	if trap.VarBinds, err = encodable(trap.VarBinds); err != nil {
		return err
	}
	for i, vb := range trap.VarBinds {
		if syntax := vb.Value.Syntax(); !syntax.In(pdu.V1) {
			return fmt.Errorf("manager: varbind %d is a %v, which SNMPv1 does not have", i+1, syntax)
		}
	}
	return c.send(ctx, func() ([]byte, error) {
		m := pdu.Message{Version: pdu.V1, Community: []byte(c.Community), PDU: pdu.PDU{Kind: pdu.TrapV1}, Trap: trap}
		w := ber.NewWriter(c.sendBuf)
		m.Encode(&w)
		return w.Bytes(), w.Err()
	})
}

// send sends one message that nobody answers.
func (c *Client) send(ctx context.Context, prepare func() ([]byte, error)) error {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return fmt.Errorf("manager: %w", context.Cause(ctx))
	}
	c.sizeBuffers()
	message, err := prepare()
	switch {
	case errors.Is(err, ber.ErrShortBuffer):
		return fmt.Errorf("manager: the trap is longer than MaxSize, %d octets: %w", c.MaxSize, err)
	case err != nil:
		return fmt.Errorf("manager: %w", err)
	}
	c.trace(true, message)
	_, err = c.conn.Write(message)
	if err != nil && !errors.Is(err, net.ErrClosed) {
		_, err = c.conn.Write(message) // the error may be about an earlier one, see write
	}
	if err != nil {
		return fmt.Errorf("manager: %w", err)
	}
	return nil
}
