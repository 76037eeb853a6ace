package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
)

// The objects of SNMP-TARGET-MIB and SNMP-NOTIFICATION-MIB (RFC 3413 §4) of the rows
// called name.
func targetCell(entry string, column uint32, name string) ber.OID {
	o := ber.MustOID(entry).Append(column)
	for _, c := range []byte(name) {
		o = o.Append(uint32(c))
	}
	return o
}

func addrCell(column uint32, name string) ber.OID {
	return targetCell("1.3.6.1.6.3.12.1.2.1", column, name)
}

func paramsCell(column uint32, name string) ber.OID {
	return targetCell("1.3.6.1.6.3.12.1.3.1", column, name)
}

func notifyCell(column uint32, name string) ber.OID {
	return targetCell("1.3.6.1.6.3.13.1.1.1", column, name)
}

func profileCell(column uint32, params string) ber.OID {
	return targetCell("1.3.6.1.6.3.13.1.2.1", column, params)
}

// filterCell is of the row of the profile f for a subtree.
func filterCell(column uint32, subtree string) ber.OID {
	o := ber.MustOID("1.3.6.1.6.3.13.1.3.1").Append(column, 1, 'f')
	for arc := range ber.MustOID(subtree).Arcs() {
		o = o.Append(arc)
	}
	return o
}

// A hearing is a receiver on the loopback interface that knows ops.
type hearing struct {
	t       *testing.T
	address string
	came    chan *manager.Notification
}

func newHearing(t *testing.T) *hearing {
	t.Helper()
	conn, err := transport.Listen(t.Context(), "udp4", "127.0.0.1:0", transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := &hearing{t, conn.LocalAddr().String(), make(chan *manager.Notification, 64)}
	l := &manager.Listener{AnyCommunity: true, OnNotification: func(n *manager.Notification) { h.came <- n }}
	ops := usm.User{Name: "ops", Auth: usm.SHA1, AuthPassword: usm.NewSecret("longenough1"), Priv: usm.AES128, PrivPassword: usm.NewSecret("longenough2")}
	if err := l.AddUser(ops); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- l.Serve(conn) }()
	t.Cleanup(func() {
		conn.Close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return h
}

// expect waits for notifications, in any order, and accepts no other before they have
// come.
func (h *hearing) expect(when string, want ...string) {
	h.t.Helper()
	deadline := time.After(30 * time.Second)
	for len(want) > 0 {
		select {
		case n := <-h.came:
			got := fmt.Sprintf("%v %s%s %v", n.Kind, string(n.Community), n.User, n.OID)
			i := slices.Index(want, got)
			if i < 0 {
				h.t.Fatalf("%s: %s has come, want %q", when, got, want)
			}
			want = slices.Delete(want, i, i+1)
		case <-deadline:
			h.t.Fatalf("%s: %q have not come", when, want)
		}
	}
}

// tAddress is an address as snmpTargetAddrTAddress has it (RFC 3417 §3.1).
func tAddress(t *testing.T, address string) string {
	t.Helper()
	a, err := net.ResolveUDPAddr("udp4", address)
	if err != nil {
		t.Fatal(err)
	}
	return string(a.IP.To4()) + string([]byte{byte(a.Port >> 8), byte(a.Port)})
}

const targetConfig = "createUser ops SHA longenough1 AES longenough2\nrwuser ops priv\n" +
	"com2sec noc 127.0.0.1 noc-secret\ngroup told v2c noc\naccess told \"\" any noauth exact none none all\nview all included .1.3\n"

// makeTargets has ops be told by informs, and noc by traps, but not of coldStart.
func makeTargets(p *agentProcess, ops *manager.Client, to string) {
	p.t.Helper()
	for _, name := range []string{"ops", "noc"} {
		p.set(ops,
			pdu.VarBind{Name: addrCell(2, name), Value: pdu.ObjectIdentifier(ber.MustOID("1.3.6.1.6.1.1"))},
			setText(addrCell(3, name), tAddress(p.t, to)), setText(addrCell(6, name), "tag-"+name), setText(addrCell(7, name), name),
			setRow(addrCell(9, name), mib.CreateAndGo))
		p.set(ops, setText(notifyCell(2, name), "tag-"+name), setRow(notifyCell(5, name), mib.CreateAndGo))
	}
	p.set(ops, setTo(paramsCell(2, "ops"), 3), setTo(paramsCell(3, "ops"), 3), setText(paramsCell(4, "ops"), "ops"),
		setTo(paramsCell(5, "ops"), 3), setRow(paramsCell(7, "ops"), mib.CreateAndGo))
	p.set(ops, setTo(paramsCell(2, "noc"), 1), setTo(paramsCell(3, "noc"), 2), setText(paramsCell(4, "noc"), "noc"),
		setTo(paramsCell(5, "noc"), 1), setRow(paramsCell(7, "noc"), mib.CreateAndGo))
	p.set(ops, setTo(notifyCell(3, "ops"), 2))
	p.set(ops, setText(profileCell(1, "noc"), "f"), setRow(profileCell(3, "noc"), mib.CreateAndGo))
	p.set(ops, setRow(filterCell(5, "1.3.6.1.6.3"), mib.CreateAndGo))
	p.set(ops, setTo(filterCell(3, "1.3.6.1.6.3.1.1.5.1"), 2), setText(filterCell(2, "1.3.6.1.6.3.1.1.5.1"), ""), setRow(filterCell(5, "1.3.6.1.6.3.1.1.5.1"), mib.CreateAndGo))
}

const (
	coldInform = "InformRequest ops 1.3.6.1.6.3.1.1.5.1"
	warmInform = "InformRequest ops 1.3.6.1.6.3.1.1.5.2"
	coldTrap   = "SNMPv2-Trap noc-secret 1.3.6.1.6.3.1.1.5.1"
	warmTrap   = "SNMPv2-Trap noc-secret 1.3.6.1.6.3.1.1.5.2"
	coldSink   = "SNMPv2-Trap sink 1.3.6.1.6.3.1.1.5.1"
	warmSink   = "SNMPv2-Trap sink 1.3.6.1.6.3.1.1.5.2"
)

// TestProcessKeepsTargets shows that those whom managers name are told, from the next
// notification on, and that what managers make is in the persistent file before they
// have their answer, in snmpd's lines, and counts after a restart.
func TestProcessKeepsTargets(t *testing.T) {
	h := newHearing(t)
	p := newAgentProcess(t, targetConfig)
	ops := p.as("ops", "longenough1", "longenough2")
	makeTargets(p, ops, h.address)
	path := filepath.Join(p.state, persistentFile)
	text, err := os.ReadFile(path)
	to := fmt.Sprintf("0x%x", tAddress(t, h.address))
	want := `targetAddr "ops" .1.3.6.1.6.1.1 ` + to + ` 1500 3 "tag-ops" "ops" 3 1
snmpNotifyTable "ops" "tag-ops" 2 3 1
targetAddr "noc" .1.3.6.1.6.1.1 ` + to + ` 1500 3 "tag-noc" "noc" 3 1
snmpNotifyTable "noc" "tag-noc" 1 3 1
targetParams "ops" 3 3 "ops" 3 3 1
targetParams "noc" 1 2 "noc" 1 3 1
snmpNotifyFilterProfileTable "noc" "f" 3 1
snmpNotifyFilterTable .1.102.1.3.6.1.6.3 2:0x 3:1 4:3 5:1 $
snmpNotifyFilterTable .1.102.1.3.6.1.6.3.1.1.5.1 2:0x 3:2 4:3 5:1 $
`
	if err != nil || string(text) != fileHead+want {
		t.Errorf("%s has, %v\n%swant\n%s", persistentFile, err, text, want)
	}
	p.restart(os.Kill)
	h.expect("after SIGKILL", coldInform)
	if runtime.GOOS != "windows" { // which has no other signal
		if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		h.expect("after SIGHUP", warmInform, warmTrap)
		p.restart(syscall.SIGTERM)
		h.expect("after SIGTERM", "InformRequest ops 1.3.6.1.4.1.8072.4.0.2", coldInform) // which the filter lets noc not hear
	}
	// The configuration goes before them, and leaves their lines alone.
	p.configure(targetConfig + "trap2sink -name noc " + h.address + " sink\n")
	p.restart(os.Kill)
	h.expect("with a sink of that name", coldInform, coldSink) // from whom no manager's profile keeps anything
	p.configure(targetConfig)
	p.restart(os.Kill)
	h.expect("without the sink", coldInform)

	ops = p.as("ops", "longenough1", "longenough2")
	p.set(ops, setRow(profileCell(3, "noc"), mib.Destroy))
	p.set(ops, setRow(addrCell(9, "ops"), mib.NotInService))
	p.restart(os.Kill)
	h.expect("after the end of it", coldTrap)
	text, err = os.ReadFile(path)
	if err != nil || strings.Contains(string(text), "ProfileTable") || !strings.Contains(string(text), `"tag-ops" "ops" 3 2`) {
		t.Errorf("%s has, %v\n%s", persistentFile, err, text)
	}
}

// TestProcessReloadsTargets shows that SIGHUP leaves alone what managers have done, but
// for what the configuration is about now.
func TestProcessReloadsTargets(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGHUP on Windows")
	}
	h := newHearing(t)
	p := newAgentProcess(t, targetConfig)
	makeTargets(p, p.as("ops", "longenough1", "longenough2"), h.address)
	p.reload()
	h.expect("unaltered", warmInform, warmTrap)
	p.configure(targetConfig + "trap2sink -name noc " + h.address + " sink\n")
	p.reload()
	h.expect("with a sink of that name", coldInform, coldSink) // from whom no manager's profile keeps anything
	p.reload()
	h.expect("unaltered again", warmInform, warmSink)
	p.configure(targetConfig)
	p.reload()
	h.expect("and without it", coldInform) // what a manager had called so is gone
	p.reload()
	h.expect("unaltered once more", warmInform)
}

// Rows of the configuration cannot be changed by managers, and show no secret.
func TestProcessSinkRows(t *testing.T) {
	h := newHearing(t)
	p := newAgentProcess(t, targetConfig+"trap2sink "+h.address+" sink-secret\ntrapsess -v3 -u ops -l authPriv -a SHA -A longenough1 -x AES -X longenough2 -n secret-context "+h.address+"\n")
	h.expect("at start", "SNMPv2-Trap sink-secret 1.3.6.1.6.3.1.1.5.1", "SNMPv2-Trap ops 1.3.6.1.6.3.1.1.5.1")
	ops := p.as("ops", "longenough1", "longenough2")
	for _, vb := range []pdu.VarBind{
		setTo(addrCell(5, "internal0"), 1), setRow(addrCell(9, "internal0"), mib.Destroy), setRow(paramsCell(7, "internal0"), mib.NotInService),
		setText(notifyCell(2, "internal0"), "x"),
	} {
		if _, err := ops.Set(t.Context(), vb); err == nil {
			t.Errorf("%v could be set", vb)
		}
	}
	rows := 0
	for vb, err := range ops.Walk(t.Context(), ber.MustOID("1.3.6.1.6.3")) {
		if err != nil {
			t.Fatal(err)
		}
		if addrs := ber.MustOID("1.3.6.1.6.3.12.1.2.1.8"); vb.Name.HasPrefix(addrs) {
			rows++
			if vb.Value != pdu.Integer(int32(mib.ReadOnly)) {
				t.Errorf("%v, want readOnly", vb)
			}
		}
		if text := vb.Value.String(); strings.Contains(text, "secret") && !strings.Contains(text, "noc-secret") || strings.Contains(text, "longenough") {
			t.Errorf("%v", vb)
		}
	}
	if rows != 2 {
		t.Errorf("%d sinks have rows, want 2", rows)
	}
}
