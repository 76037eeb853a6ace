// Package vacm is the view-based access control model (RFC 3415): who may read,
// write and be notified of what.
//
// # A policy
//
// A [Policy] is made of rows of the tables that the RFC has. Each statement is
// one, and they read in the order in which the RFC decides:
//
//	policy, err := vacm.New(
//		// a community, where it is good, and whom it stands for
//		vacm.Community{Community: "s3cret", Sources: lan, SecurityName: "noc"},
//		// which group somebody is in
//		vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: "noc", GroupName: "monitors"},
//		vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "ops", GroupName: "operators"},
//		// which views a group has
//		vacm.Access{GroupName: "monitors", ReadViewName: "system"},
//		vacm.Access{GroupName: "operators", Level: pdu.AuthPriv, ReadViewName: vacm.All, WriteViewName: "system"},
//		// what is in a view
//		vacm.ViewTreeFamily{ViewName: "system", Subtree: ber.MustOID("1.3.6.1.2.1.1")},
//		vacm.ViewTreeFamily{ViewName: "system", Subtree: ber.MustOID("1.3.6.1.2.1.1.9"), Type: vacm.Excluded},
//	)
//
// Often there is no need for groups and views. A [CommunityRule] or [UserRule]
// says in one statement what one community or user may do, and stands for the
// rows that say so:
//
//	policy, err := vacm.New(
//		vacm.CommunityRule{Community: "public", Sources: lan},
//		vacm.UserRule{User: "ops", Level: pdu.AuthPriv, Writable: true},
//	)
//
// A rule's SecurityName is whom its community stands for, where managers are to name
// him: in targets of SNMPv1 and SNMPv2c that they make (package notify).
//
// What no statement allows is refused. A policy is changed as a whole by
// [Policy.Replace], or row by row over SNMP, if the agent serves its tables.
//
// # Over SNMP
//
// [Policy.Register] adds SNMP-VIEW-BASED-ACM-MIB to a tree, and agent.RegisterAccess
// does so for an agent: managers whose write view has it create, change and destroy
// groups, rows of the access table and views (RFC 3415 §4). What they change decides
// about the next request. Statements they can read, but not change: their
// StorageType is readOnly. Who destroys the row that lets himself in gets the
// answer to that, and nothing more.
//
// What is to survive a restart is stored by the policy's Keep, which is called before
// a SET is answered; [Policy.Kept] returns the rows, [Policy.Restore] puts them back,
// and [Policy.Withdraw] takes them away.
//
// snmpCommunityTable (RFC 3584 §5.3) is read-only, and has no rows for requests
// that are not encrypted, since there are the communities in it.
//
// vacmContextTable has the contexts that the agent has. The MIB's limits hold: names
// are UTF-8 of up to 32 octets, and in each table managers have room for 10000 rows.
//
// # Deciding
//
// For each request [Policy.View] goes through RFC 3415 §3.2 up to step (5) a):
// from who asks to his group, from there to a row of the access table, and to a
// view. The agent asks the [View] for each variable (step (5) b)), and where the
// next visible one can be. [Policy.Explain] goes the same way slowly and tells.
//
// # Speed
//
// Rows are looked up in indexes made of them when they have changed, which the
// first request afterwards waits for. A decision does not allocate memory, block
// or look at more rows than match.
//
// # The files
//
// In the order in which to read them: rows.go and statement.go are what a policy is
// made of, redact.go how they are shown, communities.go and policy.go what it answers,
// and explain.go the same step by step, in no hurry.
//
// Then what makes it fast: index.go and names.go are who is in which group, rights.go
// which row of the access table counts, note.go how that is remembered, view.go what is
// in a view, by tree.go where families are subtrees and by matrix.go where they have
// masks; seek.go and span.go are how far it stays so.
//
// Then what managers do: mib.go, communitytable.go and contexttable.go are the
// tables, restore.go and kept.go what survives a restart.
package vacm
