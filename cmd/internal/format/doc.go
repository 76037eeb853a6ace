// Package format prints variable bindings for people and scripts, in the form
// that the command-line tools of Net-SNMP made common:
//
//	IF-MIB::ifOperStatus.1 = INTEGER: up(1)
//
// Scripts read that form and ask for variants of it with the option -O and
// letters (-Oqv, -OQUs), so every letter does here what it does there; what
// differs, on purpose, is listed at [Options]. How values look is governed by
// the object's syntax in the MIB: enumerations, BITS, units and display hints
// (RFC 2579 §3.1).
//
// Nothing here fails: a value that does not fit its object's syntax is printed
// by its own type, with a remark.
package format
