//go:build !linux

package transport

import (
	"net/netip"
	"runtime"
)

// controlSize: no control data is asked for.
const controlSize = 0

// parsePktinfo has nothing to find.
func parsePktinfo(control []byte) (local netip.Addr, ifIndex int) {
	return netip.Addr{}, 0
}

// sourceControl refuses a packet whose source or interface would have to be
// chosen here: sent anyway, it might leave from the wrong address.
func (c *UDPConn) sourceControl(local netip.Addr, ifIndex int) ([]byte, error) {
	return nil, unsupported("choosing the source of a datagram", runtime.GOOS)
}
