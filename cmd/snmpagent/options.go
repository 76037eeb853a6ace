package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"snmpstack/agent"
	"snmpstack/cmd/internal/agentconf"
	"snmpstack/cmd/internal/getopt"
	"snmpstack/cmd/internal/snmpdconf"
)

const usage = `Usage: snmpagent [OPTIONS] [LISTENING-ADDRESS…]
       snmpagent [-c FILE] [-C] can -u USER | -c COMMUNITY [get|set|notify [OID]]

  -c FILE[,FILE]   read the configuration from FILE, and from nowhere else
  -C               do not look for a configuration in $SNMPCONFPATH
  -f               stay in the foreground (it always does)
  -u USER, -g GROUP  become USER and GROUP, names or numbers, when the sockets are
                   open; USER's own groups without -g
  -r               go on as somebody who is not root and cannot become USER
  -H               list the directives of the configuration and the settings of -o
  -Le, -Lo, -Ln    log to stderr (the default), to stdout, not at all
  -Lf FILE         log to FILE
  -A               append to FILE instead of starting it anew
  -o NAME=VALUE    set one of the agent's settings, for example
                   -o MaxPacketSize=8192; may be repeated
  -p FILE          write the process ID to FILE
  -U               leave the file of -p behind
  -t               check the configuration, list what is wrong, and exit
  -h, --help       show this text
  -v, --version    show the version

A LISTENING-ADDRESS is [udp:|udp6:][HOST:]PORT or HOST, for example
127.0.0.1:1161, 1161 (all IPv4 addresses), udp6:[::1]:1161. Without one, and
without agentAddress in the configuration, it is udp:161; without any
configuration it is 127.0.0.1:1161, and the community public may read.

can tells what the configuration lets somebody do and which line says so; can -h
lists its options.

Other options of snmpd are accepted and have no effect. SIGHUP makes the agent
read its files again, SIGINT and SIGTERM end it.
`

// options are what the command line says.
type options struct {
	help, version, directives, check bool

	files     []snmpdconf.File // of -c
	noSearch  bool             // -C
	logTo     string           // "e", "o", "n" or "f"
	logFile   string
	logAppend bool
	pidFile   string

	keepPIDFile bool // -U

	owner  owner // -u and -g
	noRoot bool  // -r

	// lookUp finds the addresses of the hosts in the configuration; nil is the system's
	// resolver.
	lookUp func(ctx context.Context, network, host string) ([]netip.Addr, error)

	settings  []string // of -o
	addresses []string
	notes     []string // about options that have no effect
}

// Options of snmpd that mean nothing here, and why.
var ignoredOptions = map[string]string{
	"a": "addresses of requests are not logged",
	"d": "packets are not logged, they hold communities",
	"D": "there is no debugging output",
	"I": "there are no MIB modules to choose from",
	"m": "no MIB files are read",
	"M": "no MIB files are read",
	"q": "there is only one format",
	"V": "there is nothing more to tell",
	"x": "AgentX is not supported",
	"X": "AgentX is not supported",
}

const optionLetters = "aAc:CdD::fg:hHI:l:L:m:M:n:o:p:P:qrsS:tu:UvVx:X"

// cutCommand divides a command line at the word can, if that is its first operand.
func cutCommand(args []string) (before, after []string, ok bool) {
	p := getopt.New(args, optionLetters, "help", "version")
	p.InOrder = true
	for p.Next() {
	}
	if p.Err() != nil || len(p.Operands()) == 0 || p.Operands()[0] != "can" {
		return args, nil, false
	}
	n := len(args) - len(p.Operands())
	return args[:n], args[n+1:], true
}

func parseOptions(args []string) (*options, error) {
	o := &options{logTo: "e"}
	p := getopt.New(args, optionLetters, "help", "version")
	for p.Next() {
		switch p.Name {
		case "h", "help":
			o.help = true
		case "v", "version":
			o.version = true
		case "H":
			o.directives = true
		case "t":
			o.check = true
		case "c":
			files, _ := snmpdconf.OptionFiles(p.Value)
			o.files = append(o.files, files...)
		case "C":
			o.noSearch = true
		case "f":
		case "A":
			o.logAppend = true
		case "L":
			if err := o.setLog(p); err != nil {
				return nil, err
			}
		case "l": // deprecated: -Lf
			o.logTo, o.logFile = "f", p.Value
		case "s", "S", "n":
			o.notes = append(o.notes, fmt.Sprintf("option -%s has no effect", p.Name))
		case "U":
			o.keepPIDFile = true
		case "p", "P":
			o.pidFile = p.Value
		case "u":
			o.owner.user = p.Value
		case "g":
			o.owner.group = p.Value
		case "r":
			o.noRoot = true
		case "o":
			if err := o.addSetting(p.Value); err != nil {
				return nil, err
			}
		default:
			o.notes = append(o.notes, fmt.Sprintf("option -%s is ignored: %s", p.Name, ignoredOptions[p.Name]))
		}
	}
	o.addresses = p.Operands()
	return o, p.Err()
}

// addSetting takes the value of -o.
func (o *options) addSetting(text string) error {
	name, _, ok := strings.Cut(text, "=")
	if !ok {
		return fmt.Errorf("option -o %s: expected NAME=VALUE", text)
	}
	if isAddressSetting(strings.TrimSpace(name)) {
		return fmt.Errorf("option -o: %s has no effect here, expected a LISTENING-ADDRESS instead, such as 127.0.0.1:1161", name)
	}
	if isProgramSetting(strings.TrimSpace(name)) {
		return fmt.Errorf("option -o: %s has no effect here: it is for programs that embed the agent", name)
	}
	o.settings = append(o.settings, text)
	return nil
}

// isProgramSetting reports whether a setting is about what a program does with its
// agent.
func isProgramSetting(name string) bool {
	switch lower(name) {
	case "processidleevents", "selectwaitmillis", "codepage", "datatosend":
		return true
	}
	return false
}

// isAddressSetting reports whether a setting says where to listen. The addresses of
// the command line and the configuration do that here.
func isAddressSetting(name string) bool {
	switch lower(name) {
	case "localhost", "localport", "useipv6", "forcelocalport":
		return true
	}
	return false
}

// settingHelp lists what -o takes, with the values that hold without it.
func settingHelp() string {
	var b strings.Builder
	a := agent.New()
	for _, name := range agent.Settings() {
		value, err := a.Config(name)
		if err != nil || isAddressSetting(name) || isProgramSetting(name) {
			continue
		}
		if _, err := a.Config(name + "=" + value); err == nil { // else it can only be read
			fmt.Fprintf(&b, "-o %s=%s\n", name, value)
		}
	}
	return b.String()
}

// applySettings makes the settings of -o.
func (o *options) applySettings(a *agent.Agent) error {
	for _, s := range o.settings {
		if _, err := a.Config(s); err != nil {
			return fmt.Errorf("option -o: %w", err)
		}
	}
	return nil
}

// checkSettings returns what is wrong with the settings of -o.
func (o *options) checkSettings() error { return o.applySettings(agent.New()) }

// setLog reads the value of -L as snmpd has it: a letter for where to, after
// which f and s have an argument, and the forms in upper case that begin with a
// priority.
func (o *options) setLog(p *getopt.Parser) error {
	to, rest := p.Value[:min(1, len(p.Value))], p.Value[min(1, len(p.Value)):]
	argument := func() (string, error) {
		if rest != "" {
			return rest, nil
		}
		if next, ok := p.Shift(); ok {
			return next, nil
		}
		return "", fmt.Errorf("option -L%s needs a value", to)
	}
	switch to {
	case "e", "o", "n":
		o.logTo = to
	case "E", "O", "N": // -LOw: everything is logged, whatever the priority
		if _, err := argument(); err != nil {
			return err
		}
		o.logTo = lower(to)
	case "F": // -LF w FILE
		if _, err := argument(); err != nil {
			return err
		}
		rest = ""
		fallthrough
	case "f":
		file, err := argument()
		if err != nil {
			return err
		}
		o.logTo, o.logFile = "f", file
	case "S": // -LS w FACILITY
		if _, err := argument(); err != nil {
			return err
		}
		rest = ""
		fallthrough
	case "s":
		if _, err := argument(); err != nil {
			return err
		}
		o.notes = append(o.notes, "option -Ls has no effect: there is no syslog here")
	default:
		return fmt.Errorf("option -L%s: expected e (stderr), o (stdout), n (nowhere) or f FILE", p.Value)
	}
	return nil
}

// load reads the configuration. What is wrong in it comes back as a list, in the
// order of the files and their lines.
func (o *options) load(ctx context.Context, getenv func(string) (string, bool)) (*configuration, []error) {
	conf := newConfiguration()
	conf.Access.LookUp = o.lookUp
	problems := conf.Load(ctx, o.where(getenv), conf.apply)
	for _, p := range problems {
		if isAboutOwner(p) {
			conf.badOwner = p
		}
	}
	problems = append(problems, conf.finish()...)
	conf.addCommandLine(o.addresses)
	conf.settleOwner(o.owner)
	problems = append(problems, conf.Access.Lint(conf.AccessUsers(), conf.isReachable())...)
	problems = append(problems, conf.lintTargets()...)
	sortByPlace(problems, conf.Files)
	return conf, problems
}

// where says where the configuration is.
func (o *options) where(getenv func(string) (string, bool)) agentconf.Where {
	return agentconf.Where{Given: o.files, NoSearch: o.noSearch, Getenv: getenv}
}

// sortByPlace puts problems in the order of the files and their lines.
func sortByPlace(problems []error, files []string) {
	place := func(err error) (file, line int) {
		var placed *snmpdconf.Error
		if !errors.As(err, &placed) {
			return len(files), 0
		}
		return slices.Index(files, placed.File), placed.Line
	}
	slices.SortStableFunc(problems, func(a, b error) int {
		fileA, lineA := place(a)
		fileB, lineB := place(b)
		return cmp.Or(cmp.Compare(fileA, fileB), cmp.Compare(lineA, lineB))
	})
}
