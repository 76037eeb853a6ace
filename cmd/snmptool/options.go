package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/cmd/internal/format"
	"snmpstack/cmd/internal/getopt"
	"snmpstack/mib/smi"
	"snmpstack/pdu"
)

// options are those of all commands.
type options struct {
	version   pdu.Version
	community manager.Community
	credentials
	retries   int
	timeout   time.Duration
	dump      bool
	out       format.Options
	modules   string // -m, as given
	noNames   bool   // -m ""
	dirs      []string
	unchecked bool // -Ir
	noHints   bool // -Ih
	// prefix and suffix are put around each OID: -IS and -Is.
	prefix, suffix string
	flags          flags

	// listen
	communities []manager.Community
	format      trapFormat
	leastLevel  pdu.SecurityLevel

	// decode
	lines       bool
	ports       []uint16
	anyPort     bool
	showSecrets bool
}

// flags are what -C sets.
type flags struct {
	dontFix, countFound, include, noGet, anyOrder, timeWalk, timeEach, quiet bool
	nonRepeaters, maxRepetitions                                             int32
	bulk                                                                     bool // -Cr or -Cn was there
	end                                                                      string
}

// The letters of getopt.
const (
	nameLetters   = "hVO:I:m:M:P:L:D::"
	userLetters   = "u:a:A:x:X:3:"
	agentLetters  = nameLetters + "HY:v:c:r:t:C:d" + userLetters + "e:E:l:n:Z:"
	listenLetters = nameLetters + "c:F:ndfl:e:" + userLetters
	decodeLetters = nameLetters + "lp:Z:" + userLetters
	keyLetters    = "hVa:A:x:X:e:3:"
)

// parse reads the command line. done says that there is nothing more to do than
// to exit with the code.
func (c *call) parse(args []string) (code int, done bool) {
	c.options = options{version: pdu.V2c, community: "public", retries: manager.DefaultRetries, timeout: manager.DefaultTimeout}
	c.flags.maxRepetitions = manager.DefaultMaxRepetitions
	c.modules, c.noNames = os.Getenv("MIBS"), emptyEnv("MIBS")
	c.setDirs(os.Getenv("MIBDIRS"))
	letters := agentLetters
	switch c.command.name {
	case "decode":
		letters = decodeLetters
	case "key":
		letters = keyLetters
	case "listen":
		letters = listenLetters
	}
	p := getopt.New(args, letters, "help", "version", "show-secrets")
	switch c.command.name {
	case "set", "trap", "inform":
		p.InOrder = true // their values may begin with a minus sign
	}
	for p.Next() {
		switch p.Name {
		case "h", "help":
			fmt.Fprint(c.stderr, c.usage())
			return 1, true
		case "V", "version":
			fmt.Fprintln(c.stdout, version())
			return 0, true
		}
		if err := c.option(p); err != nil {
			c.say("%v", err)
			fmt.Fprint(c.stderr, c.usage())
			return 1, true
		}
	}
	if err := p.Err(); err != nil {
		c.say("%s: %v", c.name, err)
		fmt.Fprint(c.stderr, c.usage())
		return 1, true
	}
	c.operands = p.Operands()
	return 0, false
}

func emptyEnv(name string) bool {
	value, set := os.LookupEnv(name)
	return set && value == ""
}

// option applies one option. An error is printed in front of the usage.
func (c *call) option(p *getopt.Parser) (err error) {
	switch p.Name {
	case "v":
		switch strings.ToLower(p.Value) {
		case "1":
			c.version = pdu.V1
		case "2c":
			c.version = pdu.V2c
		case "3":
			c.version = pdu.V3
		default:
			return fmt.Errorf("Invalid version specified after -v flag: %s", p.Value)
		}
	case "c":
		c.community = manager.Community(p.Value)
		c.communities = append(c.communities, c.community)
	case "F":
		c.format, err = parseTrapFormat(p.Value)
		return err
	case "r":
		if c.retries, err = strconv.Atoi(p.Value); err != nil || c.retries < 0 {
			return fmt.Errorf("Invalid number of retries after -r flag.")
		}
	case "t":
		seconds, err := strconv.ParseFloat(p.Value, 64)
		if err != nil || !(seconds > 0) || seconds > math.MaxInt32 {
			return fmt.Errorf("Invalid timeout in seconds after -t flag.")
		}
		c.timeout = time.Duration(seconds * float64(time.Second))
	case "d":
		c.dump = true
	case "O":
		return c.out.Set(p.Value)
	case "I":
		return c.inputOptions(p)
	case "C":
		return c.appFlags(p)
	case "m":
		c.noNames = p.Value == "" || strings.EqualFold(p.Value, "none")
		c.modules = p.Value
	case "M":
		c.setDirs(p.Value)
	case "L":
		skipLogOption(p)
	case "l":
		if c.command.name == "decode" {
			c.lines = true
			break
		}
		return c.credentialOption(p.Name, p.Value)
	case "n":
		if c.command.name == "listen" {
			break // addresses are never looked up
		}
		return c.credentialOption(p.Name, p.Value)
	case "u", "a", "A", "x", "X", "e", "E", "Z":
		return c.credentialOption(p.Name, p.Value)
	case "3":
		return c.behind3(p)
	case "p":
		return c.port(p.Value)
	case "show-secrets":
		if c.command.name != "decode" && c.command.name != "listen" {
			return fmt.Errorf("--show-secrets is an option of decode and listen")
		}
		c.showSecrets = true
	}
	return nil // the others mean nothing here
}

// inputOptions applies the letters behind -I. A prefix or suffix is the next
// argument.
func (c *call) inputOptions(p *getopt.Parser) error {
	for _, letter := range p.Value {
		switch letter {
		case 's':
			c.suffix, _ = p.Shift()
		case 'S':
			c.prefix, _ = p.Shift()
		case 'r':
			c.unchecked = true
		case 'h':
			c.noHints = true
		case 'b', 'R', 'u': // other ways to find names: there is only one here
		default:
			return fmt.Errorf("Unknown input option passed to -I: %c.", letter)
		}
	}
	return nil
}

// appFlags applies the letters behind -C.
func (c *call) appFlags(p *getopt.Parser) error {
	f := &c.flags
	for rest := p.Value; rest != ""; {
		letter := rest[0]
		rest = rest[1:]
		if strings.IndexByte(c.command.flags, letter) < 0 {
			return fmt.Errorf("Unknown flag passed to -C: %c", letter)
		}
		switch letter {
		case 'f':
			f.dontFix = true
		case 'p':
			f.countFound = true
		case 'i':
			f.include = true
		case 'I':
			f.noGet = true
		case 'c':
			f.anyOrder = true
		case 't':
			f.timeWalk = true
		case 'T':
			f.timeEach = true
		case 'q':
			f.quiet = true
		case 'E':
			if f.end, rest = rest, ""; f.end == "" {
				f.end, _ = p.Shift()
			}
		case 'n', 'r':
			digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
			n, err := strconv.ParseInt(digits, 10, 32)
			if err != nil {
				return fmt.Errorf("-C%c needs a number directly behind it, as in -C%c10", letter, letter)
			}
			rest = rest[len(digits):]
			f.bulk = true
			if letter == 'n' {
				f.nonRepeaters = int32(n)
			} else {
				f.maxRepetitions = int32(n)
			}
		}
	}
	return nil
}

// skipLogOption takes what belongs to -L: a log is none of these commands'
// business.
func skipLogOption(p *getopt.Parser) {
	if p.Value == "" {
		return
	}
	switch p.Value[0] {
	case 'f', 's', 'E', 'O', 'N':
		if len(p.Value) == 1 {
			p.Shift()
		}
	case 'F', 'S': // a priority and a token
		if len(p.Value) == 1 {
			p.Shift()
		}
		p.Shift()
	}
}

func (c *call) port(text string) error {
	if text == "any" {
		c.anyPort = true
		return nil
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return fmt.Errorf("-p %s: expected a UDP port or any", text)
	}
	c.ports = append(c.ports, uint16(n))
	return nil
}

// defaultDirs are where Net-SNMP looks for modules.
func defaultDirs() (dirs []string) {
	if home, err := os.UserHomeDir(); err == nil {
		dirs = append(dirs, filepath.Join(home, ".snmp", "mibs"))
	}
	for _, sub := range []string{"", "iana", "ietf"} {
		dirs = append(dirs, filepath.Join("/usr/share/snmp/mibs", sub))
	}
	return dirs
}

// setDirs applies -M: directories, behind "+" in addition to the default ones.
func (c *call) setDirs(text string) {
	c.dirs = defaultDirs()
	if text == "" {
		return
	}
	more, add := strings.CutPrefix(text, "+")
	list := filepath.SplitList(more)
	if add {
		list = slices.Concat(c.dirs, list)
	}
	c.dirs = list
}

// loadNames makes names ready. A module that cannot be loaded is reported, and
// no reason to stop. Of ALL nothing is reported: somebody else's collection of
// modules is never without mistakes.
func (c *call) loadNames() {
	if c.noNames {
		c.names = smi.New()
		return
	}
	c.names = smi.Core()
	for module := range strings.SplitSeq(strings.TrimPrefix(c.modules, "+"), ":") {
		var err error
		switch module {
		case "":
		case "ALL":
			c.names.LoadAll(existing(c.dirs))
		default:
			err = c.names.Load(module, c.dirs)
		}
		if err != nil {
			c.say("%s", strings.TrimPrefix(err.Error(), "smi: "))
		}
	}
}

// existing returns the directories that are there.
func existing(dirs []string) (list []string) {
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			list = append(list, dir)
		}
	}
	return list
}
