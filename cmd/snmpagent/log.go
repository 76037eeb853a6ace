package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"snmpstack/cmd/internal/privilege"
)

// A logFile is where the log goes: a stream that somebody else closes, or a file
// that can be opened anew when it was moved away.
type logFile struct {
	path  string // "": a stream
	flags int    // of its first opening, beside those of each
	// stderr takes what a file does not, because the agent ends before it is opened.
	stderr io.Writer

	mu   sync.Mutex
	out  io.Writer
	made bool // the agent has made the file
}

// openLog returns where the log goes when the agent is to become somebody, or nobody. A
// file that he could have put a link in the place of is opened when root's rights are
// gone, and what is said until then is in memory.
func (o *options) openLog(become *privilege.Identity, stdout, stderr io.Writer) (*logFile, error) {
	switch o.logTo {
	case "o":
		return &logFile{out: stdout}, nil
	case "n":
		return &logFile{out: io.Discard}, nil
	case "f":
		l := &logFile{path: o.logFile, stderr: stderr}
		if !o.logAppend {
			l.flags = os.O_TRUNC
		}
		if become.MayDivert(l.path) {
			l.out = new(bytes.Buffer)
			return l, nil
		}
		return l, l.open(l.flags)
	}
	return &logFile{out: stderr}, nil
}

// openLate opens a file that was not to be opened as root, and writes what was said so
// far.
func (l *logFile) openLate(as *privilege.Identity) error {
	early, late := l.out.(*bytes.Buffer)
	if !late {
		return nil
	}
	err := l.open(l.flags)
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w (it has to belong to %v, who could put a link in its place)", err, as)
	}
	if err != nil {
		return err
	}
	_, err = l.Write(early.Bytes())
	return err
}

// Write writes to the log.
func (l *logFile) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(b)
}

// reopen opens a file by its name again. If that fails the log goes on where it
// went.
func (l *logFile) reopen() error {
	if l.path == "" {
		return nil
	}
	return l.open(0)
}

// open opens the file. It is written at its end, wherever that is: somebody may cut it off
// (logrotate's copytruncate).
func (l *logFile) open(flags int) error {
	flags |= os.O_WRONLY | os.O_CREATE | os.O_APPEND
	f, err := os.OpenFile(l.path, flags|os.O_EXCL, 0o640)
	made := err == nil
	if errors.Is(err, fs.ErrExist) {
		f, err = os.OpenFile(l.path, flags, 0o640)
	}
	if err != nil {
		return fmt.Errorf("log file: %w", err)
	}
	l.mu.Lock()
	former := l.out
	l.made = made
	l.out = f // before the other is closed: what is written meanwhile is not lost
	l.mu.Unlock()
	if former, ok := former.(*os.File); ok {
		former.Close()
	}
	return nil
}

// handOver gives a file that the agent has made to the user who the process is to
// become, so that he can open it again. What was there is its owner's.
func (l *logFile) handOver(to *privilege.Identity) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f, ok := l.out.(*os.File); ok && l.made && os.Geteuid() == 0 {
		if err := f.Chown(to.UID, to.GID); err != nil {
			return fmt.Errorf("log file: %w", err)
		}
	}
	return nil
}

// Close closes a file. What was said before it could be opened is on stderr then.
func (l *logFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch out := l.out.(type) {
	case *bytes.Buffer:
		_, err := l.stderr.Write(out.Bytes())
		return err
	case *os.File:
		if l.path != "" {
			return out.Close()
		}
	}
	return nil
}
