// Real clients ask the daemon where the kernel moves one datagram with each system call.

package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"snmpstack/cmd/internal/interoptest"
)

// TestInteropPortable has every client get, walk and set, with communities and as users, while recvmmsg and sendmmsg are
// refused: the agent's answers do not depend on how its datagrams travel.
func TestInteropPortable(t *testing.T) {
	interoptest.Tool(t, "snmpget")
	program, clients := portable(t, buildAgent(t)), findClients(t)
	t.Run("communities", func(t *testing.T) { askAsCommunities(t, program, clients) })
	t.Run("users", func(t *testing.T) {
		asked := plainUsers(t)
		askWith(t, clients, asked, interoptest.Start(t, program, usersConfig(asked)))
	})
}

// portable returns a program that is an agent without recvmmsg and sendmmsg.
func portable(t *testing.T, agent string) string {
	t.Helper()
	dir := t.TempDir()
	refuse, script := filepath.Join(dir, "refuse"), filepath.Join(dir, "agent")
	if out, err := exec.Command("go", "build", "-o", refuse, "snmpstack/transport/internal/refuse").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	text := fmt.Sprintf("#!/bin/sh\nexec %q 38 %q \"$@\"\n", refuse, agent)
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return script
}
