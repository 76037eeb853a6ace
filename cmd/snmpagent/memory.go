package main

import (
	"os"
	"runtime/debug"
)

// settleDown is for the moment when the agent answers. Reading the configuration has
// made garbage, and was quicker for letting it gather; it is given back to the system.
// From then on a request makes none, and what else does makes little of it: not to let
// as much gather as there is in use costs next to nothing and saves some MiB. Who sets
// GOGC knows better.
func settleDown() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(25)
	}
	debug.FreeOSMemory()
}
