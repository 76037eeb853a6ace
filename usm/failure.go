package usm

import (
	"errors"
	"fmt"

	"snmpstack/pdu"
)

var (
	// ErrUnverified is what reading the zero Verified gives.
	ErrUnverified = errors.New("usm: the message has not been verified")
	// ErrFlags: msgFlags state privacy without authentication.
	ErrFlags = errors.New("usm: privacy without authentication")
	// ErrNotEncrypted: msgFlags and msgData do not agree on whether the message is
	// encrypted (RFC 3412 §6.7).
	ErrNotEncrypted = errors.New("usm: msgFlags and msgData do not agree on encryption")
)

// What a Failure's Cause may be beside the error of its counter.
var (
	ErrDigestLength = errors.New("usm: the digest does not have the length that the user's protocol has")
	ErrSalt         = errors.New("usm: the salt does not have 8 octets")
)

// A Failure is a message that was not accepted, with what a Report about it needs.
// It points into the datagram, and is of use no longer than that. What it says of
// the message nobody has verified.
type Failure struct {
	Stat Stat
	// Count is the counter's value after it has counted this message.
	Count uint32

	cause      error // nil: the counter's
	header     pdu.Header3
	parameters parameters
	// The Report is authenticated with the credential of user, if there is one.
	user       *user
	credential *credential
}

// UserName returns msgUserName.
func (f *Failure) UserName() string { return string(f.parameters.userName) }

// EngineID returns msgAuthoritativeEngineID, of any length.
func (f *Failure) EngineID() EngineID { return EngineID(f.parameters.engineID) }

// BootsTime returns msgAuthoritativeEngineBoots and msgAuthoritativeEngineTime.
func (f *Failure) BootsTime() (boots, time int32) { return f.parameters.boots, f.parameters.time }

func (f *Failure) Error() string { return stats[f.Stat].err.Error() }

// Unwrap returns the counter's error, as ErrWrongDigest.
func (f *Failure) Unwrap() error { return stats[f.Stat].err }

// Cause returns the counter's error, or what says more: ErrDigestLength,
// ErrSalt, ErrNoPrivKey, or a Source's that wraps ErrUnknownUserName.
func (f *Failure) Cause() error {
	if f.cause != nil {
		return f.cause
	}
	return stats[f.Stat].err
}

// Kind returns the kind of the message's PDU, and false if it cannot be read.
func (f *Failure) Kind() (pdu.Kind, bool) {
	if f.header.Encrypted {
		return 0, false
	}
	kind, _, ok := pdu.PeekScopedPDU(f.header.Data)
	return kind, ok
}

// SecurityLevel returns the level that the message states.
func (f *Failure) SecurityLevel() pdu.SecurityLevel {
	level, _ := f.header.MsgFlags.Level()
	return level
}

// Reportable reports whether RFC 3412 §7.1 (3) lets a Report go: if the PDU can be
// read its class decides, else the reportable flag does. It returns the
// request-id for the Report, 0 if that is not known.
func (f *Failure) Reportable() (requestID int32, ok bool) {
	return reportable(&f.header)
}

func reportable(h *pdu.Header3) (requestID int32, ok bool) {
	if !h.Encrypted {
		if kind, id, ok := pdu.PeekScopedPDU(h.Data); ok {
			return id, kind.Confirmed()
		}
	}
	return 0, h.MsgFlags&pdu.FlagReportable != 0
}

// fail counts a message that is not accepted.
func (m *Model) fail(s Stat, h *pdu.Header3, p *parameters) *Failure {
	return &Failure{Stat: s, Count: m.stats.add(s), header: *h, parameters: *p}
}

// String says which counter it was, for a log.
func (f *Failure) String() string { return fmt.Sprintf("%v = %d", f.Stat, f.Count) }
