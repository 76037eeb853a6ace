package script

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// A command is something a script line can say. To add one, add a row below and a line to the package comment.
type command struct {
	args     string // for the usage message
	signs    string // which of ! and ? may stand before it
	min, max int    // number of arguments; max < 0 means any number
	run      func(st *state, sign byte, args []string) error
}

var commands = map[string]command{
	"chmod":       {"OCTAL FILE...", "", 2, -1, cmdChmod},
	"cmp":         {"A B", "!", 2, 2, cmdCmp},
	"cp":          {"FROM TO", "", 2, 2, cmdCp},
	"env":         {"[NAME=VALUE...]", "", 0, -1, cmdEnv},
	"exec":        {"PROGRAM [ARG...] [&NAME&]", "!?", 1, -1, cmdExec},
	"exists":      {"[-mode=OCTAL] FILE...", "!", 1, -1, cmdExists},
	"exit":        {"N", "", 1, 1, cmdExit},
	"expand":      {"FILE...", "", 1, -1, cmdExpand},
	"grep":        {"[-count=N] REGEXP FILE", "!", 2, 3, cmdGrep},
	"kill":        {"NAME [SIGNAL]", "", 1, 2, cmdKill},
	"mkdir":       {"DIR...", "", 1, -1, cmdMkdir},
	"rm":          {"FILE...", "", 1, -1, cmdRm},
	"skip-unless": {"CONDITION...", "", 1, -1, cmdSkipUnless},
	"stderr":      {"[-count=N] REGEXP", "!", 1, 2, cmdStderr},
	"stdin":       {"FILE", "", 1, 1, cmdStdin},
	"stdout":      {"[-count=N] REGEXP", "!", 1, 2, cmdStdout},
	"wait":        {"[NAME]", "", 0, 1, cmdWait},
	"waitout":     {"NAME REGEXP [VARIABLE...]", "", 2, -1, cmdWaitout},
}

// backgroundName returns NAME of &NAME&.
func backgroundName(word string) (string, bool) {
	if len(word) < 3 || word[0] != '&' || word[len(word)-1] != '&' {
		return "", false
	}
	return word[1 : len(word)-1], true
}

func cmdExec(st *state, sign byte, args []string) error {
	last := len(args) - 1
	name, inBackground := backgroundName(args[last])
	if inBackground {
		args = args[:last]
		if st.background[name] != nil {
			return fmt.Errorf("there is a background program %s already", name)
		}
	}
	if args[len(args)-1] == "&" {
		return errors.New("a background program needs a name, expected &NAME&")
	}
	path, err := st.program(args[0])
	if err != nil {
		return err
	}
	stdin := io.Reader(strings.NewReader(st.stdin))
	st.stdin = ""
	p, err := start(st.ctx, path, args[1:], st.environ(), st.work, stdin)
	if err != nil {
		if st.ctx.Err() != nil {
			return timedOut(st.ctx)
		}
		return err
	}
	p.name, p.sign = name, sign
	if inBackground {
		st.background[name] = p
		return nil
	}
	return st.wait(p)
}

// wait waits for a program; its outputs become the last ones.
func (st *state) wait(p *process) error {
	var err error
	st.last, err = p.wait(st.ctx)
	st.ran = true
	st.logOutput(st.last)
	if err == nil && p.sign != 0 {
		fmt.Fprintf(&st.log, "      exit code %d\n", st.last.code)
	}
	return err
}

// program looks a program up in the script's PATH, which may differ from that of the test.
func (st *state) program(name string) (string, error) {
	if strings.ContainsAny(name, `/\`) {
		return exec.LookPath(st.path(name))
	}
	for _, dir := range filepath.SplitList(st.env["PATH"]) {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil && filepath.IsAbs(path) {
			return path, nil
		}
	}
	return "", fmt.Errorf("program %s is neither one of the test's nor in $PATH", name)
}

func cmdStdin(st *state, _ byte, args []string) (err error) {
	st.stdin, err = st.read(args[0])
	return err
}

func cmdExit(st *state, _ byte, args []string) error {
	want, err := strconv.Atoi(args[0])
	if err != nil {
		return fmt.Errorf("exit code %q is not a number", args[0])
	}
	if !st.ran {
		return errors.New("no program has run yet")
	}
	if st.last.code != want {
		return fmt.Errorf("exit code %d, expected %d", st.last.code, want)
	}
	return nil
}

func cmdStdout(st *state, sign byte, args []string) error {
	return st.match(sign, append(slices.Clone(args), "stdout"))
}

func cmdStderr(st *state, sign byte, args []string) error {
	return st.match(sign, append(slices.Clone(args), "stderr"))
}

func cmdGrep(st *state, sign byte, args []string) error { return st.match(sign, args) }

// match is grep: [-count=N] REGEXP FILE.
func (st *state) match(sign byte, args []string) error {
	count := -1
	if text, ok := strings.CutPrefix(args[0], "-count="); ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || sign != 0 {
			return fmt.Errorf("%s: expected a number above 0, and no ! before the command", args[0])
		}
		count, args = n, args[1:]
	}
	if len(args) != 2 {
		return errors.New("expected one regular expression")
	}
	re, err := lineRegexp(args[0])
	if err != nil {
		return err
	}
	text, err := st.read(args[1])
	if err != nil {
		return err
	}
	found := re.FindAllString(text, -1)
	switch {
	case sign == '!' && len(found) > 0:
		return fmt.Errorf("%s has a match of %q, expected none: %q", args[1], args[0], found[0])
	case sign == 0 && len(found) == 0:
		return fmt.Errorf("%s has no match of %q", args[1], args[0])
	case count >= 0 && len(found) != count:
		return fmt.Errorf("%s has %d matches of %q, expected %d", args[1], len(found), args[0], count)
	}
	return nil
}

func lineRegexp(expr string) (*regexp.Regexp, error) { return regexp.Compile("(?m)" + expr) }

// read returns the text of a file, or of an output of the last program.
func (st *state) read(name string) (string, error) {
	if name == "stdout" || name == "stderr" {
		switch {
		case !st.ran:
			return "", fmt.Errorf("there is no %s, no program has run yet", name)
		case name == "stdout":
			return st.last.stdout, nil
		default:
			return st.last.stderr, nil
		}
	}
	b, err := os.ReadFile(st.path(name))
	return string(b), err
}

func cmdCmp(st *state, sign byte, args []string) error {
	a, err := st.read(args[0])
	if err != nil {
		return err
	}
	b, err := st.read(args[1])
	if err != nil {
		return err
	}
	switch {
	case sign == '!' && a == b:
		return fmt.Errorf("%s and %s are equal, expected a difference", args[0], args[1])
	case sign == '!' || a == b || st.update(args, a):
		return nil
	}
	return fmt.Errorf("%s and %s differ: %s", args[0], args[1], difference(args[0], a, args[1], b))
}

// update puts the text of an output into the script in place of the file it was compared with, if the suite wants that.
func (st *state) update(args []string, text string) bool {
	if !st.suite.Update || args[0] != "stdout" && args[0] != "stderr" {
		return false
	}
	for i := range st.archive.files {
		if f := &st.archive.files[i]; f.name == args[1] && (text == "" || strings.HasSuffix(text, "\n")) {
			f.data = text
			st.updated = true
			return true
		}
	}
	return false
}

// difference describes the first line in which two texts differ.
func difference(nameA, a, nameB, b string) string {
	for line := 1; ; line++ {
		la, restA, moreA := strings.Cut(a, "\n")
		lb, restB, moreB := strings.Cut(b, "\n")
		switch {
		case (a == "") != (b == ""):
			longer, text := nameA, la
			if a == "" {
				longer, text = nameB, lb
			}
			return fmt.Sprintf("only %s has a line %d: %q", longer, line, text)
		case la != lb:
			return fmt.Sprintf("line %d\n      %s: %q\n      %s: %q", line, nameA, la, nameB, lb)
		case moreA != moreB:
			return fmt.Sprintf("one of them has no newline at the end of line %d", line)
		}
		a, b = restA, restB
	}
}

func cmdExists(st *state, sign byte, args []string) error {
	mode := fs.FileMode(0)
	text, checkMode := strings.CutPrefix(args[0], "-mode=")
	if checkMode {
		m, err := octal(text)
		if err != nil {
			return err
		}
		if sign != 0 || len(args) < 2 {
			return errors.New("-mode needs a file after it and no ! before the command")
		}
		mode, args = m, args[1:]
	}
	for _, name := range args {
		info, err := os.Lstat(st.path(name))
		switch {
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return err
		case sign == '!' && err == nil:
			return fmt.Errorf("%s exists, expected it not to", name)
		case sign == 0 && err != nil:
			return fmt.Errorf("%s does not exist", name)
		case checkMode && info.Mode().Perm() != mode:
			return fmt.Errorf("%s has mode %#o, expected %#o", name, info.Mode().Perm(), mode)
		}
	}
	return nil
}

func cmdEnv(st *state, _ byte, args []string) error {
	if len(args) == 0 {
		for _, kv := range st.environ() {
			fmt.Fprintf(&st.log, "      %s\n", kv)
		}
	}
	for _, kv := range args {
		if err := st.setEnv(kv); err != nil {
			return err
		}
	}
	return nil
}

// running returns the background program of that name.
func (st *state) running(name string) (*process, error) {
	p := st.background[name]
	if p == nil {
		return nil, fmt.Errorf("there is no background program %s", name)
	}
	return p, nil
}

func cmdWaitout(st *state, _ byte, args []string) error {
	p, err := st.running(args[0])
	if err != nil {
		return err
	}
	re, err := lineRegexp(args[1])
	if err != nil {
		return err
	}
	names := args[2:]
	if len(names) > re.NumSubexp() {
		return fmt.Errorf("%d variables for the %d groups of %q", len(names), re.NumSubexp(), args[1])
	}
	groups, err := p.waitOut(st.ctx, re)
	if err != nil {
		return err
	}
	for i, name := range names {
		if err := st.setEnv(name + "=" + groups[i]); err != nil {
			return err
		}
		fmt.Fprintf(&st.log, "      %s=%s\n", name, groups[i])
	}
	return nil
}

func cmdKill(st *state, _ byte, args []string) error {
	p, err := st.running(args[0])
	if err != nil {
		return err
	}
	name := "TERM"
	if len(args) > 1 {
		name = strings.TrimPrefix(args[1], "SIG")
	}
	sig, ok := signals[name]
	if !ok {
		return fmt.Errorf("signal %s is not known here, expected one of %s", name, strings.Join(slices.Sorted(maps.Keys(signals)), " "))
	}
	if err := p.cmd.Process.Signal(sig); errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("%s has ended already", p.name)
	} else if err != nil {
		return err
	}
	return nil
}

func cmdWait(st *state, _ byte, args []string) error {
	if len(args) == 0 {
		args = slices.Sorted(maps.Keys(st.background))
		if len(args) == 0 {
			return errors.New("there is no background program")
		}
	}
	for _, name := range args {
		p, err := st.running(name)
		if err != nil {
			return err
		}
		delete(st.background, name)
		if err := st.wait(p); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func cmdMkdir(st *state, _ byte, args []string) error {
	for _, name := range args {
		if err := os.MkdirAll(st.path(name), 0o777); err != nil {
			return err
		}
	}
	return nil
}

func octal(text string) (fs.FileMode, error) {
	n, err := strconv.ParseUint(text, 8, 32)
	if err != nil || n > 0o777 {
		return 0, fmt.Errorf("%q is no mode, expected an octal number up to 777", text)
	}
	return fs.FileMode(n), nil
}

func cmdChmod(st *state, _ byte, args []string) error {
	mode, err := octal(args[0])
	if err != nil {
		return err
	}
	for _, name := range args[1:] {
		if err := os.Chmod(st.path(name), mode); err != nil {
			return err
		}
	}
	return nil
}

func cmdCp(st *state, _ byte, args []string) error {
	text, err := st.read(args[0])
	if err != nil {
		return err
	}
	return os.WriteFile(st.path(args[1]), []byte(text), 0o666)
}

func cmdRm(st *state, _ byte, args []string) error {
	for _, name := range args {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return fmt.Errorf("%s is not in the script's directory", name)
		}
		if err := os.Remove(st.path(name)); err != nil {
			return err
		}
	}
	return nil
}

func cmdExpand(st *state, _ byte, args []string) error {
	for _, name := range args {
		text, err := st.read(name)
		if err != nil {
			return err
		}
		if text, err = expand(text, st.lookup); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := os.WriteFile(st.path(name), []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}

func cmdSkipUnless(st *state, _ byte, args []string) error {
	for _, cond := range args {
		name, negated := strings.CutPrefix(cond, "!")
		holds, err := st.condition(name)
		if err != nil {
			return err
		}
		if holds == negated {
			return &skipError{"the condition " + cond + " does not hold"}
		}
	}
	return nil
}

// platforms are the values of GOOS and GOARCH that a condition may name; another word is a slip of the pen.
var platforms = strings.Fields("linux darwin windows freebsd netbsd openbsd amd64 arm64 386 arm riscv64 ppc64le s390x")

func (st *state) condition(name string) (bool, error) {
	if f := st.suite.Conditions[name]; f != nil {
		return f(), nil
	}
	if prog, ok := strings.CutPrefix(name, "exec:"); ok {
		_, err := st.program(prog)
		return err == nil, nil
	}
	switch {
	case name == "unix":
		return signals["HUP"] != nil, nil
	case name == "root":
		return os.Geteuid() == 0, nil
	case slices.Contains(platforms, name):
		return name == runtime.GOOS || name == runtime.GOARCH, nil
	}
	return false, fmt.Errorf("unknown condition %s, expected unix, root, a GOOS, a GOARCH, exec:PROGRAM%s", name, moreConditions(st.suite))
}

func moreConditions(s *Suite) string {
	if len(s.Conditions) == 0 {
		return ""
	}
	return " or one of " + strings.Join(slices.Sorted(maps.Keys(s.Conditions)), " ")
}
