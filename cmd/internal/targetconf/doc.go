// Package targetconf turns the directives about who is told of what into rows of
// package notify: those that snmpd has in its persistent file, which stand for one row
// each, and notificationFilter.
//
//	targetAddr NAME TDOMAIN TADDRESS TIMEOUT RETRIES TAGLIST PARAMS STORAGE STATUS [TMASK MMS]
//	targetParams NAME MPMODEL SECMODEL SECNAME LEVEL STORAGE STATUS
//	snmpNotifyTable NAME TAG TYPE STORAGE STATUS
//	snmpNotifyFilterProfileTable PARAMS PROFILE STORAGE STATUS
//	snmpNotifyFilterTable .INDEX 2:MASK 3:TYPE 4:STORAGE 5:STATUS $
//	notificationFilter PROFILE OID MASK included|excluded
//
// The numbers are those of the MIBs (RFC 3413 §4); what are octets is in quotes, or in
// hexadecimal digits behind 0x. In the daemon's persistent file the first five are what
// managers have made. In other files they are rows that managers can read and not
// change, whatever STORAGE says.
//
// # Deviations from snmpd
//
// TMASK and MMS are those of snmpTargetAddrExtTable (RFC 3584 §5.3), which snmpd lacks;
// it ignores them.
//
// snmpd writes the names of parameters and securityNames without quotes; those with a
// space in them it cannot read again, and neither can this package. It takes octets
// behind 0x as they are there, except in names of addresses.
//
// A row that two lines are about is as the first one says, in the persistent file as
// the last one does; with snmpd it is as one of them says.
package targetconf
