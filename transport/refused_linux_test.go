package transport_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"snmpstack/transport"
	"snmpstack/transport/internal/conntest"
)

// A kernel that refuses batches, because it does not have them or a filter
// forbids them, gets one datagram a call without being asked. The test is run
// again in a process with such a filter.
func TestProcessBatchRefused(t *testing.T) {
	const variable = "SNMPSTACK_TEST_REFUSED" // the errno, and whether the filter is in force
	stage := os.Getenv(variable)
	if number, ok := strings.CutSuffix(stage, " to come"); ok {
		errno, _ := strconv.Atoi(number)
		runtime.LockOSThread() // a filter is for a thread and what it starts
		if err := refuse(syscall.Errno(errno), syscall.SYS_RECVMMSG, transport.SysSendmmsg); err != nil {
			t.Skipf("no filter of system calls is to be had here: %v", err)
		}
		os.Setenv(variable, number)
		t.Fatal(syscall.Exec(os.Args[0], os.Args, os.Environ()))
	}
	if stage == "" {
		for _, errno := range []syscall.Errno{syscall.ENOSYS, syscall.EPERM} {
			t.Run(errno.Error(), func(t *testing.T) {
				again := exec.Command(os.Args[0], "-test.run=^TestProcessBatchRefused$", "-test.v")
				again.Env = append(os.Environ(), variable+"="+strconv.Itoa(int(errno))+" to come")
				out, err := again.CombinedOutput()
				switch {
				case err != nil:
					t.Errorf("%v\n%s", err, out)
				case strings.Contains(string(out), "--- SKIP"):
					t.Skipf("%s", out)
				case !strings.Contains(string(out), "--- PASS: TestProcessBatchRefused/one_by_one/"):
					t.Errorf("nothing was tested:\n%s", out)
				}
			})
		}
		return
	}

	t.Run("on", func(t *testing.T) {
		c, err := transport.Listen(context.Background(), "udp4", "127.0.0.1:0", transport.Options{Batch: transport.On})
		if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "Batch is not supported on this kernel") {
			t.Errorf("Listen: %v, %v, want an error that says it is not supported", c, err)
		}
	})
	t.Run("one by one", func(t *testing.T) {
		conntest.Run(t, func(t *testing.T) (a, b transport.Conn) {
			ca := listen(t, "udp4", "127.0.0.1:0", transport.Options{})
			if ca.Batch() != 1 {
				t.Errorf("Batch is %d, want 1", ca.Batch())
			}
			return ca, listen(t, "udp4", "127.0.0.1:0", transport.Options{})
		})
	})
}

// refuse has two system calls fail with errno for this thread, and for the
// programs that it becomes (seccomp(2)).
func refuse(errno syscall.Errno, number1, number2 uint32) error {
	const (
		noNewPrivs = 38         // PR_SET_NO_NEW_PRIVS, without which only root may
		modeFilter = 2          // SECCOMP_MODE_FILTER
		fail       = 0x00050000 // SECCOMP_RET_ERRNO
		allow      = 0x7fff0000 // SECCOMP_RET_ALLOW
		equal      = syscall.BPF_JMP | syscall.BPF_JEQ | syscall.BPF_K
	)
	program := []syscall.SockFilter{
		{Code: syscall.BPF_LD | syscall.BPF_W | syscall.BPF_ABS, K: 0}, // the call's number
		{Code: equal, K: number1, Jt: 2},
		{Code: equal, K: number2, Jt: 1},
		{Code: syscall.BPF_RET | syscall.BPF_K, K: allow},
		{Code: syscall.BPF_RET | syscall.BPF_K, K: fail | uint32(errno)},
	}
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, noNewPrivs, 1, 0, 0, 0, 0); errno != 0 {
		return errno
	}
	prog := syscall.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, syscall.PR_SET_SECCOMP, modeFilter, uintptr(unsafe.Pointer(&prog)), 0, 0, 0); errno != 0 {
		return errno
	}
	return nil
}
