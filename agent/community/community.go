// Package community is the community-based security model of SNMPv1 and SNMPv2c
// (RFC 3584 §5.2): it decides whether a message's community is good where the
// message comes from, and makes the value that shows it.
//
// A community is a password that travels in the clear. It keeps honest managers
// apart; it protects nothing from anybody who can see a packet.
//
// # Verified
//
// [ProcessIncoming] is the only way to a [Verified] value that is good, and the
// PDU of a datagram can only be read through one: a dispatcher that takes
// Verified cannot be handed a message that nobody has checked. The zero Verified
// is refused.
package community

import (
	"errors"
	"net/netip"
	"sync/atomic"

	"snmpstack/pdu"
)

// A Principal is what a community stands for (RFC 3584 §5.2.1): a row of
// snmpCommunityTable, seen from the message that names it. It does not change, but for
// the note.
type Principal struct {
	SecurityName string
	ContextName  string

	note atomic.Uint64
}

// Note returns the SecurityName and a note that access control may keep about it, which is
// 0 at first. The principal is in mib.Request.Rights.
func (p *Principal) Note() (securityName string, note *atomic.Uint64) {
	return p.SecurityName, &p.note
}

// A Table knows the communities.
type Table interface {
	// Community returns what a community stands for when it comes from source,
	// and nil if it is not known there. It does not keep community, does not
	// block and does not resolve names.
	Community(community []byte, source netip.Addr) *Principal
}

// ErrRefused: the community is not known, or not where the message comes from.
var ErrRefused = errors.New("community: not known at this source")

// ErrUnverified is what reading the zero Verified gives.
var ErrUnverified = errors.New("community: the message has not been verified")

// A Verified is a datagram whose community has been found good.
type Verified struct {
	header    *pdu.Header
	principal *Principal
}

// ProcessIncoming checks the community of a message (RFC 3584 §5.2.1, RFC 1157
// §4.1 step 3). header is what pdu.ReadHeader found in its datagram; the result
// needs both to stay as they are. The error is ErrRefused.
func ProcessIncoming(t Table, header *pdu.Header, source netip.Addr) (Verified, error) {
	p := t.Community(header.Community, source)
	if p == nil {
		return Verified{}, ErrRefused
	}
	return Verified{header, p}, nil
}

// Valid reports whether v comes from ProcessIncoming.
func (v *Verified) Valid() bool { return v.header != nil }

// Principal returns what the community stands for.
func (v *Verified) Principal() *Principal { return v.principal }

// SecurityModel returns 1 or 2, the model of the message's version (RFC 3584
// §5.1). The level is always noAuthNoPriv.
func (v *Verified) SecurityModel() pdu.SecurityModel {
	if v.header.Version == pdu.V1 {
		return pdu.SecurityModelV1
	}
	return pdu.SecurityModelV2c
}

// Decode reads the whole message into m, with d's memory.
func (v *Verified) Decode(d *pdu.Decoder, m *pdu.Message) error {
	if !v.Valid() {
		return ErrUnverified
	}
	return d.MessageBehind(v.header, m)
}
