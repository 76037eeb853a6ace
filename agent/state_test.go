package agent_test

import (
	"bytes"
	"errors"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"snmpstack/agent"
	"snmpstack/usm"
)

// openState opens a state as the next process does: what the test has opened before
// is closed.
func openState(t *testing.T, dir string) *agent.State {
	t.Helper()
	if former := opened[dir]; former != nil {
		former.Close()
	}
	s, err := agent.OpenState(dir)
	if err != nil {
		t.Fatal(err)
	}
	opened[dir] = s
	t.Cleanup(func() { s.Close() })
	return s
}

// opened are the states that tests have open, by directory.
var opened = make(map[string]*agent.State)

// clock counts one boot, as a start of the daemon does.
func clock(t *testing.T, s *agent.State) (boots int32) {
	t.Helper()
	c, err := usm.NewPersistentClock(s, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	boots, _ = c.BootsTime()
	return boots
}

func TestStateSurvives(t *testing.T) {
	dir := t.TempDir()
	s := openState(t, dir)
	if _, ok := s.Get("a"); ok {
		t.Error("a new state has a value")
	}
	want := map[string]string{"a": "one\ntwo", "b": "\x00\xff\"", "c": ""}
	if err := s.Set(want); err != nil {
		t.Fatal(err)
	}
	if err := s.Set(map[string]string{"c": "three"}); err != nil {
		t.Fatal(err)
	}
	want = maps.Clone(want)
	want["c"] = "three"
	s = openState(t, dir)
	for key, value := range want {
		if got, ok := s.Get(key); !ok || got != value {
			t.Errorf("%s is %q, %v, want %q", key, got, ok, value)
		}
	}
	if names := fileNames(t, dir); names != "snmpagent.lock "+agent.StateFile+" "+agent.StateFile+".old" {
		t.Errorf("files: %s", names)
	}
}

// What is stored already is not written again, but for a value that a failure has
// perhaps left in the file.
func TestStateUnchanged(t *testing.T) {
	dir := t.TempDir()
	s := openState(t, dir)
	set := func(value string) (written bool, err error) {
		file := filepath.Join(dir, agent.StateFile)
		before, _ := os.Stat(file)
		err = s.Set(map[string]string{"a": value})
		after, _ := os.Stat(file)
		return !os.SameFile(before, after), err
	}
	for i, step := range []struct {
		value   string
		written bool
	}{{"", true}, {"", false}, {"one", true}, {"one", false}, {"two", true}, {"one", true}} {
		if written, err := set(step.value); written != step.written || err != nil {
			t.Errorf("step %d: written %v, %v, want %v", i, written, err, step.written)
		}
	}
	s = openState(t, dir)
	if written, err := set("one"); written || err != nil {
		t.Errorf("after it was read: written %v, %v, want false", written, err)
	}
	if err := os.Rename(dir, dir+"x"); err != nil {
		t.Fatal(err)
	}
	if _, err := set("two"); err == nil {
		t.Error("a value was stored in a directory that is gone")
	}
	if err := os.Rename(dir+"x", dir); err != nil {
		t.Fatal(err)
	}
	if written, err := set("one"); !written || err != nil {
		t.Errorf("after a failure: written %v, %v, want true", written, err)
	}
}

func fileNames(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// TestBootsCount shows that every start counts (RFC 3414 §2.2), also where the
// engine ID is changed, and that the value is latched at its maximum (RFC 3414
// §2.2.2).
func TestBootsCount(t *testing.T) {
	dir := t.TempDir()
	for want := int32(1); want <= 3; want++ {
		if got := clock(t, openState(t, dir)); got != want {
			t.Errorf("boots %d, want %d", got, want)
		}
	}
	s := openState(t, dir)
	if err := s.SetEngineID("engine"); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveBoots(math.MaxInt32 - 1); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := clock(t, openState(t, dir)); got != math.MaxInt32 {
			t.Errorf("boots %d, want 2147483647", got)
		}
	}
}

func TestStateKeepsEngineID(t *testing.T) {
	dir := t.TempDir()
	for _, derived := range []usm.EngineID{"first", "later"} {
		if id, err := openState(t, dir).EngineID(derived); err != nil || id != "first" {
			t.Errorf("engine ID %v, %v", id, err)
		}
	}
	for _, bad := range []usm.EngineID{"", "four"} {
		empty := openState(t, t.TempDir())
		if id, err := empty.EngineID(bad); err == nil || id != "" {
			t.Errorf("engine ID %q is taken as %v", string(bad), id)
		}
		if id, err := empty.EngineID("right"); err != nil || id != "right" {
			t.Errorf("engine ID %v, %v after one that is none", id, err)
		}
	}
	if err := openState(t, dir).SetEngineID("four"); err == nil {
		t.Error("four octets are no engine ID")
	}
	if err := openState(t, dir).SetEngineID("configured"); err != nil {
		t.Fatal(err)
	}
	if id, err := openState(t, dir).EngineID("later"); err != nil || id != "configured" {
		t.Errorf("engine ID %v, %v", id, err)
	}
}

// TestTornState tears the state file at every octet, and alters every octet of it:
// what is left is the state before the last change, and a boot that may be lost is
// counted. Without the state before, the agent does not start.
func TestTornState(t *testing.T) {
	dir := t.TempDir()
	s := openState(t, dir)
	if _, err := s.EngineID("engine"); err != nil {
		t.Fatal(err)
	}
	var boots int32
	for range 9 {
		boots = clock(t, s)
	}
	path := filepath.Join(dir, agent.StateFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path + ".old")
	if err != nil {
		t.Fatal(err)
	}
	check := func(t *testing.T, damaged []byte) {
		t.Helper()
		write(t, path, damaged)
		write(t, path+".old", before)
		s := openState(t, dir)
		if id, err := s.EngineID("other"); err != nil || id != "engine" {
			t.Fatalf("%q: engine ID %v, %v", damaged, id, err)
		}
		if got := clock(t, s); got <= boots {
			t.Fatalf("%q: boots %d, %d have been used", damaged, got, boots)
		}
		// What was damaged does not come back.
		if got := clock(t, openState(t, dir)); got <= boots+1 {
			t.Fatalf("%q: boots %d after another start", damaged, got)
		}

		opened[dir].Close()
		write(t, path, damaged)
		os.Remove(path + ".old")
		if _, err := agent.OpenState(dir); err == nil || !strings.Contains(err.Error(), path) {
			t.Fatalf("%q: error %v, expected one that names the file", damaged, err)
		}
	}
	for n := range whole {
		check(t, whole[:n])
	}
	for n := range whole {
		altered := bytes.Clone(whole)
		altered[n] ^= 1
		check(t, altered)
	}
	check(t, append(bytes.Clone(whole), '\n'))
}

// TestMissingState shows that a cut between the two steps of a change, when the old
// state has its second name and the new one not yet the first, loses nothing.
func TestMissingState(t *testing.T) {
	dir := t.TempDir()
	for range 3 {
		clock(t, openState(t, dir))
	}
	path := filepath.Join(dir, agent.StateFile)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	write(t, path+".new-123", []byte("half a st"))
	if got := clock(t, openState(t, dir)); got <= 3 {
		t.Errorf("boots %d, 3 have been used", got)
	}
	if names := fileNames(t, dir); strings.Contains(names, ".new-") {
		t.Errorf("files: %s", names)
	}
}

// TestTornTwice shows that a file that is torn at two starts in a row does not bring
// a boot back: the state before the last change is then two changes old.
func TestTornTwice(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, agent.StateFile)
	last := int32(0)
	for range 2 {
		last = clock(t, openState(t, dir))
	}
	tear := func() {
		t.Helper()
		opened[dir].Close()
		write(t, path, []byte("torn"))
	}
	tear()
	if got := clock(t, openState(t, dir)); got <= last {
		t.Fatalf("boots %d, %d have been used", got, last)
	} else {
		last = got
	}
	tear()
	s, err := agent.OpenState(dir)
	if err != nil {
		return // refusing to start is as good
	}
	defer s.Close()
	if got := clock(t, s); got <= last {
		t.Errorf("boots %d, %d have been used", got, last)
	}
}

// TestDamagedStays shows that the state before the last change stays where the damaged
// file cannot be replaced: it is the only one that is whole.
func TestDamagedStays(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, agent.StateFile)
	for range 2 {
		clock(t, openState(t, dir))
	}
	before, err := os.ReadFile(path + ".old")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(path), os.MkdirAll(filepath.Join(path, "in the way"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if _, err := usm.NewPersistentClock(openState(t, dir), time.Now); err == nil {
		t.Fatal("a file took the place of a directory")
	}
	if after, err := os.ReadFile(path + ".old"); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the state before is %q, %v", after, err)
	}
	if names := fileNames(t, dir); strings.Contains(names, ".new-") {
		t.Errorf("files: %s", names)
	}
}

// TestUnfinishedFiles shows that what a write has left behind that was cut off,
// perhaps keys, goes at the next start, whatever the directory is called.
func TestUnfinishedFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "[agent]*\\")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Skip("no such name for a directory here:", err)
	}
	write(t, filepath.Join(dir, agent.StateFile+".new-123"), []byte("half a st"))
	write(t, filepath.Join(dir, "other"), nil)
	openState(t, dir)
	if names := fileNames(t, dir); names != "other snmpagent.lock" {
		t.Errorf("files: %s", names)
	}
}

// TestNewEngineStarts shows the way out of latched boots (RFC 3414 §2.2.2): with a
// new engine ID they begin again, and with one that is not new they do not, nor
// before they have reached their maximum.
func TestNewEngineStarts(t *testing.T) {
	dir := t.TempDir()
	step := func(id usm.EngineID, want int32) {
		t.Helper()
		s := openState(t, dir)
		if err := s.SetEngineID(id); err != nil {
			t.Fatal(err)
		}
		if got := clock(t, s); got != want {
			t.Errorf("boots %d of %v, want %d", got, id, want)
		}
	}
	step("first", 1)
	step("second", 2)
	if err := opened[dir].SaveBoots(math.MaxInt32 - 1); err != nil {
		t.Fatal(err)
	}
	step("second", math.MaxInt32)
	step("second", math.MaxInt32)
	step("third", 1)
	step("third", 2)
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestStateFailures shows that what cannot be stored is an error and changes
// nothing.
func TestStateFailures(t *testing.T) {
	if _, err := agent.OpenState(filepath.Join(t.TempDir(), "missing")); err == nil || !strings.Contains(err.Error(), "state directory") {
		t.Errorf("a missing directory: %v", err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	write(t, file, nil)
	if _, err := agent.OpenState(file); err == nil || !strings.Contains(err.Error(), "is not a directory") {
		t.Errorf("a file for a directory: %v", err)
	}
	s := openState(t, dir)
	if err := s.Set(map[string]string{"a": "one"}); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Set(map[string]string{"a": "two"}); err == nil {
		t.Error("a value was stored in a directory that is gone")
	}
	if err := s.WriteFile("other", nil); err == nil {
		t.Error("a file was written into a directory that is gone")
	}
	if got, _ := s.Get("a"); got != "one" {
		t.Errorf("a is %q after a change that failed", got)
	}
	if _, err := usm.NewPersistentClock(s, time.Now); err == nil {
		t.Error("a boot that could not be stored was counted")
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	s := openState(t, dir)
	path := filepath.Join(dir, "other")
	if err := os.WriteFile(path, []byte("before"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteFile("other", []byte("after")); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "after" {
		t.Errorf("%q, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if names := fileNames(t, dir); names != "other snmpagent.lock" {
		t.Errorf("files: %s", names)
	}
}

// What is not a file of one's own in the directory is neither written nor read; one that
// is not there is empty.
func TestFileNames(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "state")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := openState(t, dir)
	if err := s.Set(map[string]string{"a": "one"}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"", ".", "..", "../x", "/x", "x/y", "x/", agent.StateFile, agent.StateFile + ".old", agent.StateFile + ".new-1",
		"snmpagent.lock", "SNMPagent.state",
	} {
		if err := s.WriteFile(name, []byte("x")); err == nil {
			t.Errorf("%q was written", name)
		}
		if b, err := s.ReadFile(name); err == nil {
			t.Errorf("%q was read: %q", name, b)
		}
	}
	if names := fileNames(t, parent) + " " + fileNames(t, dir); names != "state snmpagent.lock snmpagent.state" {
		t.Errorf("files: %s", names)
	}
	if b, err := s.ReadFile("users"); b != nil || err != nil {
		t.Errorf("a file that is not there: %q, %v", b, err)
	}
	if err := s.WriteFile("users", []byte("ops")); err != nil {
		t.Fatal(err)
	}
	if b, err := s.ReadFile("users"); string(b) != "ops" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o700); err != nil {
		t.Fatal(err)
	}
	if b, err := s.ReadFile("d"); b != nil || err == nil {
		t.Errorf("a directory: %q, %v", b, err)
	}
}

// TestStateLock shows that one process has a state at a time: another one would
// write what it has read before, and set engineBoots back.
func TestStateLock(t *testing.T) {
	switch runtime.GOOS {
	case "darwin", "dragonfly", "freebsd", "linux", "netbsd", "openbsd":
	default:
		t.Skip("a state is not locked on", runtime.GOOS)
	}
	dir := t.TempDir()
	s := openState(t, dir)
	if _, err := agent.OpenState(dir); err == nil || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "another process") {
		t.Errorf("a state that is open was opened: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	openState(t, dir)
}
