// Debian's snmptrapd hears of interfaces that go down and come back.

package main_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"

	"snmpstack/cmd/internal/interoptest"
)

// TestInteropLinks sets an interface down and up, in a network namespace in which the test runs itself again (RFC 2863 §3.1.15).
func TestInteropLinks(t *testing.T) {
	interoptest.Tool(t, "ip")
	interoptest.Tool(t, "snmptrapd")
	if os.Getenv(namespaceAgent) == "" {
		runInNamespace(t, namespaceAgent+"="+buildAgent(t))
		return
	}
	ip(t, "link", "set", "lo", "up")
	if out, err := exec.Command(interoptest.Tool(t, "ip"), "link", "add", "near", "type", "veth", "peer", "name", "far").CombinedOutput(); err != nil {
		interoptest.Absent(t, "a pair of interfaces cannot be had: %v: %s", err, out)
	}
	ip(t, "link", "set", "near", "up")
	ip(t, "link", "set", "far", "up")
	near, err := net.InterfaceByName("near")
	if err != nil {
		t.Fatal(err)
	}
	trapd := interoptest.StartTrapd(t, "authCommunity log links\nformat2 %v\\n\n")
	interoptest.Start(t, os.Getenv(namespaceAgent), "rocommunity public\nlinkUpDownNotifications yes\ntrap2sink "+trapd.Address+" links\n")
	trapd.Await(t, ".1.3.6.1.6.3.1.1.5.1\n") // coldStart
	for _, tt := range []struct{ state, oid, status string }{{"down", "3", "2"}, {"up", "4", "1"}} {
		ip(t, "link", "set", "near", tt.state)
		told := ".1.3.6.1.6.3.1.1.4.1.0 = OID: .1.3.6.1.6.3.1.1.5." + tt.oid
		for _, object := range [][2]string{{"1", fmt.Sprint(near.Index)}, {"7", tt.status}, {"8", tt.status}} { // ifIndex, ifAdminStatus, ifOperStatus
			told += fmt.Sprintf("\t.1.3.6.1.2.1.2.2.1.%s.%d = INTEGER: %s", object[0], near.Index, object[1])
		}
		trapd.Await(t, told+"\n")
	}
}
