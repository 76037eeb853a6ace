package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"snmpstack/agent/manager"
	"snmpstack/cmd/internal/agentconf"
	"snmpstack/cmd/internal/can"
	"snmpstack/mib/smi"
)

// A command is a subcommand.
type command struct {
	name     string
	aliases  []string // the first one is Net-SNMP's program
	operands string   // for the usage
	about    string
	// flags are the letters that may follow -C; usage explains them.
	flags string
	run   func(context.Context, *call) int
}

var commands = []command{
	{"get", []string{"snmpget"}, "AGENT OID [OID]...", "ask for the values of instances", "f", get},
	{"next", []string{"snmpgetnext", "getnext"}, "AGENT OID [OID]...", "ask for the instances that follow", "f", getNext},
	{"bulk", []string{"snmpbulkget", "bulkget"}, "AGENT OID [OID]...", "ask for many instances that follow", "nr", getBulk},
	{"walk", []string{"snmpwalk"}, "AGENT [OID]", "ask for a whole subtree", "piIctTEnr", walk},
	{"bulkwalk", []string{"snmpbulkwalk"}, "AGENT [OID]", "the same with fewer requests", "piIctTEnr", bulkWalk},
	{"set", []string{"snmpset"}, "AGENT OID TYPE VALUE [OID TYPE VALUE]...", "give instances new values", "q", set},
	{"trap", []string{"snmptrap"}, "RECEIVER TRAP-PARAMETERS", "tell something, and do not wait", "i", trap},
	{"inform", []string{"snmpinform"}, "RECEIVER TRAP-PARAMETERS", "tell something, and wait until it is confirmed", "", inform},
	{"listen", nil, "[ADDRESS]...", "print the traps and informs that come", "", listen},
	{"key", nil, "", "derive keys from a user's passwords", "", key},
	{"can", nil, "-u USER|-c COMMUNITY [get|set|notify [OID]]", "tell what the daemon's configuration allows", "", nil},
	{"decode", nil, "[HEX|FILE]...", "take messages apart, from text or a capture", "", decode},
}

// A call is one run of a command.
type call struct {
	options
	command  *command
	name     string // what messages call the program
	operands []string
	names    *smi.Names
	asked    manager.Security // with SNMPv3, once open has been called

	stdin          io.Reader
	stdout, stderr io.Writer
}

// run is the program: args[0] is its name, and the result its exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	name := "snmptool"
	if len(args) > 0 {
		name = strings.TrimSuffix(filepath.Base(args[0]), ".exe")
		args = args[1:]
	}
	found := findCommand(name)
	if found == nil {
		if len(args) == 0 {
			fmt.Fprint(stderr, summary())
			return 1
		}
		switch args[0] {
		case "-h", "--help":
			fmt.Fprint(stderr, summary())
			return 1
		case "help":
			fmt.Fprint(stdout, summary())
			return 0
		case "-V", "--version", "version":
			fmt.Fprintln(stdout, version())
			return 0
		}
		if found = findCommand(args[0]); found == nil {
			fmt.Fprintf(stderr, "%s: there is no command %q\n%s", name, args[0], summary())
			return 1
		}
		name += " " + args[0]
		args = args[1:]
	}
	if found.name == "can" { // which has options of its own
		return can.Run(ctx, name, agentconf.Where{Getenv: os.LookupEnv}, args, stdout, stderr)
	}
	c := &call{command: found, name: name, stdin: stdin, stdout: stdout, stderr: stderr}
	if code, done := c.parse(args); done {
		return code
	}
	c.loadNames()
	return found.run(ctx, c)
}

func findCommand(name string) *command {
	for i := range commands {
		if c := &commands[i]; c.name == name || slices.Contains(c.aliases, name) {
			return c
		}
	}
	return nil
}

// say writes a line to the error output.
func (c *call) say(format string, args ...any) { fmt.Fprintf(c.stderr, format+"\n", args...) }

// version names the program as it was built.
func version() string {
	text := "snmptool"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		text += " " + info.Main.Version
	}
	return text
}
