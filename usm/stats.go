package usm

import (
	"errors"
	"sync/atomic"

	"snmpstack/ber"
)

// What ends the processing of a message (RFC 3414 §3.2), each with a counter of
// the usmStats group (RFC 3414 §5).
var (
	ErrUnsupportedSecLevel = errors.New("usm: the user cannot do, or must not go below, the message's security level")
	ErrNotInTimeWindow     = errors.New("usm: not in the time window")
	ErrUnknownUserName     = errors.New("usm: unknown user name")
	ErrUnknownEngineID     = errors.New("usm: unknown engine ID")
	ErrWrongDigest         = errors.New("usm: wrong digest")
	ErrDecryption          = errors.New("usm: the message cannot be decrypted")
)

// A Stat is one counter of the usmStats group: its place below
// 1.3.6.1.6.3.15.1.1.
type Stat int

const (
	UnsupportedSecLevels Stat = 1
	NotInTimeWindows     Stat = 2
	UnknownUserNames     Stat = 3
	UnknownEngineIDs     Stat = 4
	WrongDigests         Stat = 5
	DecryptionErrors     Stat = 6
)

var oidStats = ber.MustOID("1.3.6.1.6.3.15.1.1")

// stats has a row for each counter.
var stats = [...]struct {
	name string
	err  error
	oid  ber.OID // of the instance
}{
	UnsupportedSecLevels: {"usmStatsUnsupportedSecLevels", ErrUnsupportedSecLevel, oidStats.Append(1, 0)},
	NotInTimeWindows:     {"usmStatsNotInTimeWindows", ErrNotInTimeWindow, oidStats.Append(2, 0)},
	UnknownUserNames:     {"usmStatsUnknownUserNames", ErrUnknownUserName, oidStats.Append(3, 0)},
	UnknownEngineIDs:     {"usmStatsUnknownEngineIDs", ErrUnknownEngineID, oidStats.Append(4, 0)},
	WrongDigests:         {"usmStatsWrongDigests", ErrWrongDigest, oidStats.Append(5, 0)},
	DecryptionErrors:     {"usmStatsDecryptionErrors", ErrDecryption, oidStats.Append(6, 0)},
}

// String returns the counter's name in SNMP-USER-BASED-SM-MIB.
func (s Stat) String() string { return stats[s].name }

// OID returns the name of the counter's instance.
func (s Stat) OID() ber.OID { return stats[s].oid }

// Err returns the error that the counter counts.
func (s Stat) Err() error { return stats[s].err }

// StatOf returns the counter whose instance is called name.
func StatOf(name ber.OID) (Stat, bool) {
	for s := UnsupportedSecLevels; s <= DecryptionErrors; s++ {
		if stats[s].oid == name {
			return s, true
		}
	}
	return 0, false
}

// Counters are the usmStats group while it counts. The zero value is ready for
// use. Its methods are safe for concurrent use.
type Counters struct {
	counts [len(stats)]atomic.Uint32
}

// Load returns a counter's value.
func (c *Counters) Load(s Stat) uint32 { return c.counts[s].Load() }

// add counts one more and returns the value then.
func (c *Counters) add(s Stat) uint32 { return c.counts[s].Add(1) }
