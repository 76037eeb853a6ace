package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"snmpstack/cmd/internal/interoptest"
)

// TestInteropReceivers has receivers made of gosnmp and of pysnmp hear what trap and inform send: every version, and SNMPv3
// with the algorithms that their files name.
func TestInteropReceivers(t *testing.T) {
	for _, receiver := range []struct {
		name       string
		command    func(t *testing.T) []string
		auth, priv string
	}{
		{"pysnmp", pysnmpReceiver, "SHA", "AES"},
		{"gosnmp", gosnmpReceiver, "SHA-256", "AES-256"},
	} {
		t.Run(receiver.name, func(t *testing.T) {
			command := receiver.command(t)
			conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			address := conn.LocalAddr().String()
			conn.Close()
			_, port, _ := net.SplitHostPort(address)
			c := exec.Command(command[0], append(command[1:], port, strings.TrimPrefix(trapEngine, "0x"))...)
			out := newAwaited()
			c.Stdout, c.Stderr = out, out
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				c.Process.Kill()
				c.Wait()
			})
			out.await(t, "ready\n")
			user := []string{"-v3", "-u", "ops", "-l", "authPriv", "-a", receiver.auth, "-A", "auth-passphrase", "-x", receiver.priv, "-X", "priv-passphrase"}
			for i, options := range [][]string{
				{"trap", "-v1"}, {"trap", "-v2c"}, {"inform", "-v2c"},
				append(append([]string{"trap"}, user...), "-e", trapEngine), append([]string{"inform"}, user...),
			} {
				marker := fmt.Sprintf("marker-%d-", i)
				what := []string{address, "12345", "1.3.6.1.6.3.1.1.5.4"}
				if options[1] == "-v1" {
					what = []string{address, "1.3.6.1.4.1.32473", "192.0.2.7", "6", "42", "12345"}
				}
				must(t, slices.Concat(options, []string{"-m", "", "-t5", "-r3"}, what, []string{"1.3.6.1.2.1.2.2.1.2.7", "s", marker})...)
				out.await(t, "heard "+regexp.QuoteMeta(marker)+"\n")
			}
		})
	}
}

func pysnmpReceiver(t *testing.T) []string {
	// Debian's package belongs to Debian's interpreter, whatever python3 the PATH leads to.
	python := interoptest.Tool(t, "/usr/bin/python3")
	if out, err := exec.Command(python, "-c", "import pysnmp.entity.rfc3413.ntfrcv").CombinedOutput(); err != nil {
		interoptest.Absent(t, "pysnmp: %v: %s", err, out)
	}
	return []string{python, filepath.Join("testdata", "receivers", "pysnmp4.py")}
}

// gosnmpReceiver builds the receiver as a module of its own outside this tree, which imports nothing but the standard library.
func gosnmpReceiver(t *testing.T) []string {
	source, err := os.ReadFile(filepath.Join("testdata", "receivers", "gosnmp.go.txt"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.go"), source, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"mod", "init", "receiver"}, {"get", "github.com/gosnmp/gosnmp@v1.47.0"}, {"build", "-o", "receiver", "."}} {
		c := exec.Command("go", args...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			if args[0] == "get" {
				interoptest.Absent(t, "gosnmp: %v: %s", err, out)
			}
			t.Fatalf("go %v: %v: %s", args, err, out)
		}
	}
	return []string{filepath.Join(dir, "receiver")}
}
