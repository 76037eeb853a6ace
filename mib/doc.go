// Package mib holds managed objects: what an SNMP agent serves.
//
// A [Tree] maps subtrees of the OID space to [Handler]s. A handler answers Get
// and Next for the instances in its subtree, and Test for SETs if it is a
// [Setter]. [Scalar] and [Table] are ready-made handlers that suit most
// objects:
//
//	tree := mib.NewTree()
//	err := mib.Scalar{
//		Object: ber.MustOID("1.3.6.1.4.1.32473.1.1"),
//		Get:    mib.Value(func() pdu.Value { return pdu.Gauge32(pump.RPM()) }),
//	}.Register(tree)
//
// Package mibtest checks whether a handler of one's own keeps the rules below.
//
// # Names
//
// A handler works with whole names, not with what is behind its prefix. Next is
// asked for the instances at or after a name; since the smallest OID greater than
// o is o.0, that serves GETNEXT too, and a search may start anywhere.
//
// # Who checks what
//
// The Tree checks what handlers return: successors have to increase and to stay
// inside the handler's subtree, or the request fails with genErr and an error
// that names the handler. A handler can trust what it is given: the request has
// been authenticated, the names lie in its subtree, and access control has been
// done (that of successors is done by the agent after Next).
//
// # Handlers that block
//
// A handler that declares through [Inliner] that it does not block is called by
// the goroutine that reads the socket. Any other is called by a worker of its
// own and may take its time, until Request.Context ends; a request for which that
// has happened calls none any more. A panic makes the request fail: see [PanicError].
//
// # SET
//
// RFC 3416 §4.2.5 asks for two phases. [Tree.Set] first has every handler Test
// its varbinds, all of a handler's in one call, which gives a [Change] for each
// and touches nothing. Only if all agree, the Changes are committed; if one
// fails at that, those before it are undone. The state of a SET lives in its
// Changes, so nothing of a SET that failed can be left in a handler.
//
// A [Table] does this for its rows, with all of RFC 2579's RowStatus. Its owner
// says how a column is assigned, what has to hold within a row, and what the
// device has to do.
//
// # Many rows
//
// [Rows] is for rows that the program has anyway: each takes its own size and four
// octets for each sub-identifier of its index. Ten million rows of 8 octets whose
// index is a number are 120 MB, and a row is found among them in little more time than
// among a thousand. Rows without pointers are no work for the garbage collector. To
// replace all of them (Store) takes memory for both, and to sort them; to change one
// takes a copy of the 255 beside it.
//
// A table whose rows can be computed, or are in a database or a device, is a
// [Handler] of one's own and takes no memory at all. What it has to be able to do is
// to find the first row at or after a given index. In between is [Table.Source], which
// makes the rows, or finds them ready, for each request: as the rows of many SNMP
// contexts.
//
// # Concurrency
//
// Handlers are called from several goroutines at once, and while a SET of theirs is
// committed as well. SETs that touch the same handler are serialised. A request sees
// all of a SET to objects that do not block, or nothing of it: see [Tree.Consistently].
package mib
