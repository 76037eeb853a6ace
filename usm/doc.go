// Package usm is the home of SNMPv3's user-based security model (RFC 3414). It
// holds what every agent has of it, with or without SNMPv3: the engine's
// identity ([EngineID], RFC 3411 §5) and its clock, snmpEngineBoots and
// snmpEngineTime ([Engine], RFC 3414 §2.2).
//
// Messages, users, keys and the cryptography are not in here yet.
package usm
