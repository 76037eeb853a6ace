// Package notify says whom notifications go to, and which: the tables of RFC 3413's
// SNMP-TARGET-MIB and SNMP-NOTIFICATION-MIB (§4.1, §4.2), how they select targets
// (§5), and how they filter (§6). Package agent sends.
//
// # Targets
//
// [Targets] are made of rows of the tables that the RFC has. Each statement is one, and
// they read in the order in which they lead from a notification to a message:
//
//	targets, err := notify.New(
//		// what selects addresses, and whether they confirm
//		notify.Notify{Name: "all", Tag: "noc", Type: notify.Inform},
//		// where somebody is
//		notify.TargetAddr{Name: "noc-1", Address: "noc.example", RetryCount: 3, TagList: "noc day", Params: "noc"},
//		// in which form, and on whose behalf, he is told
//		notify.TargetParams{Name: "noc", MPModel: pdu.V3, SecurityName: "ops", SecurityLevel: pdu.AuthPriv},
//		// what he is not told
//		notify.FilterProfile{Params: "noc", ProfileName: "quiet"},
//		notify.Filter{ProfileName: "quiet", Subtree: ber.MustOID("1.3.6.1")},
//		notify.Filter{ProfileName: "quiet", Subtree: ber.MustOID("1.3.6.1.6.3.1.1.5.5"), Type: notify.Excluded},
//	)
//
// Often there is no need for tags and parameters. A [Receiver] says in one statement who
// is told, and stands for the rows that say so:
//
//	targets, err := notify.New(
//		notify.Receiver{Name: "noc", Address: "192.0.2.9", Version: pdu.V2c, Community: "public"},
//	)
//
// An agent whose Targets they are tells them with NotifyAll, as far as the access policy
// lets each of them know (RFC 3413 §3.3 (2), (3)): a Community in a row is a secret, not
// a permission. Somebody hears nothing if no Notify selects his address, if there are no
// active parameters of the name that it has, if his filter holds back what happens, or
// if something of it is not in his notify view; of these the last one alone is an error.
//
// # Over SNMP
//
// [Targets.Register] adds SNMP-TARGET-MIB's tables and SNMP-NOTIFICATION-MIB to a tree,
// and agent.RegisterTargets does so for an agent: managers whose write view has them
// create, change and destroy rows of all kinds. For messages of SNMPv1 and SNMPv2c they
// name whom a community stands for, if he has a name of his own: that of a
// vacm.Community, or of a vacm.CommunityRule with a SecurityName; the names that rules
// give are refused. What they change decides about the next
// notification. Statements they can read, but not change: their StorageType is readOnly.
// Nor do they keep anything from whom statements name: a manager's row of
// snmpNotifyFilterProfileTable has no effect where the address and the parameters are
// both those of statements. Where a statement names a profile, the filters that managers
// add to it count.
//
// What is to survive a restart is stored by Keep, which is called before a SET is
// answered; [Targets.Kept] returns the rows, and [Targets.Restore] puts them back.
//
// The MIB's limits hold: a name is UTF-8 of up to 32 octets, a tag list has up to 255,
// and in each table managers have room for 10000 rows. A transport domain that messages
// are not sent over is a wrongValue; a message processing or security model that there
// is not, or that does not go with the other one, is an inconsistentValue.
//
// snmpTargetAddrTMask can be set, and selects nothing: communities have their sources
// elsewhere (vacm.Community). A row of a manager's has an snmpTargetAddrMMS of 484 unless
// he sets another one, as RFC 3584 §5.3 has it: what is longer is not sent there with
// SNMPv1 and SNMPv2c. It is set when the row is there, not with the SET that makes it.
//
// # Secrets
//
// A manager's row names a user, or somebody for whom a community stands; the agent finds
// out who that is when it sends. A Community or a User in a statement is for the
// addresses that statements have: a manager's address gets neither, whatever parameters
// it names. A community is sent to where it is good (vacm.Community, Sources), and goes
// over the network in the clear.
//
// # The files
//
// In the order in which to read them: rows.go and statement.go are what targets are
// made of, with address.go and tags.go; targets.go is all of them, select.go and
// filter.go what they come to. mib.go is the tables, restore.go and kept.go what
// survives a restart.
package notify
