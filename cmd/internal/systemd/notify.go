// Package systemd tells the service manager what state a daemon is in, in the protocol
// of sd_notify(3): a datagram with lines NAME=VALUE to the socket that $NOTIFY_SOCKET
// names.
package systemd

import (
	"fmt"
	"net"
	"strings"
)

// A Notifier sends to the socket of that name: a path, or behind an @ a name in the
// abstract namespace that Linux has. "" is nobody, whom nothing is sent to.
type Notifier string

// Ready says that the daemon has started, or has read its configuration again.
func (n Notifier) Ready() error { return n.send("READY=1") }

// Stopping says that the daemon is about to end.
func (n Notifier) Stopping() error { return n.send("STOPPING=1") }

// Reloading says that the daemon begins to read its configuration again; Ready follows.
func (n Notifier) Reloading() error {
	if µs, ok := monotonicMicroseconds(); ok { // which Type=notify-reload waits for
		return n.send("RELOADING=1", fmt.Sprintf("MONOTONIC_USEC=%d", µs))
	}
	return n.send("RELOADING=1")
}

func (n Notifier) send(lines ...string) error {
	if n == "" {
		return nil
	}
	if !strings.HasPrefix(string(n), "/") && !strings.HasPrefix(string(n), "@") {
		return fmt.Errorf("NOTIFY_SOCKET is %q, expected a path or @NAME", string(n))
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Net: "unixgram", Name: string(n)})
	if err != nil {
		return fmt.Errorf("NOTIFY_SOCKET: %w", err)
	}
	defer c.Close()
	if _, err := c.Write([]byte(strings.Join(lines, "\n"))); err != nil {
		return fmt.Errorf("NOTIFY_SOCKET: %w", err)
	}
	return nil
}
