package main

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// An agentProcess is the daemon as a process, with a state directory.
type agentProcess struct {
	t       *testing.T
	args    []string // beside those about the log and the configuration
	config  string
	state   string
	address string
	cmd     *exec.Cmd
	log     *bufio.Reader
}

func newAgentProcess(t *testing.T, config string) *agentProcess {
	t.Helper()
	dir := t.TempDir()
	p := &agentProcess{t: t, config: filepath.Join(dir, "snmpd.conf"), state: filepath.Join(dir, "state"), address: freeAddress(t)}
	p.configure(config)
	p.start()
	return p
}

func (p *agentProcess) configure(config string) {
	p.t.Helper()
	writeFile(p.t, p.config, config+"exactEngineID 0x8000000001020304\nagentAddress "+p.address+"\n[snmp] persistentDir "+p.state+"\n")
}

func (p *agentProcess) start() {
	p.t.Helper()
	p.cmd = exec.Command(os.Args[0], append([]string{"-Lo", "-c", p.config}, p.args...)...)
	p.cmd.Env = append(os.Environ(), runEnv+"=1")
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	cmd := p.cmd
	p.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	p.log = bufio.NewReader(stdout)
	p.await("listening on")
}

// await reads the log up to a line with text.
func (p *agentProcess) await(text string) {
	p.t.Helper()
	for {
		line, err := p.log.ReadString('\n')
		if err != nil {
			p.t.Fatalf("the log ends before %q: %v", text, err)
		}
		if strings.Contains(line, "longenough") {
			p.t.Errorf("the log shows a password: %s", line)
		}
		if strings.Contains(line, text) {
			return
		}
	}
}

// hangUp sends SIGHUP, and waits for what the log says then.
func (p *agentProcess) hangUp(want string) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		p.t.Fatal(err)
	}
	p.await(want)
}

// reload has the configuration read again.
func (p *agentProcess) reload() {
	p.t.Helper()
	p.hangUp("was read again")
}

// restart ends the process with a signal, and starts it again.
func (p *agentProcess) restart(signal os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		p.t.Fatal(err)
	}
	p.cmd.Wait()
	p.start()
}

// as returns a client of the agent's that asks as a user with SHA and AES.
func (p *agentProcess) as(name, authPassword, privPassword string) *manager.Client {
	p.t.Helper()
	c, err := manager.Dial(p.t.Context(), p.address)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { c.Close() })
	c.Version = pdu.V3
	c.Security = manager.Security{Level: pdu.AuthPriv, User: usm.User{
		Name: name,
		Auth: usm.SHA1, AuthPassword: usm.NewSecret(authPassword),
		Priv: usm.AES128, PrivPassword: usm.NewSecret(privPassword),
	}}
	return c
}

// asked returns what asking as a user comes to: "" for an answer.
func (p *agentProcess) asked(name, authPassword, privPassword string) string {
	p.t.Helper()
	_, err := p.as(name, authPassword, privPassword).Get(p.t.Context(), ber.MustOID("1.3.6.1.2.1.1.3.0"))
	if err == nil {
		return ""
	}
	for _, counter := range []string{"usmStatsUnknownUserNames", "usmStatsWrongDigests", "usmStatsDecryptionErrors"} {
		if strings.Contains(err.Error(), counter) {
			return counter
		}
	}
	return err.Error()
}

func (p *agentProcess) check(want string, name, authPassword, privPassword string) {
	p.t.Helper()
	if got := p.asked(name, authPassword, privPassword); got != want {
		p.t.Errorf("%s with %s and %s: %q, want %q", name, authPassword, privPassword, got, want)
	}
}

// set is a SET of usmUserTable that has to succeed.
func (p *agentProcess) set(c *manager.Client, vbs ...pdu.VarBind) {
	p.t.Helper()
	if _, err := c.Set(p.t.Context(), vbs...); err != nil {
		p.t.Fatal(err)
	}
}

// usmUserStatus and usmUserCloneFrom are varbinds of the table.
func usmUserStatus(name string, s mib.RowStatus) pdu.VarBind {
	return pdu.VarBind{Name: usmUserCell(testEngine, 13, name), Value: pdu.Integer(int32(s))}
}

func usmUserCloneFrom(name, template string) pdu.VarBind {
	return pdu.VarBind{Name: usmUserCell(testEngine, 4, name), Value: pdu.ObjectIdentifier(usmUserCell(testEngine, 3, template))}
}

// usmUserKeyChange are the varbinds that change both keys.
func usmUserKeyChange(t *testing.T, name string, oldAuth, oldPriv, newAuth, newPriv string) []pdu.VarBind {
	t.Helper()
	keys := func(auth, priv string) [2][]byte {
		a, p, err := usm.LocalizedKeys(usm.Internal, usm.User{Name: name, Auth: usm.SHA1, AuthPassword: usm.NewSecret(auth), Priv: usm.AES128, PrivPassword: usm.NewSecret(priv)}, testEngine)
		if err != nil {
			t.Fatal(err)
		}
		return [2][]byte{a, p}
	}
	var vbs []pdu.VarBind
	from, to := keys(oldAuth, oldPriv), keys(newAuth, newPriv)
	for i, column := range []uint32{6, 9} {
		v, err := usm.KeyChange(usm.SHA1, from[i], to[i], make([]byte, len(from[i])))
		if err != nil {
			t.Fatal(err)
		}
		vbs = append(vbs, pdu.VarBind{Name: usmUserCell(testEngine, column, name), Value: pdu.OctetString(string(v))})
	}
	return vbs
}

const usersConfig = "createUser ops SHA longenough1 AES longenough2\nrwuser ops priv\ncreateUser template SHA longenough3 AES longenough4\nrwuser template priv\n" +
	"rwuser new priv\nrwuser gone priv\nrwuser lost priv\n"

// TestProcessKeepsUsers shows that what managers have done to users survives the agent:
// it is killed as soon as it has answered, and later told to end.
func TestProcessKeepsUsers(t *testing.T) {
	p := newAgentProcess(t, usersConfig)
	ops := p.as("ops", "longenough1", "longenough2")
	p.set(ops, usmUserCloneFrom("gone", "template"), usmUserStatus("gone", mib.CreateAndGo))
	p.set(ops, usmUserCloneFrom("lost", "template"), usmUserStatus("lost", mib.CreateAndGo),
		pdu.VarBind{Name: usmUserCell(testEngine, 12, "lost"), Value: pdu.Integer(int32(mib.Volatile))})
	p.check("", "gone", "longenough3", "longenough4")
	p.set(ops, usmUserStatus("gone", mib.Destroy))
	p.set(ops, usmUserCloneFrom("new", "template"), usmUserStatus("new", mib.CreateAndWait),
		pdu.VarBind{Name: usmUserCell(testEngine, 11, "new"), Value: pdu.OctetString("a \"quote\"\n")})
	p.set(ops, append(usmUserKeyChange(t, "new", "longenough3", "longenough4", "longenough5", "longenough6"), usmUserStatus("new", mib.Active))...)
	p.set(ops, usmUserKeyChange(t, "template", "longenough3", "longenough4", "longenough7", "longenough8")...)
	for _, signal := range []os.Signal{os.Kill, syscall.SIGTERM} {
		if runtime.GOOS == "windows" {
			signal = os.Kill // there is no other
		}
		p.restart(signal)
		p.check("", "new", "longenough5", "longenough6")
		p.check("usmStatsWrongDigests", "new", "longenough3", "longenough4")
		p.check("usmStatsDecryptionErrors", "new", "longenough5", "longenough4")
		p.check("usmStatsUnknownUserNames", "gone", "longenough3", "longenough4")
		p.check("usmStatsUnknownUserNames", "lost", "longenough3", "longenough4")
		p.check("", "template", "longenough7", "longenough8")
		p.check("usmStatsWrongDigests", "template", "longenough3", "longenough4")
		p.check("", "ops", "longenough1", "longenough2")
		got, err := p.as("ops", "longenough1", "longenough2").Get(t.Context(), usmUserCell(testEngine, 11, "new"), usmUserCell(testEngine, 12, "new"), usmUserCell(testEngine, 12, "template"))
		if err != nil || got[0].Value != pdu.OctetString("a \"quote\"\n") || got[1].Value != pdu.Integer(int32(mib.NonVolatile)) || got[2].Value != pdu.Integer(int32(mib.Permanent)) {
			t.Errorf("%v, %v", got, err)
		}
	}
	info, err := os.Stat(filepath.Join(p.state, persistentFile))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	text, err := os.ReadFile(p.config)
	if err != nil || !strings.HasPrefix(string(text), usersConfig) {
		t.Errorf("the configuration is %q, %v", text, err)
	}
	// His line is changed: that counts from now on.
	p.configure(strings.Replace(usersConfig, "longenough3", "longenough9", 1))
	p.restart(os.Kill)
	p.check("", "template", "longenough9", "longenough4")
	p.check("usmStatsWrongDigests", "template", "longenough7", "longenough8")
	p.check("", "new", "longenough5", "longenough6")
}

// TestProcessKilledWhileKeysChange kills the agent at random moments while a manager
// changes a user's key over and over: when it has been started again the key is the
// one of the last SET that was answered, or of the one after it, which was not.
func TestProcessKilledWhileKeysChange(t *testing.T) {
	p := newAgentProcess(t, usersConfig)
	key := func(n int) []byte { return slices.Repeat([]byte{byte(n), byte(n >> 8)}, 10) }
	template, _, err := usm.LocalizedKeys(usm.Internal, usm.User{Name: "template", Auth: usm.SHA1, AuthPassword: usm.NewSecret("longenough3")}, testEngine)
	if err != nil {
		t.Fatal(err)
	}
	change := func(old, new []byte) pdu.VarBind {
		v, err := usm.KeyChange(usm.SHA1, old, new, make([]byte, len(old)))
		if err != nil {
			t.Fatal(err)
		}
		return pdu.VarBind{Name: usmUserCell(testEngine, 6, "new"), Value: pdu.OctetString(string(v))}
	}
	noPriv := pdu.VarBind{Name: usmUserCell(testEngine, 8, "new"), Value: pdu.ObjectIdentifier(usm.NoPrivProtocol)}
	p.set(p.as("ops", "longenough1", "longenough2"), usmUserCloneFrom("new", "template"), noPriv, change(template, key(0)), usmUserStatus("new", mib.CreateAndGo))
	good := func(n int) bool {
		c := p.as("new", "", "")
		c.Security = manager.Security{Level: pdu.AuthNoPriv, User: usm.User{Name: "new", Auth: usm.SHA1, AuthKey: key(n), Localized: true}}
		_, err := c.Get(t.Context(), ber.MustOID("1.3.6.1.2.1.1.3.0"))
		return !strings.Contains(fmt.Sprint(err), "usmStatsWrongDigests") // access takes privacy
	}
	answered := 0
	for life := range 8 {
		ops := p.as("ops", "longenough1", "longenough2")
		if _, err := ops.Get(t.Context(), ber.MustOID("1.3.6.1.2.1.1.3.0")); err != nil {
			t.Fatal(err)
		}
		ops.Timeout, ops.Retries = 100*time.Millisecond, 0
		kill := time.AfterFunc(rand.N(40*time.Millisecond), func() { p.cmd.Process.Kill() })
		for {
			if _, err := ops.Set(t.Context(), change(key(answered), key(answered+1))); err != nil {
				break
			}
			answered++
		}
		kill.Stop()
		p.restart(os.Kill)
		switch now, next := good(answered), good(answered+1); {
		case now == next:
			t.Fatalf("life %d: the key of SET %d is good: %v, the next one: %v", life, answered, now, next)
		case next:
			answered++
		}
	}
	t.Logf("%d keys", answered)
}

// TestProcessCannotKeep shows that a SET fails whose rows cannot be kept, and has changed
// nothing.
func TestProcessCannotKeep(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a directory in use cannot be removed on Windows")
	}
	p := newAgentProcess(t, usersConfig)
	if err := os.RemoveAll(p.state); err != nil {
		t.Fatal(err)
	}
	ops := p.as("ops", "longenough1", "longenough2")
	for _, vbs := range [][]pdu.VarBind{
		{usmUserCloneFrom("new", "template"), usmUserStatus("new", mib.CreateAndGo)},
		usmUserKeyChange(t, "template", "longenough3", "longenough4", "longenough5", "longenough6"),
	} {
		var status *pdu.StatusError
		if _, err := ops.Set(t.Context(), vbs...); !errors.As(err, &status) || status.Status != pdu.CommitFailed {
			t.Errorf("%v", err)
		}
	}
	p.check("usmStatsUnknownUserNames", "new", "longenough3", "longenough4")
	p.check("", "template", "longenough3", "longenough4")
}

// TestProcessReloadsUsers shows that SIGHUP leaves alone what managers have done, and
// hears of what an operator has.
func TestProcessReloadsUsers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGHUP on Windows")
	}
	p := newAgentProcess(t, usersConfig)
	ops := p.as("ops", "longenough1", "longenough2")
	p.set(ops, usmUserCloneFrom("new", "template"), usmUserStatus("new", mib.CreateAndGo))
	p.set(ops, usmUserCloneFrom("gone", "template"), usmUserStatus("gone", mib.CreateAndGo))
	p.set(ops, usmUserCloneFrom("lost", "template"), usmUserStatus("lost", mib.CreateAndGo),
		pdu.VarBind{Name: usmUserCell(testEngine, 12, "lost"), Value: pdu.Integer(int32(mib.Volatile))})
	p.set(ops, usmUserKeyChange(t, "new", "longenough3", "longenough4", "longenough5", "longenough6")...)
	p.reload()
	p.set(ops, usmUserKeyChange(t, "template", "longenough3", "longenough4", "longenough7", "longenough8")...)
	for range 2 {
		p.reload()
		p.check("", "new", "longenough5", "longenough6")
		p.check("", "gone", "longenough3", "longenough4")
		p.check("", "lost", "longenough3", "longenough4")
		p.check("", "template", "longenough7", "longenough8")
	}
	p.set(ops, usmUserStatus("gone", mib.Destroy))
	p.reload()
	p.check("usmStatsUnknownUserNames", "gone", "longenough3", "longenough4")

	// An operator gives one another password, in the persistent file, and takes one away.
	path := filepath.Join(p.state, persistentFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, string(text)+"createUser new SHA longenough9 AES longenough6\ncreateUser gone SHA longenough9 AES longenough6\n")
	p.reload()
	p.check("", "new", "longenough9", "longenough6")
	p.check("", "gone", "longenough9", "longenough6")
	p.set(ops, usmUserStatus("gone", mib.NotInService))
	p.reload()
	p.check("usmStatsUnknownUserNames", "gone", "longenough9", "longenough6")
	writeFile(t, path, "# nobody\n")
	p.reload()
	p.check("usmStatsUnknownUserNames", "new", "longenough9", "longenough6")
	p.check("", "template", "longenough3", "longenough4")
	p.check("", "lost", "longenough3", "longenough4")
	p.set(ops, usmUserCloneFrom("new", "template"), usmUserStatus("new", mib.CreateAndGo))
	p.restart(os.Kill)
	p.check("", "new", "longenough3", "longenough4")
	p.check("usmStatsUnknownUserNames", "lost", "longenough3", "longenough4")
}
