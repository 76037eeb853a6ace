package agent

import (
	"errors"
	"net/netip"
	"strconv"

	"snmpstack/usm"
)

// localEngineID is what every engine may be called in a contextEngineID. It has the
// default context alone (RFC 5343 §3.1, §3.2).
const localEngineID usm.EngineID = "\x80\x00\x00\x00\x06"

// DeriveEngineID returns the engine ID that an agent without an Engine has when its first
// socket is at an address and port: one of this machine and of them, the same after a
// restart. Of all addresses of IPv4 the port is enough. enterprise 0 means
// usm.DocumentationEnterprise.
func DeriveEngineID(enterprise uint32, at netip.AddrPort) usm.EngineID {
	instance := at.String()
	if at.Addr() == netip.IPv4Unspecified() {
		instance = strconv.Itoa(int(at.Port()))
	}
	return usm.DeriveEngineID(enterprise, instance)
}

// setEngine sees to it that the run, whose sockets are open, has an engine, and that its
// ID may be one.
//
// An engine of the agent's own is kept for later activations: its time does not go
// back and its salts do not repeat, whatever becomes of the system's clock.
func (r *run) setEngine() error {
	if r.Engine == nil {
		id := DeriveEngineID(r.Enterprise, r.Conns[0].LocalAddr())
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

// willListen returns where the agent's first socket will be, and false if that cannot be
// told: the system chooses the port, or LocalHost is a name.
func (a *Agent) willListen() (at netip.AddrPort, ok bool) {
	addr := netip.IPv4Unspecified()
	switch {
	case len(a.Conns) > 0:
		return a.Conns[0].LocalAddr(), true
	case a.LocalHost == "" && a.UseIPv6:
		addr = netip.IPv6Unspecified()
	case a.LocalHost != "":
		var err error
		if addr, err = netip.ParseAddr(a.LocalHost); err != nil {
			return at, false
		}
	}
	return netip.AddrPortFrom(addr.Unmap(), uint16(a.LocalPort)), a.LocalPort != 0
}

// EngineID returns the ID of the agent's SNMP engine (snmpEngineID): that of Engine, or
// of the one that the agent makes without it. It is known before Activate, which is what
// receivers of SNMPv3's traps have to be told: createUser -e, in snmptrapd.conf. A
// LocalHost, LocalPort or Enterprise that is changed afterwards makes another one. It is
// "" as long as it depends on what Activate finds out: without an Engine, if LocalPort
// is 0 or LocalHost a name.
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
	if at, ok := a.willListen(); ok {
		return DeriveEngineID(a.Enterprise, at)
	}
	return ""
}

var errLocalEngineID = errors.New("engine ID 0x8000000006 means any engine (RFC 5343 §3.1) and is none's own")
