package transport_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"snmpstack/transport"
	"snmpstack/transport/internal/conntest"
)

// TestProcessBatchRefused runs testRefused where the kernel refuses batches, for
// which it needs a process with a filter.
func TestProcessBatchRefused(t *testing.T) {
	if os.Getenv("SNMPSTACK_TEST_REFUSED") != "" {
		testRefused(t)
		return
	}
	refuse := filepath.Join(t.TempDir(), "refuse")
	if out, err := exec.Command("go", "build", "-o", refuse, "./internal/refuse").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, test := range []struct{ name, errno string }{{"ENOSYS", "38"}, {"EPERM", "1"}} {
		t.Run(test.name, func(t *testing.T) {
			again := exec.Command(refuse, test.errno, os.Args[0], "-test.run=^TestProcessBatchRefused$", "-test.v")
			again.Env = append(os.Environ(), "SNMPSTACK_TEST_REFUSED=1")
			out, err := again.CombinedOutput()
			if strings.HasPrefix(string(out), "refuse: no filter of system calls") {
				t.Skipf("%s", out)
			}
			if err != nil || !strings.Contains(string(out), "--- PASS: TestProcessBatchRefused/one_by_one/") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// A kernel that refuses batches, because it does not have them or a filter
// forbids them, is asked for one datagram a call without being told to.
func testRefused(t *testing.T) {
	t.Run("on", func(t *testing.T) {
		_, err := transport.Listen(context.Background(), "udp4", "127.0.0.1:0", transport.Options{Batch: transport.On})
		if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "Batch is not supported on this kernel") {
			t.Errorf("Listen: %v, want an error that says it is not supported", err)
		}
	})
	t.Run("one by one", func(t *testing.T) {
		conntest.Run(t, func(t *testing.T) (a, b transport.Conn) {
			c := listen(t, "udp4", "127.0.0.1:0", transport.Options{})
			if c.Batch() != 1 {
				t.Errorf("Batch is %d, want 1", c.Batch())
			}
			return c, listen(t, "udp4", "127.0.0.1:0", transport.Options{})
		})
	})
}
