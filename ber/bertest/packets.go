package bertest

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A Packet is one file of testdata/packets.
type Packet struct {
	Name    string // the file's, without its suffix
	Source  string
	Comment string
	Clause  string
	Expect  string
	At      int // meaningful unless Expect is "ok"
	Field   string
	Octets  []byte
}

// Accepted reports whether a decoder has to accept the packet unless it is
// strict.
func (p *Packet) Accepted() bool { return p.Expect == "ok" || p.Expect == "tolerated" }

var expectations = []string{"ok", "tolerated", "truncated", "tag", "length", "integer", "oid", "trailing", "version", "kind"}

// Packets returns the annotated packets in testdata/packets. A file that is not
// of their form is a fatal error of the test, and so is it if there are none.
func Packets(tb testing.TB) []Packet {
	tb.Helper()
	names, err := filepath.Glob(filepath.Join(Root(tb), "testdata", "packets", "*.txt"))
	if err != nil || len(names) == 0 {
		tb.Fatalf("bertest: no packet in testdata/packets (%v)", err)
	}
	packets := make([]Packet, 0, len(names))
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		p, err := parsePacket(string(text))
		if err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
		p.Name = strings.TrimSuffix(filepath.Base(name), ".txt")
		packets = append(packets, p)
	}
	return packets
}

func parsePacket(text string) (p Packet, err error) {
	lines := bufio.NewScanner(strings.NewReader(text))
	seen := make(map[string]bool)
	number := 0
	for lines.Scan() && lines.Text() != "" {
		number++
		key, value, found := strings.Cut(lines.Text(), ": ")
		if !found {
			return p, fmt.Errorf("line %d: %q is not \"key: value\"", number, lines.Text())
		}
		if seen[key] && key != "comment" {
			return p, fmt.Errorf("line %d: %s is given twice", number, key)
		}
		seen[key] = true
		switch key {
		case "source":
			p.Source = value
		case "comment":
			p.Comment = strings.TrimSpace(p.Comment + " " + value)
		case "clause":
			p.Clause = value
		case "expect":
			p.Expect = value
		case "field":
			p.Field = value
		case "at":
			if p.At, err = strconv.Atoi(value); err != nil {
				return p, fmt.Errorf("line %d: at is %q, want an offset", number, value)
			}
		default:
			return p, fmt.Errorf("line %d: unknown key %q", number, key)
		}
	}
	if p.Source == "" {
		return p, errors.New("no source")
	}
	if !slices.Contains(expectations, p.Expect) {
		return p, fmt.Errorf("expect is %q, want one of %s", p.Expect, strings.Join(expectations, ", "))
	}
	if refused := p.Expect != "ok"; refused != seen["at"] || refused != seen["field"] {
		return p, fmt.Errorf("expect is %s: at and field belong to what is refused", p.Expect)
	}
	for number++; lines.Scan(); {
		number++
		octets, _, _ := strings.Cut(lines.Text(), "|")
		b, err := hex.DecodeString(strings.Join(strings.Fields(octets), ""))
		if err != nil {
			return p, fmt.Errorf("line %d: %v in %q", number, err, octets)
		}
		p.Octets = append(p.Octets, b...)
	}
	return p, lines.Err()
}
