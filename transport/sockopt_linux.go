package transport

import (
	"fmt"
	"os"
	"syscall"
)

// wantsPktinfo resolves Options.ReplyFromDestination for this system.
func (o *Options) wantsPktinfo(wildcard bool) bool {
	return o.ReplyFromDestination == On || o.ReplyFromDestination == Default && wildcard
}

// setBeforeBind sets every option on the new socket. It happens before bind,
// so that the first datagram to arrive already has its control data.
func (o *Options) setBeforeBind(fd uintptr, ipv4, pktinfo bool) error {
	level, tos, discover, discoverDo, pktinfoOption := syscall.IPPROTO_IPV6, syscall.IPV6_TCLASS,
		syscall.IPV6_MTU_DISCOVER, syscall.IPV6_PMTUDISC_DO, syscall.IPV6_RECVPKTINFO
	if ipv4 {
		level, tos, discover, discoverDo, pktinfoOption = syscall.IPPROTO_IP, syscall.IP_TOS,
			syscall.IP_MTU_DISCOVER, syscall.IP_PMTUDISC_DO, syscall.IP_PKTINFO
	}
	for _, s := range []struct {
		name          string
		wanted        bool
		level, option int
		value         int
	}{
		{"InBufferSize", o.InBufferSize > 0, syscall.SOL_SOCKET, syscall.SO_RCVBUF, o.InBufferSize},
		{"OutBufferSize", o.OutBufferSize > 0, syscall.SOL_SOCKET, syscall.SO_SNDBUF, o.OutBufferSize},
		// RFC 2474 §3: the codepoint is the upper six bits of the field, the
		// lower two are not ours.
		{"DSCP", o.DSCP > 0, level, tos, o.DSCP << 2},
		{"DontFragment", o.DontFragment, level, discover, discoverDo},
		{"ShareLocalPort", o.ShareLocalPort, syscall.SOL_SOCKET, soReusePort, 1},
		{"ReplyFromDestination", pktinfo, level, pktinfoOption, 1},
	} {
		if !s.wanted {
			continue
		}
		if err := setsockoptInt(fd, s.level, s.option, s.value); err != nil {
			return fmt.Errorf("%s: %w", s.name, os.NewSyscallError("setsockopt", err))
		}
	}
	if o.InBufferSize == 0 {
		raiseInBuffer(fd)
	}
	return nil
}

// raiseInBuffer makes room for DefaultInBuffer octets, or as many as the system
// grants. It does not matter if it grants no more than there is.
func raiseInBuffer(fd uintptr) {
	if size, err := getsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF); err == nil && grantedSize(size) < DefaultInBuffer {
		setsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, DefaultInBuffer)
	}
}

// grantedSize undoes the kernel's arithmetic: it doubles what it is asked for,
// to account for its own overhead, and reports the double (socket(7)).
func grantedSize(reported int) int { return reported / 2 }
