package interoptest

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A Trapd is a snmptrapd that a test has started on a port of the loopback interface. It prints what it receives in numbers.
type Trapd struct {
	Address string
	Receiver
}

// StartTrapd starts snmptrapd. At the end of the test it is told to stop.
func StartTrapd(t *testing.T, config string) *Trapd {
	t.Helper()
	program := Tool(t, "snmptrapd")
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &Trapd{Address: conn.LocalAddr().String()}
	conn.Close()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "state", "cert_indexes"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "trapd.conf")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	// With -C it would not read its state either, and with it no user.
	c := exec.Command(program, "-f", "-Lo", "-n", "-On", "-X", "-c", path, "-p", filepath.Join(dir, "pid"), "udp:"+d.Address)
	c.Env = ToolEnv(filepath.Join(dir, "state"))
	c.Stdout, c.Stderr = &d.log, &d.log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	t.Cleanup(func() {
		c.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			c.Process.Kill()
			t.Error("snmptrapd did not stop within 10 s")
		}
		if t.Failed() {
			t.Logf("snmptrapd said:\n%s", d.log.tail())
		}
	})
	d.Await(t, "NET-SNMP version")
	return d
}

// Lossy returns an address from which datagrams go on to another one and back, but for the first ones.
func Lossy(t testing.TB, address string, lost int) string {
	t.Helper()
	front, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	back, err := net.Dial("udp4", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		front.Close()
		back.Close()
	})
	go func() {
		buf, answer := make([]byte, 65536), make([]byte, 65536)
		for {
			n, from, err := front.ReadFrom(buf)
			if err != nil {
				return
			}
			if lost--; lost >= 0 {
				continue
			}
			back.Write(buf[:n])
			back.SetReadDeadline(time.Now().Add(500 * time.Millisecond)) // a trap has no answer
			if n, err := back.Read(answer); err == nil {
				front.WriteTo(answer[:n], from)
			}
		}
	}()
	return front.LocalAddr().String()
}
