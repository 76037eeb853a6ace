// Debian's snmptrapd hears what the daemon tells.

package main_test

import (
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"

	"snmpstack/cmd/internal/interoptest"
	"snmpstack/pdu"
)

// TestInteropNotifications has snmptrapd receive the daemon's notifications: of every version, at every level, traps and
// informs, and an inform whose first datagram is lost.
func TestInteropNotifications(t *testing.T) {
	const engine = "0x80007ed90405060708"
	users := []struct{ level, short, auth, priv string }{
		{"noAuthNoPriv", "noauth", "", ""},
		{"authNoPriv", "auth", "SHA", ""},
		{"authPriv", "priv", "SHA", "AES"},
		{"authPriv", "priv", "SHA-256", "AES-256"},
		{"authPriv", "priv", "SHA-512", "AES-192"},
	}
	receiver := "format1 V1 %u %a %w %q %v\\n\nformat2 V2 %P|%v\\n\nauthCommunity log one\nauthCommunity log two\nauthCommunity log three\nauthCommunity log lossy\n"
	sender := ""
	for i, u := range users {
		secrets, options := "", fmt.Sprintf("-v 3 -u user%d -l %s", i, u.level)
		if u.auth != "" {
			secrets += u.auth + " auth-passphrase"
			options += " -a " + u.auth + " -A auth-passphrase"
		}
		if u.priv != "" {
			secrets += " " + u.priv + " priv-passphrase"
			options += " -x " + u.priv + " -X priv-passphrase"
		}
		receiver += fmt.Sprintf("createUser -e %s user%d %s\ncreateUser user%d %s\nauthUser log user%d %s\n", engine, i, secrets, i, secrets, i, u.short)
		sender += fmt.Sprintf("trapsess %s RECEIVER\ntrapsess -Ci %s -n informs RECEIVER\n", options, options)
	}
	trapd := interoptest.StartTrapd(t, receiver)
	config := "rocommunity public\nexactEngineID " + engine + "\nauthtrapenable 1\nv1trapaddress 192.0.2.99\n"
	config += "trapsink RECEIVER one\ntrap2sink RECEIVER two\ninformsink RECEIVER three\ntrapsess -v 2c -c lossy -Ci -t 1 LOSSY\n" + sender
	config = strings.NewReplacer("RECEIVER", trapd.Address, "LOSSY", interoptest.Lossy(t, trapd.Address, 1)).Replace(config)
	daemon := interoptest.Start(t, buildAgent(t), config)

	heard := func(oid string, v1 string) {
		t.Helper()
		wants := []string{
			"V1 one 192.0.2.99 " + v1 + " \n",
			"V2 TRAP2, SNMP v2c, community two|.1.3.6.1.2.1.1.3.0 = Timeticks: (",
			"V2 INFORM, SNMP v2c, community three|",
			"V2 INFORM, SNMP v2c, community lossy|",
			"\t.1.3.6.1.6.3.1.1.4.1.0 = OID: " + oid + "\n",
		}
		for i := range users {
			wants = append(wants, fmt.Sprintf("V2 TRAP2, SNMP v3, user user%d, context |", i), fmt.Sprintf("V2 INFORM, SNMP v3, user user%d, context informs|", i))
		}
		trapd.Await(t, wants...)
	}
	heard(".1.3.6.1.6.3.1.1.5.1", "0 0") // coldStart

	conn, err := net.Dial("udp4", daemon.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	request := pdu.Message{Version: pdu.V2c, Community: []byte("unknown"), PDU: pdu.PDU{Kind: pdu.GetRequest}}
	if _, err := conn.Write(request.Append(nil)); err != nil {
		t.Fatal(err)
	}
	heard(".1.3.6.1.6.3.1.1.5.5", "4 0") // authenticationFailure

	daemon.Signal(t, syscall.SIGHUP)
	heard(".1.3.6.1.6.3.1.1.5.2", "1 0") // warmStart
	if err := daemon.Stop(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	heard(".1.3.6.1.4.1.8072.4.0.2", "6 .2") // nsNotifyShutdown
}
