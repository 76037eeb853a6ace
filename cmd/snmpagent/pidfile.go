package main

import (
	"fmt"
	"os"
)

// A pidFile is the file of -p. It is closed as soon as it is written: what root has made
// must not be open for writing when the process is somebody else's.
type pidFile struct {
	path    string // "": none
	written bool
}

// write writes the process ID, once.
func (p *pidFile) write() error {
	if p.path == "" || p.written {
		return nil
	}
	if err := os.WriteFile(p.path, p.text(), 0o644); err != nil {
		return fmt.Errorf("PID file: %w", err)
	}
	p.written = true
	return nil
}

// remove removes the file if it has this process ID still. Where root's rights are
// missing for that it stays, as with snmpd.
func (p *pidFile) remove() {
	if !p.written {
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
