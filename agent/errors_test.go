package agent_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
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
		if !errors.Is(err, code) || errors.Is(err, code+1) || errors.Is(inner, code) {
			t.Errorf("%v is not told by the Code", err)
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

// There is every code of the specification, and no other.
func TestCodesOfTheSpecification(t *testing.T) {
	text, err := os.ReadFile("testdata/specification.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, list, ok := strings.Cut(string(text), "errors: ")
	if !ok {
		t.Fatal("the specification has no errors")
	}
	want := make(map[string]bool)
	for _, code := range strings.Fields(list) {
		want[code] = true
	}
	there := make(map[string]bool)
	for _, code := range agent.Codes() {
		there[fmt.Sprint(int(code))] = true
	}
	if !maps.Equal(there, want) {
		t.Errorf("the codes are %v, want %v", there, want)
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
		{syscall.EINTR, 10004}, {syscall.EBADF, 10009}, {syscall.EFAULT, 10014}, {syscall.EINVAL, 10022}, {syscall.EMFILE, 10024},
		{syscall.EAGAIN, 10035}, {syscall.EINPROGRESS, 10036}, {syscall.EALREADY, 10037}, {syscall.ENOTSOCK, 10038}, {syscall.EDESTADDRREQ, 10039},
		{syscall.EPROTOTYPE, 10041}, {syscall.ENOPROTOOPT, 10042}, {syscall.EPROTONOSUPPORT, 10043}, {syscall.ESOCKTNOSUPPORT, 10044},
		{syscall.EOPNOTSUPP, 10045}, {syscall.EPFNOSUPPORT, 10046}, {syscall.EAFNOSUPPORT, 10047}, {syscall.ENETDOWN, 10050}, {syscall.ENETUNREACH, 10051},
		{syscall.ENETRESET, 10052}, {syscall.ECONNABORTED, 10053}, {syscall.ECONNRESET, 10054}, {syscall.ENOBUFS, 10055}, {syscall.EISCONN, 10056},
		{syscall.ENOTCONN, 10057}, {syscall.ESHUTDOWN, 10058}, {syscall.ETOOMANYREFS, 10059}, {syscall.ETIMEDOUT, 10060}, {syscall.ECONNREFUSED, 10061},
		{syscall.ELOOP, 10062}, {syscall.ENAMETOOLONG, 10063}, {syscall.EHOSTDOWN, 10064}, {syscall.EHOSTUNREACH, 10065}, {syscall.ENOTEMPTY, 10066},
		{syscall.EUSERS, 10068}, {syscall.EDQUOT, 10069}, {syscall.ESTALE, 10070}, {syscall.EREMOTE, 10071},
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
