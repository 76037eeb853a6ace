//go:build !unix

package main

import "time"

// cpuTime is not to be had here: the clock's has to do.
func cpuTime() time.Duration { return time.Since(started) }

var started = time.Now()
