// An answer leaves from the address that was asked, on a host with many, and notifications from the one that is set.

package main_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/cmd/internal/interoptest"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
)

// The environment of the test inside its network namespace: the agent's program, and the addresses of its host.
const (
	namespaceAgent     = "SNMPAGENT_NAMESPACE_AGENT"
	namespaceAddresses = "SNMPAGENT_NAMESPACE_ADDRESSES"
)

// namespaceFamilies are the addresses of the host that the agent is on. All are those of the loopback interface.
var namespaceFamilies = []struct {
	name, wildcard string
	addresses      []string
}{
	{"IPv4", "udp:0.0.0.0", []string{"127.0.0.1", "127.0.0.9", "192.0.2.1", "192.0.2.2", "198.51.100.3"}},
	{"IPv6", "udp6:[::]", []string{"::1", "2001:db8::1", "2001:db8::2", "fd00::3", "fe80::4%lo", "fe80::5%lo"}},
}

// TestInteropAnswerAddress has an agent on a wildcard socket be asked at each of its host's addresses, with its datagrams
// moved in batches and one by one. The host is a network namespace, in which the test runs itself again.
func TestInteropAnswerAddress(t *testing.T) {
	if os.Getenv(namespaceAgent) != "" {
		askInNamespace(t)
		return
	}
	interoptest.Tool(t, "ip")
	batched := buildAgent(t)
	for _, program := range []struct{ name, path string }{{"batched", batched}, {"portable", portable(t, batched)}} {
		for _, family := range namespaceFamilies {
			t.Run(program.name+" "+family.name, func(t *testing.T) {
				if family.name == "IPv6" {
					conn, err := net.ListenPacket("udp6", "[::1]:0")
					if err != nil {
						t.Skipf("this host has no IPv6 loopback: %v", err)
					}
					conn.Close()
				}
				runInNamespace(t, namespaceAgent+"="+program.path, namespaceAddresses+"="+family.wildcard+" "+strings.Join(family.addresses, " "))
			})
		}
	}
}

// runInNamespace runs the test once more in a network namespace of its own, in which it is root.
func runInNamespace(t *testing.T, environment ...string) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^"+strings.SplitN(t.Name(), "/", 2)[0]+"$", "-test.v", "-test.timeout=3m")
	c.Env = append(os.Environ(), environment...)
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if os.Getuid() != 0 {
		c.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	out, err := c.CombinedOutput()
	switch {
	case errors.Is(err, os.ErrPermission), errors.Is(err, syscall.ENOSYS), errors.Is(err, syscall.EINVAL), errors.Is(err, syscall.ENOSPC):
		interoptest.Absent(t, "a network namespace cannot be had: %v", err)
	case err == nil && strings.Contains(string(out), "--- SKIP: "):
		interoptest.Absent(t, "%s", out)
	case err != nil || !strings.Contains(string(out), "--- PASS: "):
		t.Errorf("%v:\n%s", err, out)
	}
}

func askInNamespace(t *testing.T) {
	list := strings.Fields(os.Getenv(namespaceAddresses))
	wildcard := list[0]
	var addresses []netip.Addr
	ip(t, "link", "set", "lo", "up")
	for _, text := range list[1:] {
		a := netip.MustParseAddr(text)
		addresses = append(addresses, a)
		switch {
		case a.IsLoopback(): // is there
		case a.IsLinkLocalUnicast():
			ip(t, "addr", "add", a.WithZone("").String()+"/64", "dev", "lo", "nodad")
		case a.Is6():
			ip(t, "addr", "add", text+"/128", "dev", "lo", "nodad")
		default:
			ip(t, "addr", "add", text+"/32", "dev", "lo")
		}
	}
	t.Run("answers", func(t *testing.T) { answersLeaveFromWhereTheyAreAsked(t, wildcard, addresses) })
	t.Run("notifications", func(t *testing.T) { notificationsLeaveFrom(t, wildcard, addresses) })
}

func ip(t *testing.T, arguments ...string) {
	t.Helper()
	if out, err := exec.Command(interoptest.Tool(t, "ip"), arguments...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", strings.Join(arguments, " "), err, out)
	}
}

// startOnWildcard starts the agent on a port of the wildcard address.
func startOnWildcard(t *testing.T, wildcard, config string, options ...string) (port uint16) {
	t.Helper()
	script := filepath.Join(t.TempDir(), "agent")
	text := fmt.Sprintf("#!/bin/sh\nexec %q %s \"$@\"\n", os.Getenv(namespaceAgent), strings.Join(options, " "))
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	port = netip.MustParseAddrPort(freeAddress(t)).Port()
	address := fmt.Sprintf("0.0.0.0:%d", port)
	if strings.HasPrefix(wildcard, "udp6:") {
		config += fmt.Sprintf("agentAddress %s:%d\n", wildcard, port)
	}
	interoptest.StartAt(t, script, config, filepath.Join(t.TempDir(), "state"), address)
	return port
}

// answersLeaveFromWhereTheyAreAsked asks from a socket that takes what comes from anywhere, and as a user from one that is
// connected to the address: nothing else is heard there, be it the Response to a request or the Report to a probe (RFC 3414 §4).
func answersLeaveFromWhereTheyAreAsked(t *testing.T, wildcard string, addresses []netip.Addr) {
	port := startOnWildcard(t, wildcard, "rocommunity public\nrocommunity6 public\ncreateUser ops SHA auth-passphrase AES priv-passphrase\nrouser ops priv\n")
	network := map[bool]string{true: "udp4", false: "udp6"}[addresses[0].Is4()]
	// Whoever asks does so from another address than the one asked, or the system's choice would be right by accident.
	client := &net.UDPAddr{IP: addresses[2].AsSlice()}
	conn, err := net.ListenUDP(network, client)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	const rounds = 8 // as many of each address wait for the agent at a time
	asked := make(map[int32]netip.AddrPort)
	for range rounds {
		for _, a := range addresses {
			id := int32(len(asked) + 1)
			asked[id] = netip.AddrPortFrom(a, port)
			request := pdu.Message{Version: pdu.V2c, Community: []byte("public"), PDU: pdu.PDU{
				Kind: pdu.GetRequest, RequestID: id, VarBinds: []pdu.VarBind{{Name: ber.MustOID("1.3.6.1.2.1.1.3.0"), Value: pdu.Null}},
			}}
			if _, err := conn.WriteToUDPAddrPort(request.Append(nil), asked[id]); err != nil {
				t.Fatal(err)
			}
		}
	}
	buf := make([]byte, 2048)
	for len(asked) > 0 {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			t.Fatalf("%d have not been answered: %v", len(asked), err)
		}
		answer, err := pdu.ParseMessage(buf[:n])
		if err != nil || answer.PDU.Kind != pdu.Response {
			t.Fatalf("%x: %v", buf[:n], err)
		}
		want, ok := asked[answer.PDU.RequestID]
		if from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port()); !ok || from != want {
			t.Errorf("the answer comes from %v, asked was %v", from, want)
		}
		delete(asked, answer.PDU.RequestID)
	}
	for _, a := range addresses {
		if err := getAsUser(t, client, netip.AddrPortFrom(a, port)); err != nil {
			t.Errorf("asked at %v: %v", a, err)
		}
	}
}

func getAsUser(t *testing.T, from *net.UDPAddr, to netip.AddrPort) error {
	t.Helper()
	conn, err := net.DialUDP("udp", from, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	c := manager.New(conn, to.String())
	defer c.Close()
	c.Version, c.Timeout, c.Retries = pdu.V3, 3*time.Second, 2
	c.Security = manager.Security{Level: pdu.AuthPriv, User: usm.User{
		Name: "ops", Auth: usm.SHA1, AuthPassword: usm.NewSecret("auth-passphrase"), Priv: usm.AES128, PrivPassword: usm.NewSecret("priv-passphrase"),
	}}
	_, err = c.Get(t.Context(), ber.MustOID("1.3.6.1.2.1.1.3.0"))
	return err
}

// notificationsLeaveFrom has the daemon tell a receiver of what happens, from SourceIPAddress where it is set and else from
// where the system sends. SNMPv1's agent-addr is that address (RFC 3584 §3.2 (3)).
func notificationsLeaveFrom(t *testing.T, wildcard string, addresses []netip.Addr) {
	receiver, source := addresses[2], addresses[3]
	for _, tt := range []struct {
		name    string
		options []string
		want    netip.Addr
	}{
		{"system's choice", nil, receiver}, // it tells itself from the same address
		{"SourceIPAddress", []string{"-o", "SourceIPAddress=" + source.String()}, source},
	} {
		t.Run(tt.name, func(t *testing.T) {
			conn, err := transport.Listen(t.Context(), map[bool]string{true: "udp4", false: "udp6"}[receiver.Is4()], netip.AddrPortFrom(receiver, 0).String(), transport.Options{})
			if err != nil {
				t.Fatal(err)
			}
			heard := make(chan *manager.Notification, 64)
			listener := &manager.Listener{AnyCommunity: true, OnNotification: func(n *manager.Notification) { heard <- n }}
			ended := make(chan error, 1)
			go func() { ended <- listener.Serve(conn) }()
			t.Cleanup(func() { // after the agent's end, of which it is told
				conn.Close()
				<-ended
			})
			config := "rocommunity public\n"
			for _, line := range []string{"trapsink TO one", "trap2sink TO two", "informsink TO three"} {
				config += strings.ReplaceAll(line, "TO", conn.LocalAddr().String()) + "\n"
			}
			startOnWildcard(t, wildcard, config, tt.options...)
			missing := []manager.Community{"one", "two", "three"}
			deadline := time.After(time.Minute)
			for len(missing) > 0 {
				select {
				case n := <-heard:
					missing = slices.DeleteFunc(missing, func(c manager.Community) bool { return c == n.Community })
					if n.Source.Addr() != tt.want {
						t.Errorf("%v comes from %v, want %v", n.Kind, n.Source, tt.want)
					}
					agentAddr := netip.AddrFrom4([4]byte{})
					if tt.want.Is4() {
						agentAddr = tt.want
					}
					if n.Trap != nil && n.Trap.AgentAddr != agentAddr {
						t.Errorf("agent-addr is %v, want %v", n.Trap.AgentAddr, agentAddr)
					}
				case <-deadline:
					t.Fatalf("%q have not come", missing)
				}
			}
		})
	}
}
