// Package can tells what a configuration lets somebody do, and why: the command can
// of snmpagent and snmptool.
//
//	can [--config FILE] -u USER [-l LEVEL] [-n CONTEXT] [get|set|notify [OID]]
//	can [--config FILE] -c COMMUNITY [-v 1|2c] [--from ADDRESS] [get|set|notify [OID]]
//
// With an OID the answer is yes or no, with the line that decided and the way through
// the view-based access control model (RFC 3415 §3.2). Without one it lists the
// views. Neither shows a community or a key. About notify it is what the tables say:
// the daemon tells those whom its configuration names, and does not ask.
package can
