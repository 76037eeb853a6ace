// Snmpagent is an SNMP agent for this host, in the place and with the habits of
// Net-SNMP's snmpd.
//
//	snmpagent [OPTIONS] [LISTENING-ADDRESS…]
//
// Without a configuration it answers the community public, read-only, on
// 127.0.0.1:1161. See -h for the options; the configuration is snmpd.conf's
// dialect, see the package snmpdconf and -H for the directives.
//
// It stays in the foreground, with or without -f, says on stdout what it listens
// on, and logs to stderr unless -L says otherwise. SIGINT and SIGTERM end it: what
// has been accepted is answered, and the exit code is 0. It is 1 when the agent
// cannot start or its sockets have failed; why is the last line on stderr. SIGHUP
// makes it read its files again and open its log file anew: who may do what, users,
// the texts of the system group, and who is told of what change at once, and the log
// names what takes a new start. A configuration that it could not start with changes nothing.
//
// # Files
//
// The configuration comes from the files of -c; without -c from snmpd.conf and
// snmpagent.conf in the directories of $SNMPCONFPATH, if that is set and -C is
// not given. A line that is wrong is reported with its place and left out, and
// the agent starts without it; -t only checks and exits with 1 if there is any. A
// warning is about a line that is right and has no effect, or another one than its
// author may think; -t exits with 0 if there is nothing else.
//
// The state directory is persistentDir's or $SNMP_PERSISTENT_DIR. With one, the
// engine ID, snmpEngineBoots and what was set over SNMP survive a restart, in
// snmpagent.state. The file snmpagent.conf there is read after the others; where it
// has createUser lines, usmUser lines with localized keys take their place, and what
// managers do to users, to the access rules and to who is told is kept there too,
// before the SET is answered. It includes no others, and is no link where the state
// directory is not root's alone and the agent is started as root. The agent writes to no
// file outside the state directory but the log and the process ID. Both it leaves alone, if
// -A does not let it append to the log, before it has its sockets and its state: what a
// start that fails has to say is on stderr.
//
// The engine ID is made from the machine ID, the port and the address if it is not all
// of IPv4, and kept. Two machines with one engine ID lock each other's clients out:
// remove the state directory and the machine ID before a machine is copied.
//
// # Access
//
// rocommunity, rwcommunity, rouser and rwuser say in one line who may see what;
// com2sec, group, access and view are the view-based access control model's tables
// (RFC 3415) with all that they can say. Both may be mixed. The first of several
// lines that contradict each other counts, and a warning names both; of communities
// it is the first one that fits the source. See the package accessconf.
//
//	snmpagent -c snmpd.conf can -u ops set sysLocation.0
//
// answers yes or no, with the line that decided and the way there step by step (RFC
// 3415 §3.2), and can -u ops lists what that user may do. The exit code is 0 for
// yes, 1 for no, 2 where the question is none or a file cannot be read.
//
// Managers who may, change the tables of access over SNMP, with snmpvacm for instance
// (SNMP-VIEW-BASED-ACM-MIB, RFC 3415 §4). What they make is kept in the persistent
// file, in the lines that snmpd has there: vacmGroup, vacmAccess and vacmView. Such a
// line has no effect where the configuration is about the same row, and none in other
// files. SIGHUP takes away the rows whose lines somebody has deleted, and leaves what
// else managers have made as it is; who changes or adds such lines starts the agent
// again. Where a view line that was to hide something is wrong, and managers have made a
// part of that view, SIGHUP changes nothing. What the configuration says they can read,
// but not change: its rows are readOnly, which snmpd calls permanent. Whoever may write
// everything may write this too, and so give himself and others more than the
// configuration does: a view without .1.3.6.1.6.3.15 and .1.3.6.1.6.3.16 keeps him from
// it.
//
// disableSNMPv1, disableSNMPv2c and disableSNMPv3 switch off a version, in snmpd.conf and
// behind [snmp]: its messages are counted as snmpInBadVersions and not answered. What the
// agent itself sends to a receiver of that version goes on.
//
// A context exists if a line names it, with -Cn, as the CONTEXT of access with
// exact, or behind the view of a simple directive. All of them have the objects of
// the default one.
//
// # SNMPv3
//
// A user takes a createUser and a rouser or rwuser, which says at which level
// (auth, unless it says otherwise) he may see what, or a group. The names of
// protocols are snmpd's. The password of a user in snmpagent.conf is changed with another
// createUser line: the last one counts.
//
// Managers make, change and delete users in usmUserTable, with snmpusm for instance; a
// new user's rouser or rwuser can wait for him in the configuration, as with snmpd: it
// belongs to whoever may write usmUserTable, and a warning says so. Users of
// snmpagent.conf, and those whom managers made, are nonVolatile, unless a manager
// makes one volatile. Users of other files are permanent: managers change their keys,
// which count until the createUser line is changed, but do not delete them.
//
// Whoever comes from snmpd can copy its persistent file (/var/lib/snmp/snmpd.conf)
// to snmpagent.conf in a new state directory: users, engine ID, boots and what
// snmpvacm and snmpset have made go on.
//
// # Notifications
//
// trapsink, trap2sink, informsink and trapsess name those who are told, in snmpd's
// words: traps of SNMPv1 and SNMPv2c, informs, and whatever snmptrap's options say.
// They are told of each start (coldStart), of SIGHUP (warmStart where the
// configuration says the same as before, coldStart where it has been altered, as RFC
// 3418 defines them; sysUpTime in it tells that it was no start), and of an end by
// SIGINT or SIGTERM (NET-SNMP-AGENT-MIB's nsNotifyShutdown: there is no standard
// notification of it). Where authtrapenable or a SET of snmpEnableAuthenTraps allows
// it they are told of messages that are not authentic (authenticationFailure): a
// community that is not known where it comes from, and with SNMPv3 a user who is not
// known or a MAC that is wrong. Of these there is one in ten seconds at most, so that
// who guesses communities does not fill the network. With linkUpDownNotifications yes
// they are told of interfaces that go down or come back (linkDown, linkUp), within a
// second.
//
// Each of them has a queue of 64; a receiver that is slow, or whose name cannot be
// resolved, holds up no other, unless 96 informs wait for confirmation already, or 96
// traps for a name. Those whom managers name wait for their own 96. What cannot be sent
// is in the log, of those whom managers name a hundred a minute. An inform is tried six
// times, a second each, unless -r and -t say otherwise. Of SNMPv3's traps this agent is
// the engine: the receiver knows the user at its engine ID, which SNMP-FRAMEWORK-MIB's
// snmpEngineID.0 tells. Passwords of trapsess are for that receiver alone, and let nobody
// in; a user without any is one of createUser's.
//
// They leave from the address that the system chooses, or from the one that
// -o SourceIPAddress says.
//
// The notify views of access are not asked about them, as with snmpd: who names a
// receiver means it to hear. So the answer of can about notify says what the tables
// have, and is about those whom managers name.
//
// They are rows of SNMP-TARGET-MIB and SNMP-NOTIFICATION-MIB (RFC 3413 §4) called
// internal0, internal1 and so on, or as -name says, with a tag of the same name, or
// the one that -tag says. Managers can read them, but not change them, and see no
// community, key or context there. -profile names a filter, of which each
// notificationFilter line is a part; what it does not include is not sent.
//
//	notificationFilter quiet .1.3 0x00 included
//	notificationFilter quiet authenticationFailure 0x00 excluded
//	trap2sink -profile quiet 192.0.2.9 public
//
// Managers who may, make such rows over SNMP, with snmpset for instance, and those
// whom they name are told from the next notification on. An address takes a tag that a
// row of snmpNotifyTable has, and parameters. With SNMPv3 these name a user; with
// SNMPv1 and SNMPv2c somebody for whom a com2sec line has a community that is good at
// that address: a name, not the community as with snmpd (RFC 3584 §5.2.3). What goes there
// has the community in clear, so that whoever may make such rows learns it if it is good
// at an address of his: those of rocommunity and rwcommunity, which no line has given a
// name, stand for nobody whom he can name. Here the notify view of access is asked. What they make is kept in the persistent file, in the lines that
// snmpd has there: targetAddr, targetParams, snmpNotifyTable,
// snmpNotifyFilterProfileTable and snmpNotifyFilterTable. Such a line has no effect
// where the configuration is about the same row. In other files it is a row that
// managers cannot change; see the package targetconf. Whoever may write everything may
// write this too, and so have the agent send what it tells to somewhere else, or hold
// it back from a receiver with -profile by adding to that profile: a view without
// .1.3.6.1.6.3.12 and .1.3.6.1.6.3.13 keeps him from it. From other receivers of the
// configuration no row of a manager's keeps anything. Informs to those whom managers
// name wait a second at least for each attempt.
//
// SIGHUP puts other receivers in the place of the former ones, and those who are there
// then are told of it. What waits goes to nobody who is not there any more. Rows that
// managers have made stay as they are, but for those whose lines somebody has deleted
// from the persistent file: they go. A configuration that is not taken over is told to
// nobody.
//
// # As a service
//
// It needs root's rights for nothing but a port below 1024. Started as root it becomes,
// with -u and -g or with agentUser and agentGroup, somebody else as soon as its sockets
// are open: user and group are names or numbers, in the configuration with a # in front
// too, which takes quotes. The user's other groups go with him, root's are given up, and
// there is no way back. Without -g it is the user's own group. Where that cannot be, or
// a line names nobody, the agent does not start. All that it opens or makes afterwards is done
// as that user:
//
//   - the state directory is made for him. One that belongs to root is given to him, with
//     the files in it, if nothing is there but the agent's own; otherwise it must belong
//     to him already.
//   - a log file that the agent makes is his, so that SIGHUP opens it anew if he may write
//     into its directory, or somebody has put a file of his in its place.
//   - SIGHUP can read a configuration again if he can read it, for which the group will
//     do. Where he cannot, the log says so at the start, and SIGHUP changes nothing; snmpd
//     lets nobody in any more.
//   - the file of -p is root's, who does not hold it open: when the agent has ended it is
//     still there if the user may not remove it, as with snmpd.
//   - where he could put a link in the place of one of these, because a directory on the way
//     there is not root's or is one that he may write into, root does nothing: it is he who
//     makes, opens and removes it, and must have the right to.
//
// systemd can start it as that user from the beginning, with all files his and no right
// but one:
//
//	[Unit]
//	After=network-online.target
//	Wants=network-online.target
//
//	[Service]
//	Type=notify
//	ExecStart=/usr/local/sbin/snmpagent -c /etc/snmpagent.conf udp:161
//	ExecReload=/bin/kill -HUP $MAINPID
//	Environment=SNMP_PERSISTENT_DIR=/var/lib/snmpagent
//	StateDirectory=snmpagent
//	StateDirectoryMode=0700
//	User=snmpagent
//	AmbientCapabilities=CAP_NET_BIND_SERVICE
//	Restart=on-failure
//
//	[Install]
//	WantedBy=multi-user.target
//
// Where $NOTIFY_SOCKET is set it tells systemd when it answers (READY=1), when it reads
// its files again, for Type=notify-reload too (RELOADING=1, and READY=1 when it has), and
// that it ends (STOPPING=1). Debian's unit for snmpd does with another program, and with
// -c /etc/snmp/snmpd.conf, which this agent does not look for by itself.
//
// # Deviations from snmpd
//
// With -u alone the agent leaves the group of root too. An agentUser whom nobody knows
// keeps it from starting; snmpd stays root then.
//
// SIGHUP is told as warmStart or coldStart, which say whether the configuration was
// altered, in the place of nsNotifyRestart, which does not. linkUpDownNotifications
// needs no iquerySecName and no DISMAN-EVENT-MIB.
//
// The communities of sinks are not in snmpTargetParamsTable, where snmpd shows them as
// securityNames; names of hosts are there, where snmpd has the addresses that they had
// at its start; and timeouts are in hundredths of a second, where snmpd has thousandths.
//
// A value of sysContact, sysLocation or sysName in the configuration does not make
// the object read-only: a SET that access control allows succeeds, and with a
// state directory its value stays until the configuration's is changed.
//
// A context exists if the configuration names it; with snmpd one exists if something
// is registered in it. What was to be hidden, and could not be understood, is hidden
// with all that is beside it: see the package accessconf.
//
// persistentDir, disableSNMPv1, disableSNMPv2c and disableSNMPv3 are understood without
// [snmp] in front of them too; snmpd takes the latter for unknown then.
//
// engineIDType and engineID make an engine ID with the enterprise number that
// RFC 5612 sets aside for documentation in the place of Net-SNMP's.
//
// A createUser outside the state directory does not undo a change of its user's keys
// over SNMP, unless it was changed itself since; and such a user cannot be deleted over
// SNMP, since the line would bring him back. snmpd refuses the change, and has him
// back after a restart.
//
// A user whom "snmpusm -Cw create" has cloned takes keys of his own before he can be
// activated (RFC 3414 §5, usmUserStatus). Without -Cw he is active at once, with the
// keys of the one he was cloned from.
//
// A localized key that is too short for its protocol is an error; snmpd lengthens
// it.
//
// SIGHUP does not count as a boot, and does not restart sysUpTime.
package main
