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
// An agent whose Targets they are tells them with NotifyAll. Who is told nothing may be
// told by no statement, or held back by a filter, or have a notify view that lacks
// something (RFC 3413 §3.3 (2)): a Community in a row is a secret, not a permission.
package notify
