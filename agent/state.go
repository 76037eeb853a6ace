package agent

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"snmpstack/usm"
)

// A State is a small file that keeps what has to survive a restart: the engine's
// ID and boots, values that were set. Its methods are safe for concurrent use.
//
// A change is written to a new file, which is synced and then put in the old
// one's place, and the directory is synced too: after a power cut there is the
// state before the change or the one after it. The state before the last change
// is kept beside it, with ".old" at the end of its name.
type State struct {
	path string
	lock *os.File

	mu       sync.Mutex
	values   map[string]string
	written  bool // the file has these values
	damaged  bool // the file is not to be kept beside the next one
	lostBoot bool // this is the state before the last change, which may have been a boot
}

// StateFile is the name of the file in the state directory.
const StateFile = "snmpagent.state"

// lockFile is held while a State is open: two that write would set engineBoots
// back.
const lockFile = "snmpagent.lock"

var errLocked = errors.New("another process has it open")

// Behind the name of the file: what is being written, and what was there before.
const (
	newSuffix = ".new-"
	oldSuffix = ".old"
)

const stateHeader = "snmpagent state 1"

// OpenState reads the state in a directory, which has to exist; without a file
// in it the state is empty. A file that is torn or altered is an error, unless
// the state before the last change is there and whole.
//
// The directory is taken until Close, or until the process ends: opening it a
// second time is an error where the system has locks. The package's documentation has a
// program that keeps what it can, "Over a restart".
func OpenState(dir string) (*State, error) {
	s := &State{path: filepath.Join(dir, StateFile), values: make(map[string]string)}
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("state directory %s is not a directory", dir)
	}
	var err error
	if s.lock, err = os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	if err = lock(s.lock); err != nil {
		err = fmt.Errorf("state directory %s: %w", dir, err)
	} else {
		err = s.readAny()
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close gives the directory back. The State is not used after that.
func (s *State) Close() error { return s.lock.Close() }

// readAny reads the state, or else the one before the last change.
func (s *State) readAny() error {
	s.removeUnfinished()
	err := s.read(s.path)
	if err == nil {
		s.written = true
		return nil
	}
	oldErr := s.read(s.path + oldSuffix)
	switch {
	case oldErr == nil:
		s.damaged, s.lostBoot = true, true
		return nil
	case errors.Is(oldErr, fs.ErrNotExist) && errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(oldErr, fs.ErrNotExist):
		return fmt.Errorf("state: %w", err)
	}
	return fmt.Errorf("state: %w, and %w", err, oldErr)
}

// removeUnfinished removes what writes have left behind that were cut off.
func (s *State) removeUnfinished() {
	dir := filepath.Dir(s.path)
	entries, _ := os.ReadDir(dir) // not Glob: dir is no pattern
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), StateFile+newSuffix) {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// Get returns the value of a key, and whether there is one.
func (s *State) Get(key string) (value string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, ok = s.values[key]
	return value, ok
}

// Set stores values, all or none. When it returns nil they survive a power cut. What
// is stored already is not written again.
func (s *State) Set(values map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.written && s.has(values) {
		return nil
	}
	next := maps.Clone(s.values)
	maps.Copy(next, values)
	s.written = false // after a failure nobody knows
	if err := s.write(next); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	s.values, s.written = next, true
	return nil
}

// has reports whether these are values already.
func (s *State) has(values map[string]string) bool {
	for key, value := range values {
		if stored, ok := s.values[key]; !ok || stored != value {
			return false
		}
	}
	return true
}

// LoadBoots implements usm.BootsStore.
func (s *State) LoadBoots() (int32, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var boots int64
	if text, ok := s.values[keyBoots]; ok {
		var err error
		if boots, err = strconv.ParseInt(text, 10, 32); err != nil {
			return 0, fmt.Errorf("%s: %s is %q, expected a number from 0 to 2147483647", s.path, keyBoots, text)
		}
	}
	if s.lostBoot && boots < math.MaxInt32 {
		boots++ // the one that is lost has been used
	}
	return int32(boots), nil
}

// SaveBoots implements usm.BootsStore.
func (s *State) SaveBoots(boots int32) error {
	return s.Set(map[string]string{keyBoots: strconv.Itoa(int(boots))})
}

// The keys of a State.
const (
	keyBoots    = "engineBoots"
	keyEngineID = "engineID"
)

// encodeState returns the file's contents: a line for each value, and a checksum.
func encodeState(values map[string]string) []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, stateHeader)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&b, "%s %s\n", key, strconv.QuoteToASCII(values[key]))
	}
	fmt.Fprintf(&b, "checksum %08x\n", crc32.ChecksumIEEE(b.Bytes()))
	return b.Bytes()
}

// read takes a file's contents over, if they are whole.
func (s *State) read(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	values := make(map[string]string)
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		key, text, _ := strings.Cut(lines.Text(), " ")
		if n == 1 || key == "checksum" {
			continue
		}
		value, err := strconv.Unquote(text)
		if err != nil {
			return fmt.Errorf("%s:%d: the value of %s is not a quoted string", path, n, key)
		}
		values[key] = value
	}
	// What encodes to the same octets is what was written.
	if !bytes.Equal(encodeState(values), data) {
		return fmt.Errorf("%s: the file is torn or was altered: its checksum does not match", path)
	}
	s.values = values
	return nil
}

// write puts values into the file.
func (s *State) write(values map[string]string) error {
	name, err := s.writeNew(encodeState(values))
	if err != nil {
		return err
	}
	defer os.Remove(name) // which is gone if all goes well
	// The link makes the old state stay reachable while the new one takes its
	// name. It is a convenience: where links are not to be had there is none.
	if !s.damaged {
		if err := os.Remove(s.path + oldSuffix); err == nil || errors.Is(err, fs.ErrNotExist) {
			os.Link(s.path, s.path+oldSuffix)
		}
	}
	if err := os.Rename(name, s.path); err != nil {
		return err
	}
	if s.damaged {
		// What is still there is two changes old now. Of a file that is torn again it
		// must not take the place: a boot would come back.
		if err := os.Remove(s.path + oldSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		s.damaged = false
	}
	return syncDir(filepath.Dir(s.path))
}

// writeNew writes a new file, of mode 0600, and syncs it. It returns its name.
func (s *State) writeNew(contents []byte) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(s.path), StateFile+newSuffix+"*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(contents)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(f.Name())
	}
	return f.Name(), err
}

// checkName refuses what is no name of another file in the state directory. Some file
// systems do not tell capital letters from small ones.
func checkName(name string) error {
	lower := strings.ToLower(name)
	if !filepath.IsLocal(name) || filepath.Base(name) != name || name == "." || strings.HasPrefix(lower, StateFile) || lower == lockFile {
		return fmt.Errorf("state: %q is not the name of a file of one's own in the state directory", name)
	}
	return nil
}

// ReadFile returns what WriteFile has written, nil if there is no such file.
func (s *State) ReadFile(name string) ([]byte, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	contents, err := os.ReadFile(filepath.Join(filepath.Dir(s.path), name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("state: %w", err)
	}
	return contents, nil
}

// WriteFile writes another file of the state directory, of mode 0600, or replaces
// it: after a power cut there is the former one or the new one. A name that leaves the
// directory is an error, and so is one that begins like those of the State's own files.
func (s *State) WriteFile(name string, contents []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	dir := filepath.Dir(s.path)
	written, err := s.writeNew(contents)
	if err == nil {
		err = os.Rename(written, filepath.Join(dir, name))
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		os.Remove(written)
		return fmt.Errorf("state: %w", err)
	}
	return nil
}

// EngineID returns the engine ID that is kept, or keeps otherwise from now on. One that is
// none is an error (usm.EngineID.Check), as that of an Agent whose LocalHost is a name or
// whose LocalPort is 0, which it has at its activation only.
func (s *State) EngineID(otherwise usm.EngineID) (usm.EngineID, error) {
	if octets, ok := s.Get(keyEngineID); ok {
		id := usm.EngineID(octets)
		return id, id.Check()
	}
	if err := otherwise.Check(); err != nil {
		return "", err
	}
	return otherwise, s.Set(map[string]string{keyEngineID: string(otherwise)})
}

// SetEngineID keeps an engine ID in the place of the one that is kept. An ID that
// was in use before should not come back. Where snmpEngineBoots had reached its
// maximum, it begins again with the new engine (RFC 3414 §2.2.2); otherwise it
// goes on, which is right for any engine.
func (s *State) SetEngineID(id usm.EngineID) error {
	if kept, ok := s.Get(keyEngineID); ok && kept == string(id) {
		return nil
	}
	if err := id.Check(); err != nil {
		return err
	}
	changes := map[string]string{keyEngineID: string(id)}
	if boots, err := s.LoadBoots(); err == nil && boots == math.MaxInt32 {
		changes[keyBoots] = "0"
	}
	return s.Set(changes)
}
