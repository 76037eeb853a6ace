package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// TestProcessKilled kills the agent at random moments, and starts it again each time.
// snmpEngineBoots always grows (RFC 3414 §2.2), no salt is used twice (RFC 3414
// §8.1.1.1, RFC 3826 §3.1.2.1), and clients that know it from earlier lives are
// not locked out.
func TestProcessKilled(t *testing.T) {
	dir := t.TempDir()
	state := filepath.Join(dir, "state")
	if err := os.Mkdir(state, 0o700); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	config := filepath.Join(dir, "snmpd.conf")
	writeFile(t, config, "rouser aes priv\nrouser des priv\nagentAddress "+address+"\n[snmp] persistentDir "+state+"\n")
	users := "createUser aes SHA longenough1 AES longenough2\ncreateUser des SHA longenough1 DES longenough2\n"
	writeFile(t, filepath.Join(state, persistentFile), users)

	seen := &sightings{salts: make(map[string]bool)}
	clients := []*manager.Client{
		seen.client(t, address, "aes", usm.AES128),
		seen.client(t, address, "des", usm.DES),
	}
	daemon := func() *exec.Cmd {
		cmd := exec.Command(os.Args[0], "-c", config)
		cmd.Env = append(os.Environ(), runEnv+"=1")
		return cmd
	}
	for life := range 24 {
		cmd := daemon()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		killed := make(chan struct{})
		go func() {
			cmd.Wait()
			close(killed)
		}()
		// Every other life ends a while after its first answer, the others perhaps
		// before they could give one.
		answers, doomed := seen.answers, life%2 == 0
		kill := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
		if doomed {
			kill.Reset(rand.N(100 * time.Millisecond))
		}
		for alive := true; alive; {
			for _, c := range clients {
				c.Get(t.Context(), ber.MustOID("1.3.6.1.2.1.1.5.0"))
			}
			if !doomed && seen.answers > answers {
				doomed = kill.Reset(rand.N(30 * time.Millisecond))
			}
			select {
			case <-killed:
				alive = false
			default:
			}
		}
		kill.Stop()
		if life%2 == 1 && seen.answers == answers {
			t.Errorf("life %d has not answered within ten seconds", life)
		}
		// An answer that came too late to be taken still waits in its socket: it is to
		// be seen as this life's.
		for range 2 {
			for _, c := range clients {
				c.Get(t.Context(), ber.MustOID("1.3.6.1.2.1.1.5.0"))
			}
		}
		seen.newLife()
	}

	cmd := daemon()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	if line, err := bufio.NewReader(stdout).ReadString('\n'); !strings.Contains(line, "listening on") {
		cmd.Wait()
		t.Fatalf("the last life said %q, %v: %s", line, err, stderr.String())
	}
	for _, c := range clients {
		c.Timeout, c.Retries = time.Second, 10
		if _, err := c.Get(t.Context(), ber.MustOID("1.3.6.1.2.1.1.5.0")); err != nil {
			t.Errorf("user %s: %v", c.Security.User.Name, err)
		}
	}
	for _, problem := range seen.problems {
		t.Error(problem)
	}
	t.Logf("%d answers, boots %d at the end", seen.answers, seen.boots)
	text, err := os.ReadFile(filepath.Join(state, persistentFile))
	if err != nil || strings.Count(string(text), "usmUser") != 2 || strings.Contains(string(text), "longenough") {
		t.Errorf("the persistent file is %q, %v", text, err)
	}
}

// sightings are what was seen of the agent's messages.
type sightings struct {
	answers  int
	boots    int32 // the last ones
	earlier  int32 // the highest of an earlier life
	salts    map[string]bool
	problems []string
}

func (s *sightings) newLife() { s.earlier = s.boots }

// client returns a client whose messages are watched.
func (s *sightings) client(t *testing.T, address, name string, priv usm.PrivProtocol) *manager.Client {
	t.Helper()
	c, err := manager.Dial(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.Version, c.Timeout, c.Retries = pdu.V3, 30*time.Millisecond, 0
	c.Security = manager.Security{Level: pdu.AuthPriv, User: usm.User{
		Name: name,
		Auth: usm.SHA1, AuthPassword: usm.NewSecret("longenough1"),
		Priv: priv, PrivPassword: usm.NewSecret("longenough2"),
	}}
	c.Trace = func(sent bool, datagram []byte) {
		if !sent {
			s.see(datagram)
		}
	}
	return c
}

// see looks at an encrypted answer of the agent.
func (s *sightings) see(datagram []byte) {
	header, err := pdu.ReadHeader3(datagram, false)
	if err != nil {
		s.problems = append(s.problems, err.Error())
		return
	}
	r := ber.NewReader(header.SecurityParameters)
	end := r.Enter(ber.Sequence)
	r.Octets(ber.OctetString) // msgAuthoritativeEngineID
	boots, _ := r.Int32(ber.Integer), r.Int32(ber.Integer)
	user, _, salt := string(r.Octets(ber.OctetString)), r.Octets(ber.OctetString), r.Octets(ber.OctetString)
	r.Leave(end)
	if r.Err() != nil || len(salt) == 0 {
		return // a Report in plain text
	}
	s.answers++
	if boots <= s.earlier {
		s.problems = append(s.problems, fmt.Sprintf("boots %d, %d in an earlier life", boots, s.earlier))
	}
	s.boots = boots
	key := user + string(salt)
	if s.salts[key] {
		s.problems = append(s.problems, fmt.Sprintf("user %s: salt %x again", user, salt))
	}
	s.salts[key] = true
}

// freeAddress returns an address on the loopback interface that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().String()
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestProcessLogReaderGone shows that the agent goes on when nobody reads its log any
// more.
func TestProcessLogReaderGone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGHUP on Windows")
	}
	config := filepath.Join(t.TempDir(), "snmpd.conf")
	text := "rocommunity public\nagentAddress 127.0.0.1:0\nnonsense\n"
	writeFile(t, config, text+"sysLocation before\n")
	cmd := exec.Command(os.Args[0], "-c", config)
	cmd.Env = append(os.Environ(), runEnv+"=1")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	line, _ := bufio.NewReader(stdout).ReadString('\n')
	stderr.Close()
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "snmpagent: listening on udp:")
	if !ok {
		t.Fatalf("the agent said %q", line)
	}

	writeFile(t, config, text+"sysLocation after\n")
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	c, err := manager.Dial(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Community = "public"
	for range 10_000 {
		vbs, err := c.Get(t.Context(), ber.MustOID("1.3.6.1.2.1.1.6.0"))
		if err != nil {
			t.Fatalf("after it has logged: %v", err)
		}
		if vbs[0].Value == pdu.OctetString("after") {
			return
		}
	}
	t.Error("the configuration was not read again")
}
