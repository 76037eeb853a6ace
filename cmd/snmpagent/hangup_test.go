//go:build unix

package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestProcessHangupBeforeStart sends SIGHUP to an agent that is still reading its
// configuration: it starts all the same, and then reads it again.
func TestProcessHangupBeforeStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "snmpd.conf")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-Lo", "-c", path)
	cmd.Env = append(os.Environ(), runEnv+"=1")
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	const config = "rocommunity public\nagentAddress 127.0.0.1:0\n"
	w, err := os.OpenFile(path, os.O_WRONLY, 0) // as soon as the agent reads from it
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, config)
	io.WriteString(w, config)
	w.Close()
	again := false
	for lines := bufio.NewScanner(said); !again && lines.Scan(); {
		again = strings.Contains(lines.Text(), "the configuration was read again")
	}
	if !again {
		t.Error("it has not read its configuration again")
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}
