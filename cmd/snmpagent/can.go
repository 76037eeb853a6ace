package main

import (
	"errors"
	"fmt"
	"io"

	"snmpstack/cmd/internal/can"
	"snmpstack/cmd/internal/snmpdconf"
)

// answer tells what the configuration lets somebody do, and returns the exit code.
func (c *configuration) answer(question []string, problems []error, stdout, stderr io.Writer) int {
	const name = "snmpagent can"
	for _, err := range c.unreadable {
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		// The persistent file is the daemon's alone.
		if placed := (*snmpdconf.Error)(nil); !errors.As(err, &placed) || placed.File != c.persistentPath() {
			return can.Wrong
		}
	}
	wrong := 0
	for _, p := range problems {
		if placed := (*snmpdconf.Error)(nil); errors.As(p, &placed) && placed.Line > 0 && !placed.Warning {
			wrong++
		}
	}
	return can.Run(name, &can.Config{
		Statements: append(c.access.Statements(), c.access.Managed()...), Contexts: c.access.Contexts(), Users: c.accessUsers(), Wrong: wrong,
	}, question, stdout, stderr)
}
