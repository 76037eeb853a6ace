// Receivers made of gosnmp and of pysnmp hear what the daemon tells.

package main_test

import (
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"

	"snmpstack/cmd/internal/interoptest"
)

// TestInteropReceivers has gosnmp's and pysnmp's receivers hear a sink of each kind. An inform that has been confirmed is
// followed by the next one.
func TestInteropReceivers(t *testing.T) {
	const engine = "80007ed90405060708"
	program := buildAgent(t)
	for _, receiver := range []struct {
		name       string
		command    func(t *testing.T) []string
		auth, priv string
		v1         [2]string // what SNMPv1's coldStart and warmStart are told as
	}{
		{"pysnmp", interoptest.PysnmpReceiver, "SHA", "AES", [2]string{".1.3.6.1.6.3.1.1.5.1", ".1.3.6.1.6.3.1.1.5.2"}},
		{"gosnmp", func(t *testing.T) []string { return interoptest.GosnmpReceiver(t, "github.com/gosnmp/gosnmp@v1.47.0") }, "SHA-256", "AES-256", [2]string{"generic-trap 0", "generic-trap 1"}},
	} {
		t.Run(receiver.name, func(t *testing.T) {
			command := receiver.command(t)
			_, port, _ := net.SplitHostPort(freeAddress(t))
			heard := interoptest.StartReceiver(t, append(command, port, engine)...)
			user := fmt.Sprintf("-v3 -u ops -l authPriv -a %s -A auth-passphrase -x %s -X priv-passphrase", receiver.auth, receiver.priv)
			for _, sink := range []string{
				"trapsink TO public", "trap2sink TO public", "trapsess -v2c -c public -Ci -t 60 TO", "trapsess " + user + " TO", "trapsess -Ci -t 60 " + user + " TO",
			} {
				told := [2]string{".1.3.6.1.6.3.1.1.5.1", ".1.3.6.1.6.3.1.1.5.2"}
				if strings.HasPrefix(sink, "trapsink") {
					told = receiver.v1
				}
				config := "rocommunity public\nexactEngineID 0x" + engine + "\n" + strings.ReplaceAll(sink, "TO", "127.0.0.1:"+port) + "\n"
				daemon := interoptest.Start(t, program, config)
				heard.Await(t, "told "+told[0]+"\n")
				daemon.Signal(t, syscall.SIGHUP)
				heard.Await(t, "told "+told[1]+"\n")
				if err := daemon.Stop(syscall.SIGTERM); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
