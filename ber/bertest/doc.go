// Package bertest finds and reads what the tests of every layer feed on:
//
//   - the annotated packets in testdata/packets ([Packets]),
//   - the test vectors in testdata/vectors ([Vectors]),
//   - corpora that are too large for the repository ([Shared], [HexLines]): a
//     test that asks for one is skipped where they are not installed.
//
// It knows nothing of BER, so that package ber itself can use it. A directory
// that exists and holds no input fails the test: a walker that finds nothing
// proves nothing.
//
// # The form of a packet
//
// A packet is a text file: a header of "key: value" lines, an empty line, and
// the octets in hexadecimal with their meaning to the right of a bar.
//
//	source: written by hand
//	comment: The length of the community is in the indefinite form.
//	clause: RFC 3417 §8
//	expect: length
//	at: 6
//	field: community
//
//	30 0f                | Message
//	  02 01 01           |   version v2c
//	  04 80              |   community, indefinite length
//
// The keys are source, comment (which may come more than once), clause (what of
// an RFC it shows), expect, and where a decoder has to refuse it, at (the offset
// that the error names) and field. The values of expect are "ok", "tolerated"
// (accepted, but an error in strict mode; at and field are that error's), and
// the kinds of error: truncated, tag, length, integer, oid, trailing, version,
// kind.
package bertest
