package bertest

import (
	"bytes"
	"compress/gzip"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestParsePacket(t *testing.T) {
	const header = "source: here\nexpect: ok\n\n"
	tests := []struct {
		name string
		text string
		want string // octets
		err  string
	}{
		{"annotated", header + "30 02 | Message\n  05 00 |   NULL | or so\n", "\x30\x02\x05\x00", ""},
		{"without annotation", header + "3002 0500\n", "\x30\x02\x05\x00", ""},
		{"no octets", header, "", ""},
		{"two comments", "source: here\ncomment: a\ncomment: b\nclause: RFC 3417 §8\nexpect: tag\nat: 4\nfield: PDU\n\n00", "\x00", ""},
		{"unknown key", "sauce: here\n\n", "", `line 1: unknown key "sauce"`},
		{"no key", "source: here\nhere\n\n", "", `line 2: "here" is not "key: value"`},
		{"twice", "source: here\nsource: there\n\n", "", "line 2: source is given twice"},
		{"no source", "expect: ok\n\n00", "", "no source"},
		{"unknown expectation", "source: here\nexpect: luck\n\n00", "", `expect is "luck"`},
		{"no expectation", "source: here\n\n00", "", `expect is ""`},
		{"offset of nothing", "source: here\nexpect: ok\nat: 1\nfield: PDU\n\n00", "", "expect is ok"},
		{"refused where", "source: here\nexpect: tag\nat: 1\n\n00", "", "expect is tag"},
		{"offset in words", "source: here\nexpect: tag\nat: one\nfield: PDU\n\n00", "", `line 3: at is "one"`},
		{"half an octet", header + "30 0 | Message\n", "", "line 4"},
		{"not hexadecimal", header + "30 02 Message\n", "", "line 4"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := parsePacket(tt.text)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want %s", err, tt.err)
				}
				return
			}
			if err != nil || string(p.Octets) != tt.want {
				t.Errorf("% X, %v, want % X", p.Octets, err, tt.want)
			}
		})
	}
}

// A number that a packet's annotation tells is the one in its octets: who reads one
// beside the other is not misled.
func TestPacketsSayTheirNumbers(t *testing.T) {
	// One INTEGER or unsigned type whose length is in the short form, and a number.
	line := regexp.MustCompile(`(?m)^ *(?:02|4[1236]) 0([1-9])((?: [0-9a-f]{2})+) +\| .*[: ](-?[0-9]+)$`)
	names, err := filepath.Glob(filepath.Join(Root(t), "testdata", "packets", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range line.FindAllStringSubmatch(string(text), -1) {
			octets := strings.Fields(m[2])
			if strconv.Itoa(len(octets)) != m[1] {
				continue // the lie of a bad packet
			}
			n, _ := new(big.Int).SetString(strings.Join(octets, ""), 16)
			if octets[0] >= "80" {
				n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(octets))))
			}
			if checked++; n.String() != m[3] {
				t.Errorf("%s: %q is %v", filepath.Base(name), m[0], n)
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d numbers are told", checked)
	}
}

// The annotation of a packet says what it is by where it comes from.
func TestPacketsSayWhy(t *testing.T) {
	for _, p := range Packets(t) {
		if p.Comment == "" {
			t.Errorf("%s has no comment", p.Name)
		}
		if !p.Accepted() && p.Clause == "" {
			t.Errorf("%s is to be refused by no clause", p.Name)
		}
	}
}

func TestHexLines(t *testing.T) {
	text := []byte("3000 # one\n\n05ff\n0102*5\n")
	dir := t.TempDir()
	plain := filepath.Join(dir, "a.hex")
	if err := os.WriteFile(plain, text, 0o600); err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	w.Write(text)
	w.Close()
	if err := os.WriteFile(plain+".gz", zipped.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{plain, plain + ".gz"} {
		var got []string
		HexLines(t, name, func(octets []byte, source string) { got = append(got, string(octets)+"<"+source) })
		if strings.Join(got, ",") != "\x30\x00<one,<,\x05\xff<,\x01\x02\x01\x02\x01<" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestParseHex(t *testing.T) {
	for _, text := range []string{"3", "3x", "*5", "0102*1", "0102*", "0102*70000"} {
		if octets, err := parseHex([]byte(text)); err == nil {
			t.Errorf("%s is read as % X", text, octets)
		}
	}
	long := strings.Repeat("00", 10) + strings.Repeat("ab", 64)
	octets, err := parseHex([]byte(long + "*200"))
	if err != nil || len(octets) != 200 || !bytes.Equal(octets[74:], bytes.Repeat([]byte{0xAB}, 126)) {
		t.Errorf("% X, %v", octets, err)
	}
}
