package main

import (
	"fmt"
	"os"
)

// A pidFile is the file of -p. It is opened as root, who may be gone when the process
// ID is written and taken back, and belongs to root. A nil one is none.
type pidFile struct{ f *os.File }

// openPIDFile opens a file, which stays as it is until write. path may be "".
func openPIDFile(path string) (*pidFile, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("PID file: %w", err)
	}
	return &pidFile{f}, nil
}

func (p *pidFile) write() error {
	if p == nil {
		return nil
	}
	p.clear()
	if _, err := fmt.Fprintln(p.f, os.Getpid()); err != nil {
		return fmt.Errorf("PID file: %w", err)
	}
	return nil
}

// clear takes the process ID out of the file.
func (p *pidFile) clear() {
	if p != nil {
		p.f.Truncate(0)
	}
}

// close closes the file, and removes one with no process ID in it. Where root's rights
// are missing for that it stays, empty.
func (p *pidFile) close() {
	if p == nil {
		return
	}
	if info, err := p.f.Stat(); err == nil && info.Size() == 0 && info.Mode().IsRegular() {
		os.Remove(p.f.Name())
	}
	p.f.Close()
}
