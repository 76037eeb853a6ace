package agent_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"snmpstack/agent"
)

// Every code has a text of its own, and an Error with it can be told by the code and
// by what is in it.
func TestCodes(t *testing.T) {
	last := agent.Code(0)
	for _, code := range agent.Codes() {
		if code < last { // two errors of the system may have one code
			t.Errorf("%d comes after %d", code, last)
		}
		last = code
		inner := errors.New("more")
		err := fmt.Errorf("around it: %w", &agent.Error{Code: code, Err: inner})
		if !errors.Is(err, &agent.Error{Code: code}) || errors.Is(err, &agent.Error{Code: code + 1}) || !errors.Is(err, inner) {
			t.Errorf("%v is not told by its code", err)
		}
		text := (&agent.Error{Code: code}).Error()
		if strings.HasPrefix(code.String(), "code ") || !strings.Contains(text, code.String()) || !strings.Contains(text, fmt.Sprint(int(code))) {
			t.Errorf("%d has the text %q", code, text)
		}
	}
	if got := agent.Code(9).String(); got != "code 9" {
		t.Errorf("a code that is none is %q", got)
	}
}

// Errors of the system and of the resolver get the specification's codes, and stay
// what they are.
func TestSystemErrors(t *testing.T) {
	for _, tt := range []struct {
		err  error
		code agent.Code // 0: none
	}{
		{&net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}, 10048},
		{&fs.PathError{Op: "open", Err: syscall.EACCES}, 10013},
		{syscall.EPERM, 10013},
		{syscall.EADDRNOTAVAIL, 10049},
		{syscall.EMSGSIZE, 10040},
		{&net.DNSError{IsNotFound: true}, 11001},
		{&net.DNSError{IsTemporary: true}, 11002},
		{&net.DNSError{}, 11003},
		{fmt.Errorf("an option: %w", errors.ErrUnsupported), 10045},
		{errors.New("something else"), 0},
	} {
		got := agent.SystemError(tt.err)
		if codeOf(got) != tt.code || !errors.Is(got, tt.err) {
			t.Errorf("%v becomes %v, want code %d", tt.err, got, tt.code)
		}
	}
}
