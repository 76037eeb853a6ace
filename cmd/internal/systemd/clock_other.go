//go:build !linux

package systemd

// monotonicMicroseconds returns false: systemd is Linux's.
func monotonicMicroseconds() (int64, bool) { return 0, false }
