//go:build !linux

package transport

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// wantsPktinfo resolves Options.ReplyFromDestination for this system. On is
// refused by setBeforeBind.
func (o *Options) wantsPktinfo(wildcard bool) bool {
	return o.ReplyFromDestination == On
}

// setBeforeBind sets the buffer sizes and refuses the rest.
func (o *Options) setBeforeBind(fd uintptr, ipv4, pktinfo bool) error {
	for _, s := range []struct {
		name   string
		wanted bool
	}{
		{"DSCP", o.DSCP > 0},
		{"DontFragment", o.DontFragment},
		{"ShareLocalPort", o.ShareLocalPort},
		{"ReplyFromDestination", pktinfo},
	} {
		if s.wanted {
			return unsupported(s.name, runtime.GOOS)
		}
	}
	for _, s := range []struct {
		name         string
		option, size int
	}{
		{"InBufferSize", syscall.SO_RCVBUF, o.InBufferSize},
		{"OutBufferSize", syscall.SO_SNDBUF, o.OutBufferSize},
	} {
		if s.size == 0 {
			continue
		}
		if err := setsockoptInt(fd, syscall.SOL_SOCKET, s.option, s.size); err != nil {
			return fmt.Errorf("%s: %w", s.name, os.NewSyscallError("setsockopt", err))
		}
	}
	return nil
}

// grantedSize: the size reported is the size granted.
func grantedSize(reported int) int { return reported }
