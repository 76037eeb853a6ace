package main

import (
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
	path string // "": a stream

	mu   sync.Mutex
	out  io.Writer
	made bool // the agent has made the file
}

// openLog returns where the log goes.
func (o *options) openLog(stdout, stderr io.Writer) (*logFile, error) {
	switch o.logTo {
	case "o":
		return &logFile{out: stdout}, nil
	case "n":
		return &logFile{out: io.Discard}, nil
	case "f":
		flags := os.O_TRUNC
		if o.logAppend {
			flags = os.O_APPEND
		}
		l := &logFile{path: o.logFile}
		return l, l.open(flags)
	}
	return &logFile{out: stderr}, nil
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
	return l.open(os.O_APPEND)
}

func (l *logFile) open(flags int) error {
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|flags, 0o640)
	made := err == nil
	if errors.Is(err, fs.ErrExist) {
		f, err = os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|flags, 0o640)
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

// Close closes a file.
func (l *logFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f, ok := l.out.(*os.File); ok && l.path != "" {
		return f.Close()
	}
	return nil
}
