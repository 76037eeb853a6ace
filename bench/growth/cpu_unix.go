//go:build unix

package main

import (
	"syscall"
	"time"
)

// cpuTime is the processor's time that this process has used, the kernel's work
// for it included.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
