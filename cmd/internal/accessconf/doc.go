// Package accessconf reads who may do what from the directives of snmpd.conf, into
// the statements of package vacm:
//
//   - com2sec, com2sec6, group, access and view are rows of the model's tables;
//     authgroup, authaccess and setaccess are rows of access, a view for each line;
//   - rocommunity, rwcommunity, rocommunity6, rwcommunity6, rouser, rwuser,
//     authcommunity and authuser are rules that stand for several rows.
//
// Both may be mixed. Where lines contradict each other the first one counts, as with
// snmpd, and [Rules.Settle] names both. A line that is wrong gives no access.
//
// # Contexts
//
// Every context that a line names exists, and has the objects of the default one:
// see [Rules.Contexts]. rouser and rwuser without a context are for all of them.
//
// # Deviations from snmpd
//
// Deviation: two access lines that differ only in exact and prefix are one row (RFC
// 3415 §4, vacmAccessEntry), so that the second one has no effect; so it is for two
// lines of one view that differ only in the mask. snmpd keeps both.
//
// Deviation: a view line with excluded that is wrong empties its view, and a
// !SOURCE that is wrong denies its community to everybody. snmpd leaves the line
// out, and shows what it was to hide. Here that is so of the view _all_ alone, which
// many rules have: the message says it.
//
// Deviation: snmpd takes a comment behind a view line for a bad mask, and a mask of
// more than two digits for its last two.
package accessconf
