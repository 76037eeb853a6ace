// Package pdu reads and writes SNMP messages: the PDUs of SNMPv1 (RFC 1157) and
// SNMPv2 (RFC 3416), the values of SMIv2 (RFC 2578 §7.1), and the community
// messages that carry them (RFC 1157 §4, RFC 1901 §3).
//
// There are two levels. [ParseMessage] and [Message.Append] take and give whole
// messages that own their memory; they suit tools and tests. [Decoder] and the
// Encode methods work in memory of the caller's and allocate nothing; an agent
// uses them:
//
//	var d pdu.Decoder
//	var m pdu.Message
//	err := d.Message(datagram, &m) // m points into datagram and d
//	…
//	w := ber.NewWriter(buf)
//	m.Encode(&w)
//	answer, err := w.Bytes(), w.Err()
//
// A message can also be read in two steps, as RFC 1157 §4.1 asks of an agent:
// [ReadHeader] up to the community, and the PDU only when that is known to be
// good.
//
// Errors are [*Error] values that name the field and wrap a [*ber.SyntaxError]
// with the offset.
//
// An SNMPv3 message (RFC 3412 §6) is read as far as its security model,
// [ReadHeader3]; what that finds authentic and decrypts is a [ScopedPDU].
//
// # The files
//
// In the order in which to read them: value.go and syntax.go are the values,
// varbind.go and list.go what has them, pdu.go, status.go and trapv1.go the PDUs,
// message.go and message3.go the messages, parse.go these in memory of their own,
// errors.go what is refused. notification.go translates notifications (RFC 3584 §3),
// architecture.go has RFC 3411's numbers.
package pdu
