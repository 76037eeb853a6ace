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
		id := usm.DeriveEngineID(r.Enterprise, strconv.Itoa(r.LocalPort))
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

var errLocalEngineID = errors.New("engine ID 0x8000000006 means any engine (RFC 5343 §3.1) and is none's own")
