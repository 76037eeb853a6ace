package manager

import (
	"errors"
	"fmt"

	"snmpstack/pdu"
)

// messageProcessing is what differs between the versions of SNMP: the message
// around a PDU (RFC 3411 §4.2). Both methods are called for each attempt, so
// that a message of SNMPv3 can have its own msgID and engine time each time, and
// learn from a Report before the next attempt.
type messageProcessing interface {
	// prepareOutgoingMessage encodes the message with the request at the end of
	// buf and returns it (RFC 3411 §4.2.1).
	prepareOutgoingMessage(buf []byte, request *pdu.PDU) ([]byte, error)
	// prepareDataElements reads what came in (RFC 3411 §4.2.3) and returns the
	// answer to the request, or the reason why it is none: errSendAgain or a
	// *ReportError if something follows from it.
	prepareDataElements(datagram []byte, request *pdu.PDU) (pdu.PDU, error)
}

// errSendAgain: the agent has told what the message lacked.
var errSendAgain = errors.New("the agent has told what the message lacked")

// messageProcessing returns the model for the Client's version.
func (c *Client) messageProcessing() (messageProcessing, error) {
	if c.Version != pdu.V3 {
		return communityModel{c.Version, []byte(c.Community)}, nil
	}
	if c.usm == nil || !c.usm.given.is(&c.Security) {
		m, err := newUSMModel(c.Security, c.MaxSize, c.now)
		if err != nil {
			return nil, fmt.Errorf("manager: %w", err)
		}
		c.usm = m
	}
	c.usm.outstanding = c.usm.outstanding[:0]
	c.usm.keepPlain = c.Plaintext != nil
	return c.usm, nil
}

// Why a datagram is not the answer to a request (RFC 3413 §3.1).
var (
	errForeignVersion = errors.New("its version is not the request's")
	errForeignKind    = errors.New("it is no Response")
	errForeignID      = errors.New("its request-id is not the request's")
	errTooLong        = errors.New("it is longer than MaxSize")
)
