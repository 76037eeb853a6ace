package script

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// waitDelay is how long a program that has ended may leave its output open, which happens when it leaves a child behind.
var waitDelay = 5 * time.Second

// A process is a program a script runs.
type process struct {
	name   string // of a background program
	sign   byte   // '!', '?' or 0: which exit codes are right
	cmd    *exec.Cmd
	out    *output
	next   map[string][2]int // per regular expression of waitout, where to go on in each stream
	cancel context.CancelFunc

	done chan struct{} // closed when the program has ended and all its output is there
	err  error         // valid after done: why there is no exit code
	code int           // valid after done
}

// result is what a program left behind.
type result struct {
	stdout, stderr string
	code           int
}

// start runs a program. It is killed when ctx ends.
func start(ctx context.Context, path string, args, env []string, dir string, stdin io.Reader) (*process, error) {
	ctx, cancel := context.WithCancel(ctx)
	p := &process{out: newOutput(), next: map[string][2]int{}, done: make(chan struct{}), cancel: cancel}
	p.cmd = exec.CommandContext(ctx, path, args...)
	p.cmd.Env, p.cmd.Dir, p.cmd.Stdin = env, dir, stdin
	p.cmd.Stdout, p.cmd.Stderr = stream{p.out, 0}, stream{p.out, 1}
	p.cmd.WaitDelay = waitDelay
	if err := p.cmd.Start(); err != nil {
		cancel()
		return nil, err
	}
	go func() {
		err := p.cmd.Wait()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			p.err = err
		}
		if errors.Is(err, exec.ErrWaitDelay) {
			p.err = fmt.Errorf("it ended, but left a child that keeps its output open for more than %v", waitDelay)
		}
		p.code = exitCode(p.cmd)
		close(p.done)
	}()
	return p, nil
}

// exitCode is the shell's: 128 and the number of the signal for a program that a signal ended.
func exitCode(cmd *exec.Cmd) int {
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return cmd.ProcessState.ExitCode()
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// kill ends the program if it runs still, and waits for its output.
func (p *process) kill() {
	p.cancel()
	<-p.done
}

// wait waits for the end and checks the exit code against the sign. When ctx ends first, so does the program.
func (p *process) wait(ctx context.Context) (result, error) {
	<-p.done
	p.cancel()
	streams, _ := p.out.snapshot()
	r := result{string(streams[0]), string(streams[1]), p.code}
	switch {
	case ctx.Err() != nil:
		return r, timedOut(ctx)
	case p.err != nil:
		return r, p.err
	}
	if err := crashed(r.stderr); err != nil {
		return r, err
	}
	switch {
	case p.sign == 0 && r.code != 0:
		return r, fmt.Errorf("exit code %d, expected 0", r.code)
	case p.sign == '!' && r.code == 0:
		return r, errors.New("exit code 0, expected another")
	}
	return r, nil
}

// waitOut waits for a line in either output that matches, beyond those that satisfied a waitOut with the same expression before,
// and returns the text of its groups. A last line without a newline counts once the program has ended.
func (p *process) waitOut(ctx context.Context, re *regexp.Regexp) ([]string, error) {
	next := p.next[re.String()]
	for {
		ended := p.ended() // asked first: after the end there is no more output to come
		streams, changed := p.out.snapshot()
		for i, text := range streams {
			for {
				line, ok := cutLine(text[next[i]:], ended)
				if !ok {
					break
				}
				next[i] += len(line)
				if m := re.FindStringSubmatch(strings.TrimRight(string(line), "\r\n")); m != nil {
					p.next[re.String()] = next
					return m[1:], nil
				}
			}
		}
		if ended {
			return nil, fmt.Errorf("%s ended with exit code %d and printed no line that matches %q", p.name, p.code, re)
		}
		select {
		case <-changed:
		case <-p.done:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w, and %s has printed no line that matches %q", timedOut(ctx), p.name, re)
		}
	}
}

// cutLine returns the first line of text with its newline; atEnd takes one without.
func cutLine(text []byte, atEnd bool) ([]byte, bool) {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return text[:i+1], true
	}
	return text, atEnd && len(text) > 0
}

var crashRE = regexp.MustCompile(`(?m)^(panic: .*|fatal error: .*|WARNING: DATA RACE)\r?$`)

// crashed finds what the Go runtime prints on standard error when a program is broken. Its exit code alone would pass for a failure that
// the script expects.
func crashed(stderr string) error {
	if m := crashRE.FindString(stderr); m != "" {
		return fmt.Errorf("the program is broken: %s", m)
	}
	return nil
}

func timedOut(ctx context.Context) error {
	return fmt.Errorf("the script's time is over: %w", context.Cause(ctx))
}
