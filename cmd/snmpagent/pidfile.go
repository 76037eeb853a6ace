package main

import (
	"fmt"
	"os"
)

// A pidFile is the file of -p. It has another agent's process ID as long as it is not
// clear that there is none, so that it is written when the agent has its sockets and its
// state. It is closed before a message is read: what root has made must not be open for
// writing when somebody else may have to do with the process.
type pidFile struct {
	path    string   // "": none
	keep    bool     // -U: it stays
	early   *os.File // not nil: opened, and not written yet
	written bool
}

// open opens the file, as long as root's rights are there for it.
func (p *pidFile) open() (err error) {
	if p.path == "" {
		return nil
	}
	if p.early, err = os.OpenFile(p.path, os.O_WRONLY|os.O_CREATE, 0o644); err != nil {
		return fmt.Errorf("PID file: %w", err)
	}
	return nil
}

// write writes the process ID, and closes the file.
func (p *pidFile) write() error {
	if p.path == "" {
		return nil
	}
	if err := p.writeText(); err != nil {
		return fmt.Errorf("PID file: %w", err)
	}
	p.written = true
	return nil
}

func (p *pidFile) writeText() error {
	f := p.early
	if f == nil {
		return os.WriteFile(p.path, p.text(), 0o644)
	}
	p.early = nil
	defer f.Close()
	if isRegular(f) {
		if err := f.Truncate(0); err != nil {
			return err
		}
	}
	_, err := f.Write(p.text())
	return err
}

// close removes the file if it has this process ID still. Where root's rights are
// missing for that it stays, as with snmpd.
func (p *pidFile) close() {
	if p.early != nil {
		p.early.Close()
	}
	if !p.written || p.keep {
		return
	}
	if info, err := os.Lstat(p.path); err != nil || !info.Mode().IsRegular() {
		return
	}
	if text, err := os.ReadFile(p.path); err == nil && string(text) == string(p.text()) {
		os.Remove(p.path)
	}
}

func (p *pidFile) text() []byte { return fmt.Appendln(nil, os.Getpid()) }
