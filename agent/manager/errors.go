package manager

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// A TimeoutError says that a request had no answer in any of its attempts.
// errors.Is finds os.ErrDeadlineExceeded in it, and the reason of Refused.
type TimeoutError struct {
	Address  string        // as it was given to Dial or New
	Attempts int           // how often the request was sent
	Wait     time.Duration // how long each attempt waited
	// Refused is what the network said in place of the agent, from an ICMP
	// message: syscall.ECONNREFUSED if nothing listens on the port. It is nil if
	// nothing was said.
	Refused error
	// Ignored counts the datagrams that came and were no answer to the request,
	// LastIgnored says why the last of them was none.
	Ignored     int
	LastIgnored error
	// Discovery says that with SNMPv3 the last attempt has only asked for the agent's
	// engine ID (RFC 3414 §4), which nobody has told.
	Discovery bool

	// hint is a Report that nobody has authenticated, and that says why there is
	// no answer.
	hint *ReportError
}

func (e *TimeoutError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "manager: no response from %s to %d attempts of %v", e.Address, e.Attempts, e.Wait)
	if e.Discovery {
		b.WriteString(", not even with its engine ID")
	}
	if e.Refused != nil {
		fmt.Fprintf(&b, ": %v", e.Refused)
	}
	if e.Ignored > 0 {
		fmt.Fprintf(&b, "; %d other datagrams came, the last: %v", e.Ignored, e.LastIgnored)
	}
	return b.String()
}

// Unwrap returns os.ErrDeadlineExceeded and Refused.
func (e *TimeoutError) Unwrap() []error {
	if e.Refused == nil {
		return []error{os.ErrDeadlineExceeded}
	}
	return []error{os.ErrDeadlineExceeded, e.Refused}
}

// Timeout reports true, as net.Error has it.
func (e *TimeoutError) Timeout() bool { return true }

// An AnswerError says that an agent's answer is none that its request can have,
// although version, community and request-id are right.
type AnswerError struct {
	Clause string // of the rule that is broken
	Reason string
}

func (e *AnswerError) Error() string {
	return fmt.Sprintf("manager: the answer breaks %s: %s", e.Clause, e.Reason)
}
