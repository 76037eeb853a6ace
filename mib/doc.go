// Package mib holds managed objects: what an SNMP agent serves. This agent has a value
// to read, one to set, and a table:
//
//	package main
//
//	import (
//		"context"
//		"errors"
//		"log"
//		"runtime"
//		"sync/atomic"
//
//		"snmpstack/agent"
//		"snmpstack/agent/vacm"
//		"snmpstack/ber"
//		"snmpstack/mib"
//		"snmpstack/pdu"
//	)
//
//	type Pump struct {
//		ID   int
//		Name string
//		RPM  uint32
//	}
//
//	func main() {
//		tree := mib.NewTree()
//		base := ber.MustOID("1.3.6.1.4.1.32473.1") // the text alone is no OID
//
//		goroutines := mib.Scalar{
//			Object: base.Append(1), // its instance is base.1.0
//			Get:    mib.Value(func() pdu.Value { return mib.Gauge(int64(runtime.NumGoroutine())) }),
//		}
//
//		var degrees atomic.Int32 // Get and Set are called by several goroutines
//		setpoint := mib.Scalar{
//			Object: base.Append(2),
//			Get:    mib.Value(func() pdu.Value { return pdu.Integer(degrees.Load()) }),
//			Syntax: pdu.TypeInteger,
//			Check:  mib.Range(5, 30), // what is refused is refused here
//			Set: func(_ *mib.Request, v pdu.Value) error {
//				degrees.Store(v.Int())
//				return nil
//			},
//		}
//
//		rows := &mib.Rows[Pump]{Index: func(x *mib.Index, p *Pump) { x.Int(&p.ID) }}
//		pumps := mib.Table[Pump]{
//			Entry: base.Append(3, 1), // instances are base.3.1.COLUMN.ID
//			Rows:  rows,
//			Columns: []mib.Column[Pump]{
//				{Arc: 2, Get: func(p *Pump) pdu.Value { return pdu.OctetString(p.Name) }},
//				{Arc: 3, Get: func(p *Pump) pdu.Value { return pdu.Gauge32(p.RPM) }},
//			},
//		}
//
//		err := errors.Join(goroutines.Register(tree), setpoint.Register(tree), pumps.Register(tree),
//			rows.Store([]Pump{{1, "north", 1450}, {7, "south", 900}})) // as often as there is news
//		if err != nil {
//			log.Fatal(err)
//		}
//
//		a := agent.New()
//		a.LocalHost, a.LocalPort = "127.0.0.1", 1161
//		a.MIB = tree
//		a.Access = vacm.MustNew(vacm.CommunityRule{Community: "public", Writable: true})
//		log.Fatal(a.ListenAndServe(context.Background()))
//	}
//
// A [Scalar] is one value. A [Table] has the objects of rows, which are in [Rows], or come
// from Table.Source; managers can create and destroy them if it has a column for the
// [RowStatus]. Both are registered in a [Tree], which maps subtrees of the OID space to
// [Handler]s: who needs more than they do is a Handler. It answers Get and Next for the
// instances in its subtree, and Test for SETs if it is a [Setter]. Package mibtest checks
// whether a handler of one's own keeps the rules below.
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
// # Objects that block
//
// To block is to wait for the network, a disk, or a lock that is held for long. A Scalar
// or Table says with its fields Blocks and SetBlocks that its functions may. Without
// them they run on the goroutine that reads the socket: while one of them waits nobody is
// answered, whatever he asks for. A Handler says with [Inliner] that it does not block;
// if it says nothing, it is taken to.
//
// What may block is called by a worker of its own and may take its time, until
// Request.Context ends; a request for which that has happened calls none any more. A
// panic makes the request fail: see [PanicError].
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
// A manager gets the status with which an object refuses its part in the first phase, and
// commitFailed or undoFailed for whatever happens in the second, as the RFC has it; a
// request that reads can end with genErr, tooBig or authorizationError. What a handler
// said instead is a [HandlerError] for the agent's OnError and log. [Handler], [Setter] and
// [Change] have the details.
//
// # Contexts
//
// There is one Tree for all contexts that an agent has. What differs between them looks
// at Request.ContextName: the Get of a Scalar, which returns pdu.NoSuchInstance in a
// context that does not have it, the Source of a Table, or a Handler such as
//
//	// perContext hands on to a handler for the same objects in each context: one that
//	// the method Handler of a Table or Scalar gives, or another Tree if it is read-only.
//	type perContext map[string]mib.Handler
//
//	func (c perContext) Get(r *mib.Request, name ber.OID) (pdu.Value, error) {
//		if h := c[r.ContextName]; h != nil {
//			return h.Get(r, name)
//		}
//		return pdu.NoSuchObject, nil
//	}
//
//	func (c perContext) Next(r *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
//		if h := c[r.ContextName]; h != nil {
//			return h.Next(r, from, dst)
//		}
//		return 0, nil
//	}
//
//	func (c perContext) Test(r *mib.Request, vbs []pdu.VarBind) (mib.Change, error) {
//		if h, ok := c[r.ContextName].(mib.Setter); ok {
//			return h.Test(r, vbs)
//		}
//		return nil, pdu.NotWritable
//	}
//
// # What may be kept
//
// Names and values that come with a request share its memory. Who keeps one beyond the
// call copies it: ber.OID.Clone, pdu.Value.Clone, or strings.Clone of Value.Octets. Copies
// already are the values that Set gets, of a Scalar or a Column, and the index in a row that
// a manager creates.
//
// # Many rows
//
// [Rows] is for rows that the program has anyway: each takes its own size and four
// octets for each sub-identifier of its index. Ten million rows of 8 octets whose
// index is a number are 120 MB, and a row is found among them in little more time than
// among a thousand. Rows without pointers are no work for the garbage collector. To
// replace all of them (Store) takes memory for both, and to sort them; to change one
// takes a copy of the 255 beside it. In a table that can be written, SETs and Updates
// then overwrite these, until Load is called or rows come or go.
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
// committed as well. SETs that touch the same handler are serialised, as are those to
// objects that do not block, whose handlers therefore must not begin one in the same Tree,
// nor call its Consistently: they would wait for themselves. Its Get, Next, Register and
// Unregister they may call. A request sees all of such a SET, or nothing of it: see
// [Tree.Consistently].
//
// # The files
//
// In the order in which to read them: object.go says what a handler is, tree.go and
// trie.go find the one that a name belongs to, set.go asks those that a SET is for.
// scalar.go is the simplest of them, with the checks of tc.go.
//
// Then a table: table.go is what it is made of and how it is read, index.go what
// tells its rows apart, rows.go where they are. A Snapshot of them (snapshot.go,
// keys.go) does not change; inplace.go says when a row may be overwritten
// nevertheless. tableset.go is a table's part of a SET, with rowstatus.go and
// storagetype.go.
package mib
