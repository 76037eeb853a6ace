// Snmptool asks SNMP agents and shows what goes over the wire.
//
//	snmptool get|next|bulk|walk|bulkwalk|set [OPTIONS] AGENT ...
//	snmptool decode [OPTIONS] [HEX|FILE]...
//
// The commands, their options, their output and their exit codes are those of
// snmpget, snmpgetnext, snmpbulkget, snmpwalk, snmpbulkwalk and snmpset of
// Net-SNMP 5.9, so that scripts written for these go on working; under these
// names, as links to snmptool, too. What differs:
//
//   - The version is 2c and the community public unless -v and -c say otherwise.
//   - The names of the modules that agents commonly serve are built in, without
//     any file; -m and -M add others. -m "" and an empty MIBS turn names off.
//   - No configuration file is read.
//   - walk with -CrN or -CnN uses GetBulk, as bulkwalk does.
//   - set refuses numbers that do not fit their type, which Net-SNMP truncates,
//     and takes = for every type.
//   - After a time-out, more is said about what may be wrong.
//   - -d shows the datagrams as decode does.
//   - SNMPv3 is not available.
//
// Exit codes: 0 if the agent has answered (also that there is no such
// instance), 1 for a mistake on the command line, an unknown host or name, and a
// time-out, 2 if the answer has an error-status.
//
// Decode takes messages apart, from hexadecimal text or a capture in pcap
// format, and says where which rule is broken; package dissect explains what it
// prints. Its exit code is 2 if a message is malformed.
package main
