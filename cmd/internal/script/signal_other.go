//go:build !unix

package script

import "os"

// signals has the only one that every system can send.
var signals = map[string]os.Signal{"KILL": os.Kill}
