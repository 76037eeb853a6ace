package agent

import (
	"context"
	"errors"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
)

// errInformNobody: who is nobody has a Report for an answer (RFC 3414 §3.2 (4)).
var errInformNobody = errors.New("an inform needs a user")

// informOverhead is more than what is around the varbinds of a message, in octets.
const informOverhead = 512

// inform sends an inform by package manager's client, and waits for the result (RFC
// 3413 §3.3 (6)).
func (r *run) inform(ctx context.Context, c transport.Conn, own bool, o *outgoing) error {
	if o.as != nil && o.as.hashed == nil {
		return &Error{CodeInvalidArgument, errInformNobody}
	}
	wait, err := r.informs.begin(r, c, own, o)
	if err != nil {
		return err
	}
	client := r.informClient(wait, o)
	defer client.Close()
	err = client.Inform(ctx, o.list...)
	if o.as != nil {
		if err == nil {
			o.as.keep()
			r.engines.learn(o.remote, client, r.Clock.Now())
		} else {
			r.engines.forget(o.remote)
		}
	}
	return informError(ctx, err)
}

// informClient returns the client of an inform. It is the one who asks here: the target's
// engine is authoritative, and is found out first (RFC 3414 §4), unless it has confirmed
// an inform before.
func (r *run) informClient(wait *informConn, o *outgoing) *manager.Client {
	client := manager.New(manager.OverTransport(wait, o.remote), o.remote.String())
	if r.OnPacketTrace != nil {
		client.Trace = func(sent bool, datagram []byte) { wait.traces.tell(sent, datagram, datagram) }
	}
	if r.tracesDecrypted() {
		client.Plaintext = func(sent bool, datagram, scoped []byte) {
			wait.traces.tell(sent, datagram, withPlaintext(datagram, scoped))
		}
	}
	client.Version, client.Community = o.to.Version, o.to.Community
	client.Timeout, client.Retries = o.to.Timeout, o.to.Retries
	if _, ok := r.Clock.(systemClock); !ok {
		client.Clock = r.Clock
	}
	if client.Timeout <= 0 {
		client.Timeout = defaultInformTimeout
	}
	// A confirmation repeats the inform. Many of them wait at a time, so that they have
	// no more memory than that takes.
	size := informOverhead
	for i := range o.list {
		size += o.list[i].EncodedLen()
	}
	client.MaxSize = min(r.maxSizeTo(&o.to), max(size, bulkIPv4))
	if o.as != nil {
		client.Security = manager.Security{
			Hashed: o.as.hashed, Level: o.to.Level, Provider: r.SecurityProvider,
			ContextName: o.n.ContextName, ContextEngineID: r.Engine.ID(),
		}
		r.engines.recall(o.remote, &client.Security, r.Clock.Now())
		wait.expectDiscovery(client.Security.Learned)
		if o.n.ContextEngineID != "" {
			client.Security.ContextEngineID = o.n.ContextEngineID
		}
	}
	return client
}

// informError gives what an inform has ended in the specification's code.
func informError(ctx context.Context, err error) error {
	var timeout *manager.TimeoutError
	var report *manager.ReportError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return contextError(ctx)
	case errors.As(err, &timeout) && timeout.Discovery:
		return &Error{CodeDiscovery, err}
	case errors.As(err, &timeout):
		return &Error{CodeTimeout, err}
	case errors.As(err, &report):
		for cause, code := range failureCodes {
			if errors.Is(err, cause) {
				return &Error{code, err}
			}
		}
		return &Error{CodeNotPermitted, err}
	case errors.Is(err, ber.ErrShortBuffer):
		return &Error{CodeMessageTooLong, err}
	case errors.Is(err, usm.ErrUnknownUserName), errors.Is(err, usm.ErrUnsupportedSecLevel):
		return securityError(err)
	}
	var status *pdu.StatusError
	if errors.As(err, &status) {
		return &Error{CodeNotPermitted, err} // the target has heard, and does not want it
	}
	return &Error{CodeInvalidArgument, err}
}
