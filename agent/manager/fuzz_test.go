package manager

import (
	"bytes"
	"testing"
	"time"

	"snmpstack/pdu"
	"snmpstack/usm"
)

// FuzzSecureAnswer takes any datagram for the answer to a request at authPriv. The
// invariants:
//
//   - nothing panics;
//   - it is accepted only if it is, octet by octet, what the agent has sent.
//
// As the answer to a discovery probe it may be anything, but must not panic.
func FuzzSecureAnswer(f *testing.F) {
	a := newSecureAgent(f, engineA)
	m, err := newUSMModel(Security{User: alice, Level: pdu.AuthPriv, Provider: usm.System}, DefaultMaxSize, time.Now)
	if err != nil {
		f.Fatal(err)
	}
	request := pdu.PDU{Kind: pdu.GetRequest, RequestID: 77, VarBinds: []pdu.VarBind{{Name: oid(sysDescr), Value: pdu.Null}}}
	// exchange returns what the agent sends in return for the next message.
	exchange := func() []byte {
		message, err := m.prepareOutgoingMessage(make([]byte, 2000), &request)
		if err != nil {
			f.Fatal(err)
		}
		return a.receive(message)[0].data
	}
	report := exchange()
	probing := *m
	if _, err := m.prepareDataElements(report, &request); err != errSendAgain {
		f.Fatal(err)
	}
	answer := exchange()
	if _, err := m.prepareDataElements(answer, &request); err != nil {
		f.Fatal(err)
	}

	f.Add(answer)
	f.Add(report)
	f.Add(answer[:len(answer)-1])
	f.Add(append(bytes.Clone(answer), 0))
	for _, at := range []int{1, 10, 20, 40, 70, len(answer) - 1} {
		flipped := bytes.Clone(answer)
		flipped[at] ^= 1
		f.Add(flipped)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		waiting, discovering := *m, probing
		if _, err := waiting.prepareDataElements(data, &request); err == nil && !bytes.Equal(data, answer) {
			t.Errorf("%x is taken for an answer", data)
		}
		discovering.prepareDataElements(data, &request)
		if !bytes.Equal(data, before) {
			t.Errorf("%x was changed", before)
		}
	})
}
