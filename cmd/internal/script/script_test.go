package script

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The programs of this package's scripts.
var programs = map[string]func() int{
	"say": func() int {
		args := os.Args[1:]
		switch {
		case len(args) > 0 && args[0] == "-e":
			fmt.Fprintln(os.Stderr, strings.Join(args[1:], " "))
		case len(args) > 0 && args[0] == "-n":
			fmt.Printf("%d arguments:", len(args)-1)
			for _, a := range args[1:] {
				fmt.Printf(" %q", a)
			}
			fmt.Println()
		case len(args) > 0 && args[0] == "-part":
			fmt.Print(strings.Join(args[1:], " "))
		default:
			fmt.Println(strings.Join(args, " "))
		}
		return 0
	},
	"fail": func() int {
		code, _ := strconv.Atoi(os.Args[1])
		return code
	},
	"copy": func() int {
		io.Copy(os.Stdout, os.Stdin)
		return 0
	},
	"printenv": func() int {
		for _, name := range os.Args[1:] {
			fmt.Printf("%s=%s\n", name, os.Getenv(name))
		}
		return 0
	},
	"run": func() int {
		cmd := exec.Command(os.Args[1], os.Args[2:]...)
		cmd.Stdout = os.Stdout
		if err := cmd.Run(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	},
	// abandon starts a program that keeps standard output open, and ends.
	"abandon": func() int {
		cmd := exec.Command(os.Args[1], os.Args[2:]...)
		cmd.Stdout = os.Stdout
		if err := cmd.Start(); err != nil {
			return 1
		}
		fmt.Fprintln(os.Stderr, "pid", cmd.Process.Pid)
		return 0
	},
	"panics": func() int { panic("oh no") },
	"serve":  serve,
}

// serve behaves like a daemon: it says where it listens, says so on HUP, and ends on TERM.
func serve() int {
	got := make(chan os.Signal, 1)
	signal.Notify(got, syscall.SIGHUP, syscall.SIGTERM)
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer l.Close()
	fmt.Println("pid", os.Getpid())
	fmt.Println("listening on", l.Addr())
	for reloads := 1; ; reloads++ {
		if <-got == syscall.SIGTERM {
			fmt.Println("bye")
			return 0
		}
		fmt.Fprintln(os.Stderr, "reloaded", reloads)
	}
}

func TestMain(m *testing.M) {
	waitDelay = time.Second
	Main(m, programs)
}

func TestScripts(t *testing.T) {
	Suite{
		Files: "testdata/script/*.txt",
		Env:   []string{"NAME=from the suite"},
		Conditions: map[string]func() bool{
			"yes": func() bool { return true },
			"no":  func() bool { return false },
		},
	}.Run(t)
}

// runText runs a script given as text.
func runText(t *testing.T, s Suite, text string) outcome {
	t.Helper()
	timeout := s.Timeout
	if timeout == 0 {
		timeout = time.Minute
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), timeout, errors.New("the test's bound"))
	defer cancel()
	return s.run(ctx, t.TempDir(), "test.txt", text)
}

// TestFailures has a script for everything that can be wrong, with the line and the message it must come out with.
func TestFailures(t *testing.T) {
	tests := []struct {
		name   string
		script string
		want   string // LINE: message
	}{
		{"unknown command", "\nfoo bar", "2: unknown command foo, expected one of chmod cmp cp env exec exists exit expand grep kill mkdir rm skip-unless stderr stdin stdout wait waitout"},
		{"sign alone", "!", "1: nothing follows !, expected a command"},
		{"sign that does not fit", "! env A=b", "1: ! cannot stand before env"},
		{"question mark that does not fit", "? stdout x", "1: ? cannot stand before stdout"},
		{"too few arguments", "cmp a", "1: usage: cmp A B"},
		{"too many arguments", "exit 1 2", "1: usage: exit N"},
		{"quote not closed", "exec say 'a b", "1: a single quote is not closed"},
		{"variable not set", "exec say $NOPE", "1: variable NOPE is not set"},
		{"variable without a name", "exec say ${}", "1: ${ does not begin a variable, expected ${NAME} or ${NAME@R}; a literal ${ needs single quotes"},

		{"exit code not 0", "exec fail 3", "1: exit code 3, expected 0"},
		{"exit code 0", "# why\n! exec fail 0", "2: exit code 0, expected another"},
		{"other exit code", "? exec fail 3\nexit 4", "2: exit code 3, expected 4"},
		{"exit code of nothing", "exit 0", "1: no program has run yet"},
		{"exit code no number", "exec say\nexit no", `2: exit code "no" is not a number`},
		{"no such program", "exec no-such-program", "1: program no-such-program is neither one of the test's nor in $PATH"},
		{"no such program is no expected failure", "! exec no-such-program", "1: program no-such-program is neither one of the test's nor in $PATH"},
		{"panic is no expected failure", "! exec panics", "1: the program is broken: panic: oh no"},
		{"panic in the background", "? exec panics &p&\nwaitout p 'panic: oh no'", "2: p: the program is broken: panic: oh no"},
		{"child left behind", "exec abandon serve", "1: it ended, but left a child that keeps its output open for more than 1s"},
		{"background without a name", "exec serve &", "1: a background program needs a name, expected &NAME&"},

		{"no match", "exec say hello\nstdout bye", `2: stdout has no match of "bye"`},
		{"no match on stderr", "exec say hello\nstderr hello", `2: stderr has no match of "hello"`},
		{"unwanted match", "exec say hello\n! stdout h.", `2: stdout has a match of "h.", expected none: "he"`},
		{"wrong count", "exec say aaa\nstdout -count=2 a", `2: stdout has 3 matches of "a", expected 2`},
		{"count of nothing", "exec say\n! stdout -count=2 a", "2: -count=2: expected a number above 0, and no ! before the command"},
		{"bad expression", "exec say\nstdout (", "2: error parsing regexp: missing closing ): `(?m)(`"},
		{"two expressions", "exec say\nstdout a b", "2: expected one regular expression"},
		{"output of nothing", "stdout a", "1: there is no stdout, no program has run yet"},
		{"no match in a file", "grep a f\n-- f --\nb\n", `1: f has no match of "a"`},

		{"files differ", "cmp a b\n-- a --\nx\ny\n-- b --\nx\nz\n", "1: a and b differ: line 2\n      a: \"y\"\n      b: \"z\""},
		{"file is longer", "cmp a b\n-- a --\nx\n-- b --\nx\n\nz\n", "1: a and b differ: only b has a line 2: \"\""},
		{"output is longer", "exec say x\ncmp stdout b\n-- b --\n", "2: stdout and b differ: only stdout has a line 1: \"x\""},
		{"no newline at the end", "exec say -part x\ncmp stdout b\n-- b --\nx\n", "2: stdout and b differ: one of them has no newline at the end of line 1"},
		{"files do not differ", "! cmp a b\n-- a --\nx\n-- b --\nx\n", "1: a and b are equal, expected a difference"},
		{"file exists", "! exists f\n-- f --\n", "1: f exists, expected it not to"},
		{"file does not exist", "exists f", "1: f does not exist"},
		{"mode no number", "chmod 9 f", `1: "9" is no mode, expected an octal number up to 777`},
		{"remove beyond the directory", "rm ../x", "1: ../x is not in the script's directory"},
		{"expand what is not set", "expand f\n-- f --\n$NOPE\n", "1: f: variable NOPE is not set"},
		{"env without a value", "env A", `1: "A" does not set a variable, expected NAME=VALUE`},

		{"wait for nothing", "wait", "1: there is no background program"},
		{"wait for nobody", "wait x", "1: there is no background program x"},
		{"background fails", "exec fail 2 &x&\nwait x", "2: x: exit code 2, expected 0"},
		{"background does not fail", "! exec say &x&\nwait", "2: x: exit code 0, expected another"},
		{"name in use", "exec say &x&\nexec say &x&", "2: there is a background program x already"},
		{"line that never comes", "exec say hello &x&\nwaitout x bye", `2: x ended with exit code 0 and printed no line that matches "(?m)bye"`},
		{"second line that never comes", "exec say hello &x&\nwaitout x hello\nwaitout x hello", `3: x ended with exit code 0 and printed no line that matches "(?m)hello"`},
		{"more variables than groups", "exec say &x&\nwaitout x (a) A B", `2: 2 variables for the 1 groups of "(a)"`},
		{"unknown signal", "exec serve &x&\nkill x NONSENSE", "2: signal NONSENSE is not known here, expected one of " + strings.Join(slices.Sorted(maps.Keys(signals)), " ")},

		{"unknown condition", "skip-unless solaris7", "1: unknown condition solaris7, expected unix, root, a GOOS, a GOARCH, exec:PROGRAM"},
		{"file beyond the directory", "-- ../f --\n", "1: file ../f would not lie in the script's directory"},
		{"file twice", "-- f --\n-- g --\n-- f --\n", "3: file f was given in line 1 already"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := runText(t, Suite{}, tt.script)
			if o.err == nil || o.skip != "" || o.updated != "" {
				t.Fatalf("the script passed\n%s", o.transcript)
			}
			var le *lineError
			if !errors.As(o.err, &le) {
				t.Errorf("error %T has no line", o.err)
			}
			if got := o.err.Error(); got != tt.want {
				t.Errorf("error:\n got %s\nwant %s", got, tt.want)
			}
			killLeft(t, o.transcript)
		})
	}
}

// killLeft ends the program that abandon left behind.
func killLeft(t *testing.T, transcript string) {
	if !strings.Contains(transcript, "exec abandon") {
		return
	}
	if p, err := os.FindProcess(printedPid(t, transcript)); err == nil {
		p.Kill()
	}
}

func printedPid(t *testing.T, transcript string) int {
	t.Helper()
	_, after, ok := strings.Cut(transcript, "| pid ")
	line, _, _ := strings.Cut(after, "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if !ok || err != nil {
		t.Fatalf("no pid in the transcript:\n%s", transcript)
	}
	return pid
}

// TestTranscript holds a failing script to showing what happened, with line numbers.
func TestTranscript(t *testing.T) {
	o := runText(t, Suite{}, "# First say it.\nexec say hello\n\nexec say -e oops\nexec serve &d&\nwaitout d listening\nstdout hello\nexec say unreached\n")
	if o.err == nil || !strings.HasPrefix(o.err.Error(), "7: ") {
		t.Fatalf("error = %v", o.err)
	}
	rest := o.transcript
	for _, want := range []string{
		"test.txt in ", "   1  # First say it.\n", "   2  exec say hello\n      [stdout]\n      | hello\n",
		"   4  exec say -e oops\n      [stderr]\n      | oops\n", "   7  stdout hello\n",
		"      d was killed at the end of the script\n      [stdout]\n", "      | listening on 127.0.0.1:",
	} {
		_, after, ok := strings.Cut(rest, want)
		if !ok {
			t.Fatalf("the transcript lacks %q at its place:\n%s", want, o.transcript)
		}
		rest = after
	}
	if strings.Contains(o.transcript, "unreached") {
		t.Errorf("the script went on after its failure:\n%s", o.transcript)
	}
}

func TestLongOutputIsCut(t *testing.T) {
	o := runText(t, Suite{}, "stdin f\nexec copy\n-- f --\n"+strings.Repeat("0123456789abcde\n", 10000))
	if o.err != nil || len(o.transcript) > 3*maxLogged || !strings.Contains(o.transcript, "... and 127232 octets more") {
		t.Errorf("error %v, transcript of %d octets", o.err, len(o.transcript))
	}
}

func TestTimeout(t *testing.T) {
	for _, script := range []string{"exec serve", "! exec serve", "exec serve &d&\nwaitout d never", "exec serve &d&\nwait d"} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			o := runText(t, Suite{Timeout: 300 * time.Millisecond}, script)
			if o.err == nil || !strings.Contains(o.err.Error(), "the script's time is over: the test's bound") {
				t.Errorf("error = %v", o.err)
			}
		})
	}
}

// TestKilledAtEnd: what still runs in the background is gone when the script is over, stopped or not.
func TestKilledAtEnd(t *testing.T) {
	script := "exec serve &d&\nwaitout d listening\n"
	if signals["STOP"] != nil {
		script += "kill d STOP\n"
	}
	o := runText(t, Suite{}, script)
	if o.err != nil {
		t.Fatal(o.err)
	}
	p, err := os.FindProcess(printedPid(t, o.transcript))
	if err == nil && p.Signal(syscall.Signal(0)) == nil {
		t.Errorf("process %d lives on", p.Pid)
	}
}

func TestSkip(t *testing.T) {
	s := Suite{Conditions: map[string]func() bool{"no": func() bool { return false }}}
	for cond, want := range map[string]string{
		"no":                   "the condition no does not hold",
		"unix !unix":           "does not hold",
		"exec:no-such-program": "the condition exec:no-such-program does not hold",
		"!exec:say":            "the condition !exec:say does not hold",
	} {
		o := runText(t, s, "skip-unless "+cond+"\nfoo\n")
		if o.err != nil || !strings.Contains(o.skip, want) {
			t.Errorf("%s: error %v, skipped %q", cond, o.err, o.skip)
		}
	}
	if o := runText(t, s, "skip-unless x"); o.err == nil || !strings.HasSuffix(o.err.Error(), "exec:PROGRAM or one of no") {
		t.Errorf("error = %v", o.err)
	}
}

func TestUpdate(t *testing.T) {
	const script = "exec say new\ncmp stdout want\nexec say -e x\ncmp stderr other\n-- want --\nold\n-- other --\nx\n"
	o := runText(t, Suite{Update: true}, script)
	if want := strings.Replace(script, "old", "new", 1); o.err != nil || o.updated != want {
		t.Errorf("error %v, updated to\n%s\nwant\n%s", o.err, o.updated, want)
	}
	if o = runText(t, Suite{Update: true}, strings.Replace(script, "old", "new", 1)); o.err != nil || o.updated != "" {
		t.Errorf("nothing to update: error %v, updated to %q", o.err, o.updated)
	}
	if o = runText(t, Suite{Update: true}, "exec say -part new\ncmp stdout want\n-- want --\nold\n"); o.err == nil {
		t.Error("an output without a newline at its end was put into the script")
	}
}

// TestKillAfterEnd: a signal to a program that is gone is a mistake of the script, or worse, of the program.
func TestKillAfterEnd(t *testing.T) {
	p, err := start(t.Context(), filepath.Join(binDir, "say"), nil, append(os.Environ(), programEnv+"=1"), t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	p.name = "x"
	<-p.done
	err = cmdKill(&state{background: map[string]*process{"x": p}}, 0, []string{"x", "KILL"})
	if err == nil || err.Error() != "x has ended already" {
		t.Errorf("error = %v", err)
	}
}

// TestRunFile goes the whole way of Suite.Run with a file, its update included.
func TestRunFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(path, []byte("exec say new\ncmp stdout want\n-- want --\nold\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	Suite{Files: path, Update: true}.runFile(t, path)
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "exec say new\ncmp stdout want\n-- want --\nnew\n" {
		t.Errorf("the file is now %q, %v", got, err)
	}
}

// TestRunIsHonest runs failing suites in a test binary of their own and looks at what go test would print.
func TestRunIsHonest(t *testing.T) {
	if dir := os.Getenv("SCRIPT_TEST_DIR"); dir != "" {
		Suite{Files: filepath.Join(dir, "*.txt")}.Run(t)
		return
	}
	dir := t.TempDir()
	run := func() (string, error) {
		cmd := exec.Command(filepath.Join(binDir, "say"), "-test.run=^TestRunIsHonest$", "-test.v")
		cmd.Env = append(os.Environ(), programEnv+"=", "SCRIPT_TEST_DIR="+dir)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run(); err == nil || !strings.Contains(out, "script: no file matches "+dir) {
		t.Errorf("a suite without scripts: %v\n%s", err, out)
	}
	for name, text := range map[string]string{"good.txt": "exec say well\n", "bad.txt": "exec say well\nstdout ill\n", "odd.txt": "skip-unless !unix unix\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	out, err := run()
	for _, want := range []string{
		"--- PASS: TestRunIsHonest/good", "--- FAIL: TestRunIsHonest/bad", "--- SKIP: TestRunIsHonest/odd",
		filepath.Join(dir, "bad.txt") + `:2: stdout has no match of "ill"`, "   2  stdout ill",
	} {
		if err == nil || !strings.Contains(out, want) {
			t.Errorf("error %v, the output lacks %q:\n%s", err, want, out)
		}
	}
}

// TestNotAProgram: a test binary that has a program's name, but that no script started, runs tests.
func TestNotAProgram(t *testing.T) {
	cmd := exec.Command(filepath.Join(binDir, "say"), "-test.list=^TestNotAProgram$")
	cmd.Env = append(os.Environ(), programEnv+"=")
	out, err := cmd.Output()
	line, _, _ := bufio.NewReader(strings.NewReader(string(out))).ReadLine()
	if err != nil || string(line) != "TestNotAProgram" {
		t.Errorf("%v, %s", err, out)
	}
}
