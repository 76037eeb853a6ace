package agent

import (
	"encoding/hex"
	"net/netip"
	"strconv"
	"sync"
)

// lastPacket is what Config says of the datagram that has come last: the settings
// SourceAddress, SourcePort, DestinationAddress, IncomingContextEngineId and
// IncomingContextName. A reader writes it once for all that it has read together, and
// whoever calls a hook for a request before that.
type lastPacket struct {
	mu              sync.Mutex
	source          netip.AddrPort
	destination     netip.Addr
	contextEngineID []byte // of a message of SNMPv3's that has been verified, else empty
	contextName     []byte
}

// note keeps what is to know of the request's datagram.
func (q *request) note() {
	l := &q.run.state.last
	l.mu.Lock()
	defer l.mu.Unlock()
	l.source, l.destination = q.Remote, q.Local
	l.contextEngineID, l.contextName = l.contextEngineID[:0], l.contextName[:0]
	if q.v3.verified.Valid() {
		l.contextEngineID = append(l.contextEngineID, q.v3.scoped.ContextEngineID...)
		l.contextName = append(l.contextName, q.v3.scoped.ContextName...)
	}
}

// lastSource returns where the last datagram came from.
func (s *state) lastSource() netip.AddrPort {
	s.last.mu.Lock()
	defer s.last.mu.Unlock()
	return s.last.source
}

// lastSetting returns the row of a setting that says something of the last datagram.
func lastSetting(name string, get func(*lastPacket) string) setting {
	return setting{
		name: name,
		get: func(a *Agent) string {
			l := &a.state.last
			l.mu.Lock()
			defer l.mu.Unlock()
			return get(l)
		},
	}
}

func (l *lastPacket) sourceAddress() string    { return addrText(l.source.Addr()) }
func (l *lastPacket) sourcePort() string       { return strconv.Itoa(int(l.source.Port())) }
func (l *lastPacket) incomingEngineID() string { return hex.EncodeToString(l.contextEngineID) }
func (l *lastPacket) incomingContext() string  { return string(l.contextName) }

// getDestinationAddress says where the last datagram went to, if that is asked for.
func getDestinationAddress(a *Agent) string {
	if !a.CaptureIPPacketInfo {
		return ""
	}
	a.state.last.mu.Lock()
	defer a.state.last.mu.Unlock()
	return addrText(a.state.last.destination)
}

// addrText is "" for the zero Addr.
func addrText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
