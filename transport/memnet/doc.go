// Package memnet is a network in memory: any number of transport.Conn that
// exchange datagrams, for tests of what works over a transport.
//
// It is deterministic where UDP is not. A datagram is in the receiver's queue
// when Write returns, in the order of the writes; nothing is lost unless a
// queue is full, and that is counted. There are no goroutines and no clocks
// inside, and a Read that waits is durably blocked as testing/synctest
// understands it. A Read takes as many queued datagrams as it has packets for,
// so that users learn to expect more than one.
//
// Addresses work as on one host to which every address belongs. A Conn on a
// wildcard address gets the datagrams for its port that no Conn on the exact
// address takes, and tells in Local which address was meant; it may send from
// any, and sends from the loopback address if left to choose. There are no
// interfaces: IfIndex is 0 when read and ignored when written. There is no
// multicast either.
//
// Ownership of memory is that of package transport: Write copies what it is
// given, Read copies into the buffers it is given.
//
// Everything here is safe for concurrent use.
package memnet
