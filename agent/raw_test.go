package agent_test

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/transport/memnet"
)

// DataToSend and SendData send a datagram as it is to RemoteHost and RemotePort, or to
// where the last packet came from. They activate the agent.
func TestSendData(t *testing.T) {
	r := newRig(t)
	r.Deactivate()
	r.Agent.Conns = []transport.Conn{r.network.Listen(t, agentAddress)}
	other := r.network.Listen(t, "192.0.2.9:1162")
	pending := func(want int) {
		t.Helper()
		if n := other.Pending(); n != want {
			t.Errorf("%d datagrams have come to RemoteHost, want %d", n, want)
		}
	}
	if err := r.SendData([]byte("hello")); codeOf(err) != agent.CodeDestinationRequired || !r.Active() {
		t.Errorf("to nobody: %v, active %v", err, r.Active())
	}
	withSetting(t, "RemoteHost=192.0.2.9")(r.Agent)
	if err := r.SendData([]byte("hello")); codeOf(err) != agent.CodeDestinationRequired {
		t.Errorf("to no port: %v", err)
	}
	withSetting(t, "RemotePort=1162")(r.Agent)
	if err := r.SendData([]byte("hello")); err != nil {
		t.Error(err)
	}
	pending(1)
	before := r.Stats().SNMP[agent.SnmpOutPkts]
	if value, err := r.Config("DataToSend=0xff00"); value != "" || err != nil {
		t.Errorf("DataToSend: %q, %v", value, err)
	}
	if n := r.Stats().SNMP[agent.SnmpOutPkts] - before; n != 1 {
		t.Errorf("snmpOutPkts has gone up by %d", n)
	}
	n, err := other.Read(r.in[:])
	if n != 2 || err != nil || string(r.in[0].Data) != "hello" || string(r.in[1].Data) != "\xff\x00" {
		t.Errorf("%d datagrams, %q and %q, %v", n, r.in[0].Data, r.in[1].Data, err)
	}
	if err := r.SendData(make([]byte, 65508)); codeOf(err) != agent.CodeMessageTooLong {
		t.Errorf("a datagram that is too long: %v", err)
	}

	// The last packet's source, and its address with another port.
	withSetting(t, "RemoteHost=")(r.Agent)
	r.client.Write([]transport.Packet{{Data: []byte("garbage"), Remote: r.to}})
	if err := r.Agent.Conns[0].(*memnet.Conn).WaitIdle(1); err != nil {
		t.Fatal(err)
	}
	if err := r.SendData([]byte("hello")); err != nil {
		t.Error(err)
	}
	pending(1)
	withSetting(t, "RemotePort=0")(r.Agent)
	if err := r.SendData([]byte("hello")); err != nil || r.client.Pending() != 1 {
		t.Errorf("%d datagrams to where the last one came from, %v", r.client.Pending(), err)
	}
}

// With UseConnection there is nobody else: what others send is dropped, and nothing
// goes to them.
func TestUseConnection(t *testing.T) {
	for settings, code := range map[[2]string]agent.Code{
		{"RemoteHost=192.0.2.9", "RemotePort=0"}:   agent.CodeRemotePortZero,
		{"RemoteHost=", "RemotePort=40000"}:        agent.CodeDestinationRequired,
		{"RemoteHost=a.invalid", "RemotePort=161"}: agent.CodeHostNotFound,
	} {
		a := local()
		a.UseConnection = true
		for _, s := range settings {
			withSetting(t, s)(a)
		}
		if err := a.Activate(); codeOf(err) != code && !(code == agent.CodeHostNotFound && codeOf(err) == agent.CodeTryAgain) {
			t.Errorf("%v: %v, want %d", settings, err, code)
		}
	}
	var bad []agent.Code
	r := newRig(t, withMIB(newTree(t, &plant{})), func(a *agent.Agent) {
		for _, s := range []string{"UseConnection=True", "RemoteHost=192.0.2.9", "RemotePort=40000"} {
			withSetting(t, s)(a)
		}
		a.OnBadPacket = func(e *agent.BadPacketEvent) { bad = append(bad, e.Code) }
	})
	request := message(pdu.V2c, pdu.GetRequest, names(instance(title))...)
	r.ask(request)
	if err := r.SendData([]byte("hello")); err != nil || r.client.Pending() != 1 {
		t.Errorf("%d datagrams at RemoteHost, %v", r.client.Pending(), err)
	}
	stranger := r.network.Listen(t, "192.0.2.9:40001")
	before := r.Stats()
	if _, err := stranger.Write([]transport.Packet{{Data: encode(request), Remote: r.to}}); err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.countedIn(before, "NotAccepted")
	if stranger.Pending() > 0 || !slices.Equal(bad, []agent.Code{agent.CodeNotFromBound}) {
		t.Errorf("a stranger has %d answers, OnBadPacket had %v", stranger.Pending(), bad)
	}
	if err := r.SendTrap("192.0.2.9:162", "coldStart"); codeOf(err) != agent.CodeConnected {
		t.Errorf("a trap to somebody else: %v", err)
	}
	for setting, code := range map[string]agent.Code{
		"RemoteHost=192.0.2.8": agent.CodeRemoteHostActive, "RemotePort=1": agent.CodeRemotePortActive, "UseConnection=False": agent.CodeUseConnectionActive,
	} {
		if _, err := r.Config(setting); codeOf(err) != code {
			t.Errorf("%s while it is active: %v", setting, err)
		}
	}
	r.Deactivate()
	withSetting(t, "RemotePort=1")(r.Agent)
}

// OnReadyToSend comes once after each error that says that there is no room, when
// there may be some again, and after no other. With ProcessIdleEvents off DoEvents
// calls it.
func TestOnReadyToSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := agenttest.NewNetwork()
		var fails error
		conn := &faultyConn{Conn: network.Listen(t, agentAddress), refuse: func(*transport.Packet) error { return fails }}
		var ready atomic.Int32
		a := agent.New()
		a.Conns = []transport.Conn{conn}
		a.RemoteHost, a.RemotePort = "192.0.2.9", 162
		a.OnReadyToSend = func() { ready.Add(1) }
		for _, tt := range []struct {
			err  syscall.Errno
			code agent.Code
			want int32
		}{
			{syscall.ENOBUFS, 10055, 1}, {syscall.EAGAIN, 10035, 1}, {syscall.EMSGSIZE, 10040, 0}, {0, 0, 0},
		} {
			fails = tt.err
			ready.Store(0)
			if tt.err == 0 {
				fails = nil
			}
			err := a.SendData([]byte("hello"))
			if codeOf(err) != tt.code || fails != nil && !errors.Is(err, tt.err) || ready.Load() > 0 {
				t.Errorf("%v: %v, OnReadyToSend was called %d times at once", tt.err, err, ready.Load())
			}
			time.Sleep(time.Second)
			synctest.Wait()
			if ready.Load() != tt.want {
				t.Errorf("%v: OnReadyToSend was called %d times", tt.err, ready.Load())
			}
		}
		a.Deactivate()

		a.Conns = []transport.Conn{&faultyConn{Conn: network.Listen(t, agentAddress), refuse: func(*transport.Packet) error { return fails }}}
		a.ProcessIdleEvents = false
		fails = syscall.ENOBUFS
		ready.Store(0)
		if err := a.SendData([]byte("hello")); codeOf(err) != agent.CodeNoBuffers {
			t.Error(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if ready.Load() > 0 {
			t.Error("OnReadyToSend was called before DoEvents")
		}
		if err := a.DoEvents(); err != nil || ready.Load() != 1 {
			t.Errorf("DoEvents: %v; OnReadyToSend was called %d times", err, ready.Load())
		}
		a.Deactivate()
	})
}

// SourceIPAddress is what a packet leaves from. One that is not the system's is an
// error.
func TestSourceIPAddress(t *testing.T) {
	c, err := transport.Listen(t.Context(), "udp4", "127.0.0.1:0", transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	a := local()
	a.LocalHost = ""
	a.RemoteHost, a.RemotePort = "127.0.0.1", int(c.LocalAddr().Port())
	withSetting(t, "SourceIPAddress=127.0.0.9")(a)
	err = a.SendData([]byte("hello"))
	defer a.Deactivate()
	if codeOf(err) == agent.CodeNotSupported {
		t.Skipf("this system cannot choose: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var pool transport.Pool
	in := []transport.Packet{{Buf: pool.Get(transport.SmallSize)}}
	if _, err := c.Read(in); err != nil || in[0].Remote.Addr() != netip.MustParseAddr("127.0.0.9") {
		t.Errorf("it comes from %v, %v", in[0].Remote, err)
	}
	a.Deactivate()
	withSetting(t, "SourceIPAddress=192.0.2.9")(a)
	if err := a.SendData([]byte("hello")); codeOf(err) < 10000 { // EINVAL, ENETUNREACH, …
		t.Errorf("from somebody else's address: %v", err)
	}
}

// What goes to an address of the other family than SourceIPAddress leaves from what the
// system chooses, and an SNMPv1 trap says so (RFC 3584 §3.2 (2)).
func TestSourceIPAddressOfOtherFamily(t *testing.T) {
	for _, tt := range []struct{ network, at, source, says string }{
		{"udp6", "::1", "127.0.0.9", "0.0.0.0"},
		{"udp4", "127.0.0.1", "::1", "127.0.0.1"},
		{"udp4", "127.0.0.1", "::ffff:127.0.0.1", "127.0.0.1"}, // which is no other one
	} {
		t.Run(tt.source, func(t *testing.T) {
			receiver, err := net.ListenPacket(tt.network, net.JoinHostPort(tt.at, "0"))
			if err != nil {
				t.Skipf("no socket of %s: %v", tt.network, err)
			}
			defer receiver.Close()
			a := agent.New()
			a.LocalPort, a.Version = 0, pdu.V1
			a.SourceIPAddress = netip.MustParseAddr(tt.source)
			defer a.Deactivate()
			err = a.SendTrap(receiver.LocalAddr().String(), "coldStart")
			if codeOf(err) == agent.CodeNotSupported {
				t.Skipf("this system cannot choose: %v", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			if m, from := readMessage(t, receiver); from.Addr() != netip.MustParseAddr(tt.at) || m.Trap.AgentAddr != netip.MustParseAddr(tt.says) {
				t.Errorf("from %v, it says %v", from, m.Trap.AgentAddr)
			}
		})
	}
}

// With DelayHostResolution a name becomes an address when RemoteHost is set, as the
// specification has it; without, when it is needed.
func TestDelayHostResolution(t *testing.T) {
	a := agent.New()
	withSetting(t, "RemoteHost=localhost")(a)
	if host := config(t, a, "RemoteHost"); host != "localhost" {
		t.Errorf("RemoteHost is %q", host)
	}
	withSetting(t, "DelayHostResolution=True")(a)
	if _, err := a.Config("RemoteHost=a.invalid"); codeOf(err) != agent.CodeHostNotFound && codeOf(err) != agent.CodeTryAgain {
		t.Errorf("a name that does not exist: %v", err)
	}
	withSetting(t, "RemoteHost=localhost")(a)
	if host := config(t, a, "RemoteHost"); host != "127.0.0.1" {
		t.Errorf("RemoteHost is %q", host)
	}
}
