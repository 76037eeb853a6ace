// Package smi knows the names and types of managed objects: what turns
// 1.3.6.1.2.1.2.2.1.8.1 into IF-MIB::ifOperStatus.1, and 1 into up. An agent has
// no use for it at run time; tools that show SNMP to people do.
//
// [Core] returns the names that are built in: the SMI's own tree and the modules
// a host's agent usually serves, without a file to install. Of these only facts
// are kept (names, OIDs, types, enumerations, display hints, units, access,
// indexes), in the embedded table core.txt. Further modules come from files:
//
//	names := smi.Core()
//	err := names.Load("UPS-MIB", []string{"/usr/share/snmp/mibs"})
//	oid, err := names.Resolve("UPS-MIB::upsBatteryStatus.0")
//	object, rest := names.Lookup(oid)
//
// [Parse] reads modules written in SMIv2 (RFC 2578, RFC 2579, RFC 2580) and
// SMIv1 (RFC 1155, RFC 1212, RFC 1215) alike, as forgivingly as the modules
// that vendors publish require: words of the other version, missing imports and
// empty lists pass, and a definition that makes no sense is reported and
// skipped, the rest of its module kept. It is no validator.
//
// Not kept: descriptions and references, default values, what groups and
// compliance statements contain, and agent capabilities beyond their names.
//
// # Precedence
//
// Where modules disagree the first one wins: an OID bears the name that the
// first module gave it, and a name without a module means the first module's.
// In the core table the modules in force come before those they replaced, so
// that 1.3.6.1.2.1.2.2.1.2 is IF-MIB::ifDescr, and RFC1213-MIB::ifDescr still
// resolves.
//
// # Concurrency
//
// A [Names] may be read by many goroutines, but not while Load or Add runs.
// Objects and Types are never changed once they are in.
package smi
