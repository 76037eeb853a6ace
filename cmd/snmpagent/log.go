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
	path string // "": a stream
	anew bool   // a file loses what it has when the log begins
	// stderr takes what a file does not, because the agent ends before the log begins.
	stderr io.Writer

	mu    sync.Mutex
	out   io.Writer     // nil: a file that is not open yet
	early *bytes.Buffer // what is said before the log begins; nil: it has begun
	made  bool          // the agent has made the file
}

// openLog returns where the log goes when the agent is to become somebody, or nobody.
//
// A file that is not appended to has what another agent writes as long as it is not clear
// that there is none, so that the log begins when the agent has its sockets and its state.
// A file that the user to become could have put a link in the place of is opened when
// root's rights are gone.
func (o *options) openLog(become *privilege.Identity, stdout, stderr io.Writer) (*logFile, error) {
	switch o.logTo {
	case "o":
		return &logFile{out: stdout}, nil
	case "n":
		return &logFile{out: io.Discard}, nil
	case "f":
		l := &logFile{path: o.logFile, anew: !o.logAppend, stderr: stderr}
		late := become.MayDivert(l.path)
		if l.anew || late {
			l.early = new(bytes.Buffer)
		}
		if late {
			return l, nil
		}
		return l, l.open()
	}
	return &logFile{out: stderr}, nil
}

// openLate opens a file that was not to be opened as root.
func (l *logFile) openLate(as *privilege.Identity) error {
	if l.out != nil {
		return nil
	}
	err := l.open()
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w (it has to belong to %v, who could put a link in its place)", err, as)
	}
	return err
}

// begin begins the log, with what was said so far.
func (l *logFile) begin() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.early == nil {
		return nil
	}
	if f, ok := l.out.(*os.File); ok && l.anew && isRegular(f) {
		err := f.Truncate(0)
		if err != nil { // Windows, whose files that are appended to cannot be cut off
			err = os.Truncate(l.path, 0)
		}
		if err != nil {
			return fmt.Errorf("log file: %w", err)
		}
	}
	if _, err := l.out.Write(l.early.Bytes()); err != nil {
		return fmt.Errorf("log file: %w", err)
	}
	l.early = nil
	return nil
}

func isRegular(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

// Write writes to the log.
func (l *logFile) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.early != nil {
		return l.early.Write(b)
	}
	return l.out.Write(b)
}

// reopen opens a file by its name again. If that fails the log goes on where it
// went.
func (l *logFile) reopen() error {
	if l.path == "" {
		return nil
	}
	return l.open()
}

// open opens the file. It is written at its end, wherever that is: somebody may cut it off
// (logrotate's copytruncate).
func (l *logFile) open() error {
	const flags = os.O_WRONLY | os.O_CREATE | os.O_APPEND
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

// Close closes a file. What was said before the log has begun is on stderr then.
func (l *logFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var err error
	if l.early != nil {
		_, err = l.stderr.Write(l.early.Bytes())
	}
	if f, ok := l.out.(*os.File); ok && l.path != "" {
		err = errors.Join(err, f.Close())
	}
	return err
}
