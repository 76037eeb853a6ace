package main

import (
	"fmt"
	"net"
	"os/exec"
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
		{"pysnmp", interoptest.PysnmpReceiver, "SHA", "AES"},
		{"gosnmp", func(t *testing.T) []string { return interoptest.GosnmpReceiver(t, "github.com/gosnmp/gosnmp@v1.47.0") }, "SHA-256", "AES-256"},
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
