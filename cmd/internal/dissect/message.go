package dissect

import (
	"fmt"
	"math"
	"net/netip"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// Message takes a datagram apart. The Fields refer to it: it must not change
// while they are used.
func Message(datagram []byte, o Options) *Fields {
	w := walker{Options: o, data: datagram, hide: !o.ShowSecrets}
	w.in = scope{end: len(datagram), claimed: len(datagram)}
	w.message()
	return &Fields{List: w.out, data: datagram}
}

// ScopedPDU takes a decrypted ScopedPDU apart, whose offsets are its own, and the
// padding behind it (RFC 3414 §8.1.1.2).
func ScopedPDU(plaintext []byte, o Options) *Fields {
	w := walker{Options: o, data: plaintext}
	w.in = scope{end: len(plaintext), claimed: len(plaintext)}
	if len(plaintext) == 0 {
		w.add(Field{Name: "scopedPDU", Type: "octets", Text: "nothing was encrypted"}).
			problem(Malformed, 0, "RFC 3412 §6.8", "scopedPDU is missing")
	} else {
		w.scopedPDU(0)
	}
	if w.more() {
		w.raw("padding")
	}
	return &Fields{List: w.out, data: plaintext}
}

// message reads any SNMP message. All begin with a version.
func (w *walker) message() {
	if len(w.data) == 0 {
		w.add(Field{Name: "message", Type: "octets", Text: "an empty datagram"}).
			problem(Malformed, 0, "RFC 3417 §3.1", "message is missing")
		return
	}
	outer, ok := w.enter("message", ber.Sequence)
	if ok {
		f, version, known := w.integer("version", math.MinInt32, math.MaxInt32, "RFC 1157 §4")
		switch {
		case !known:
			w.community(unknownVersion)
		case version == int64(pdu.V1), version == int64(pdu.V2c):
			f.Text += " (" + pdu.Version(version).String() + ")"
			w.community(version)
		case version == int64(pdu.V3):
			f.Text += " (SNMPv3)"
			if tag := w.peek(); w.hide && w.more() && tag != ber.Sequence {
				// A community message in which only the version is wrong, perhaps.
				f := w.raw("msgGlobalData")
				f.problem(Malformed, f.Offset, "X.690 §8.1.2", "identifier %02X, expected 30, SEQUENCE", byte(tag))
				break
			}
			w.hide = false // it has no community
			w.message3()
		default:
			f.problem(Malformed, f.Offset, "RFC 3412 §4.2.1", "version %d, expected 0 (SNMPv1), 1 (SNMPv2c) or 3 (SNMPv3)", version)
			w.community(version)
		}
		w.leave(outer)
	}
	if w.more() {
		w.hide = !w.ShowSecrets // another message, perhaps
		f := w.raw("")
		f.problem(Tolerated, f.Offset, "RFC 3417 §3.1", "%s behind the message", octets(f.Length))
	}
}

// community reads what follows the version in a message of SNMPv1 and SNMPv2c
// (RFC 1157 §4, RFC 1901 §3).
func (w *walker) community(version int64) {
	if isPDU(w.peek()) {
		w.out[len(w.out)-1].problem(Malformed, w.off, "X.690 §8.9.2", "community is missing")
	} else if _, _, ok := w.octetString("community"); ok && isPDU(w.peek()) {
		w.hide = false // or else the community's length may have been wrong
	}
	w.pdu("data", version)
}

// isPDU reports whether an identifier is that of a PDU.
func isPDU(tag ber.Tag) bool {
	return pdu.Kind(tag) >= pdu.GetRequest && pdu.Kind(tag) <= pdu.Report
}

// unknownVersion stands for a version that could not be read.
const unknownVersion = -1

// pdu reads any PDU.
func (w *walker) pdu(name string, version int64) {
	tag := w.peek()
	kind := pdu.Kind(tag)
	f, claimed := w.header(name)
	if f == nil {
		return
	}
	if !isPDU(tag) {
		f.problem(Malformed, f.Offset, "RFC 3416 §3", "identifier %02X is none of a PDU", byte(tag))
		if tag.Constructed() {
			outer := w.inside(f, claimed)
			w.leftovers(0)
			w.in = outer
		} else {
			f.Secret = w.hide
			w.off = f.End()
		}
		return
	}
	switch {
	case version == int64(pdu.V1) && !kind.In(pdu.V1):
		f.problem(Malformed, f.Offset, "RFC 1157 §4.1", "SNMPv1 has no %v-PDU", kind)
	case version > int64(pdu.V1) && !kind.In(pdu.V2c):
		f.problem(Malformed, f.Offset, "RFC 3416 §3", "only SNMPv1 has the Trap-PDU, expected an SNMPv2-Trap-PDU")
	}
	outer := w.inside(f, claimed)
	if kind == pdu.TrapV1 {
		w.trap(version)
	} else {
		w.pduFields(kind, version)
	}
	w.leave(outer)
}

// pduFields reads the contents of a PDU of RFC 3416 §3.
func (w *walker) pduFields(kind pdu.Kind, version int64) {
	const clause = "RFC 3416 §3"
	w.integer("request-id", math.MinInt32, math.MaxInt32, clause)
	if kind == pdu.GetBulkRequest {
		w.integer("non-repeaters", math.MinInt32, math.MaxInt32, clause)
		w.integer("max-repetitions", math.MinInt32, math.MaxInt32, clause)
		w.varBinds(version)
		return
	}
	f, status, ok := w.integer("error-status", math.MinInt32, math.MaxInt32, clause)
	if ok {
		s := pdu.ErrorStatus(status)
		if s.Valid() {
			f.Text += " (" + s.String() + ")"
		} else {
			f.problem(Odd, f.Offset, clause, "no error-status has the number %d", status)
		}
		if version == int64(pdu.V1) && s > pdu.GenErr {
			f.problem(Odd, f.Offset, "RFC 1157 §4.1.1", "SNMPv1 has no error-status above 5 (genErr)")
		}
	}
	_, index, _ := w.integer("error-index", math.MinInt32, math.MaxInt32, clause)
	at := len(w.out) - 1
	if n, complete := w.varBinds(version); complete && kind == pdu.Response && (index < 0 || index > int64(n)) && (n > 0 || index != 0) {
		f := &w.out[at]
		f.problem(Odd, f.Offset, "RFC 3416 §4.2", "error-index %d, but there are %d varbinds", index, n)
	}
}

// trap reads the contents of SNMPv1's Trap-PDU (RFC 1157 §4.1.6).
func (w *walker) trap(version int64) {
	const clause = "RFC 1157 §4.1.6"
	w.objectName("enterprise")
	if f, contents, ok := w.primitive("agent-addr", ber.Tag(pdu.TypeIPAddress)); ok {
		w.objectSyntax(f, pdu.TypeIPAddress, contents, version)
	}
	if f, generic, ok := w.integer("generic-trap", math.MinInt32, math.MaxInt32, clause); ok {
		if generic >= 0 && generic < int64(len(genericTraps)) {
			f.Text += " (" + genericTraps[generic] + ")"
		} else {
			f.problem(Odd, f.Offset, clause, "generic-trap %d, expected 0 to %d", generic, len(genericTraps)-1)
		}
	}
	w.integer("specific-trap", math.MinInt32, math.MaxInt32, clause)
	if f, contents, ok := w.primitive("time-stamp", ber.Tag(pdu.TypeTimeTicks)); ok {
		w.objectSyntax(f, pdu.TypeTimeTicks, contents, version)
	}
	w.varBinds(version)
}

var genericTraps = [...]string{"coldStart", "warmStart", "linkDown", "linkUp", "authenticationFailure", "egpNeighborLoss", "enterpriseSpecific"}

// varBinds reads a VarBindList and returns how many it has; complete is false
// where some may lack.
func (w *walker) varBinds(version int64) (n int, complete bool) {
	outer, ok := w.enter("variable-bindings", ber.Sequence)
	if !ok {
		return 0, false
	}
	for w.more() {
		n++
		inner, ok := w.enter(fmt.Sprintf("varbind %d", n), ber.Sequence)
		if !ok {
			continue
		}
		name, _ := w.objectName("name")
		w.value(name, version)
		w.leave(inner)
	}
	complete = !w.in.cutOff() && !w.in.lost
	w.leave(outer)
	return n, complete
}

// ipAddress returns four octets as an IpAddress.
func ipAddress(b []byte) pdu.Value {
	return pdu.IPAddress(netip.AddrFrom4([4]byte(b)))
}
