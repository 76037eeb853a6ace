package agent

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// An Error is an error with one of the specification's codes. errors.Is finds the Code in
// it.
type Error struct {
	Code Code
	// Err says more, or is nil. An error of the operating system is a
	// syscall.Errno in its chain.
	Err error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("agent: %v (%d)", e.Code, int(e.Code))
	}
	return fmt.Sprintf("agent: %v (%d): %v", e.Code, int(e.Code), e.Err)
}

// Unwrap returns what Err holds.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, c) compare codes for a Code c, and errors.Is(err,
// &agent.Error{Code: c}) too.
func (e *Error) Is(target error) bool {
	switch t := target.(type) {
	case Code:
		return t == e.Code
	case *Error:
		return t.Err == nil && t.Code == e.Code
	}
	return false
}

// systemError gives an error of the operating system, of the resolver or of a socket its
// code. What has none, and neither has another one, is an argument that cannot be.
func systemError(err error) error {
	coded := (*Error)(nil)
	if err == nil || errors.As(err, &coded) {
		return err
	}
	if code := systemCode(err); code != 0 {
		return &Error{code, err}
	}
	return &Error{CodeInvalidArgument, err}
}

func systemCode(err error) Code {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		if code := Code(errno); code.system() {
			return code // Windows: the codes are its own
		}
		for _, row := range codes {
			if row.errno != 0 && row.errno == errno {
				return row.code
			}
		}
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		switch {
		case dns.IsNotFound:
			return CodeHostNotFound
		case dns.IsTemporary || dns.IsTimeout:
			return CodeTryAgain
		}
		return CodeNoRecovery
	}
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return CodeNotSupported
	case errors.Is(err, net.ErrClosed):
		return CodeNotActive // meanwhile
	}
	return 0
}
