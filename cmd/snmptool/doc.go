// Snmptool asks SNMP agents, tells managers, and shows what goes over the wire.
//
//	snmptool get|next|bulk|walk|bulkwalk|set [OPTIONS] AGENT ...
//	snmptool trap|inform [OPTIONS] RECEIVER ...
//	snmptool listen [OPTIONS] [ADDRESS]...
//	snmptool key [OPTIONS]
//	snmptool decode [OPTIONS] [HEX|FILE]...
//	snmptool can [OPTIONS] [get|set|notify [OID]]
//
// The commands, their options, their output and their exit codes are those of
// snmpget, snmpgetnext, snmpbulkget, snmpwalk, snmpbulkwalk, snmpset, snmptrap and
// snmpinform of Net-SNMP 5.9, so that scripts written for these go on working; under these
// names, as links to snmptool, too. What differs:
//
//   - The version is 2c and the community public unless -v and -c say otherwise.
//   - The names of the modules that agents commonly serve are built in, without
//     any file; -m and -M add others. -m "" and an empty MIBS turn names off.
//   - No configuration file is read.
//   - walk with -CrN or -CnN uses GetBulk, as bulkwalk does.
//   - set refuses numbers that do not fit their type, which Net-SNMP truncates,
//     and takes = for every type.
//   - After a time-out, more is said about what may be wrong. With SNMPv3 it is
//     found out by asking in other ways: an agent that does not answer what it
//     cannot decrypt, or in a context that it does not know, gives itself away.
//   - Passwords may come from the environment or the standard input, since
//     everybody on a machine can read its command lines. -x takes 3DES as well.
//   - A Report that says why SNMPv3 has failed ends a command only when the time
//     of -t is over: nobody can vouch for most of them, and the answer may still
//     come.
//   - -d shows the datagrams as decode does.
//
// Exit codes: 0 if the agent has answered (also that there is no such
// instance), 1 for a mistake on the command line, an unknown host or name, a
// time-out, and a Report in the place of an answer, 2 if the answer has an
// error-status.
//
// Trap and inform send a notification; inform waits until the receiver has confirmed
// it. With SNMPv3 a trap's engine ID is that of its sender: -e says which, or it is
// made of this machine, with a clock that counts from 1970.
//
// Listen receives traps and informs of all versions, confirms informs, and prints
// them as snmptrapd does, until it is told to end. What differs from snmptrapd: the
// options are those of the other commands, so that -c is a community, without which all
// are accepted, and -u, -a, -A, -x and -X are one user, at any engine unless -e names
// one; there is no configuration, nothing is executed or looked up, and a community
// shows with --show-secrets alone. Of -F's sequences those that take sysUpTime apart
// (%H %J %K %L %M %Y) and %S are missing. What is not accepted is said on the error
// output, with what it says of itself: user, engine ID and level, or a community that is
// not one of -c.
//
// Key derives master keys and localized keys from passwords (RFC 3414 §2.6, §A.2).
//
// Decode takes messages apart, from hexadecimal text (the files of testdata/packets
// are such texts) or a capture in pcap format, and says where which rule is broken;
// package dissect explains what it prints. With a user of SNMPv3 it goes through the
// steps of RFC 3414 §3.2 as well, says which of them refuses a message, and shows what
// was encrypted. Its exit code is 2 if a message is malformed or refused.
//
// Can reads the configuration of snmpagent, or of snmpd, and tells what it allows a
// user or a community, and which line says so. Its exit code is 0 for yes, 1 for no,
// 2 where the question is none or a file cannot be read.
package main
