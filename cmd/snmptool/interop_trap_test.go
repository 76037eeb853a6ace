package main

import (
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"snmpstack/cmd/internal/interoptest"
)

// trapUsers are the users of SNMPv3 that notifications are tried with.
var trapUsers = []struct{ auth, priv, level string }{
	{"", "", "noAuthNoPriv"},
	{"MD5", "", "authNoPriv"},
	{"SHA", "AES", "authPriv"},
	{"SHA-256", "AES-256", "authPriv"},
	{"SHA-512", "AES-192", "authPriv"},
	{"SHA", "AES-256", "authPriv"},
	{"SHA", "AES-256-C", "authPriv"},
	{"SHA-224", "DES", "authPriv"},
}

func trapUser(i int) (name string, options []string) {
	u := trapUsers[i]
	name = fmt.Sprintf("user%d", i)
	options = []string{"-v3", "-u", name, "-l", u.level}
	if u.auth != "" {
		options = append(options, "-a", u.auth, "-A", "auth-passphrase")
	}
	if u.priv != "" {
		options = append(options, "-x", u.priv, "-X", "priv-passphrase")
	}
	return name, options
}

const trapEngine = "0x80007ed90401020304"

// TestInteropTrapd has Debian's snmptrapd receive what trap and inform send: every version, every level, and an inform
// whose first datagram is lost.
func TestInteropTrapd(t *testing.T) {
	config := "authCommunity log public\n"
	for i, u := range trapUsers {
		name, _ := trapUser(i)
		secrets := ""
		if u.auth != "" {
			secrets = u.auth + " auth-passphrase"
		}
		if u.priv != "" {
			secrets += " " + u.priv + " priv-passphrase"
		}
		level := map[string]string{"noAuthNoPriv": "noauth", "authNoPriv": "auth", "authPriv": "priv"}[u.level]
		// Of a trap the sender is the authoritative engine, of an inform snmptrapd is (RFC 3414 §1.5.1).
		config += fmt.Sprintf("createUser -e %s %s %s\ncreateUser %s %s\nauthUser log %s %s\n", trapEngine, name, secrets, name, secrets, name, level)
	}
	trapd := interoptest.StartTrapd(t, config)
	n := 0
	told := func(receiver string, inform bool, options ...string) {
		t.Helper()
		n++
		command := "trap"
		if inform {
			command = "inform"
		}
		marker := fmt.Sprintf("marker-%d-", n)
		args := append(append([]string{command, "-m", "", "-t5", "-r3"}, options...), receiver, "12345", "1.3.6.1.6.3.1.1.5.4", "1.3.6.1.2.1.2.2.1.2.7", "s", marker)
		must(t, args...)
		trapd.Await(t, ".1.3.6.1.6.3.1.1.4.1.0 = OID: .1.3.6.1.6.3.1.1.5.4", `.1.3.6.1.2.1.2.2.1.2.7 = STRING: "`+marker)
	}
	must(t, "trap", "-m", "", "-v1", trapd.Address, "1.3.6.1.4.1.32473", "192.0.2.7", "6", "42", "12345", "1.3.6.1.2.1.2.2.1.2.7", "s", "first")
	trapd.Await(t, "192.0.2.7 [192.0.2.7]", "\t.1.3.6.1.4.1.32473 Enterprise Specific Trap (42) Uptime: 0:02:03.45\n", `.1.3.6.1.2.1.2.2.1.2.7 = STRING: "first"`)
	told(trapd.Address, false, "-v2c")
	told(trapd.Address, true, "-v2c")
	told(interoptest.Lossy(t, trapd.Address, 1), true, "-v2c", "-t1")
	for i, u := range trapUsers {
		t.Run(fmt.Sprintf("%s %s", u.auth, u.priv), func(t *testing.T) {
			_, options := trapUser(i)
			told(trapd.Address, false, append(options, "-e", trapEngine)...)
			told(trapd.Address, true, options...)
			told(interoptest.Lossy(t, trapd.Address, 1), true, append(options, "-t1")...)
		})
	}
}

// TestInteropSnmptrap has listen receive what snmptrap and snmpinform send.
func TestInteropSnmptrap(t *testing.T) {
	snmptrap, snmpinform := interoptest.Tool(t, "snmptrap"), interoptest.Tool(t, "snmpinform")
	dir := t.TempDir()
	n := 0
	send := func(t *testing.T, out *awaited, program, address string, options ...string) {
		t.Helper()
		n++
		marker := fmt.Sprintf("marker-%d-", n)
		c := exec.Command(program, append(append([]string{"-r3", "-t5"}, options...), address, "12345", ".1.3.6.1.6.3.1.1.5.4", ".1.3.6.1.2.1.2.2.1.2.7", "s", marker)...)
		c.Env = interoptest.ToolEnv(dir)
		if said, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", c, err, said)
		}
		out.await(t, regexp.QuoteMeta("= OID: .1.3.6.1.6.3.1.1.5.4\t.1.3.6.1.2.1.2.2.1.2.7 = STRING: \""+marker+"\"\n"))
	}
	address, out, _ := startListen(t, "-m", "", "-On", "-c", "public")
	c := exec.Command(snmptrap, "-v1", "-c", "public", address, ".1.3.6.1.4.1.32473", "192.0.2.7", "6", "42", "12345")
	c.Env = interoptest.ToolEnv(dir)
	if said, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
	out.await(t, "\t\\.1\\.3\\.6\\.1\\.4\\.1\\.32473 Enterprise Specific Trap \\(42\\) Uptime: 0:02:03\\.45\n")
	send(t, out, snmptrap, address, "-v2c", "-c", "public")
	send(t, out, snmpinform, address, "-v2c", "-c", "public")
	send(t, out, snmpinform, interoptest.Lossy(t, address, 1), "-v2c", "-c", "public", "-t1")
	for i, u := range trapUsers {
		t.Run(strings.TrimSpace(u.auth+" "+u.priv), func(t *testing.T) {
			_, options := trapUser(i)
			address, out, _ := startListen(t, append([]string{"-m", "", "-On"}, options[1:]...)...)
			send(t, out, snmptrap, address, append(options, "-e", trapEngine)...)
			send(t, out, snmptrap, address, options...) // with an engine ID of its own
			send(t, out, snmpinform, address, options...)
			send(t, out, snmpinform, interoptest.Lossy(t, address, 1), append(options, "-t1")...)
		})
	}
}
