package manager

import (
	"bytes"
	"errors"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// communityModel is the message processing of SNMPv1 and SNMPv2c (RFC 3584 §5).
type communityModel struct {
	version   pdu.Version
	community []byte
}

func (m communityModel) prepareOutgoingMessage(buf []byte, request *pdu.PDU) ([]byte, error) {
	message := pdu.Message{Version: m.version, Community: m.community, PDU: *request}
	w := ber.NewWriter(buf)
	message.Encode(&w)
	return w.Bytes(), w.Err()
}

var errForeignCommunity = errors.New("its community is not the request's")

func (m communityModel) prepareDataElements(datagram []byte, request *pdu.PDU) (pdu.PDU, error) {
	answer, err := pdu.ParseMessage(datagram)
	if err != nil {
		return pdu.PDU{}, err
	}
	// RFC 3413 §3.1 step 1: what is not from the model, the version and the
	// securityName of the request is discarded; step 2: or has another
	// request-id.
	switch {
	case answer.Version != m.version:
		return pdu.PDU{}, errForeignVersion
	case !bytes.Equal(answer.Community, m.community):
		return pdu.PDU{}, errForeignCommunity
	case answer.PDU.Kind != pdu.Response:
		return pdu.PDU{}, errForeignKind
	case answer.PDU.RequestID != request.RequestID:
		return pdu.PDU{}, errForeignID
	}
	return answer.PDU, nil
}
