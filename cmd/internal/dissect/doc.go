// Package dissect shows a datagram octet by octet: the tree of its encodings,
// what the RFCs call each of them, and where which rule is broken.
//
// A decoder stops at the first mistake, and has to. People who look for one want
// to see what is around it, so [Message] goes on wherever what follows can still
// be made out: it clips a length that is too long, shows an unexpected type as
// what it is, and gives octets it cannot make sense of as they are. Nothing is
// left out: the parts of the [Fields] are the datagram, in order.
//
//	fields := dissect.Message(datagram, dissect.Options{})
//	fields.Write(os.Stdout)
//
// SNMPv1, SNMPv2c and SNMPv3 with the User-based Security Model are known
// (RFC 1157 §4, RFC 1901 §3, RFC 3412 §6, RFC 3414 §2.4), encrypted scopedPDUs
// as octets; [ScopedPDU] takes one apart that somebody has decrypted. The work is
// linear in the datagram's length.
//
// A community is a secret and shown as stars unless Options asks for it; so is
// everything in a message so broken that it is not known where the community is.
package dissect
