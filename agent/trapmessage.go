package agent

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
)

// trap sends a notification that nobody confirms. from is the agent-addr of SNMPv1's, the
// zero Addr for the address that it leaves from.
func (r *run) trap(ctx context.Context, c transport.Conn, o *outgoing, from netip.Addr) (err error) {
	if o.to.Version == pdu.V1 {
		if err := r.translate(ctx, c, o, from); err != nil {
			return err
		}
	}
	buf := r.pool.Get(transport.FullSize)
	defer buf.Release()
	id := r.state.requestID.take()
	defer func() {
		if err != nil {
			r.state.requestID.giveBack(id)
		}
	}()
	data, shown, err := r.encodeTrap(buf.Bytes()[:r.maxSizeTo(&o.to)], id, o)
	switch {
	case errors.Is(err, ber.ErrShortBuffer):
		return &Error{CodeMessageTooLong, fmt.Errorf("a trap to %v has at most %d octets, by MaxPacketSize, MsgMaxSize and the target's MaxSize", o.remote, r.maxSizeTo(&o.to))}
	case err != nil:
		return securityError(err)
	}
	if err := r.originate(c, transport.Packet{Data: data, Remote: o.remote}, shown); err != nil {
		return err
	}
	r.counters.snmp[SnmpOutTraps].Add(1)
	if o.as != nil {
		o.as.keep()
	}
	return nil
}

// translate gives a notification SNMPv1's form (RFC 3584 §3.2), and completes that which
// it has.
func (r *run) translate(ctx context.Context, c transport.Conn, o *outgoing, from netip.Addr) error {
	if o.v1 != nil {
		if !o.v1.AgentAddr.IsValid() {
			o.v1.AgentAddr = r.sourceTo(ctx, c, o.remote)
		}
		return nil
	}
	switch {
	case slices.ContainsFunc(o.list, isTrapAddress): // RFC 3584 §3.2 (2): it is passed on
		from = pdu.ForwardedFrom(o.list)
	case !from.IsValid():
		from = r.sourceTo(ctx, c, o.remote)
	}
	translated, err := pdu.TrapOf(o.list, from)
	if err != nil {
		return &Error{CodeInvalidArgument, err}
	}
	o.v1 = &translated
	return nil
}

func isTrapAddress(vb pdu.VarBind) bool { return vb.Name == pdu.SnmpTrapAddress }

// encodeTrap writes a trap to the end of buf. shown is what OnPacketTrace sees of it.
func (r *run) encodeTrap(buf []byte, requestID int32, o *outgoing) (data, shown []byte, err error) {
	to := &o.to
	p := pdu.PDU{Kind: pdu.TrapV2, RequestID: requestID, VarBinds: o.list}
	if to.Version != pdu.V3 {
		m := pdu.Message{Version: to.Version, Community: []byte(to.Community), PDU: p}
		if o.v1 != nil {
			m.PDU, m.Trap = pdu.PDU{Kind: pdu.TrapV1}, *o.v1
		}
		w := ber.NewWriter(buf)
		m.Encode(&w)
		return w.Bytes(), w.Bytes(), w.Err()
	}
	// RFC 3412 §7.1 (9) a: of what nobody confirms the sender is authoritative.
	scoped := pdu.ScopedPDU{ContextEngineID: string(r.Engine.ID()), ContextName: o.n.ContextName, PDU: p}
	if o.n.ContextEngineID != "" {
		scoped.ContextEngineID = string(o.n.ContextEngineID)
	}
	data, err = o.as.model.GenerateRequest(o.as.model.NewWorker(), buf, &usm.Request{
		MsgID: r.state.nextMsgID(), MaxSize: r.announcedSize(), User: to.User.Name, Level: to.Level,
	}, &scoped)
	if shown = data; err == nil && to.Level == pdu.AuthPriv && r.tracesDecrypted() {
		shown = withScopedPDU(data, &scoped)
	}
	return data, shown, err
}
