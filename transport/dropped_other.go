//go:build !linux

package transport

import "runtime"

// Dropped returns how many datagrams for this socket the kernel has thrown away. Here
// it does not say: the error matches errors.ErrUnsupported.
func (c *UDPConn) Dropped() (uint32, error) {
	return 0, unsupported("counting what was dropped", runtime.GOOS)
}
