package userconf

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/cmd/internal/usmname"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// A User is an SNMPv3 user of a line.
type User struct {
	agent.UserEntry
	Engine      usm.EngineID // of createUser's -e, or of usmUser's keys; "" is the agent's own
	Fingerprint string       // of the user whom managers changed, in a usmUser line of the agent's own
}

// Level returns the highest level that a user's passwords or keys are good for.
func Level(u *agent.UserEntry) pdu.SecurityLevel {
	switch {
	case !u.PrivPassword.IsEmpty() || len(u.PrivKey) > 0:
		return pdu.AuthPriv
	case !u.AuthPassword.IsEmpty() || len(u.AuthKey) > 0:
		return pdu.AuthNoPriv
	}
	return pdu.NoAuthNoPriv
}

var (
	errAuthName = errors.New("the word behind the user's name is no authentication protocol, expected MD5, SHA, SHA-224, SHA-256, SHA-384 or SHA-512")
	errPrivName = errors.New("the word behind the first password or key is no privacy protocol, expected DES, 3DES, AES, AES-192, AES-256, AES-192-C or AES-256-C")
)

// CreateUser reads
//
//	createUser [-e ENGINEID] USER [AUTH [-m|-l] SECRET [PRIV [[-m|-l] SECRET]]]
//
// No message shows a word of it but the user's name: what stands where a protocol
// is expected may be a password. The user is nil if the line is wrong; an error beside
// one is a warning.
func CreateUser(d snmpdconf.Directive) (*User, error) {
	u := new(User)
	return u.made(u.createUser(d))
}

func (u *User) createUser(d snmpdconf.Directive) error {
	words := d.Words()
	if words[0] == "-e" {
		if len(words) < 3 {
			return errors.New("expected an engine ID and a user's name behind -e")
		}
		var err error
		if u.Engine, err = EngineID(words[1]); err != nil {
			return fmt.Errorf("the engine ID behind -e is none: %w", err)
		}
		words = words[2:]
	}
	u.Name, words = words[0], words[1:]
	rest, err := u.parseSecrets(words)
	if err != nil {
		return err
	}
	if err := u.check(); err != nil {
		return err
	}
	if err := d.WarnOpenQuote(); err != nil {
		return err
	}
	if len(rest) > 0 {
		return d.Warnf("%d words too many at the end of the line, they have no effect; a password with spaces needs quotes", len(rest))
	}
	return nil
}

// parseSecrets reads what follows the name, and returns what is left over.
func (u *User) parseSecrets(words []string) (rest []string, err error) {
	if len(words) == 0 {
		return nil, nil
	}
	ok := false
	if u.Auth, ok = usmname.Auth(words[0]); !ok {
		return nil, errAuthName
	}
	auth, words, err := parseSecret(words[1:])
	if err != nil {
		return nil, fmt.Errorf("authentication: %w", err)
	}
	u.AuthPassword, u.AuthKey, u.Localized = usm.NewSecret(auth.password), auth.key, auth.localized
	if len(words) == 0 || strings.ToLower(words[0]) == "nopriv" {
		return nil, nil
	}
	if u.Priv, u.Extension, ok = usmname.Priv(words[0]); !ok {
		return nil, errPrivName
	}
	priv, words := auth, words[1:]
	if len(words) > 0 {
		if priv, words, err = parseSecret(words); err != nil {
			return nil, fmt.Errorf("privacy: %w", err)
		}
	}
	if auth.key != nil && priv.key != nil && auth.localized != priv.localized {
		return nil, errors.New("one key is a master key (-m) and the other a localized one (-l), expected two of a kind")
	}
	u.PrivPassword, u.PrivKey = usm.NewSecret(priv.password), priv.key
	u.Localized = auth.localized || priv.localized
	return words, nil
}

// A secret is a password or a key.
type secret struct {
	password  string
	key       []byte
	localized bool
}

// parseSecret reads a password, -m KEY or -l KEY.
func parseSecret(words []string) (s secret, rest []string, err error) {
	if len(words) == 0 {
		return s, nil, errors.New("the password is missing, expected a password, -m KEY or -l KEY")
	}
	switch words[0] {
	case "":
		return s, nil, errShort
	case "-m":
	case "-l":
		s.localized = true
	default:
		return secret{password: words[0]}, words[1:], nil
	}
	if len(words) > 1 {
		s.key, err = parseHex(words[1])
	}
	if err != nil || len(s.key) == 0 {
		return s, nil, fmt.Errorf("the key behind %s is none, expected 0x and hexadecimal digits", words[0])
	}
	return s, words[2:], nil
}

// parseHex reads octets in hexadecimal digits, with or without 0x in front. The
// error does not show them.
func parseHex(text string) ([]byte, error) {
	if len(text) >= 2 && strings.ToLower(text[:2]) == "0x" {
		text = text[2:]
	}
	octets, err := hex.DecodeString(text)
	if err != nil {
		return nil, errors.New("expected hexadecimal digits, two for each octet")
	}
	return octets, nil
}

// made returns the user of a line, unless the line is wrong.
func (u *User) made(err error) (*User, error) {
	if placed := (*snmpdconf.Error)(nil); err != nil && (!errors.As(err, &placed) || !placed.Warning) {
		return nil, err
	}
	return u, err
}

var errShort = errors.New("a password has at least 8 octets (RFC 3414 §11.2)")

// check returns why there cannot be such a user.
func (u *User) check() error {
	u.AllowLower = true // access rules decide about levels, as with snmpd
	return Check(u.User)
}

// Check returns why package usm would not take a user, without the work of making
// keys of passwords.
func Check(u usm.User) error {
	h, err := usm.HashUser(usm.Internal, u, func(a usm.AuthProtocol, password usm.Secret) ([]byte, error) {
		if len(password.Reveal()) < 8 {
			return nil, errShort
		}
		return make([]byte, a.KeyLen()), nil
	})
	if err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "usm: "))
	}
	h.Wipe()
	return nil
}

// Those that Net-SNMP has for Cisco's AES: their keys are complete, nothing tells
// them from the others.
var (
	ciscoAES192 = ber.MustOID("1.3.6.1.4.1.9.12.6.1.1")
	ciscoAES256 = ber.MustOID("1.3.6.1.4.1.9.12.6.1.2")
)

// UsmUser reads what snmpd's persistent file has for a user, and this agent's
// too:
//
//	usmUser STATUS STORAGE ENGINEID NAME SECURITYNAME CLONEFROM AUTH KEY PRIV KEY [PUBLIC [FINGERPRINT]]
//
// The keys are localized. No message shows a word of it but the name. The user is nil
// if the line is wrong; an error beside one is a warning.
func UsmUser(d snmpdconf.Directive) (*User, error) {
	u := new(User)
	return u.made(u.usmUser(d))
}

func (u *User) usmUser(d snmpdconf.Directive) error {
	words := d.Words()
	if len(words) < 10 {
		return fmt.Errorf("%d words, expected STATUS STORAGE ENGINEID NAME SECURITYNAME CLONEFROM AUTH KEY PRIV KEY", len(words))
	}
	status, err := strconv.Atoi(words[0])
	if err != nil || status < int(mib.Active) || status > int(mib.NotReady) {
		return errors.New("the first word is no status, expected 1 (active), 2 (notInService) or 3 (notReady)")
	}
	storage, err := strconv.Atoi(words[1])
	if err != nil || storage < int(mib.OtherStorage) || storage > int(mib.ReadOnly) {
		return errors.New("the second word is no storage type, expected 1 to 5")
	}
	if u.Engine, err = EngineID(words[2]); err != nil {
		return fmt.Errorf("the third word is no engine ID: %w", err)
	}
	u.Localized, u.Status = true, mib.RowStatus(status)
	if u.StorageType = mib.NonVolatile; storage == int(mib.Permanent) {
		u.StorageType = mib.Permanent
	}
	if u.Name, err = Octets(d, words, 3); err != nil {
		return errors.New("the fourth word is no user's name")
	}
	if err := u.parseProtocols(words[6], words[8]); err != nil {
		return err
	}
	u.AuthKey, err = parseHex(words[7])
	if err == nil {
		u.PrivKey, err = parseHex(words[9])
	}
	if err != nil {
		return errors.New("a key is none, expected 0x and hexadecimal digits, or \"\"")
	}
	if u.Auth != usm.AnyAuth && len(u.AuthKey) == 0 {
		return errors.New("the authentication protocol has no key") // package usm would take him for a user without authentication
	}
	if u.Priv == usm.NoPriv {
		u.PrivKey = nil
	}
	if len(words) > 10 {
		if u.Public, err = Octets(d, words, 10); err != nil || len(u.Public) > 32 {
			return errors.New("the eleventh word is no usmUserPublic of up to 32 octets")
		}
	}
	if len(words) > 11 {
		u.Fingerprint = words[11]
	}
	return u.check()
}

// parseProtocols reads the OIDs of the two protocols.
func (u *User) parseProtocols(auth, priv string) error {
	authID, err := ber.ParseOID(auth)
	if err != nil {
		return errors.New("the seventh word is no OID of an authentication protocol")
	}
	privID, err := ber.ParseOID(priv)
	if err != nil {
		return errors.New("the ninth word is no OID of a privacy protocol")
	}
	found := false
	if u.Auth, found = usm.AuthProtocolOf(authID); !found && authID != usm.NoAuthProtocol {
		return fmt.Errorf("there is no authentication protocol %v", authID)
	}
	u.Priv, found = usm.PrivProtocolOf(privID)
	switch privID {
	case ciscoAES192:
		u.Priv, found = usm.AES192, true
	case ciscoAES256:
		u.Priv, found = usm.AES256, true
	}
	if !found && privID != usm.NoPrivProtocol {
		return fmt.Errorf("there is no privacy protocol %v", privID)
	}
	return nil
}

// Octets returns a word of a directive that is text in quotes, or else octets in
// hexadecimal digits behind 0x.
func Octets(d snmpdconf.Directive, words []string, n int) (string, error) {
	if !strings.HasPrefix(words[n], "0x") || strings.HasPrefix(d.Tail(n), `"`) {
		return words[n], nil
	}
	b, err := parseHex(words[n])
	return string(b), err
}

// EngineID reads an engine ID in hexadecimal digits. The error does not show them.
func EngineID(text string) (usm.EngineID, error) {
	octets, err := parseHex(text)
	id := usm.EngineID(octets)
	if err != nil || id.Check() != nil {
		return "", errors.New("expected 0x and 10 to 64 hexadecimal digits, not all 0 or f")
	}
	return id, nil
}
