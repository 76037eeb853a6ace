//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/pdu"
)

// The user and group that tests become: numbers that no user database has.
const (
	testUID = 54321
	testGID = 54322
)

func needRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give up root's rights")
	}
}

// TestProcessGivesUpRoot starts the agent as root, with a state directory that root has
// made and without one: all its threads are the user's alone, and what it keeps then it
// still can. SIGHUP reads what the user can read, and changes nothing where he cannot.
func TestProcessGivesUpRoot(t *testing.T) {
	needRoot(t)
	for _, x := range []struct {
		name      string
		args      []string
		config    string
		rootState bool
		uid, gid  int
		groups    string
	}{
		{"options", []string{"-u", "54321", "-g", "54322"}, "", false, testUID, testGID, "54322"},
		{"directives", nil, "agentUser \"#54321\"\nagentGroup 54322\n", true, testUID, testGID, "54322"},
		{"options go first", []string{"-u", "#54321"}, "agentUser nosuchuser\nagentGroup 54322\n", false, testUID, testGID, "54322"},
		{"the group alone", []string{"-g", "54322"}, "", false, 0, testGID, "54322"},
		{"root", []string{"-u", "root"}, "", false, 0, 0, "0"},
	} {
		t.Run(x.name, func(t *testing.T) {
			dir := openDir(t)
			p := &agentProcess{t: t, args: x.args, config: filepath.Join(dir, "snmpd.conf"), state: filepath.Join(dir, "made", "state"), address: freeAddress(t)}
			users := "createUser ops SHA longenough1 AES longenough2\n"
			if x.rootState {
				if err := makeStateDir(p.state); err != nil {
					t.Fatal(err)
				}
				writeFile(t, filepath.Join(p.state, persistentFile), users)
				users = ""
			}
			p.configure(x.config + users + "rwuser ops\n")
			if err := os.Chmod(p.config, 0o644); err != nil {
				t.Fatal(err)
			}
			p.start()
			checkIdentity(t, p.cmd.Process.Pid, x.uid, x.gid, x.groups)
			ops := p.as("ops", "longenough1", "longenough2")
			p.set(ops, pdu.VarBind{Name: sysLocation, Value: pdu.OctetString("the cellar")})
			p.reload()
			if x.uid != 0 {
				if err := os.Chmod(p.config, 0o600); err != nil {
					t.Fatal(err)
				}
				p.hangUp("the former one stays")
				p.check("", "ops", "longenough1", "longenough2")
				if err := os.Chmod(p.config, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			p.restart(syscall.SIGTERM)
			if got := location(t, ops); got != "the cellar" {
				t.Errorf("after a restart sysLocation is %q", got)
			}
			for _, name := range []string{"", "snmpagent.state", "snmpagent.lock"} {
				checkOwner(t, filepath.Join(p.state, name), x.uid)
			}
			if x.rootState {
				checkOwner(t, filepath.Join(p.state, persistentFile), x.uid)
			}
		})
	}
}

// TestProcessLogIsHanded shows that a log file that the agent makes is the user's, so
// that it is opened anew when somebody has moved it away.
func TestProcessLogIsHanded(t *testing.T) {
	needRoot(t)
	dir := openDir(t)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(dir, "log")
	p := &agentProcess{
		t: t, args: []string{"-u", "54321", "-g", "54322", "-Lf", log},
		config: filepath.Join(dir, "snmpd.conf"), state: filepath.Join(dir, "state"), address: freeAddress(t),
	}
	const config = "createUser ops SHA longenough1 AES longenough2\nrwuser ops\n"
	p.configure(config)
	if err := os.Chmod(p.config, 0o644); err != nil {
		t.Fatal(err)
	}
	p.start()
	checkOwner(t, log, testUID)
	if err := os.Rename(log, log+".1"); err != nil {
		t.Fatal(err)
	}
	p.configure(config + "sysLocation the attic\n")
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	ops := p.as("ops", "longenough1", "longenough2")
	for n := 0; location(t, ops) != "the attic"; n++ {
		if n > 10_000 {
			t.Fatal("the configuration was not read again")
		}
	}
	checkOwner(t, log, testUID)
}

// TestProcessPIDFile shows that the file of -p is root's where the user cannot replace
// it anyway, and that the process does not hold open what root has made.
func TestProcessPIDFile(t *testing.T) {
	needRoot(t)
	for _, x := range []struct {
		name   string
		of     int // whose directory it is in
		remain bool
	}{
		{"root's directory", 0, true},
		{"the user's directory", testUID, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			dir := openDir(t)
			pid := filepath.Join(dir, "run", "pid")
			if err := errors.Join(os.Mkdir(filepath.Dir(pid), 0o755), os.Chown(filepath.Dir(pid), x.of, 0)); err != nil {
				t.Fatal(err)
			}
			p := &agentProcess{
				t: t, args: []string{"-u", "54321", "-g", "54322", "-p", pid},
				config: filepath.Join(dir, "snmpd.conf"), state: filepath.Join(dir, "state"), address: freeAddress(t),
			}
			p.configure("rocommunity public\n")
			p.start()
			checkOwner(t, pid, x.of)
			want := fmt.Sprintln(p.cmd.Process.Pid)
			if text, err := os.ReadFile(pid); string(text) != want {
				t.Errorf("the file of -p has %q, %v, want %q", text, err, want)
			}
			fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", p.cmd.Process.Pid))
			if err != nil || len(fds) == 0 {
				t.Fatalf("descriptors %q, %v", fds, err)
			}
			for _, fd := range fds {
				if to, _ := os.Readlink(fd); to == pid {
					t.Errorf("the process has %s open", to)
				}
			}
			if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			p.cmd.Wait()
			if _, err := os.Stat(pid); (err == nil) != x.remain {
				t.Errorf("at the end the file of -p is there: %t (%v)", err == nil, err)
			}
		})
	}
}

// TestProcessThatFailsTouchesNothing starts a second agent with the state of one that runs:
// it has root's rights for long enough to spoil the other's files.
func TestProcessThatFailsTouchesNothing(t *testing.T) {
	needRoot(t)
	dir := openDir(t)
	pid, log := filepath.Join(dir, "pid"), filepath.Join(dir, "log")
	args := []string{"-u", "54321", "-g", "54322", "-p", pid, "-Lf", log}
	p := &agentProcess{
		t: t, args: args,
		config: filepath.Join(dir, "snmpd.conf"), state: filepath.Join(dir, "state"), address: freeAddress(t),
	}
	const config = "rocommunity public\nnonsense here\n"
	p.configure(config)
	p.start()
	read := func(path string) string {
		text, err := os.ReadFile(path)
		if err != nil || len(text) == 0 {
			t.Fatalf("%s: %q, %v", path, text, err)
		}
		return string(text)
	}
	p.address = "127.0.0.1:0"
	p.configure(config)
	pidBefore, logBefore := read(pid), read(log)
	cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{"-c", p.config}, args...)...)
	cmd.Env = append(os.Environ(), runEnv+"=1")
	said, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("it ended with %v", err)
	}
	for _, want := range []string{"another process has it open", "nonsense: unknown directive"} {
		if !strings.Contains(string(said), want) {
			t.Errorf("want %s, got\n%s", want, said)
		}
	}
	if read(pid) != pidBefore || read(log) != logBefore {
		t.Errorf("the files are %q, %q, want %q, %q", read(pid), read(log), pidBefore, logBefore)
	}
}

// TestProcessFollowsNoLinkAsRoot plants links in a directory of the user's: root does
// not touch what they lead to, nor does the agent become of use to who put them there.
func TestProcessFollowsNoLinkAsRoot(t *testing.T) {
	needRoot(t)
	for _, x := range []struct {
		name   string
		link   string // in the user's directory
		option []string
		want   string
	}{
		{"the log", "log", []string{"-Lf", "users/log"}, `log file: open users/log: permission denied \(it has to belong to user 54321`},
		{"the process ID", "pid", []string{"-p", "users/pid"}, `PID file: open users/pid: permission denied`},
		{"the state directory", "state", nil, `snmpagent: open users/state/snmpagent.conf: permission denied`},
	} {
		t.Run(x.name, func(t *testing.T) {
			dir := openDir(t)
			users, roots := filepath.Join(dir, "users"), filepath.Join(dir, "roots")
			victim := filepath.Join(roots, "snmpagent.conf")
			const text = "# root's alone\n"
			if err := errors.Join(os.Mkdir(users, 0o755), os.Chown(users, testUID, testGID), os.Mkdir(roots, 0o755)); err != nil {
				t.Fatal(err)
			}
			writeFile(t, victim, text)
			target := victim
			if x.link == "state" {
				target = roots
			}
			if err := os.Symlink(target, filepath.Join(users, x.link)); err != nil {
				t.Fatal(err)
			}
			writeFile(t, filepath.Join(dir, "snmpd.conf"), "nonsense here\nrocommunity public\nagentAddress 127.0.0.1:0\n[snmp] persistentDir users/state\n")
			cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{"-c", "snmpd.conf", "-u", "54321", "-g", "54322"}, x.option...)...)
			cmd.Dir, cmd.Env = dir, append(os.Environ(), runEnv+"=1")
			said, err := cmd.CombinedOutput()
			if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Errorf("it ended with %v", err)
			}
			for _, want := range []string{x.want, "snmpd.conf:1: nonsense"} {
				if !regexp.MustCompile(want).Match(said) {
					t.Errorf("want %s, got\n%s", want, said)
				}
			}
			for _, path := range []string{roots, victim} {
				checkOwner(t, path, 0)
			}
			if got, err := os.ReadFile(victim); string(got) != text {
				t.Errorf("root's file has %q, %v", got, err)
			}
		})
	}
}

// TestProcessReadsNoMoreThanTheUser shows that nothing of what root alone may read is said
// because the user has put it into the persistent file's place, or has had it included.
func TestProcessReadsNoMoreThanTheUser(t *testing.T) {
	needRoot(t)
	for name, plant := range map[string]func(secret, path string) error{
		"a link":     os.Symlink,
		"an include": func(secret, path string) error { return os.WriteFile(path, []byte("includeFile "+secret+"\n"), 0o644) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := openDir(t)
			secret, state := filepath.Join(dir, "shadow"), filepath.Join(dir, "state")
			if err := errors.Join(os.WriteFile(secret, []byte("root:$6$hash:19000\nhunter2 x\n"), 0o600), os.Mkdir(state, 0o700), os.Chown(state, testUID, testGID)); err != nil {
				t.Fatal(err)
			}
			if err := plant(secret, filepath.Join(state, persistentFile)); err != nil {
				t.Fatal(err)
			}
			writeFile(t, filepath.Join(dir, "snmpd.conf"), "rocommunity public\n[snmp] persistentDir state\nagentAddress 192.0.2.1:1\n")
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-c", "snmpd.conf", "-u", "54321", "-g", "54322")
			cmd.Dir, cmd.Env = dir, append(os.Environ(), runEnv+"=1")
			said, err := cmd.CombinedOutput()
			if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Errorf("it ended with %v", err)
			}
			if strings.Contains(string(said), "hash") || strings.Contains(string(said), "hunter2") || !strings.Contains(string(said), "state/snmpagent.conf") {
				t.Errorf("it says\n%s", said)
			}
		})
	}
}

// TestProcessLogOpensLate shows that a log file in a directory of the user's has what was
// said before the agent became he.
func TestProcessLogOpensLate(t *testing.T) {
	needRoot(t)
	dir := openDir(t)
	if err := os.Chown(dir, testUID, testGID); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(dir, "log")
	p := &agentProcess{
		t: t, args: []string{"-u", "54321", "-g", "54322", "-Lf", log},
		config: filepath.Join(dir, "snmpd.conf"), state: filepath.Join(dir, "state"), address: freeAddress(t),
	}
	p.configure("nonsense here\nrocommunity public\n")
	p.start()
	checkOwner(t, log, testUID)
	text, err := os.ReadFile(log)
	if err != nil || !strings.Contains(string(text), "snmpd.conf:1: nonsense") || !strings.Contains(string(text), "started") {
		t.Errorf("the log has %q, %v", text, err)
	}
}

// TestProcessDoesNotStayRoot shows what keeps an agent that is to give up root's rights
// from starting.
func TestProcessDoesNotStayRoot(t *testing.T) {
	needRoot(t)
	const state = "[snmp] persistentDir state\n"
	for _, x := range []struct {
		name, config string
		args         []string
		want         string
	}{
		{"nobody knows the user", "agentUser nosuchuser\n", nil, `there is no user "nosuchuser"`},
		{"the user is a comment", "agentUser #54321\n", nil, "snmpd.conf:1: agentUser: nothing follows the name"},
		{"the group is empty", "agentGroup \"\"\n", nil, "snmpd.conf:1: agentGroup: the name is empty"},
		{"nobody knows the group", "agentGroup nosuchgroup\n", nil, `there is no group "nosuchgroup"`},
		{"a number without a group", "", []string{"-u", "54321"}, "user 54321 has no entry in the user database"},
		// A directory with something else in it is not given away.
		{"another's directory", state, []string{"-u", "54321", "-g", "54322"}, `state/snmpagent.lock: permission denied \(it has to belong to user 54321`},
	} {
		t.Run(x.name, func(t *testing.T) {
			dir := openDir(t)
			if err := os.MkdirAll(filepath.Join(dir, "state", "other"), 0o755); err != nil {
				t.Fatal(err)
			}
			writeFile(t, filepath.Join(dir, "snmpd.conf"), x.config+"rocommunity public\nagentAddress 127.0.0.1:0\n")
			cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{"-c", "snmpd.conf"}, x.args...)...)
			cmd.Dir, cmd.Env = dir, append(os.Environ(), runEnv+"=1")
			said, err := cmd.CombinedOutput()
			if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Errorf("it ended with %v", err)
			}
			if !regexp.MustCompile(x.want).Match(said) {
				t.Errorf("want %s, got\n%s", x.want, said)
			}
			checkOwner(t, filepath.Join(dir, "state"), 0)
		})
	}
}

// openDir returns a directory that everybody can read.
func openDir(t *testing.T) string {
	dir := t.TempDir()
	for _, d := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// checkIdentity looks whose a process is.
func checkIdentity(t *testing.T, pid, uid, gid int, groups string) {
	t.Helper()
	four := func(id int) string { return strings.Repeat(fmt.Sprintf("\t%d", id), 4) }
	want := []string{"Uid:" + four(uid), "Gid:" + four(gid), "Groups:\t" + groups + " "}
	if got := identityOf(t, pid); !slices.Equal(got, want) {
		t.Errorf("the process is %q, want %q", got, want)
	}
}

// identityOf returns the lines of /proc about whose a process is. All its threads are of
// the same user, and have no capabilities unless that is root.
func identityOf(t *testing.T, pid int) (identity []string) {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(threads) == 0 {
		t.Fatalf("threads %q, %v", threads, err)
	}
	for _, thread := range threads {
		status, err := os.ReadFile(thread)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // it has ended
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(status), "\n")
		if !slices.Contains(lines, "Uid:\t0\t0\t0\t0") && !slices.Contains(lines, "CapEff:\t0000000000000000") {
			t.Errorf("%s has capabilities", thread)
		}
		lines = slices.DeleteFunc(lines, func(line string) bool {
			return !strings.HasPrefix(line, "Uid:") && !strings.HasPrefix(line, "Gid:") && !strings.HasPrefix(line, "Groups:")
		})
		if identity != nil && !slices.Equal(lines, identity) {
			t.Errorf("%s is %q, another thread %q", thread, lines, identity)
		}
		identity = lines
	}
	return identity
}

func checkOwner(t *testing.T, path string, uid int) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := int(info.Sys().(*syscall.Stat_t).Uid); got != uid {
		t.Errorf("%s belongs to %d, want %d", path, got, uid)
	}
}

var sysLocation = ber.MustOID("1.3.6.1.2.1.1.6.0")

func location(t *testing.T, c *manager.Client) string {
	t.Helper()
	vbs, err := c.Get(t.Context(), sysLocation)
	if err != nil {
		t.Fatal(err)
	}
	return vbs[0].Value.Octets()
}
