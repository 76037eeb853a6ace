// Package usmmib is usmUserTable and usmUserSpinLock of SNMP-USER-BASED-SM-MIB (RFC
// 3414 §5): the users of an agent, as managers see and change them. Whoever uses
// package agent need not know it.
//
// A Table is where an agent's users are, those that its program added as well as
// those that managers made. What package usm has of them for messages, usm.Users,
// follows it: whoever is active in the table is there, ready for use, and nobody
// else is. A request that is under way is answered with the keys that it came with,
// whatever becomes of its user.
//
// # What the RFC leaves open
//
// Users who were there before, by configuration, are cloned and have their keys: they
// can be cloned from, and setting their usmUserCloneFrom has no effect.
//
// A row needs usmUserCloneFrom before it can be active, without authentication too.
//
// Rows are of this engine alone: with another usmUserEngineID there is noCreation.
//
// The empty string, which KeyChange objects have by default, can be set to them; it
// changes no key, and does not count as a change.
//
// Who is cloned has the protocols of the one whom he is cloned from, and can have none of
// them, but no others: for SHA-256 there has to be somebody with SHA-256 to clone.
// Net-SNMP's snmpusm makes another's key change with the hash of the protocol that its
// own command line has (-a): who changes somebody's key has that protocol himself, or
// the new key is another one than both believe.
//
// Of a usmUserCloneFrom and a protocol in one SET, the row is cloned first: a
// protocol can be dropped at once then.
//
// No manager can make a row permanent or readOnly. Those of the program's users are
// permanent, unless it says otherwise: managers change their keys, but do not delete
// them.
//
// Keys that a manager has changed are localized to this engine, and so are those that were
// kept over a restart. Who has localized keys, as everybody whose keys a manager has
// changed, can be sent traps but no informs.
//
// # Where it leaves the RFC
//
// Deviation: usmUserAuthProtocol of a user for whom any protocol will do
// (usm.AnyAuth) is 0.0, which is not one of a protocol's. Nobody can be cloned from
// him, and his keys cannot be changed: for that there would have to be one key.
//
// Deviation: usmUserOwnAuthKeyChange and usmUserOwnPrivKeyChange of a user with
// authentication take an authenticated message, and are noAccess for others. RFC
// 3414 asks for the name in the message only, which anybody can write there.
//
// Deviation: rows that are not active are not removed after a while, as RFC 2579 §2
// wants those that were abandoned: a user who was taken out of service is one whom
// somebody may want back.
//
// # The files
//
// In the order in which to read them: user.go is a row, table.go the table, and
// set.go what a SET of it does.
package usmmib
