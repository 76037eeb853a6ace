package main

import (
	"errors"
	"fmt"
	"time"

	"snmpstack/cmd/internal/dissect"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// A verifier goes through RFC 3414 §3.2 with a message, as its receiver does who
// knows one user.
type verifier struct {
	user usm.User
	// keys are the user's, other is the user with the other extension of short
	// keys, nil if that makes no difference.
	keys, other *usm.HashedUser
}

func newVerifier(u usm.User) (*verifier, error) {
	u.AllowLower = true
	v := &verifier{user: u}
	var err error
	if v.keys, err = usm.HashUser(usm.Internal, u, nil); err != nil {
		return nil, err
	}
	if u.Localized || u.Priv != usm.AES192 && u.Priv != usm.AES256 {
		return v, nil
	}
	u.Extension = otherExtension(u.Extension)
	v.other, err = usm.HashUser(usm.Internal, u, nil)
	return v, err
}

func otherExtension(e usm.KeyExtension) usm.KeyExtension {
	if e == usm.Reeder {
		return usm.Blumenthal
	}
	return usm.Reeder
}

// verify processes a message. The clock of a peer that is new takes any time for
// the engine's. The plaintext is empty unless the message was encrypted and is
// good.
func verify(keys *usm.HashedUser, engine usm.EngineID, datagram []byte, header pdu.Header3) (plaintext []byte, err error) {
	peer := usm.NewPeer(engine, usm.Internal, time.Now)
	if err := peer.Users().AddHashed(keys); err != nil {
		return nil, err
	}
	verified, err := peer.ProcessIncoming(peer.NewWorker(), datagram, header, false)
	if err != nil || !header.Encrypted {
		return nil, err
	}
	return verified.Plaintext(), nil
}

// verify writes what a receiver makes of a message of SNMPv3 up to its ScopedPDU: the
// checks of RFC 3412 §7.2, and the steps of RFC 3414 §3.2.
func (d *decoder) verify(datagram []byte, fields *dissect.Fields) {
	header, err := pdu.ReadHeader3(datagram, false)
	if err != nil {
		return // the fields say why
	}
	if header.SecurityModel != pdu.SecurityModelUSM {
		d.refuse("RFC 3412 §7.2 (4)", "the security model is not USM: snmpUnknownSecurityModels")
		return
	}
	if _, ok := header.MsgFlags.Level(); !ok {
		d.refuse("RFC 3412 §7.2 (5)", "privacy without authentication: snmpInvalidMsgs")
		return
	}
	octets, _ := fields.Contents("msgAuthoritativeEngineID")
	engine := usm.EngineID(octets)
	name, _ := fields.Contents("msgUserName")
	switch {
	case engine == "":
		d.step(3, "the engine ID is empty: discovery, which is answered with a Report of usmStatsUnknownEngineIDs")
	case engine.Check() != nil:
		d.refuse("RFC 3414 §3.2 (3)", "no engine has an ID like that: usmStatsUnknownEngineIDs")
	case string(name) != d.verifier.user.Name:
		d.step(4, "the message is not of user %q: nothing is verified", d.verifier.user.Name)
	default:
		d.verifyUser(engine, datagram, header, fields)
	}
}

// verifyUser does so with a message of the verifier's user.
func (d *decoder) verifyUser(engine usm.EngineID, datagram []byte, header pdu.Header3, fields *dissect.Fields) {
	plaintext, err := verify(d.verifier.keys, engine, datagram, header)
	last := refusingStep(err)
	level, _ := header.MsgFlags.Level()
	if last > 7 && level >= pdu.AuthNoPriv && d.clock && !d.inWindow(fields) {
		last = 7
	}
	d.passed(last, engine, level)
	clause := fmt.Sprintf("RFC 3414 §3.2 (%d)", last)
	switch {
	case last == accepted:
		if level == pdu.AuthPriv {
			d.write(dissect.ScopedPDU(plaintext, d.dissectOptions()))
		}
	case last == 5:
		d.refuse(clause, "%v, for which the user has been given no password or key: usmStatsUnsupportedSecLevels", level)
	case last == 6:
		mac, _ := fields.Contents("msgAuthenticationParameters")
		d.refuse(clause, "the MAC of %d octets is wrong: usmStatsWrongDigests. Password, key or protocol are not the sender's, or the message was changed", len(mac))
	case last == 7 && errors.Is(err, usm.ErrNotInTimeWindow):
		d.refuse(clause, "the engine's boots have come to their end, 2147483647: usmStatsNotInTimeWindows")
	case last == 7:
		d.refuse(clause, "the message is more than %d seconds, or a start of the engine, away from -Z %d,%d: usmStatsNotInTimeWindows", usm.TimeWindow, d.boots, d.time)
	case errors.Is(err, usm.ErrNotEncrypted):
		d.refuse("RFC 3412 §6.7", "%s: snmpInASNParseErrs", plain(err))
	case last == 8:
		d.refuse(clause, "%s: usmStatsDecryptionErrors", d.whyNotDecrypted(engine, datagram, header))
	default:
		d.refuse(clause, "%s: snmpInASNParseErrs", plain(err))
	}
}

// passed writes the steps in front of the last one.
func (d *decoder) passed(last int, engine usm.EngineID, level pdu.SecurityLevel) {
	texts := map[int]string{
		3: fmt.Sprintf("engine %v is taken for one that is known", engine),
		4: fmt.Sprintf("user %q is known", d.verifier.user.Name),
		5: fmt.Sprintf("the user has what %v takes", level),
		6: "the MAC is right",
		7: "whether the message is in the time window cannot be said without the engine's clock, -Z BOOTS,TIME",
		8: fmt.Sprintf("decrypted with %s; offsets are the scopedPDU's own:", privName(&d.verifier.user)),
	}
	if d.clock {
		texts[7] = fmt.Sprintf("the message is in the time window around -Z %d,%d", d.boots, d.time)
	}
	if level == pdu.NoAuthNoPriv {
		texts[6], texts[7] = "nothing is authenticated, anybody may have sent this", ""
	}
	if level < pdu.AuthPriv {
		texts[8] = ""
	}
	for n := 3; n <= 8 && n < last; n++ {
		if texts[n] != "" {
			d.step(n, "%s", texts[n])
		}
	}
}

// inWindow compares the message's time with the engine's (RFC 3414 §3.2 (7) a).
func (d *decoder) inWindow(fields *dissect.Fields) bool {
	number := func(name string) (n int64) {
		octets, _ := fields.Contents(name)
		for _, b := range octets {
			n = n<<8 | int64(b)
		}
		return n
	}
	difference := number("msgAuthoritativeEngineTime") - int64(d.time)
	return number("msgAuthoritativeEngineBoots") == int64(d.boots) && -usm.TimeWindow <= difference && difference <= usm.TimeWindow
}

// accepted is the step behind the last one that can refuse a message.
const accepted = 9

// refusingStep returns which step of RFC 3414 §3.2 refuses a message with err. The
// engine and the user are the verifier's own, so that (3) and (4) do not.
func refusingStep(err error) int {
	switch {
	case err == nil:
		return accepted
	case errors.Is(err, usm.ErrUnsupportedSecLevel):
		return 5
	case errors.Is(err, usm.ErrWrongDigest):
		return 6
	case errors.Is(err, usm.ErrNotInTimeWindow):
		return 7
	case errors.Is(err, usm.ErrDecryption), errors.Is(err, usm.ErrNotEncrypted):
		return 8
	}
	return 1
}

// whyNotDecrypted says why there is no scopedPDU.
func (d *decoder) whyNotDecrypted(engine usm.EngineID, datagram []byte, header pdu.Header3) string {
	text := "the decrypted octets are no scopedPDU; password, key or protocol are not the sender's"
	if d.verifier.other == nil {
		return text
	}
	if _, err := verify(d.verifier.other, engine, datagram, header); err != nil {
		return text
	}
	other := d.verifier.user
	other.Extension = otherExtension(other.Extension)
	return fmt.Sprintf("the decrypted octets are no scopedPDU, but with the key's other extension, -x %s, they are", privName(&other))
}

// step writes what a step comes to.
func (d *decoder) step(number int, format string, args ...any) {
	fmt.Fprintf(d.out, "RFC 3414 §3.2 (%d): %s\n", number, fmt.Sprintf(format, args...))
}

// refuse writes why a receiver refuses the message.
func (d *decoder) refuse(clause, format string, args ...any) {
	fmt.Fprintf(d.out, "%s: refused, %s\n", clause, fmt.Sprintf(format, args...))
	d.refused = true
}
