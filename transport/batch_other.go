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
func (c *UDPConn) setBatches(opts *Options) error {
	switch On {
	case opts.Batch:
		return unsupported("Batch", runtime.GOOS)
	case opts.GSO:
		return unsupported("GSO", runtime.GOOS)
	}
	return nil
}

func (c *UDPConn) readBatch(p []Packet) (n int, err error)  { panic("transport: no batches here") }
func (c *UDPConn) writeBatch(p []Packet) (n int, err error) { panic("transport: no batches here") }
