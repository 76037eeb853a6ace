package agent_test

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/manager"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
)

// An agent that is not active becomes so (the specification's rule), and one whose
// sockets are gone says what that says.
func TestSendTrapActivates(t *testing.T) {
	receiver, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer receiver.Close()
	a := agent.New()
	a.LocalHost, a.LocalPort = "127.0.0.1", 0
	defer a.Deactivate()
	if err := a.SendTrap(receiver.LocalAddr().String(), "coldStart"); err != nil || !a.Active() {
		t.Fatalf("active %v, %v", a.Active(), err)
	}
	m, from := readMessage(t, receiver)
	if m.PDU.Kind != pdu.TrapV2 || from != a.LocalAddr() { // it leaves from the agent's socket
		t.Errorf("%v from %v", m.PDU, from)
	}
	other := agent.New()
	other.LocalHost = "no.such.host.invalid"
	if err := other.SendTrap("127.0.0.1", "coldStart"); codeOf(err) == 0 {
		t.Errorf("an agent that cannot be activated: %v", err)
	}
}

// Names and both families are targets, whatever the agent's own socket is, and the
// address in an SNMPv1 trap is the one that it leaves from (RFC 3584 §3.2 (2)).
func TestSendTrapWays(t *testing.T) {
	for _, tt := range []struct{ name, agent, network, target, addr string }{
		{"a name", "127.0.0.1", "udp4", "localhost", "127.0.0.1"},
		{"a wildcard socket", "", "udp4", "127.0.0.1", "127.0.0.1"},
		{"IPv6 from a socket of IPv4", "127.0.0.1", "udp6", "::1", "0.0.0.0"},
		{"IPv4 from a socket of IPv6", "::1", "udp4", "127.0.0.1", "127.0.0.1"},
		{"IPv6", "::1", "udp6", "[::1]", "0.0.0.0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			host := "127.0.0.1"
			if tt.network == "udp6" {
				host = "::1"
			}
			receiver, err := net.ListenPacket(tt.network, net.JoinHostPort(host, "0"))
			if err != nil {
				t.Skipf("this host has no %s: %v", tt.network, err)
			}
			defer receiver.Close()
			a := agent.New()
			a.LocalHost, a.LocalPort, a.Version = tt.agent, 0, pdu.V1
			a.TrapPort = receiver.LocalAddr().(*net.UDPAddr).Port
			defer a.Deactivate()
			if err := a.SendTrap(tt.target, "coldStart"); err != nil {
				t.Fatal(err)
			}
			if m, _ := readMessage(t, receiver); m.Trap.AgentAddr.String() != tt.addr {
				t.Errorf("agent-addr %v, want %s", m.Trap.AgentAddr, tt.addr)
			}
		})
	}
}

// readMessage waits for a message.
func readMessage(t *testing.T, c net.PacketConn) (*pdu.Message, netip.AddrPort) {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(time.Minute))
	buf := make([]byte, 65536)
	n, from, err := c.ReadFrom(buf)
	if err != nil {
		t.Fatal(err)
	}
	m, err := pdu.ParseMessage(buf[:n])
	if err != nil {
		t.Fatal(err)
	}
	return m, from.(*net.UDPAddr).AddrPort()
}

// OnReport hears of what comes back to a socket that was opened for an inform, as of what
// comes back to the agent's.
func TestReportsOnOtherSocket(t *testing.T) {
	socket, err := transport.Listen(t.Context(), "udp6", "[::1]:0", transport.Options{})
	if err != nil {
		t.Skipf("this host has no IPv6: %v", err)
	}
	l := &manager.Listener{Engine: usm.NewEngine("\x80\x00\x7e\xd9\x04sink", fixedClock{boots: 3, time: 77})}
	if err := l.AddUser(keyed(trapper)); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- l.Serve(socket) }()
	defer func() { socket.Close(); <-served }()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var told atomic.Int32
	a := agent.New()
	a.LocalHost, a.LocalPort, a.Access = "127.0.0.1", 0, agent.InsecureAllowAll
	a.OnReport = func(e *agent.ReportEvent) {
		if told.Add(1); e.Source != socket.LocalAddr() || e.User != "trapper" {
			t.Errorf("%+v", *e)
		}
		cancel() // or the inform waits for something better, as anybody can have sent the Report
	}
	defer a.Deactivate()
	to := agent.Target{Address: socket.LocalAddr().String(), Version: pdu.V3, User: keyed(trapper), Level: pdu.AuthPriv, Inform: true, Timeout: time.Minute}
	if err := a.Notify(t.Context(), to, linkUpNotification); err != nil || told.Load() != 0 {
		t.Errorf("%v, and OnReport was called %d times", err, told.Load())
	}
	to.User.AuthKey = slices.Repeat([]byte{1}, len(to.User.AuthKey))
	if err := a.Notify(ctx, to, linkUpNotification); codeOf(err) != agent.CodeTimeout || told.Load() != 1 {
		t.Errorf("%v, and OnReport was called %d times", err, told.Load())
	}
}
