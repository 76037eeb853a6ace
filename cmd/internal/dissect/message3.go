package dissect

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"snmpstack/ber"
)

// The bits of msgFlags (RFC 3412 §6.4).
const (
	flagAuth       = 0x01
	flagPriv       = 0x02
	flagReportable = 0x04
)

// securityModelUSM is msgSecurityModel's number of the User-based Security Model
// (RFC 3411 §5, SnmpSecurityModel).
const securityModelUSM = 3

// message3 reads what follows the version in a message of SNMPv3 (RFC 3412 §6).
func (w *walker) message3() {
	var flags byte
	var model int64
	outer, ok := w.enter("msgGlobalData", ber.Sequence)
	if ok {
		w.integer("msgID", 0, math.MaxInt32, "RFC 3412 §6.2")
		w.integer("msgMaxSize", 484, math.MaxInt32, "RFC 3412 §6.3")
		flags = w.msgFlags()
		var f *Field
		if f, model, ok = w.integer("msgSecurityModel", 1, math.MaxInt32, "RFC 3412 §6.5"); ok && model == securityModelUSM {
			f.Text += " (USM)"
		}
		w.leave(outer)
	}
	w.securityParameters(model, flags)
	if w.peek() == ber.OctetString {
		f, contents, ok := w.octetString("encryptedPDU")
		if ok {
			f.Text = octets(len(contents)) + ", encrypted"
		}
		if f != nil && flags&flagPriv == 0 {
			f.problem(Odd, f.Offset, "RFC 3412 §6.7", "encrypted, but msgFlags has no privFlag")
		}
		return
	}
	w.scopedPDU(flags)
}

// msgFlags reads the octet with the flags (RFC 3412 §6.4).
func (w *walker) msgFlags() byte {
	f, contents, ok := w.octetString("msgFlags")
	if !ok {
		return 0
	}
	if len(contents) != 1 {
		f.problem(Malformed, f.Offset, "RFC 3412 §6.4", "%s, expected 1", octets(len(contents)))
		return 0
	}
	flags := contents[0]
	var set []string
	switch flags & (flagAuth | flagPriv) {
	case 0:
		set = append(set, "noAuthNoPriv")
	case flagAuth:
		set = append(set, "authNoPriv")
	case flagAuth | flagPriv:
		set = append(set, "authPriv")
	default:
		set = append(set, "privFlag alone")
		f.problem(Malformed, f.Offset+f.Header, "RFC 3412 §7.2", "privacy without authentication")
	}
	if flags&flagReportable != 0 {
		set = append(set, "reportable")
	}
	f.Text = strings.Join(set, ", ")
	return flags
}

// securityParameters reads the OCTET STRING that the security model fills; of
// USM's the contents too (RFC 3414 §2.4).
func (w *walker) securityParameters(model int64, flags byte) {
	tag := w.peek()
	f, claimed := w.header("msgSecurityParameters")
	if f == nil {
		return
	}
	if tag != ber.OctetString {
		f.problem(Malformed, f.Offset, "X.690 §8.1.2", "identifier %02X, expected 04, OCTET STRING", byte(tag))
	}
	if model != securityModelUSM || tag != ber.OctetString {
		w.off = f.End()
		return
	}
	outer := w.inside(f, claimed)
	if inner, ok := w.enter("UsmSecurityParameters", ber.Sequence); ok {
		if f, contents, ok := w.octetString("msgAuthoritativeEngineID"); ok {
			f.Text = engineID(contents)
			if n := len(contents); n > 0 && (n < 5 || n > 32) {
				f.problem(Odd, f.Offset, "RFC 3414 §3.2 (3)", "an engine ID of %s, expected 5 to 32, or none for discovery", octets(n))
			}
		}
		w.integer("msgAuthoritativeEngineBoots", 0, math.MaxInt32, "RFC 3414 §2.4")
		w.integer("msgAuthoritativeEngineTime", 0, math.MaxInt32, "RFC 3414 §2.4")
		if f, contents, ok := w.octetString("msgUserName"); ok && len(contents) > 32 {
			f.problem(Malformed, f.Offset, "RFC 3414 §2.4", "%s, expected at most 32", octets(len(contents)))
		}
		if f, contents, ok := w.octetString("msgAuthenticationParameters"); ok {
			f.mac(len(contents), flags&flagAuth != 0)
		}
		if f, contents, ok := w.octetString("msgPrivacyParameters"); ok {
			f.salt(len(contents), flags&flagPriv != 0)
		}
		w.leave(inner)
	}
	w.leave(outer)
}

// macs has the authentication protocols by the length of their MACs (RFC 3414 §6
// and §7, RFC 7860 §4).
var macs = map[int]string{12: "MD5 or SHA", 16: "SHA-224", 24: "SHA-256", 32: "SHA-384", 48: "SHA-512"}

// mac describes msgAuthenticationParameters.
func (f *Field) mac(n int, auth bool) {
	f.Text = octets(n)
	switch protocol, known := macs[n]; {
	case auth && known:
		f.Text += ", a MAC of " + protocol
	case auth:
		f.problem(Odd, f.Offset, "RFC 3414 §3.2 (6)", "no protocol has a MAC of %s", octets(n))
	case n > 0:
		f.problem(Odd, f.Offset, "RFC 3414 §3.1 (8)", "a MAC of %s, but msgFlags has no authFlag", octets(n))
	}
}

// saltLength is how many octets msgPrivacyParameters have with every privacy
// protocol (RFC 3414 §8.1.1.1, RFC 3826 §3.1.2.1).
const saltLength = 8

// salt describes msgPrivacyParameters.
func (f *Field) salt(n int, priv bool) {
	f.Text = octets(n)
	switch {
	case priv && n == saltLength:
		f.Text += ", the salt"
	case priv:
		f.problem(Odd, f.Offset, "RFC 3414 §3.2 (8)", "a salt of %s, expected %d", octets(n), saltLength)
	case n > 0:
		f.problem(Odd, f.Offset, "RFC 3414 §3.1 (4)", "a salt of %s, but msgFlags has no privFlag", octets(n))
	}
}

// scopedPDU reads a ScopedPDU (RFC 3412 §6.8).
func (w *walker) scopedPDU(flags byte) {
	at := len(w.out)
	outer, ok := w.enter("scopedPDU", ber.Sequence)
	if !ok {
		return
	}
	if flags&flagPriv != 0 {
		f := &w.out[at]
		f.problem(Odd, f.Offset, "RFC 3412 §6.7", "plain text, but msgFlags has the privFlag")
	}
	if f, contents, ok := w.octetString("contextEngineID"); ok {
		f.Text = engineID(contents)
	}
	w.octetString("contextName")
	w.pdu("data", 3)
	w.leave(outer)
}

// engineID says what a snmpEngineID is made of (RFC 3411 §5, SnmpEngineID).
func engineID(b []byte) string {
	if len(b) < 5 || b[0]&0x80 == 0 {
		return octets(len(b))
	}
	text := fmt.Sprintf("%s: enterprise %d, ", octets(len(b)), binary.BigEndian.Uint32(b)&0x7FFFFFFF)
	switch rest := b[5:]; b[4] {
	case 1:
		return text + "IPv4 address"
	case 2:
		return text + "IPv6 address"
	case 3:
		return text + "MAC address"
	case 4:
		return text + "text " + quote(rest)
	case 5:
		return text + "octets"
	}
	return text + fmt.Sprintf("format %d", b[4])
}
