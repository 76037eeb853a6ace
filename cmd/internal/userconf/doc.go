// Package userconf reads the SNMPv3 users of snmpd.conf and of persistent files: the
// directives createUser and usmUser. No error shows a password or a key.
package userconf
