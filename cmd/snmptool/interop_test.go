package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The protocols that Debian's snmpd has, as createUser and the tools call them.
var (
	snmpdAuths = []string{"MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"}
	snmpdPrivs = []string{"", "DES", "AES", "AES-192", "AES-256", "AES-192-C", "AES-256-C"}
)

// TestInteropSNMPD asks Debian's snmpd with every authentication and every privacy
// protocol that it has, and with wrong passwords.
func TestInteropSNMPD(t *testing.T) {
	config := "rocommunity public 127.0.0.1\nsysName interop\n"
	for _, auth := range snmpdAuths {
		for _, priv := range snmpdPrivs {
			user, level := snmpdUser(auth, priv)
			config += fmt.Sprintf("createUser %s %s auth-passphrase %s\nrouser %s %s\n", user, auth, strings.TrimSpace(priv+" "+privPassphrase(priv)), user, level)
		}
	}
	address := startSNMPD(t, config)
	ask := func(args ...string) (code int, out, errs string) {
		return runTool(t, append([]string{"get", "-v3", "-r2", "-t2", "-On"}, append(args, address, "1.3.6.1.2.1.1.5.0")...)...)
	}
	for _, auth := range snmpdAuths {
		for _, priv := range snmpdPrivs {
			user, level := snmpdUser(auth, priv)
			t.Run(user, func(t *testing.T) {
				args := []string{"-u", user, "-l", level, "-a", auth, "-A", "auth-passphrase"}
				if priv != "" {
					args = append(args, "-x", priv, "-X", privPassphrase(priv))
				}
				if code, out, errs := ask(args...); code != exitAnswered || out != ".1.3.6.1.2.1.1.5.0 = STRING: interop\n" {
					t.Errorf("exit code %d, output %q, error output %q", code, out, errs)
				}
			})
		}
		t.Run(auth+" with a wrong password", func(t *testing.T) {
			user, level := snmpdUser(auth, "")
			code, _, errs := ask("-t0.2", "-u", user, "-l", level, "-a", auth, "-A", "wrong-passphrase")
			if code != exitFailed || !strings.Contains(errs, "Authentication failure") {
				t.Errorf("exit code %d, error output %q", code, errs)
			}
		})
	}
	for _, priv := range snmpdPrivs[1:] {
		t.Run(priv+" with a wrong password", func(t *testing.T) {
			user, level := snmpdUser("SHA", priv)
			code, _, errs := ask("-r0", "-t1", "-u", user, "-l", level, "-a", "SHA", "-A", "auth-passphrase", "-x", priv, "-X", "wrong-passphrase")
			if code != exitFailed || !strings.Contains(errs, "the privacy password (-X)\n") {
				t.Errorf("exit code %d, error output %q", code, errs)
			}
		})
	}
	t.Run("bulkwalk", func(t *testing.T) {
		code, out, errs := runTool(t, "bulkwalk", "-v3", "-u", "SHA-256_AES", "-l", "authPriv", "-a", "SHA-256", "-A", "auth-passphrase", "-x", "AES", "-X", privPassphrase("AES"), address, "system")
		if code != exitAnswered || !strings.Contains(out, "SNMPv2-MIB::sysName.0 = STRING: interop\n") || strings.Count(out, "\n") < 8 {
			t.Errorf("exit code %d, output %q, error output %q", code, out, errs)
		}
	})
}

func snmpdUser(auth, priv string) (name, level string) {
	if priv == "" {
		return auth, "authNoPriv"
	}
	return auth + "_" + priv, "authPriv"
}

func privPassphrase(priv string) string {
	if priv == "" {
		return ""
	}
	return "priv-passphrase-" + priv
}

// runTool runs one command line.
func runTool(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr strings.Builder
	code = run(t.Context(), append([]string{"snmptool"}, args...), strings.NewReader(""), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// startSNMPD starts Debian's snmpd on a free port of the loopback interface and
// gives its address. It is stopped at the end of the test.
func startSNMPD(t *testing.T, config string) (address string) {
	t.Helper()
	program, err := exec.LookPath("snmpd")
	if err != nil { // it lies outside an ordinary user's PATH
		program, err = exec.LookPath("/usr/sbin/snmpd")
	}
	if err != nil {
		if os.Getenv("SNMPSTACK_REQUIRE_INTEROP") != "" {
			t.Fatalf("SNMPSTACK_REQUIRE_INTEROP is set: snmpd is not installed")
		}
		t.Skip("snmpd is not installed")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "snmpd.conf")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "state", "cert_indexes"), 0o700); err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = conn.LocalAddr().String()
	conn.Close()

	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	daemon := exec.Command(program, "-f", "-Lo", "-C", "-c", path, "-I", "-smux", "-p", filepath.Join(dir, "pid"), "udp:"+address)
	daemon.Env = append(os.Environ(), "SNMP_PERSISTENT_DIR="+filepath.Join(dir, "state"), "MIBS=", "HOME="+dir)
	daemon.Stdout, daemon.Stderr = log, log
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancelCause(context.Background())
	go func() { cancel(fmt.Errorf("snmpd has ended: %w", daemon.Wait())) }()
	t.Cleanup(func() {
		daemon.Process.Signal(syscall.SIGTERM)
		<-ended.Done()
		if text, _ := os.ReadFile(log.Name()); t.Failed() {
			t.Logf("snmpd said:\n%s", text)
		}
		log.Close()
	})
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		code, _, _ := runTool(t, "get", "-v2c", "-r0", "-t0.2", address, "1.3.6.1.2.1.1.5.0")
		if code == exitAnswered {
			return address
		}
		select {
		case <-ended.Done():
			t.Fatal(context.Cause(ended))
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatal("snmpd does not answer")
	return ""
}
