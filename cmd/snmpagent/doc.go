// Snmpagent is an SNMP agent for this host, in the place and with the habits of
// Net-SNMP's snmpd.
//
//	snmpagent [OPTIONS] [LISTENING-ADDRESS…]
//
// Without a configuration it answers the community public, read-only, on
// 127.0.0.1:1161. See -h for the options; the configuration is snmpd.conf's
// dialect, see the package snmpdconf and -H for the directives.
//
// It stays in the foreground, with or without -f, and logs to stderr unless -L
// says otherwise. SIGINT and SIGTERM end it: what has been accepted is answered,
// and the exit code is 0.
//
// # Files
//
// The configuration comes from the files of -c; without -c from snmpd.conf and
// snmpagent.conf in the directories of $SNMPCONFPATH, if that is set and -C is
// not given. A line that is wrong is reported with its place and left out, and
// the agent starts without it; -t only checks and exits with 1 if there is any.
//
// The state directory is persistentDir's or $SNMP_PERSISTENT_DIR. With one, the
// engine ID, snmpEngineBoots and what was set over SNMP survive a restart.
//
// # Deviations from snmpd
//
// A value of sysContact, sysLocation or sysName in the configuration does not make
// the object read-only: a SET that access control allows succeeds, and with a
// state directory its value stays until the configuration's is changed.
//
// persistentDir is understood without [snmp] in front of it too.
package main
