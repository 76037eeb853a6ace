package snmpdconf

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestAgainstNetSNMP reads files of random fragments as the configuration library of Net-SNMP 5.9.3 read them: each line of the
// recording holds the files, and every directive that library passed to a handler, as section, name, rest of the line and words. Each
// character of the recording stands for one octet.
// Handlers were there for load, disk, a, includeAllDisks and #x in each section; the rest was unknown to it.
func TestAgainstNetSNMP(t *testing.T) {
	f, err := os.Open("testdata/netsnmp-5.9.3.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	known := []string{"load", "disk", "a", "includealldisks", "#x"}
	cases, directives := 0, 0
	for sc := bufio.NewScanner(f); sc.Scan(); cases++ {
		var rec struct {
			Files map[string]string
			Read  [][]string
		}
		if err := json.Unmarshal(sc.Bytes(), &rec); err != nil {
			t.Fatalf("line %d: %v", cases+1, err)
		}
		files := tree{}
		for path, text := range rec.Files {
			files[path] = octets(text)
		}
		var got [][]string
		for _, d := range files.loader().Load(File{Path: "/conf/main.conf"}).Directives {
			if slices.Contains(known, d.Key()) {
				got = append(got, append([]string{d.Section, d.Name, d.Rest}, d.Words()...))
			}
		}
		for i := range max(len(got), len(rec.Read)) {
			if i >= len(got) || i >= len(rec.Read) || !slices.EqualFunc(got[i], rec.Read[i], func(g, w string) bool { return g == octets(w) }) {
				t.Errorf("line %d of the recording, directive %d:\n got %q\nwant %q\nfiles %q", cases+1, i+1, got, rec.Read, files)
				break
			}
		}
		directives += len(got)
	}
	if cases < 100 || directives < 3*cases {
		t.Errorf("the recording has %d cases with %d directives, expected hundreds", cases, directives)
	}
}

func octets(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
	}
	return b.String()
}
