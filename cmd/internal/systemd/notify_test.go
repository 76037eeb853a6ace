package systemd

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// TestNotify shows what systemd receives, on a socket with a path and on an abstract
// one.
func TestNotify(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("systemd is Linux's")
	}
	dir, err := os.MkdirTemp("", "notify") // not t.TempDir: the path of a socket may have about 100 octets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "notify")
	for _, name := range []string{path, "@" + path} {
		n := Notifier(name)
		if err := n.Ready(); err == nil || !strings.HasPrefix(err.Error(), "NOTIFY_SOCKET: ") {
			t.Errorf("%s: nobody listens, and the error is %v", name, err)
		}
		c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Net: "unixgram", Name: name})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		before, _ := monotonicMicroseconds()
		for _, send := range []func() error{n.Ready, n.Reloading, n.Stopping} {
			if err := send(); err != nil {
				t.Error(err)
			}
		}
		after, ok := monotonicMicroseconds()
		if !ok || before <= 0 || after < before {
			t.Errorf("the clock says %d and then %d, %v", before, after, ok)
		}
		for _, want := range []string{`READY=1`, `RELOADING=1\nMONOTONIC_USEC=[0-9]+`, `STOPPING=1`} {
			var buf [256]byte
			length, err := c.Read(buf[:])
			if got := string(buf[:length]); err != nil || !regexp.MustCompile("^"+want+"$").MatchString(got) {
				t.Errorf("%s received %q, %v, want %s", name, got, err, want)
			}
		}
	}
}

func TestNotifyNobody(t *testing.T) {
	if err := Notifier("").Ready(); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"notify", "vsock:2:1234"} {
		if err := Notifier(name).Ready(); err == nil {
			t.Errorf("%s is no socket", name)
		}
	}
}
