// Package ber reads and writes the subset of the Basic Encoding Rules
// (ITU-T X.690) that SNMP uses: RFC 3417 §8 allows definite lengths only, and
// the primitive form for everything that is not a SEQUENCE or a PDU.
//
// A [Reader] walks over a datagram that the caller owns, a [Writer] fills a
// buffer that the caller owns from its end. Neither allocates on a well-formed
// message, and both keep their first error, so that code reads like the ASN.1:
//
//	r := ber.NewReader(datagram)
//	msg := r.Enter(ber.Sequence)
//	version := r.Int32(ber.Integer)
//	community := r.Octets(ber.OctetString) // aliases datagram
//	r.Leave(msg)                           // nothing may be left over
//	if err := r.Err(); err != nil { … }    // before any value is acted on
//
// The Writer runs backwards, because then every length is known when its
// header is written. The same message is therefore the same lines bottom-up:
//
//	w := ber.NewWriter(buf)
//	end := w.Mark()
//	w.Octets(ber.OctetString, community)
//	w.Int32(ber.Integer, version)
//	w.Wrap(ber.Sequence, end)
//	datagram := w.Bytes() // the tail of buf
//
// What comes one behind the other for as long as there is room, as varbinds do in the answer
// to a GETBULK, is appended to a slice instead: see [Close].
//
// # What is accepted
//
// Lengths may be in the long form and padded with leading zeros, since BER
// permits that (X.690 §8.1.3.5) and some managers send it. INTEGERs and
// sub-identifiers that are not in their shortest form are forbidden by X.690
// §8.3.2 and §8.19.2, but their value is unambiguous and real devices send
// them: a Reader accepts and counts them, unless Strict is set. An OBJECT
// IDENTIFIER without contents is read as 0.0 under the same rule. None of these
// is ever written.
//
// # What is refused
//
// The indefinite form, the reserved length FF, tags of more than one octet, the
// constructed form of a primitive type, contents longer than their type can
// hold, an unsigned value whose first bit is set, a sub-identifier over 2³²−1,
// more than 128 sub-identifiers, and octets left over inside a SEQUENCE.
//
// # Concurrency
//
// Readers, Writers and Arenas belong to one goroutine at a time. OIDs are
// immutable and may be shared, as long as the memory they were read into is not
// reused; see [OID.Clone].
//
// # The files
//
// In the order in which to read them: tag.go, reader.go and writer.go are TLVs,
// integer.go and oid.go what is in them, append.go what is written forwards, errors.go
// what is refused. An Arena (arena.go) is the memory of the OIDs of one message.
package ber
