package manager

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// exchange sends the request and waits for its answer, and does so again while
// there are retries left.
func (c *Client) exchange(ctx context.Context, mp messageProcessing, request *pdu.PDU) (pdu.PDU, error) {
	c.sizeBuffers()
	// A Read that waits is ended by moving its deadline.
	stop := context.AfterFunc(ctx, c.endRead)
	defer stop()
	failure := &TimeoutError{Address: c.address, Attempts: max(c.Retries, 0) + 1, Wait: c.Timeout}
	steps := maxSteps
	for attempt := 0; attempt < failure.Attempts; {
		message, err := mp.prepareOutgoingMessage(c.sendBuf, request)
		switch {
		case errors.Is(err, ber.ErrShortBuffer):
			return pdu.PDU{}, fmt.Errorf("manager: the request is longer than MaxSize, %d octets: %w", c.MaxSize, err)
		case err != nil:
			return pdu.PDU{}, fmt.Errorf("manager: %w", err)
		}
		deadline := c.now().Add(c.Timeout)
		if err := c.write(message, failure); err != nil {
			return pdu.PDU{}, err
		}
		endTimer := c.startTimer()
		answer, err := c.await(ctx, deadline, mp, request, failure)
		endTimer()
		switch {
		case errors.Is(err, errSendAgain) && steps > 0:
			steps--
		case errors.Is(err, errSendAgain), errors.Is(err, errNoAnswer):
			attempt++
		default:
			return answer, err
		}
	}
	if failure.hint != nil {
		return pdu.PDU{}, failure.hint
	}
	if m, ok := mp.(*usmModel); ok {
		failure.Discovery = m.peer == nil
	}
	return pdu.PDU{}, failure
}

func (c *Client) now() time.Time {
	if c.Clock == nil {
		return time.Now()
	}
	return c.Clock.Now()
}

// endRead ends a Read that waits.
func (c *Client) endRead() { c.conn.SetReadDeadline(time.Unix(1, 0)) }

// startTimer has the Client's own Clock end an attempt: the connection's deadline is by
// the system's.
func (c *Client) startTimer() (end func() bool) {
	if c.Clock == nil {
		return func() bool { return true }
	}
	return c.Clock.AfterFunc(c.Timeout, c.endRead)
}

// maxSteps is how often a request is sent again because of what the agent has
// told, without using up an attempt: for its engine ID, for its clock, and for
// both once more if the agent has just been started again.
const maxSteps = 4

// sizeBuffers makes the buffers fit MaxSize. The one for reading is one octet
// longer, so that an answer that is too long shows.
func (c *Client) sizeBuffers() {
	if size := max(c.MaxSize, 0); len(c.sendBuf) != size || c.readBuf == nil {
		c.sendBuf = make([]byte, size)
		c.readBuf = make([]byte, size+1)
	}
}

// write sends the message. A socket reports what ICMP said of an earlier
// datagram when the next one is written, which is not sent then: it is written
// once more.
func (c *Client) write(message []byte, failure *TimeoutError) error {
	c.trace(true, message)
	_, err := c.conn.Write(message)
	if err != nil && !errors.Is(err, net.ErrClosed) {
		failure.Refused = err
		_, err = c.conn.Write(message)
	}
	switch {
	case errors.Is(err, net.ErrClosed):
		return fmt.Errorf("manager: %w", err)
	case err != nil: // such as no route, which may be there at the next attempt
		failure.Refused = err
	}
	return nil
}

// trace tells Plaintext or Trace of a datagram.
func (c *Client) trace(sent bool, datagram []byte) {
	var plain []byte
	if c.Version == pdu.V3 && c.usm != nil {
		plain = c.usm.plain
	}
	c.traceAs(sent, datagram, plain)
}

func (c *Client) traceAs(sent bool, datagram, plain []byte) {
	switch {
	case plain != nil && c.Plaintext != nil:
		c.Plaintext(sent, datagram, plain)
	case c.Trace != nil:
		c.Trace(sent, datagram)
	}
}

// errNoAnswer: the attempt's time is over.
var errNoAnswer = errors.New("no answer")

// maxReadErrors bounds how many errors of Read one attempt survives. ICMP causes
// at most one for each datagram that was sent; a socket that does nothing but
// fail must not keep the processor busy until the deadline.
const maxReadErrors = 8

// await reads until the answer comes or the deadline passes.
func (c *Client) await(ctx context.Context, deadline time.Time, mp messageProcessing, request *pdu.PDU, failure *TimeoutError) (pdu.PDU, error) {
	readErrors := 0
	for {
		// The deadline is set before ctx and Clock are asked. If ctx ends between the
		// two, or the Clock's timer, its function moves the deadline again.
		until := deadline
		if c.Clock != nil {
			until = time.Time{}
		}
		if err := c.conn.SetReadDeadline(until); err != nil {
			return pdu.PDU{}, fmt.Errorf("manager: %w", err)
		}
		if ctx.Err() != nil {
			return pdu.PDU{}, fmt.Errorf("manager: %s: %w", c.address, context.Cause(ctx))
		}
		if c.Clock != nil && !c.now().Before(deadline) {
			c.endRead()
		}
		n, err := c.conn.Read(c.readBuf)
		if err == nil && c.Plaintext == nil {
			c.trace(false, c.readBuf[:n])
		}
		switch {
		case err == nil && n > c.MaxSize:
			if c.Plaintext != nil {
				c.traceAs(false, c.readBuf[:n], nil)
			}
			failure.Ignored++
			failure.LastIgnored = errTooLong
		case err == nil:
			answer, err := mp.prepareDataElements(c.readBuf[:n], request)
			if c.Plaintext != nil {
				c.trace(false, c.readBuf[:n])
			}
			if err == nil || errors.Is(err, errSendAgain) {
				return answer, err
			}
			if report, ok := errors.AsType[*ReportError](err); ok {
				report.Address = c.address
				if report.final {
					return pdu.PDU{}, report
				}
				failure.hint = report // unless the answer comes
			}
			failure.Ignored++
			failure.LastIgnored = err
		case errors.Is(err, net.ErrClosed):
			return pdu.PDU{}, fmt.Errorf("manager: %w", err)
		case errors.Is(err, os.ErrDeadlineExceeded):
			// Before its time it is the end of this context or, late, that of
			// an earlier request's.
			if ctx.Err() == nil && !c.now().Before(deadline) {
				if failure.hint != nil && !failure.hint.retry {
					return pdu.PDU{}, failure.hint
				}
				return pdu.PDU{}, errNoAnswer
			}
		default: // what ICMP said, most of all that nothing listens there (yet)
			failure.Refused = err
			if readErrors++; readErrors > maxReadErrors {
				return pdu.PDU{}, fmt.Errorf("manager: %s: %w", c.address, err)
			}
		}
	}
}
