package agent_test

import (
	"net/netip"
	"testing"

	"snmpstack/agent"
	"snmpstack/pdu"
	"snmpstack/transport"
)

// config reads a setting.
func config(t *testing.T, a *agent.Agent, name string) string {
	t.Helper()
	value, err := a.Config(name)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// Config tells where the last packet came from and, of SNMPv3's, what context it was
// about: at any time, and within a hook.
func TestLastPacket(t *testing.T) {
	within := ""
	inBubble(t, func(a *agent.Agent) {
		withUsers(t)(a)
		a.Contexts = []string{"west"}
		a.OnSetRequest = func(*agent.RequestEvent) {
			within = config(t, a, "SourcePort") + " " + config(t, a, "IncomingContextName")
		}
	}, func(t *testing.T, r *rig) {
		is := func(name, want string) {
			t.Helper()
			if got := config(t, r.Agent, name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		is("SourceAddress", "")
		is("SourcePort", "0")
		is("IncomingContextEngineId", "")
		m := r.as(reader, pdu.AuthNoPriv)
		m.contextName = "west"
		m.ask(get(instance(title)))
		is("SourceAddress", "192.0.2.9")
		is("SourcePort", "40000")
		is("IncomingContextEngineId", "80007ed905656e67696e65")
		is("IncomingContextName", "west")
		m = r.as(writer, pdu.AuthPriv)
		m.contextName = "west"
		m.ask(pdu.PDU{Kind: pdu.SetRequest, VarBinds: []pdu.VarBind{vb(instance(setpoint), pdu.Integer(1))}})
		if within != "40000 west" {
			t.Errorf("within the hook the packet is of %q", within)
		}
		forged := m.datagram(get(instance(title)))
		forged[len(forged)-1] ^= 1
		r.exchange(forged)
		is("SourceAddress", "192.0.2.9")
		is("IncomingContextEngineId", "")
		is("IncomingContextName", "")
	})
	for _, name := range []string{"SourceAddress", "SourcePort", "IncomingContextEngineId", "IncomingContextName", "DestinationAddress"} {
		if _, err := agent.New().Config(name + "=1"); codeOf(err) != agent.CodeInvalidArgument {
			t.Errorf("%s can be set: %v", name, err)
		}
	}
}

// With CaptureIPPacketInfo, Config tells where the last packet went to, though the
// answer need not come from there.
func TestCaptureIPPacketInfo(t *testing.T) {
	for _, tt := range []struct {
		settings []string
		want     string
		from     string // the answer's source; "": as the system has it
	}{
		{nil, "", "127.0.0.7"},
		{[]string{"CaptureIPPacketInfo=True"}, "127.0.0.7", "127.0.0.7"},
		{[]string{"CaptureIPPacketInfo=True", "RespondFromDestIP=False"}, "127.0.0.7", "127.0.0.1"},
	} {
		a := agent.New()
		a.LocalPort = 0
		a.MIB, a.Access = newTree(t, &plant{}), readWrite
		for _, setting := range tt.settings {
			withSetting(t, setting)(a)
		}
		if err := a.Activate(); err != nil {
			if codeOf(err) == agent.CodeNotSupported {
				t.Skipf("this system does not tell where a packet went to: %v", err)
			}
			t.Fatal(err)
		}
		c, err := transport.Listen(t.Context(), "udp4", "127.0.0.1:0", transport.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var pool transport.Pool
		in := []transport.Packet{{Buf: pool.Get(transport.SmallSize)}}
		request := encode(message(pdu.V2c, pdu.GetRequest, names(instance(title))...))
		if _, err := c.Write([]transport.Packet{{Data: request, Remote: netip.AddrPortFrom(netip.MustParseAddr("127.0.0.7"), a.LocalAddr().Port())}}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(in); err != nil {
			t.Fatal(err)
		}
		if got := in[0].Remote.Addr().String(); got != tt.from {
			t.Errorf("%v: the answer comes from %v, want %v", tt.settings, got, tt.from)
		}
		if got := config(t, a, "DestinationAddress"); got != tt.want {
			t.Errorf("%v: DestinationAddress is %q, want %q", tt.settings, got, tt.want)
		}
		a.Deactivate()
		c.Close()
	}
}
