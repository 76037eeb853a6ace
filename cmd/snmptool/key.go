package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"snmpstack/usm"
)

const keyHelp = `  -a PROTOCOL  authentication protocol; its hash makes the privacy key too
  -A PASSWORD  the authentication password; - reads it from the standard input, and without -A it is
               $` + authPasswordEnv + `
  -x PROTOCOL  privacy protocol
  -X PASSWORD  the privacy password; - reads it from the standard input, and without -X it is
               $` + privPasswordEnv + `
  -3m, -3M KEY master keys (Ku) for authentication and privacy in the place of passwords, in hexadecimal
  -e ENGINEID  the engine whose localized keys (Kul) to show too, in hexadecimal
  -V, -h       print the version, or this

  Protocols are those of the other commands. What is printed is as secret as the passwords; other commands take it behind
  -3m and -3M (Ku) or -3k and -3K (Kul).
`

// key shows what keys a user's passwords come to (RFC 3414 §2.6, §A.2).
func key(_ context.Context, c *call) int {
	if err := c.showKeys(); err != nil {
		c.say("%s: %s", c.name, plain(err))
		return exitFailed
	}
	return exitAnswered
}

func (c *call) showKeys() error {
	u, err := c.completeUser()
	switch {
	case err != nil:
		return err
	case len(c.operands) > 0:
		return errors.New("only options are expected: a password on a command line is no secret")
	case c.localized:
		return errors.New("-3k and -3K: nothing follows from a localized key, expected -3m, -3M or passwords")
	case u.Auth == usm.AnyAuth:
		return fmt.Errorf("-a PROTOCOL is needed: %s", authNames)
	case !hasAuth(&u) && !hasPriv(&u):
		return fmt.Errorf("there is neither a password nor a key: -A or $%s, -X or $%s, -3m or -3M", authPasswordEnv, privPasswordEnv)
	case hasPriv(&u) && c.user.Priv == usm.NoPriv && c.engineID != "":
		return fmt.Errorf("-x PROTOCOL is needed to localize a privacy key: %s", privNames)
	case !hasPriv(&u) && u.Priv != usm.NoPriv:
		return fmt.Errorf("-x without a privacy password or key: -X, $%s or -3M", privPasswordEnv)
	}
	u.Name = "key" // any name will do
	alone := !hasAuth(&u)
	if alone { // package usm has no privacy without authentication
		u.AuthPassword, u.AuthKey = u.PrivPassword, u.PrivKey
	}
	// A master key of the wrong length is an error of HashUser's.
	h, err := usm.HashUser(usm.Internal, u, nil)
	if err != nil {
		return err
	}
	defer h.Wipe()
	auth, priv, err := h.LocalizedKeys(c.engineID)
	if err != nil {
		return err
	}
	if !alone {
		if err := c.showKey(u.Auth, "auth "+u.Auth.String(), u.AuthPassword, u.AuthKey, auth); err != nil {
			return err
		}
	}
	if hasPriv(&u) {
		return c.showKey(u.Auth, strings.TrimSpace("priv "+privName(&c.user)), u.PrivPassword, u.PrivKey, priv)
	}
	return nil
}

// showKey writes the two keys that a password comes to.
func (c *call) showKey(a usm.AuthProtocol, name string, password usm.Secret, ku, kul []byte) error {
	if len(ku) == 0 {
		var err error
		if ku, err = usm.MasterKey(usm.Internal, a, password); err != nil {
			return err
		}
	}
	fmt.Fprintf(c.stdout, "%s Ku  = 0x%x\n", name, ku)
	if c.engineID != "" {
		fmt.Fprintf(c.stdout, "%s Kul = 0x%x\n", name, kul)
	}
	return nil
}

// privName returns the privacy protocol's name as -x takes it.
func privName(u *usm.User) string {
	if u.Priv == usm.NoPriv {
		return ""
	}
	if u.Extension == usm.Reeder && u.Priv != usm.TripleDES {
		return u.Priv.String() + "-C"
	}
	return u.Priv.String()
}
