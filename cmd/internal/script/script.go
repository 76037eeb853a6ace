package script

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A Suite is a set of scripts that run under the same conditions.
type Suite struct {
	// Files is a pattern of [filepath.Glob] for the scripts. That it matches none is a failure.
	Files string
	// Env holds NAME=VALUE settings for every script.
	Env []string
	// Conditions are conditions for skip-unless beside the built-in ones.
	Conditions map[string]func() bool
	// Timeout bounds one script; 0 means three minutes: an emulated machine with
	// other work is slow.
	Timeout time.Duration
	// Update makes a failing cmp of an output with a file of the script replace that file in the script.
	Update bool
}

// Run runs each script as a parallel subtest named after its file.
func (s Suite) Run(t *testing.T) {
	t.Helper()
	paths, err := filepath.Glob(s.Files)
	if err != nil {
		t.Fatalf("script: pattern %s: %v", s.Files, err)
	}
	if len(paths) == 0 {
		t.Fatalf("script: no file matches %s", s.Files)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.runFile(t, path)
		})
	}
}

func (s Suite) runFile(t *testing.T, path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Not t.TempDir: its names hold the test's, and the path of a Unix socket in it may have about 100 octets in all.
	work, err := os.MkdirTemp("", "script")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(work); err != nil {
			t.Error(err)
		}
	})
	timeout := s.Timeout
	if timeout == 0 {
		timeout = 3 * time.Minute
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), timeout, fmt.Errorf("it ran for %v", timeout))
	defer cancel()

	o := s.run(ctx, work, filepath.Base(path), string(text))
	switch {
	case o.skip != "":
		t.Skipf("%s\n%s", o.skip, o.transcript)
	case o.err != nil:
		t.Fatalf("%s\n%s:%v", o.transcript, path, o.err)
	case o.updated != "":
		if err := os.WriteFile(path, []byte(o.updated), 0o666); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s is updated", path)
	}
	t.Log("\n" + o.transcript)
}

// An outcome is what came of a script.
type outcome struct {
	transcript string
	err        error  // a *lineError, or nil
	skip       string // why the script was skipped, or ""
	updated    string // the new text of the script, or ""
}

// state is a running script.
type state struct {
	suite   *Suite
	ctx     context.Context
	work    string
	env     map[string]string
	archive *archive
	updated bool

	ran        bool   // there is a last result
	last       result // of the last exec or wait
	stdin      string // for the next exec
	background map[string]*process
	log        strings.Builder
}

// skipError ends a script early without a failure.
type skipError struct{ reason string }

func (e *skipError) Error() string { return e.reason }

// run runs one script in the directory work.
func (s *Suite) run(ctx context.Context, work, name, text string) outcome {
	a, err := parseArchive(text)
	if err != nil {
		return outcome{err: err}
	}
	st := &state{suite: s, ctx: ctx, work: work, env: map[string]string{}, archive: a, background: map[string]*process{}}
	if err = st.setUp(); err == nil {
		fmt.Fprintf(&st.log, "%s in %s\n", name, work)
		err = st.commands(a.commands)
	}
	if e := st.tearDown(); err == nil && e != nil {
		err = e
	}
	o := outcome{transcript: st.log.String(), err: err}
	var skip *skipError
	if errors.As(err, &skip) {
		o.skip, o.err = skip.reason, nil
	}
	if o.err == nil && st.updated {
		o.updated = a.format()
	}
	return o
}

// setUp writes the files and makes the environment.
func (st *state) setUp() error {
	tmp := filepath.Join(st.work, ".tmp")
	if err := os.Mkdir(tmp, 0o777); err != nil {
		return &lineError{1, err}
	}
	path := os.Getenv("PATH")
	if binDir != "" {
		path = binDir + string(filepath.ListSeparator) + path
	}
	for _, kv := range append([]string{
		programEnv + "=1", "WORK=" + st.work, "HOME=" + st.work, "TMPDIR=" + tmp, "TMP=" + tmp, "PATH=" + path,
	}, st.suite.Env...) {
		if err := st.setEnv(kv); err != nil {
			return &lineError{1, err}
		}
	}
	// What Windows, the race detector and coverage want to find. A program under the race detector sleeps a second before it ends
	// unless told otherwise.
	st.env["GORACE"] = "atexit_sleep_ms=20"
	for _, name := range []string{"SYSTEMROOT", "GORACE", "GOCOVERDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			st.env[name] = v
		}
	}
	for _, f := range st.archive.files {
		path := filepath.Join(st.work, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return &lineError{f.line, err}
		}
		if err := os.WriteFile(path, []byte(f.data), 0o666); err != nil {
			return &lineError{f.line, err}
		}
	}
	return nil
}

// commands runs the lines one after the other up to the first error.
func (st *state) commands(text string) error {
	line := 0
	for l := range strings.Lines(text) {
		line++
		l = strings.TrimRight(l, "\r\n")
		if strings.TrimSpace(l) == "" {
			continue
		}
		fmt.Fprintf(&st.log, "%4d  %s\n", line, l)
		words, err := splitLine(l, st.lookup)
		if err == nil && len(words) > 0 {
			err = st.command(words)
		}
		if err != nil {
			return &lineError{line, err}
		}
	}
	return nil
}

func (st *state) command(words []string) error {
	var sign byte
	if words[0] == "!" || words[0] == "?" {
		sign = words[0][0]
		words = words[1:]
		if len(words) == 0 {
			return fmt.Errorf("nothing follows %c, expected a command", sign)
		}
	}
	name, args := words[0], words[1:]
	c, ok := commands[name]
	switch {
	case !ok:
		return fmt.Errorf("unknown command %s, expected one of %s", name, strings.Join(slices.Sorted(maps.Keys(commands)), " "))
	case sign != 0 && strings.IndexByte(c.signs, sign) < 0:
		return fmt.Errorf("%c cannot stand before %s", sign, name)
	case len(args) < c.min || c.max >= 0 && len(args) > c.max:
		return fmt.Errorf("usage: %s %s", name, c.args)
	case st.ctx.Err() != nil:
		return timedOut(st.ctx)
	}
	return c.run(st, sign, args)
}

// tearDown ends what still runs in the background and shows what it printed.
func (st *state) tearDown() error {
	var broken error
	for _, name := range slices.Sorted(maps.Keys(st.background)) {
		p := st.background[name]
		how := "had ended before"
		if !p.ended() {
			how = "was killed"
		}
		p.kill()
		streams, _ := p.out.snapshot()
		fmt.Fprintf(&st.log, "      %s %s at the end of the script\n", name, how)
		st.logOutput(result{stdout: string(streams[0]), stderr: string(streams[1])})
		if err := crashed(string(streams[1])); err != nil && broken == nil {
			broken = &lineError{strings.Count(st.archive.commands, "\n"), fmt.Errorf("%s: %w", name, err)}
		}
	}
	return broken
}

// maxLogged is how many octets of an output a transcript shows.
const maxLogged = 32 << 10

func (st *state) logOutput(r result) {
	for _, o := range []struct{ name, text string }{{"stdout", r.stdout}, {"stderr", r.stderr}} {
		if o.text == "" {
			continue
		}
		fmt.Fprintf(&st.log, "      [%s]\n", o.name)
		text := o.text
		if len(text) > maxLogged {
			text = text[:maxLogged]
		}
		for l := range strings.Lines(text) {
			fmt.Fprintf(&st.log, "      | %s\n", strings.TrimRight(l, "\r\n"))
		}
		if len(text) < len(o.text) {
			fmt.Fprintf(&st.log, "      ... and %d octets more\n", len(o.text)-len(text))
		}
	}
}

func (st *state) lookup(name string) (string, bool) {
	v, ok := st.env[name]
	return v, ok
}

func (st *state) setEnv(kv string) error {
	name, value, ok := strings.Cut(kv, "=")
	if !ok || name == "" {
		return fmt.Errorf("%q does not set a variable, expected NAME=VALUE", kv)
	}
	st.env[name] = value
	return nil
}

// environ is the environment of the programs, sorted.
func (st *state) environ() []string {
	var env []string
	for _, name := range slices.Sorted(maps.Keys(st.env)) {
		env = append(env, name+"="+st.env[name])
	}
	return env
}

// path returns the place of a file a command names.
func (st *state) path(name string) string {
	name = filepath.FromSlash(name)
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(st.work, name)
}
