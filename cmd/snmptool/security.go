package main

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"snmpstack/agent/manager"
	"snmpstack/cmd/internal/getopt"
	"snmpstack/cmd/internal/usmname"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// Where passwords come from that are not to be on a command line, which every
// user of the machine can read.
const (
	authPasswordEnv = "SNMPTOOL_AUTH_PASSWORD"
	privPasswordEnv = "SNMPTOOL_PRIV_PASSWORD"
)

// credentials are who asks with SNMPv3, as the command line has it.
type credentials struct {
	user                         usm.User
	authFromStdin, privFromStdin bool // the passwords
	level                        pdu.SecurityLevel
	levelGiven                   bool
	context                      string
	contextEngineID, engineID    usm.EngineID
	boots, time                  int32
	clock                        bool // boots and time were given
	// master and localized say which keys there are: -3m and -3M, -3k and -3K.
	master, localized bool
}

// credentialOption applies one of SNMPv3's options. The letters are the same
// behind -3, where their value is the next argument.
func (c *credentials) credentialOption(letter, value string) (err error) {
	switch letter {
	case "l":
		var ok bool
		if c.level, ok = levels[strings.ToLower(value)]; !ok {
			return fmt.Errorf("Invalid security level specified after -3l flag: %s", value)
		}
		c.levelGiven = true
	case "u":
		c.user.Name = value
	case "n":
		c.context = value
	case "a":
		var ok bool
		if c.user.Auth, ok = usmname.Auth(value); !ok {
			return fmt.Errorf("Invalid authentication protocol specified after -3a flag: expected %s", authNames)
		}
	case "x":
		var ok bool
		if c.user.Priv, c.user.Extension, ok = usmname.Priv(value); !ok {
			return fmt.Errorf("Invalid privacy protocol specified after -3x flag: expected %s", privNames)
		}
	case "A":
		c.user.AuthPassword, c.authFromStdin = usm.NewSecret(value), value == "-"
	case "X":
		c.user.PrivPassword, c.privFromStdin = usm.NewSecret(value), value == "-"
	case "m", "k":
		c.user.AuthKey, err = c.key(letter, value)
	case "M", "K":
		c.user.PrivKey, err = c.key(letter, value)
	case "e":
		c.engineID, err = engineID(letter, value)
	case "E":
		c.contextEngineID, err = engineID(letter, value)
	case "Z":
		return c.bootsTime(value)
	default:
		return fmt.Errorf("Unknown SNMPv3 option passed to -3: %s.", letter)
	}
	return err
}

const (
	authNames = "MD5, SHA, SHA-224, SHA-256, SHA-384 or SHA-512"
	privNames = "DES, 3DES, AES, AES-192, AES-256, AES-192-C or AES-256-C"
)

// levels has the words of Net-SNMP for security levels.
var levels = map[string]pdu.SecurityLevel{
	"noauthnopriv": pdu.NoAuthNoPriv, "noauth": pdu.NoAuthNoPriv, "nanp": pdu.NoAuthNoPriv, "1": pdu.NoAuthNoPriv,
	"authnopriv": pdu.AuthNoPriv, "auth": pdu.AuthNoPriv, "anp": pdu.AuthNoPriv, "2": pdu.AuthNoPriv,
	"authpriv": pdu.AuthPriv, "priv": pdu.AuthPriv, "ap": pdu.AuthPriv, "3": pdu.AuthPriv,
}

// behind3 applies -3, whose value is a letter. What belongs to that is the next
// argument.
func (c *credentials) behind3(p *getopt.Parser) error {
	letter := p.Value
	if len(letter) != 1 {
		return errors.New("-3 needs one letter directly behind it, as in -3m")
	}
	value, ok := p.Shift()
	if !ok {
		return fmt.Errorf("-3%s needs a value", letter)
	}
	return c.credentialOption(letter, value)
}

// key reads a key in hexadecimal. The error does not show it.
func (c *credentials) key(letter, text string) ([]byte, error) {
	octets, err := hexOctets(text)
	if err != nil || len(octets) == 0 {
		return nil, fmt.Errorf("Bad key value after -3%s flag.", letter)
	}
	if letter == "k" || letter == "K" {
		c.localized = true
	} else {
		c.master = true
	}
	return octets, nil
}

func engineID(letter, text string) (usm.EngineID, error) {
	octets, err := hexOctets(text)
	if err != nil {
		return "", fmt.Errorf("Bad engine ID value after -3%s flag.", letter)
	}
	id := usm.EngineID(octets)
	if err := id.Check(); err != nil {
		return "", fmt.Errorf("Invalid engine ID value after -%s flag: expected 5 to 32 octets, not all 00 or FF", letter)
	}
	return id, nil
}

// bootsTime reads BOOTS,TIME.
func (c *credentials) bootsTime(text string) error {
	boots, seconds, both := strings.Cut(text, ",")
	b, err1 := strconv.ParseUint(strings.TrimSpace(boots), 10, 31)
	s, err2 := strconv.ParseUint(strings.TrimSpace(seconds), 10, 31)
	switch {
	case !both:
		return errors.New(`Need engine time after "-Z engineBoot".`)
	case err1 != nil || err2 != nil:
		return fmt.Errorf("-Z needs BOOTS,TIME, two numbers from 0 to %d", math.MaxInt32)
	}
	c.clock, c.boots, c.time = true, int32(b), int32(s)
	return nil
}

// security returns what SNMPv3 needs: the user with the keys that the level takes,
// and the protocols that Net-SNMP takes unless others are named.
func (c *call) security() (manager.Security, error) {
	s := manager.Security{
		Level: c.level, ContextName: c.context, ContextEngineID: c.contextEngineID,
		EngineID: c.engineID, Boots: c.boots, Time: c.time,
	}
	if c.user.Name == "" {
		return s, errors.New("No securityName specified\n  -u USER says who asks.")
	}
	u, err := c.completeUser()
	if err != nil {
		return s, err
	}
	switch {
	case s.Level >= pdu.AuthNoPriv && !hasAuth(&u):
		return s, fmt.Errorf("%v needs an authentication password or key: -A, $%s, -3m or -3k", s.Level, authPasswordEnv)
	case s.Level >= pdu.AuthPriv && !hasPriv(&u):
		return s, fmt.Errorf("%v needs a privacy password or key: -X, $%s, -3M or -3K", s.Level, privPasswordEnv)
	}
	if s.Level < pdu.AuthPriv {
		u.Priv, u.PrivPassword, u.PrivKey = usm.NoPriv, usm.Secret{}, nil
	}
	if s.Level < pdu.AuthNoPriv {
		u.Auth, u.AuthPassword, u.AuthKey = usm.AnyAuth, usm.Secret{}, nil
	} else if u.Auth == usm.AnyAuth {
		u.Auth = usm.MD5
	}
	s.User = u
	return s, nil
}

func hasAuth(u *usm.User) bool { return !u.AuthPassword.IsEmpty() || len(u.AuthKey) > 0 }
func hasPriv(u *usm.User) bool { return !u.PrivPassword.IsEmpty() || len(u.PrivKey) > 0 }

// completeUser returns the user of the command line with the passwords that come
// from elsewhere.
func (c *call) completeUser() (usm.User, error) {
	u := c.user
	if c.master && c.localized {
		return u, errors.New("-3m and -3M, or -3k and -3K: keys are both master keys or both localized")
	}
	u.Localized = c.localized
	if err := c.readPasswords(&u); err != nil {
		return u, err
	}
	if hasPriv(&u) && u.Priv == usm.NoPriv {
		u.Priv = usm.DES
	}
	switch {
	case isShort(u.AuthPassword):
		return u, shortError("authentication")
	case isShort(u.PrivPassword):
		return u, shortError("privacy")
	}
	return u, nil
}

// readPasswords takes the passwords that are not on the command line: from the
// standard input, a line each, where the value of -A or -X is a hyphen, or else
// from the environment.
func (c *call) readPasswords(u *usm.User) error {
	in := bufio.NewReader(c.stdin)
	c.stdin = in // what follows may be read later
	for _, password := range []struct {
		value     *usm.Secret
		key       []byte
		fromStdin bool
		env       string
	}{
		{&u.AuthPassword, u.AuthKey, c.authFromStdin, authPasswordEnv},
		{&u.PrivPassword, u.PrivKey, c.privFromStdin, privPasswordEnv},
	} {
		switch {
		case password.fromStdin:
			line, err := in.ReadString('\n')
			if line = strings.TrimRight(line, "\r\n"); line == "" {
				if err == nil {
					err = errors.New("an empty line")
				}
				return fmt.Errorf("a password was to come from the standard input: %w", err)
			}
			*password.value = usm.NewSecret(line)
		case password.value.IsEmpty() && len(password.key) == 0:
			*password.value = usm.NewSecret(os.Getenv(password.env))
		}
	}
	return nil
}

// minPassword is the least octets of a password (RFC 3414 §11.2).
const minPassword = 8

func isShort(password usm.Secret) bool {
	return !password.IsEmpty() && len(password.Reveal()) < minPassword
}

func shortError(which string) error {
	return fmt.Errorf("Error: passphrase chosen is below the length requirements of the USM (min=%d): the %s password", minPassword, which)
}
