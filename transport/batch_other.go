//go:build !linux

package transport

import "runtime"

// What there is on Linux only. A UDPConn has neither of them here.
type (
	batchReader  struct{}
	batchWriters struct{}
)

const mostPerCall = 1

// setBatches refuses what cannot be had.
func (c *UDPConn) setBatches(wanted Switch) error {
	if wanted == On {
		return unsupported("Batch", runtime.GOOS)
	}
	return nil
}

func (c *UDPConn) readBatch(p []Packet) (n int, err error)  { panic("transport: no batches here") }
func (c *UDPConn) writeBatch(p []Packet) (n int, err error) { panic("transport: no batches here") }
