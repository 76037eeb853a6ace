package interoptest

import (
	"embed"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A Receiver is a receiver of notifications that a test has started.
type Receiver struct {
	log  lockedBuffer
	read int
}

// StartReceiver starts a receiver, and returns when it is ready. At the end of the test it is killed.
func StartReceiver(t *testing.T, command ...string) *Receiver {
	t.Helper()
	r := new(Receiver)
	c := exec.Command(command[0], command[1:]...)
	c.Stdout, c.Stderr = &r.log, &r.log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Process.Kill()
		c.Wait()
	})
	r.Await(t, "ready\n")
	return r
}

// Await waits until the receiver has printed all of the texts since the last call, and returns what it has printed.
func (r *Receiver) Await(t testing.TB, texts ...string) string {
	t.Helper()
	for begin := time.Now(); ; {
		r.log.mu.Lock()
		printed := string(r.log.b.Bytes()[r.read:])
		r.log.mu.Unlock()
		missing := ""
		for _, text := range texts {
			if !strings.Contains(printed, text) {
				missing = text
			}
		}
		switch {
		case missing == "":
			r.read += len(printed)
			return printed
		case time.Since(begin) > time.Minute:
			t.Fatalf("the receiver has not printed %q:\n%s", missing, printed)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// The receivers take a port and the engine ID of whom they hear as arguments, and print "ready", and what their files say.
//
//go:embed receivers
var receivers embed.FS

// PysnmpReceiver gives the command line of a receiver of notifications made of pysnmp.
func PysnmpReceiver(t *testing.T) []string {
	t.Helper()
	// Debian's package belongs to Debian's interpreter, whatever python3 the PATH leads to.
	python := Tool(t, "/usr/bin/python3")
	if out, err := exec.Command(python, "-c", "import pysnmp.entity.rfc3413.ntfrcv").CombinedOutput(); err != nil {
		Absent(t, "pysnmp: %v: %s", err, out)
	}
	return []string{python, writeReceiver(t, "pysnmp4.py", "receiver.py")}
}

// GosnmpReceiver gives the command line of a receiver of notifications made of gosnmp, of the version in module. It builds
// it as a module of its own outside this tree, which imports nothing but the standard library.
func GosnmpReceiver(t *testing.T, module string) []string {
	t.Helper()
	dir := filepath.Dir(writeReceiver(t, "gosnmp.go.txt", "main.go"))
	for _, args := range [][]string{{"mod", "init", "receiver"}, {"get", module}, {"build", "-o", "receiver", "."}} {
		c := exec.Command("go", args...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			if args[0] == "get" {
				Absent(t, "gosnmp: %v: %s", err, out)
			}
			t.Fatalf("go %v: %v: %s", args, err, out)
		}
	}
	return []string{filepath.Join(dir, "receiver")}
}

// writeReceiver writes a receiver's source into a directory of its own.
func writeReceiver(t *testing.T, name, as string) (path string) {
	t.Helper()
	source, err := receivers.ReadFile("receivers/" + name)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), as)
	if err := os.WriteFile(path, source, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
