package interoptest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/ber"
)

// A Daemon is a daemon that a test has started on a port of the loopback interface.
type Daemon struct {
	Name, Address, Port string
	command             func() *exec.Cmd
	process             *os.Process
	ended               chan error
	log                 lockedBuffer
}

// Start starts a daemon with a state directory on a free port. At the end of the test it is told to stop, and must
// then end by itself without an error.
func Start(t *testing.T, program, config string) *Daemon {
	t.Helper()
	state := filepath.Join(t.TempDir(), "state")
	if err := os.MkdirAll(filepath.Join(state, "cert_indexes"), 0o700); err != nil {
		t.Fatal(err)
	}
	return StartIn(t, program, config, state)
}

// StartIn starts a daemon with that state directory; with none, snmpd has its own.
func StartIn(t *testing.T, program, config, state string) *Daemon {
	t.Helper()
	return StartAt(t, program, config, state, freeAddress(t))
}

// freeAddress returns an address where nobody listens. Its port is below those that systems give to sockets that do not
// care, or one of these, a client's perhaps, could have it before the daemon does.
func freeAddress(t *testing.T) string {
	t.Helper()
	var err error
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 10000+rand.N(20000))
		var conn net.PacketConn
		if conn, err = net.ListenPacket("udp4", address); err == nil {
			conn.Close()
			return address
		}
	}
	t.Fatal(err)
	return ""
}

// StartAt starts a daemon on an address where nobody listens.
func StartAt(t *testing.T, program, config, state, address string) *Daemon {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "agent.conf")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	d := &Daemon{Name: filepath.Base(program), Address: address}
	_, d.Port, _ = net.SplitHostPort(address)
	d.command = func() *exec.Cmd {
		// snmpd reads its state again where it looks for configurations: that is there, and -C is not given.
		c := exec.Command(program, "-f", "-Lo", "-c", path, "-I", "-smux", "-p", filepath.Join(dir, "pid"), "udp:"+address)
		c.Env = append(os.Environ(), "MIBS=", "HOME="+dir, "SNMPCONFPATH="+cmp.Or(state, dir), "SNMP_PERSISTENT_DIR="+state)
		c.Stdout, c.Stderr = &d.log, &d.log
		return c
	}
	t.Cleanup(func() {
		if err := d.Stop(syscall.SIGTERM); err != nil {
			t.Errorf("%s after SIGTERM: %v", d.Name, err)
		}
		if t.Failed() {
			t.Logf("%s said:\n%s", d.Name, d.log.tail())
		}
	})
	d.Start(t)
	return d
}

var sysUpTime = ber.MustOID("1.3.6.1.2.1.1.3.0")

// Start starts the process, and returns when it answers the community public.
func (d *Daemon) Start(t *testing.T) {
	t.Helper()
	daemon := d.command()
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	d.process, d.ended = daemon.Process, make(chan error, 1)
	go func() { d.ended <- daemon.Wait() }()
	client, err := manager.Dial(t.Context(), d.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	client.Community, client.Timeout, client.Retries = "public", 100*time.Millisecond, 0
	for begin := time.Now(); time.Since(begin) < time.Minute; {
		if _, err := client.Get(t.Context(), sysUpTime); err == nil {
			return
		}
		select {
		case err := <-d.ended:
			d.process = nil
			t.Fatalf("%s ended at once: %v\n%s", d.Name, err, d.log.tail())
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatalf("%s does not answer on %s:\n%s", d.Name, d.Address, d.log.tail())
}

// Signal sends a signal that the process outlives.
func (d *Daemon) Signal(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := d.process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// Stop sends a signal and waits for the end of the process. After SIGKILL there is no such thing as a good end.
func (d *Daemon) Stop(signal os.Signal) error {
	if d.process == nil {
		return nil
	}
	defer func() { d.process = nil }()
	d.process.Signal(signal)
	select {
	case err := <-d.ended:
		if signal == syscall.SIGKILL {
			return nil
		}
		return err
	case <-time.After(10 * time.Second):
		d.process.Kill()
		return errors.New("it did not stop within 10 s")
	}
}

// lockedBuffer holds what a daemon prints while the test may read it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.b.Bytes()[max(0, l.b.Len()-4000):])
}
