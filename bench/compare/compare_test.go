package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"snmpstack/bench/internal/proc"
)

// A short comparison measures every program that there is, and writes all of it
// down.
func TestProcessCompare(t *testing.T) {
	if list, err := proc.Allowed(); err != nil || len(list) < 2 {
		t.Skipf("two processors are needed: %v, %v", list, err)
	}
	if _, err := exec.LookPath("taskset"); err != nil {
		t.Skipf("%v", err)
	}
	out := filepath.Join(t.TempDir(), "result")
	o := options{rounds: 2, window: 8, sources: 2, time: 30 * time.Millisecond, works: "get1,v3-sha256", snmpd: "no-such-program", out: out}
	var stdout bytes.Buffer
	if err := run(o, &stdout, t.Output()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out + ".md")
	if err != nil {
		t.Fatal(err)
	}
	if stdout.String() != string(text)+"\n" {
		t.Errorf("what is written is not what is in the file:\n%s", &stdout)
	}
	for _, want := range []string{
		"\n## get1: v2c GET of sysUpTime\n", "\n## v3-sha256: ", "\n| echo | 1.00 | 1.00 |\n", "\n| echo, GSO | ", "\n| echo, one by one | ",
		"\n| snmpagent | ", "\n| snmpagent, one by one | ", "\n| snmpagent, Go's cryptography |  | ", "\n| *goal for snmpagent* | 1.25 | 1.5 |\n", "\n| *snmpd ÷ snmpagent* |  |  |\n", "\n## When more is asked than can be answered\n",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "Not measured") {
		t.Errorf("something is not measured:\n%s", text)
	}
	raw, err := os.Open(out + ".jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	turns := 0
	for d := json.NewDecoder(raw); ; turns++ {
		var m measurement
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if m.CPU <= 0 || m.Load.Answered == 0 || m.Load.Wrong != 0 {
			t.Errorf("%+v", m)
		}
	}
	if want := 2 * (5 + 6); turns != want {
		t.Errorf("%d turns, want %d", turns, want)
	}
	plot, err := os.ReadFile(out + ".svg")
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, string(plot))
}

func wellFormed(t *testing.T, document string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(document)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, document)
		}
	}
}

// example is three rounds of two programs, and one of a third that was refused.
func example() *table {
	w := []work{{"get1", "one object"}}
	t := &table{works: w, machine: []string{"today", "a <fast> processor"}, programs: []*program{{name: yardstick}, {name: "agent"}, {name: "absent & gone"}}}
	for round, cpu := range [][2]float64{{1000, 1100}, {2000, 3000}, {1000, 1200}} {
		for i, name := range []string{yardstick, "agent"} {
			t.all = append(t.all, measurement{name, "get1", round, cpu[i], result{Sent: 10, Answered: 9, Lost: 1, Seconds: 0.5, P50: 20, P99: 30, VarBinds: 1, AnswerOctets: 44}})
		}
	}
	t.refused = []string{"absent & gone, get1: no answer"}
	return t
}

// A ratio is the median of those within the rounds, and not that of the medians.
func TestFigures(t *testing.T) {
	got := example().figures(work{name: "get1"})
	if len(got) != 2 {
		t.Fatalf("%d programs, want 2", len(got))
	}
	want := figure{program: "agent", cpu: 1200, ratio: 1.2, least: 1.1, most: 1.5, rate: 18, p50: 20, p99: 30, varBinds: 1, octets: 44, sent: 30, missed: 3}
	if got[1] != want {
		t.Errorf("%+v, want %+v", got[1], want)
	}
	if got[0].cpu != 1000 || got[0].ratio != 1 {
		t.Errorf("the echo: %+v", got[0])
	}
}

// What a program takes is held against another one of the same rounds.
func TestTimes(t *testing.T) {
	example := example()
	example.all = append(example.all, measurement{Program: "third", Work: "get1", Round: 1, CPU: 9000})
	get1 := work{name: "get1"}
	for _, test := range []struct{ program, other, want string }{
		{"agent", yardstick, "1.20"}, {"third", "agent", "3.00"}, {"third", "nobody", ""}, {"nobody", yardstick, ""},
	} {
		if got := example.times(get1, test.program, test.other); got != test.want {
			t.Errorf("%s takes %q times what %s does, want %q", test.program, got, test.other, test.want)
		}
	}
}

func TestReport(t *testing.T) {
	text := example().markdown()
	for _, want := range []string{
		"today; a <fast> processor.\n", "| agent | 1.20 |\n", "| absent & gone |  |\n", "- absent & gone, get1: no answer\n",
		"| agent | 1.20 µs | 1.20 | 1.10–1.50 | 18 | 20.0 µs | 30.0 µs | 1 | 44 | 30 | 3 |\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	plot := example().plot()
	wellFormed(t, plot)
	for _, want := range []string{"a &lt;fast&gt; processor", "absent &amp; gone", ">1.2</text>"} {
		if !strings.Contains(plot, want) {
			t.Errorf("there is no %q in\n%s", want, plot)
		}
	}
}
