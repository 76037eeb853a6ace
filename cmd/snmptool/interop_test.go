package main

import (
	"fmt"
	"strings"
	"testing"

	"snmpstack/cmd/internal/interoptest"
)

// The protocols that Debian's snmpd has, as createUser and the tools call them.
var (
	snmpdAuths = []string{"MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"}
	snmpdPrivs = []string{"", "DES", "AES", "AES-192", "AES-256", "AES-192-C", "AES-256-C"}
)

// TestInteropSNMPD asks Debian's snmpd with every authentication and every privacy
// protocol that it has, and with wrong passwords.
func TestInteropSNMPD(t *testing.T) {
	config := "rocommunity public 127.0.0.1\nsysName interop\n"
	for _, auth := range snmpdAuths {
		for _, priv := range snmpdPrivs {
			user, level := snmpdUser(auth, priv)
			config += fmt.Sprintf("createUser %s %s auth-passphrase %s\nrouser %s %s\n", user, auth, strings.TrimSpace(priv+" "+privPassphrase(priv)), user, level)
		}
	}
	address := interoptest.Start(t, interoptest.Tool(t, "snmpd"), config).Address
	ask := func(args ...string) (code int, out, errs string) {
		return runTool(t, append([]string{"get", "-v3", "-r2", "-t2", "-On"}, append(args, address, "1.3.6.1.2.1.1.5.0")...)...)
	}
	for _, auth := range snmpdAuths {
		for _, priv := range snmpdPrivs {
			user, level := snmpdUser(auth, priv)
			t.Run(user, func(t *testing.T) {
				args := []string{"-u", user, "-l", level, "-a", auth, "-A", "auth-passphrase"}
				if priv != "" {
					args = append(args, "-x", priv, "-X", privPassphrase(priv))
				}
				if code, out, errs := ask(args...); code != exitAnswered || out != ".1.3.6.1.2.1.1.5.0 = STRING: interop\n" {
					t.Errorf("exit code %d, output %q, error output %q", code, out, errs)
				}
			})
		}
		t.Run(auth+" with a wrong password", func(t *testing.T) {
			user, level := snmpdUser(auth, "")
			code, _, errs := ask("-t0.2", "-u", user, "-l", level, "-a", auth, "-A", "wrong-passphrase")
			if code != exitFailed || !strings.Contains(errs, "Authentication failure") {
				t.Errorf("exit code %d, error output %q", code, errs)
			}
		})
	}
	for _, priv := range snmpdPrivs[1:] {
		t.Run(priv+" with a wrong password", func(t *testing.T) {
			user, level := snmpdUser("SHA", priv)
			code, _, errs := ask("-r0", "-t1", "-u", user, "-l", level, "-a", "SHA", "-A", "auth-passphrase", "-x", priv, "-X", "wrong-passphrase")
			if code != exitFailed || !strings.Contains(errs, "the privacy password (-X)\n") {
				t.Errorf("exit code %d, error output %q", code, errs)
			}
		})
	}
	t.Run("bulkwalk", func(t *testing.T) {
		code, out, errs := runTool(t, "bulkwalk", "-v3", "-u", "SHA-256_AES", "-l", "authPriv", "-a", "SHA-256", "-A", "auth-passphrase", "-x", "AES", "-X", privPassphrase("AES"), address, "system")
		if code != exitAnswered || !strings.Contains(out, "SNMPv2-MIB::sysName.0 = STRING: interop\n") || strings.Count(out, "\n") < 8 {
			t.Errorf("exit code %d, output %q, error output %q", code, out, errs)
		}
	})
}

func snmpdUser(auth, priv string) (name, level string) {
	if priv == "" {
		return auth, "authNoPriv"
	}
	return auth + "_" + priv, "authPriv"
}

func privPassphrase(priv string) string {
	if priv == "" {
		return ""
	}
	return "priv-passphrase-" + priv
}

// runTool runs one command line.
func runTool(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr strings.Builder
	code = run(t.Context(), append([]string{"snmptool"}, args...), strings.NewReader(""), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}
