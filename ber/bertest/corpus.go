package bertest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Root returns the module's root: the nearest directory above the test's that
// has a go.mod.
func Root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			tb.Fatal("bertest: no go.mod above the test's directory")
		}
		dir = parent
	}
}

// Shared returns the path of a corpus that is not part of the repository. It
// lies in the directory that the environment variable SNMPSTACK_SHARED names,
// by default ../shared beside the module. Where that is absent the test is
// skipped, but a directory that is there and lacks the corpus is an error.
func Shared(tb testing.TB, name string) string {
	tb.Helper()
	dir, named := os.LookupEnv("SNMPSTACK_SHARED")
	if !named {
		dir = filepath.Join(Root(tb), "..", "shared")
		if _, err := os.Stat(dir); err != nil {
			tb.Skipf("no shared corpora at %s: set SNMPSTACK_SHARED to run this test", dir)
		}
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		tb.Fatalf("bertest: the shared corpora lack %s: %v", name, err)
	}
	return path
}

// Glob returns the files of a corpus (see Shared) whose names match pattern, at
// least one.
func Glob(tb testing.TB, dir, pattern string) []string {
	tb.Helper()
	names, err := filepath.Glob(filepath.Join(Shared(tb, dir), pattern))
	if err != nil || len(names) == 0 {
		tb.Fatalf("bertest: no %s in the shared corpus %s (%v)", pattern, dir, err)
	}
	return names
}

// HexLines calls f for each packet of a file that has one to a line: the octets
// in hexadecimal, perhaps "*" and a number, and perhaps " # " and where they are
// from. The number is the packet's length where only its beginning is given: the
// last 64 octets of that go round to fill it. A name that ends in .gz is
// unpacked. A file without a packet is a fatal error of the test.
func HexLines(tb testing.TB, name string, f func(octets []byte, source string)) {
	tb.Helper()
	file, err := os.Open(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	var in io.Reader = file
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20) // a datagram of 64 KiB takes 128 KiB
	count := 0
	for line := 1; lines.Scan(); line++ {
		text, source, _ := bytes.Cut(lines.Bytes(), []byte(" # "))
		octets, err := parseHex(text)
		if err != nil {
			tb.Fatalf("%s:%d: %v", name, line, err)
		}
		f(octets, string(source))
		count++
	}
	if err := lines.Err(); err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	if count == 0 {
		tb.Fatalf("%s: no packet in it", name)
	}
}

func parseHex(text []byte) ([]byte, error) {
	text, number, repeated := bytes.Cut(text, []byte("*"))
	octets := make([]byte, hex.DecodedLen(len(text)))
	if _, err := hex.Decode(octets, text); err != nil || !repeated {
		return octets, err
	}
	length, err := strconv.Atoi(string(number))
	if err != nil || length < len(octets) || length > 1<<16 || len(octets) == 0 {
		return nil, fmt.Errorf("length %q of a packet that begins with %d octets", number, len(octets))
	}
	tail := octets[max(0, len(octets)-64):]
	for len(octets) < length {
		octets = append(octets, tail[:min(len(tail), length-len(octets))]...)
	}
	return octets, nil
}

// Vectors reads a file of testdata/vectors: a JSON object with the entries in
// its list "vectors" and their number in "count". T is a struct with a field for
// each key that an entry may have; other keys are a fatal error of the test, and
// so is a list that is empty or not as long as it says.
func Vectors[T any](tb testing.TB, name string) []T {
	tb.Helper()
	path := filepath.Join(Root(tb), "testdata", "vectors", filepath.FromSlash(name))
	text, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	var file struct {
		Doc     json.RawMessage
		Tools   json.RawMessage
		Count   int
		Vectors []T
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		tb.Fatalf("%s: %v", path, err)
	}
	if len(file.Vectors) == 0 || len(file.Vectors) != file.Count {
		tb.Fatalf("%s: %d vectors, count says %d", path, len(file.Vectors), file.Count)
	}
	return file.Vectors
}
