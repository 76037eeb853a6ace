// How the daemon, and Debian's snmpd beside it, are built, started and stopped for the tests with real clients.

package main_test

import (
	"bytes"
	"cmp"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// absent skips the test, or fails it where the tools are required: there a skipped test would hide a missing installation.
func absent(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("SNMPSTACK_REQUIRE_INTEROP") != "" {
		t.Fatalf("SNMPSTACK_REQUIRE_INTEROP is set: "+format, args...)
	}
	t.Skipf(format, args...)
}

// tool gives the path of a program that the test cannot do without. Debian's daemons lie outside an ordinary user's PATH.
func tool(t *testing.T, name string) string {
	t.Helper()
	for _, name := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	absent(t, "%s is not installed", name)
	return ""
}

// buildAgent builds the daemon, with the race detector when the test has it. SNMPSTACK_INTEROP_AGENT may name another
// agent with the same command line instead: with snmpd it shows whether a check is the agent's fault or the script's.
func buildAgent(t *testing.T) string {
	t.Helper()
	if other := os.Getenv("SNMPSTACK_INTEROP_AGENT"); other != "" {
		return other
	}
	path := filepath.Join(t.TempDir(), "snmpagent")
	args := []string{"build", "-o", path}
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", append(args, ".")...).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// A daemonProcess is a daemon that a test has started on a port of the loopback interface.
type daemonProcess struct {
	name, address, port string
	command             func() *exec.Cmd
	process             *os.Process
	ended               chan error
	log                 lockedBuffer
}

// startAgent starts a daemon with a state directory on a free port. At the end of the test it is told to stop, and must
// then end by itself without an error.
func startAgent(t *testing.T, program, config string) *daemonProcess {
	t.Helper()
	state := filepath.Join(t.TempDir(), "state")
	if err := os.MkdirAll(filepath.Join(state, "cert_indexes"), 0o700); err != nil {
		t.Fatal(err)
	}
	return startAgentIn(t, program, config, state)
}

// startAgentIn starts a daemon with that state directory; with none, snmpd has its own.
func startAgentIn(t *testing.T, program, config, state string) *daemonProcess {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := conn.LocalAddr().String()
	conn.Close()
	return startAgentAt(t, program, config, state, address)
}

// startAgentAt starts a daemon on an address where nobody listens.
func startAgentAt(t *testing.T, program, config, state, address string) *daemonProcess {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "agent.conf")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	d := &daemonProcess{name: filepath.Base(program), address: address}
	_, d.port, _ = net.SplitHostPort(address)
	d.command = func() *exec.Cmd {
		// snmpd reads its state again where it looks for configurations: that is there, and -C is not given.
		c := exec.Command(program, "-f", "-Lo", "-c", path, "-I", "-smux", "-p", filepath.Join(dir, "pid"), "udp:"+address)
		c.Env = append(os.Environ(), "MIBS=", "HOME="+dir, "SNMPCONFPATH="+cmp.Or(state, dir), "SNMP_PERSISTENT_DIR="+state)
		c.Stdout, c.Stderr = &d.log, &d.log
		return c
	}
	t.Cleanup(func() {
		if err := d.stop(syscall.SIGTERM); err != nil {
			t.Errorf("%s after SIGTERM: %v", d.name, err)
		}
		if t.Failed() {
			t.Logf("%s said:\n%s", d.name, d.log.tail())
		}
	})
	d.start(t)
	return d
}

// start starts the process, and returns when it answers.
func (d *daemonProcess) start(t *testing.T) {
	t.Helper()
	daemon := d.command()
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	d.process, d.ended = daemon.Process, make(chan error, 1)
	go func() { d.ended <- daemon.Wait() }()
	snmpget, dir := tool(t, "snmpget"), t.TempDir()
	for begin := time.Now(); time.Since(begin) < time.Minute; {
		get := exec.Command(snmpget, "-v2c", "-c", "public", "-r", "0", "-t", "0.1", d.address, ".1.3.6.1.2.1.1.3.0")
		get.Env = toolEnv(dir)
		if get.Run() == nil {
			return
		}
		select {
		case err := <-d.ended:
			d.process = nil
			t.Fatalf("%s ended at once: %v\n%s", d.name, err, d.log.tail())
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatalf("%s does not answer on %s:\n%s", d.name, d.address, d.log.tail())
}

// stop sends a signal and waits for the end of the process. After SIGKILL there is no such thing as a good end.
func (d *daemonProcess) stop(signal os.Signal) error {
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

// toolEnv keeps Net-SNMP's tools from reading anybody's configuration or MIB files, so that they print numbers.
func toolEnv(dir string) []string {
	return append(os.Environ(), "LC_ALL=C", "MIBS=", "MIBDIRS=", "SNMPCONFPATH="+dir, "SNMP_PERSISTENT_DIR="+dir, "HOME="+dir)
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
