package agent

import (
	"slices"

	"snmpstack/pdu"
	"snmpstack/usm"
)

// discovery is what is known of how an inform finds out its target's engine (RFC 3414
// §4): by Reports of which OnReport does not hear, as nothing is wrong with the inform.
type discovery struct {
	probes  []messageID
	learned bool // its engine is the one of an earlier inform, and has not contradicted yet
	synced  bool // a Report has told the engine's time
}

// sent is told of a message that is about to be sent.
func (d *discovery) sent(id messageID, datagram []byte) {
	header, err := pdu.ReadHeader3(datagram, false)
	if err != nil || header.Encrypted {
		return
	}
	if kind, _, ok := pdu.PeekScopedPDU(header.Data); ok && kind == pdu.GetRequest {
		d.probes = append(d.probes, id)
	}
}

// expectDiscovery says, before anything is sent, whether the engine is the one of an
// earlier inform.
func (w *informConn) expectDiscovery(learned bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.discovery.learned = learned
}

// discovers reports whether a datagram is a Report that answers message id and that
// discovery goes on by: with the ID of the engine, in the place of one that was learned
// earlier too, or once with its time.
func (w *informConn) discovers(id messageID, datagram []byte) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Contains(w.ids, id) {
		return false
	}
	header, err := pdu.ReadHeader3(datagram, false)
	if err != nil {
		return false
	}
	notice, err := usm.ReadReport(header, new(pdu.Decoder))
	if err != nil {
		return false
	}
	d := &w.discovery
	switch {
	case notice.Stat == usm.UnknownEngineIDs && slices.Contains(d.probes, id):
		return true
	case notice.Stat == usm.UnknownEngineIDs && d.learned:
		d.learned = false
		return true
	case notice.Stat == usm.NotInTimeWindows && !d.synced:
		d.synced = true
		return true
	}
	return false
}
