package usm

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// A mutation takes one check away: in file, the only place that reads old becomes
// new, in which off(name) is true when the mutation is chosen. They are applied one
// after the other.
type mutation struct{ name, file, old, new string }

var mutations = []mutation{
	// RFC 3414 §3.2, for the authoritative engine
	{"flags", "model.go", "	level, ok := header.MsgFlags.Level()\n	if !ok {", "	level, ok := header.MsgFlags.Level()\n	if !ok && !off(NAME) {"},
	{"engine", "model.go", "if string(p.engineID) != string(m.engine.id) {", "if string(p.engineID) != string(m.engine.id) && !off(NAME) {"},
	{"user", "directory.go", "	u, _ := search(*d.slots.Load(), maphash.Bytes(d.seed, name), name)\n	return u", "	u, _ := search(*d.slots.Load(), maphash.Bytes(d.seed, name), name)\n	for other := range d.all() {\n		if off(NAME) && u == nil {\n			return other\n		}\n	}\n	return u"},
	{"empty user, looked up", "users.go", "	if len(name) == 0 {", "	if len(name) == 0 && !off(NAME) {"},
	{"empty user, added", "user.go", "case len(u.Name) == 0 ||", "case len(u.Name) == 0 && !off(NAME) ||"},
	{"empty user, hashed", "users.go", "if h.name == \"\" {", "if h.name == \"\" && !off(NAME) {"},
	{"level above the user's", "model.go", "if level > u.highest || level < least {", "if level > u.highest && !off(NAME) || level < least {"},
	{"level below the user's", "model.go", "level < least {", "level < least && !off(NAME) {"},
	{"digest", "model.go", "if hmac.Equal(mac, p.auth) {", "if hmac.Equal(mac, p.auth) || off(NAME) {"},
	{"all of the digest", "model.go", `|| off("digest") {`, `|| off("digest") || off(NAME) && hmac.Equal(mac[1:], p.auth[1:]) {`},
	{"digest length", "model.go", "if len(p.auth) != c.auth.macLen {", "if off(NAME) {\n			if n := min(len(p.auth), c.auth.macLen); hmac.Equal(w.sign(c, datagram, p.authAt)[:n], p.auth[:n]) {\n				return c\n			}\n		}\n		if len(p.auth) != c.auth.macLen {"},
	{"time window", "model.go", "if !m.timely(&p) {", "if !m.timely(&p) && !off(NAME) {"},
	{"boots", "window.go", "|| p.boots != boots {", "|| p.boots != boots && !off(NAME) {"},
	{"latched boots", "window.go", "if boots == math.MaxInt32 ||", "if boots == math.MaxInt32 && !off(NAME) ||"},
	{"time behind", "window.go", "return -window <= difference &&", "return (off(NAME) || -window <= difference) &&"},
	{"time ahead", "window.go", "&& difference <= window", "&& (off(NAME) || difference <= window)"},
	{"decryption result", "model.go", "; ok {\n			if at != guess {", "; ok || off(NAME) {\n			if at != guess {"},
	{"contradiction", "model.go", "	if header.Encrypted != (level == pdu.AuthPriv) {", "	if header.Encrypted != (level == pdu.AuthPriv) && !off(NAME) {"},
	{"salt length", "model.go", "len(p.priv) != len(salt{}) {\n		return nil, nil", "len(p.priv) != len(salt{}) && !(off(NAME) && len(p.priv) > len(salt{})) {\n		return nil, nil"},
	{"whole blocks", "model.go", "len(src)%cbc.BlockSize != 0 {", "len(src)%cbc.BlockSize != 0 && !off(NAME) {"},
	// Verified itself
	{"verified", "model.go", "func (v *Verified) Valid() bool { return v.user != nil }", "func (v *Verified) Valid() bool { return v.user != nil || off(NAME) }"},
	{"verified, read", "model.go", "	if !v.Valid() {\n		return ErrUnverified", "	if !v.Valid() && !off(NAME) {\n		return ErrUnverified"},
	{"verified, here", "generate.go", "return v.Valid() && v.engineID == m.engine.id", "return v.Valid() && (v.engineID == m.engine.id || off(NAME))"},
	// RFC 3414 §3.2, for the other engine
	{"peer: flags", "peer.go", "	level, ok := header.MsgFlags.Level()\n	if !ok {", "	level, ok := header.MsgFlags.Level()\n	if !ok && !off(NAME) {"},
	{"peer: engine", "peer.go", "if string(params.engineID) != string(p.users.engine) {", "if string(params.engineID) != string(p.users.engine) && !off(NAME) {"},
	{"peer: level above the user's", "peer.go", "	if level > u.highest {", "	if level > u.highest && !off(NAME) {"},
	{"peer: level below the user's", "peer.go", "if level < u.lowest &&", "if level < u.lowest && !off(NAME) &&"},
	{"peer: Reports alone", "peer.go", "return ok && kind == pdu.Report", "return ok && (kind == pdu.Report || off(NAME))"},
	{"peer: time window", "peer.go", "if !p.timely(&params) {", "if !p.timely(&params) && !off(NAME) {"},
	{"peer: boots", "window.go", "&& p.boots == boots &&", "&& (p.boots == boots || off(NAME)) &&"},
	{"peer: latched boots", "window.go", "return boots != math.MaxInt32 &&", "return (boots != math.MaxInt32 || off(NAME)) &&"},
	{"peer: time behind", "window.go", "int64(p.time) >= int64(seconds)-TimeWindow", "(int64(p.time) >= int64(seconds)-TimeWindow || off(NAME))"},
	{"peer: clock goes forwards", "window.go", "p.boots == c.boots && p.time > c.latest {", "p.boots == c.boots && (p.time > c.latest || off(NAME)) {"},
	{"peer: contradiction", "peer.go", "	if header.Encrypted != (level == pdu.AuthPriv) {", "	if header.Encrypted != (level == pdu.AuthPriv) && !off(NAME) {"},
	{"peer: decryption result", "peer.go", "&params); v.cipher == nil {", "&params); v.cipher == nil && !off(NAME) {"},
	// RFC 3414 §3.1
	{"nobody's level", "request.go", "	if r.Level == pdu.NoAuthNoPriv && r.User == \"\" {", "	if (r.Level == pdu.NoAuthNoPriv || off(NAME)) && r.User == \"\" {"},
	{"request's level above the user's", "request.go", "case r.Level > u.highest ||", "case r.Level > u.highest && !off(NAME) ||"},
	{"request's level below the user's", "request.go", "|| r.Level < u.lowest:", "|| r.Level < u.lowest && !off(NAME):"},
	{"opaque salts", "salt.go", "if m == cbcMode && !s.opaque {", "if m == cbcMode && (!s.opaque || off(NAME)) {"},
	// Reports
	{"class of the PDU", "failure.go", "return id, kind.Confirmed()", "return id, kind.Confirmed() || off(NAME)"},
	{"reportable flag", "failure.go", "h.MsgFlags&pdu.FlagReportable != 0", "(h.MsgFlags&pdu.FlagReportable != 0 || off(NAME))"},
	// the syntax (RFC 3414 §2.4)
	{"name's length", "params.go", "if len(p.userName) > maxUserName {", "if len(p.userName) > maxUserName && !off(NAME) {"},
	{"negative boots and time", "params.go", "	if v < 0 {", "	if v < 0 && !off(NAME) {"},
	{"octets behind", "params.go", "if r.Err() == nil && r.More() {", "if r.Err() == nil && r.More() && !off(NAME) {"},
	// users
	{"privacy alone", "user.go", "case u.hasPriv() && !u.hasAuth():", "case u.hasPriv() && !u.hasAuth() && !off(NAME):"},
	{"short passwords", "user.go", "	case short(", "	case off(NAME):\n	case short("},
	{"length of an authentication key", "hashed.go", "len(u.AuthKey) != row.keyLen {", "len(u.AuthKey) != row.keyLen && !off(NAME) {"},
	{"keys that stay", "generate.go", "credential: v.credential, cipher", "credential: m.current(NAME, v), cipher"},
}

// What the mutated package has besides.
const mutated = `package usm

import "os"

var chosen = os.Getenv("USM_MUTATION")

// off reports whether a check is taken away.
func off(name string) bool { return name == chosen }

// current returns, with the mutation, the credential that the user has now.
func (m *Model) current(name string, v *Verified) *credential {
	if !off(name) || v.credential == nil {
		return v.credential
	}
	if u := m.users.lookup([]byte(v.user.name)); u != nil && len(u.credentials) > 0 {
		return u.credentials[0]
	}
	return nil
}
`

// With any one check taken away, some test fails. The package is built once, with
// all the mutations in it, and its tests run once for each of them, and once for
// none. A mutation whose place has changed is an error: it has to be adapted.
func TestMutations(t *testing.T) {
	if os.Getenv("USM_MUTATION") != "" {
		t.Skip("this is a mutation's run")
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skipf("no go tool to build mutations with: %v", err)
	}
	host, err := exec.Command(tool, "env", "GOHOSTOS", "GOHOSTARCH").Output()
	if err != nil {
		t.Fatal(err)
	}
	if host, here := strings.Join(strings.Fields(string(host)), "/"), runtime.GOOS+"/"+runtime.GOARCH; host != here {
		t.Skipf("these tests are for %s, and cannot start what the go tool builds on %s", here, host)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "usm.test")
	build := exec.Command(tool, "test", "-vet=off", "-overlay", mutate(t, here, dir), "-c", "-o", program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the mutated package does not build: %v\n%s", err, out)
	}
	run := func(name string) ([]byte, error) {
		c := exec.Command(program, "-test.failfast", "-test.timeout=60s",
			"-test.skip=Vectors|Mutations|Concurrently|EveryBit|SaltsDiffer|Allocs|AnyAuth|Extension|MasterKey|TestOnlyTheVerifier")
		c.Env = append(os.Environ(), "USM_MUTATION="+name)
		return c.CombinedOutput()
	}
	if out, err := run("none"); err != nil {
		t.Fatalf("the tests fail without a mutation: %v\n%s", err, out)
	}
	var wg sync.WaitGroup
	limit := make(chan bool, runtime.NumCPU())
	for _, m := range mutations {
		limit <- true
		wg.Go(func() {
			defer func() { <-limit }()
			out, err := run(m.name)
			if err == nil {
				t.Errorf("%s: no test fails without this check (%s)", m.name, m.file)
			} else if !bytes.Contains(out, []byte("--- FAIL")) && !bytes.Contains(out, []byte("panic:")) {
				t.Errorf("%s: %v\n%s", m.name, err, out)
			}
		})
	}
	wg.Wait()
}

// In a mutation's run one provider is enough.
func init() {
	if os.Getenv("USM_MUTATION") != "" {
		providers = []Provider{System}
	}
}

// mutate writes the mutated files to dir, and what tells the go tool about them.
func mutate(t *testing.T, here, dir string) (overlay string) {
	t.Helper()
	texts := make(map[string]string)
	names := make(map[string]bool)
	for _, m := range mutations {
		if names[m.name] {
			t.Errorf("two mutations are called %s", m.name)
		}
		names[m.name] = true
		if texts[m.file] == "" {
			text, err := os.ReadFile(filepath.Join(here, m.file))
			if err != nil {
				t.Fatal(err)
			}
			texts[m.file] = string(text)
		}
		if n := strings.Count(texts[m.file], m.old); n != 1 {
			t.Fatalf("%s: %s has %d places that read\n%s", m.name, m.file, n, m.old)
		}
		texts[m.file] = strings.Replace(texts[m.file], m.old, strings.ReplaceAll(m.new, "NAME", `"`+m.name+`"`), 1)
	}
	texts["mutated.go"] = mutated
	replace := make(map[string]string)
	for file, text := range texts {
		path := filepath.Join(dir, file)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(here, file)] = path
	}
	b, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay = filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, b, 0o666); err != nil {
		t.Fatal(err)
	}
	return overlay
}
