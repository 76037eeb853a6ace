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

// systemError gives an error of the operating system or of the resolver its
// code. An error that has none stays as it is.
func systemError(err error) error {
	if code := systemCode(err); code != 0 {
		return &Error{code, err}
	}
	return err
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
	if errors.Is(err, errors.ErrUnsupported) {
		return CodeNotSupported
	}
	return 0
}
