package agent

import (
	"errors"
	"strconv"

	"snmpstack/usm"
)

// localEngineID is what every engine may be called in a contextEngineID. It has the
// default context alone (RFC 5343 §3.1, §3.2).
const localEngineID usm.EngineID = "\x80\x00\x00\x00\x06"

// setEngine sees to it that the run has an engine, and that its ID may be one.
//
// An engine of the agent's own is kept for later activations: its time does not go
// back and its salts do not repeat, whatever becomes of the system's clock.
func (r *run) setEngine() error {
	if r.Engine == nil {
		id := r.deriveEngineID()
		if own := r.state.engine; own == nil || own.ID() != id {
			r.state.engine = usm.NewEngine(id, usm.NewEpochClock(r.Clock.Now))
		}
		r.Engine = r.state.engine
	}
	err := r.Engine.ID().Check()
	if r.Engine.ID() == localEngineID {
		err = errLocalEngineID
	}
	if err != nil {
		return &Error{CodeInvalidArgument, err}
	}
	return nil
}

// deriveEngineID returns the ID of an engine of the agent's own.
func (a *Agent) deriveEngineID() usm.EngineID {
	return usm.DeriveEngineID(a.Enterprise, strconv.Itoa(a.LocalPort))
}

// EngineID returns the ID of the agent's SNMP engine (snmpEngineID): that of Engine, or
// of the one that the agent makes without it. It is known before Activate, which is what
// receivers of SNMPv3's traps have to be told: createUser -e, in snmptrapd.conf. A
// LocalPort or Enterprise that is changed afterwards makes another one.
func (a *Agent) EngineID() usm.EngineID {
	if r := a.activeRun(); r != nil {
		return r.Engine.ID()
	}
	if a.state != nil {
		a.state.fields.Lock()
		defer a.state.fields.Unlock()
	}
	if a.Engine != nil {
		return a.Engine.ID()
	}
	return a.deriveEngineID()
}

var errLocalEngineID = errors.New("engine ID 0x8000000006 means any engine (RFC 5343 §3.1) and is none's own")
