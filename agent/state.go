package agent

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"maps"
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

	mu     sync.Mutex
	values map[string]string
}

// StateFile is the name of the file in the state directory.
const StateFile = "snmpagent.state"

const stateHeader = "snmpagent state 1"

// OpenState reads the state in a directory, which has to exist; without a file
// in it the state is empty. A file that is torn or altered is an error, unless
// the state before the last change is there and whole.
func OpenState(dir string) (*State, error) {
	s := &State{path: filepath.Join(dir, StateFile), values: make(map[string]string)}
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("state directory %s is not a directory", dir)
	}
	err := s.read(s.path)
	if err == nil {
		return s, nil
	}
	if oldErr := s.read(s.path + ".old"); oldErr == nil {
		return s, nil
	} else if errors.Is(err, fs.ErrNotExist) && errors.Is(oldErr, fs.ErrNotExist) {
		return s, nil
	}
	return nil, err
}

// Get returns the value of a key, and whether there is one.
func (s *State) Get(key string) (value string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, ok = s.values[key]
	return value, ok
}

// Set stores values, all or none. When it returns nil they survive a power cut.
func (s *State) Set(values map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := maps.Clone(s.values)
	maps.Copy(next, values)
	if err := s.write(next); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	s.values = next
	return nil
}

// LoadBoots implements usm.BootsStore.
func (s *State) LoadBoots() (int32, error) {
	text, ok := s.Get(keyBoots)
	if !ok {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%s: %s is %q, expected a number from 0 to 2147483647", s.path, keyBoots, text)
	}
	return int32(n), nil
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

// encode returns the file's contents: a line for each value, and a checksum.
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
	dir := filepath.Dir(s.path)
	f, err := os.CreateTemp(dir, StateFile+".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(encodeState(values))
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	// The link makes the old state stay reachable while the new one takes its
	// name. It is a convenience: where links are not to be had there is none.
	if err := os.Remove(s.path + ".old"); err == nil || errors.Is(err, fs.ErrNotExist) {
		os.Link(s.path, s.path+".old")
	}
	if err := os.Rename(f.Name(), s.path); err != nil {
		return err
	}
	return syncDir(dir)
}

// EngineID returns the engine ID that is kept, or keeps otherwise from now on.
func (s *State) EngineID(otherwise usm.EngineID) (usm.EngineID, error) {
	if octets, ok := s.Get(keyEngineID); ok {
		id := usm.EngineID(octets)
		return id, id.Check()
	}
	return otherwise, s.Set(map[string]string{keyEngineID: string(otherwise)})
}
