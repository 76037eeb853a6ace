//go:build linux

package main

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"
)

// notifySocket is a socket as systemd has one for a unit, which $NOTIFY_SOCKET names
// for the programs that the test starts.
func notifySocket(t *testing.T) *net.UnixConn {
	dir, err := os.MkdirTemp("", "systemd") // not t.TempDir: the path of a socket may have about 100 octets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Net: "unixgram", Name: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	// Whom a daemon becomes may write to systemd's.
	for name, mode := range map[string]os.FileMode{dir: 0o755, path: 0o777} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("NOTIFY_SOCKET", path)
	return c
}

// expectState receives what a daemon tells systemd.
func expectState(t *testing.T, c *net.UnixConn, want string) {
	t.Helper()
	var buf [1024]byte
	c.SetReadDeadline(time.Now().Add(30 * time.Second))
	n, err := c.Read(buf[:])
	if err != nil {
		t.Fatalf("waiting for %s: %v", want, err)
	}
	if got := string(buf[:n]); !regexp.MustCompile("^" + want + "$").MatchString(got) {
		t.Fatalf("systemd is told %q, want %s", got, want)
	}
}

// TestProcessTellsSystemd shows that systemd is told of a start when the agent answers,
// of SIGHUP when it has been followed, and of the end.
func TestProcessTellsSystemd(t *testing.T) {
	c := notifySocket(t)
	p := &agentProcess{t: t, config: filepath.Join(t.TempDir(), "snmpd.conf"), address: freeAddress(t)}
	const users = "createUser ops SHA longenough1 AES longenough2\nrwuser ops\n"
	p.state = filepath.Join(t.TempDir(), "state")
	p.configure(users + "sysLocation before\n")
	p.start()
	expectState(t, c, "READY=1")
	ops := p.as("ops", "longenough1", "longenough2")
	if got := location(t, ops); got != "before" {
		t.Errorf("sysLocation is %q", got)
	}
	// What the agent could not start with changes nothing, and is followed all the same.
	for _, config := range []string{users + "sysLocation after\n", "sysLocation nowhere\n"} {
		p.configure(config)
		if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		expectState(t, c, `RELOADING=1\nMONOTONIC_USEC=[0-9]+`)
		expectState(t, c, "READY=1")
		if got := location(t, ops); got != "after" {
			t.Errorf("after SIGHUP sysLocation is %q", got)
		}
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	expectState(t, c, "STOPPING=1")
}
