package transport

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
)

func TestClassify(t *testing.T) {
	read := func(cause error) error {
		return &net.OpError{Op: "read", Net: "udp", Err: os.NewSyscallError("recvmsg", cause)}
	}
	write := func(cause error) error {
		return &net.OpError{Op: "write", Net: "udp", Err: os.NewSyscallError("sendmsg", cause)}
	}
	broken := brokenErrnos[0]
	unreachable := unreachableErrnos[0]
	for _, test := range []struct {
		name string
		err  error
		want ErrorClass
	}{
		{"no error", nil, ClassNone},
		{"read, closed", &net.OpError{Op: "read", Err: net.ErrClosed}, ClassClosed},
		{"write, closed", &net.OpError{Op: "write", Err: net.ErrClosed}, ClassClosed},
		{"closed, wrapped", fmt.Errorf("agent: %w", net.ErrClosed), ClassClosed},

		{"read, ICMP port unreachable", read(syscall.ECONNREFUSED), ClassTransient},
		{"read, nothing there", read(syscall.EAGAIN), ClassTransient},
		{"read, interrupted", read(syscall.EINTR), ClassTransient},
		{"read, no buffers", read(syscall.ENOBUFS), ClassTransient},
		{"read, unreachable reported late", read(unreachable), ClassTransient},
		{"read, truncated", read(syscall.EMSGSIZE), ClassDatagram},
		{"read, bad descriptor", read(broken), ClassFatal},
		{"read, not understood", read(syscall.EISDIR), ClassFatal},
		{"read, no cause given", &net.OpError{Op: "read", Err: errors.New("odd")}, ClassFatal},
		{"wrapped", fmt.Errorf("agent: %w", read(syscall.ENOBUFS)), ClassTransient},

		{"write, would block", write(syscall.EAGAIN), ClassTransient},
		{"write, no buffers", write(syscall.ENOBUFS), ClassTransient},
		{"write, earlier datagram refused", write(syscall.ECONNREFUSED), ClassTransient},
		{"write, too long", write(syscall.EMSGSIZE), ClassDatagram},
		{"write, packet filter", write(syscall.EPERM), ClassDatagram},
		{"write, broadcast forbidden", write(syscall.EACCES), ClassDatagram},
		{"write, unreachable", write(unreachable), ClassDatagram},
		{"write, our address is gone", write(syscall.EINVAL), ClassDatagram},
		{"write, not understood", write(syscall.EISDIR), ClassDatagram},
		{"write, no error number", &net.OpError{Op: "write", Err: unsupported("x", "y")}, ClassDatagram},
		{"write, bad descriptor", write(broken), ClassFatal},

		{"neither, too long", syscall.EMSGSIZE, ClassDatagram},
		{"neither, not understood", errors.New("odd"), ClassFatal},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Classify(test.err); got != test.want {
				t.Errorf("Classify(%v) is %v, want %v", test.err, got, test.want)
			}
		})
	}
}

func TestErrorClassString(t *testing.T) {
	for class, want := range map[ErrorClass]string{
		ClassNone: "none", ClassClosed: "closed", ClassTransient: "transient",
		ClassDatagram: "datagram", ClassFatal: "fatal", 99: "ErrorClass(99)",
	} {
		if got := class.String(); got != want {
			t.Errorf("class %d is %q, want %q", uint8(class), got, want)
		}
	}
}

func TestUnsupported(t *testing.T) {
	err := unsupported("DSCP", "windows")
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%v does not match errors.ErrUnsupported", err)
	}
	if got, want := err.Error(), "DSCP is not supported on windows"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}
