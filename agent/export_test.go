package agent

import (
	"snmpstack/agent/community"
	"snmpstack/pdu"
	"snmpstack/usm"
)

func init() {
	// Every test runs with the memory of requests that are done overwritten.
	poisonForTests = true
}

// Codes returns the specification's codes that have a text.
func Codes() []Code {
	list := make([]Code, len(codes))
	for i := range codes {
		list[i] = codes[i].code
	}
	return list
}

// SystemError is systemError.
func SystemError(err error) error { return systemError(err) }

// MaxSteps is maxSteps.
const MaxSteps = maxSteps

// StopPoisoning leaves the memory alone in agents that are activated from now
// on, for tests that measure.
func StopPoisoning() (restart func()) {
	poisonForTests = false
	return func() { poisonForTests = true }
}

// DispatchUnverified hands a PDU to the dispatcher of an active agent with security
// states that no security model has made, and says for each whether it was
// refused.
func DispatchUnverified(a *Agent, p pdu.PDU) map[string]bool {
	r := a.state.run.Load()
	refused := make(map[string]bool)
	for name, state := range map[string]securityState{
		"nothing": nil, "the zero community.Verified": new(community.Verified), "the zero usm.Verified": new(usm.Verified),
	} {
		q := r.newRequest()
		q.model, q.pdu, q.maxSize = communityModel{}, &p, maxDatagram
		q.contextEngineID = r.Engine.ID()
		q.mib.Version, q.mib.Context = pdu.V2c, r.context
		verdict := q.dispatch(state)
		refused[name] = verdict == dropped
	}
	return refused
}

// RoomFor is roomFor where a message's length is what length makes of its PDU's.
func RoomFor(limit int, length func(pduLen int) int) int {
	q := &request{datagram: datagram{pdu: new(pdu.PDU), model: measured{length: length}}}
	return q.roomFor(limit)
}

type measured struct {
	messageProcessing
	length func(pduLen int) int
}

func (m measured) responseLen(_ *request, pduLen int) int { return m.length(pduLen) }
