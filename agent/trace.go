package agent

import (
	"net/netip"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// trace tells OnPacketTrace of a datagram.
func (r *run) trace(d Direction, packet []byte, peer netip.AddrPort) {
	if r.OnPacketTrace == nil {
		return
	}
	e, _ := r.traces.Get().(*PacketTraceEvent)
	if e == nil {
		e = new(PacketTraceEvent)
	}
	*e = PacketTraceEvent{Packet: packet, Direction: d, Peer: peer}
	r.OnPacketTrace(e)
	*e = PacketTraceEvent{}
	r.traces.Put(e)
}

// tracesDecrypted reports whether what is encrypted is traced decrypted.
func (r *run) tracesDecrypted() bool { return r.DecryptLogPackets && r.OnPacketTrace != nil }

// traceIncoming tells OnPacketTrace of the request's datagram, once.
func (q *request) traceIncoming() {
	if !q.traced {
		q.traced = true
		q.run.trace(Incoming, q.Data, q.Remote)
	}
}

// traceDecrypted is traceIncoming for one that has been verified and decrypted.
func (q *request) traceDecrypted(scoped []byte) {
	if !q.traced && q.run.tracesDecrypted() {
		q.traced = true
		q.run.trace(Incoming, withPlaintext(q.Data, scoped), q.Remote)
	}
}

// withPlaintext returns a message of SNMPv3's with a plaintext ScopedPDU in the place
// of its encryptedPDU, and everything else as it is. Of what lies behind the
// ScopedPDU, which is padding, nothing is left.
func withPlaintext(datagram, scoped []byte) []byte {
	h, err := pdu.ReadHeader3(datagram, false)
	if err != nil {
		return datagram
	}
	padded := ber.NewReader(scoped)
	padded.Skip()
	scoped = scoped[:padded.Offset()]
	w := ber.NewWriter(make([]byte, len(datagram)+len(scoped)))
	message := w.Mark()
	w.Raw(scoped)
	w.Octets(ber.OctetString, h.SecurityParameters)
	pdu.EncodeHeader3(&w, message, &h)
	if w.Err() != nil {
		return datagram
	}
	return w.Bytes()
}

// withScopedPDU is withPlaintext for a message that has been made of scoped.
func withScopedPDU(datagram []byte, scoped *pdu.ScopedPDU) []byte {
	w := ber.NewWriter(make([]byte, scoped.Len()))
	scoped.Encode(&w)
	if w.Err() != nil {
		return datagram
	}
	return withPlaintext(datagram, w.Bytes())
}
