package systemd

import (
	"syscall"
	"unsafe"
)

const clockMonotonic = 1 // CLOCK_MONOTONIC of <linux/time.h>

// monotonicMicroseconds returns the time of the clock that systemd compares
// MONOTONIC_USEC with.
func monotonicMicroseconds() (int64, bool) {
	var t syscall.Timespec
	_, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&t)), 0)
	return t.Nano() / 1000, errno == 0
}
