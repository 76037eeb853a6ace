// Command compare measures what a request costs the agent, beside an echo of the
// same datagrams and, where it is installed, Net-SNMP's snmpd:
//
//	go run ./bench/compare [OPTIONS]
//
// Each program runs all the time, on one processor; the generator (bench/load) asks
// them in turns, from another one, and a figure is held against those of the same
// round. What counts is the processor's time that the program under test has used
// (/proc/PID/task/*/schedstat, its share of the kernel's work included), divided by
// the answers: it hardly depends on what else the machine does. The results are
// written as a table, as a plot and raw.
//
// It needs Linux, taskset (util-linux) and two processors.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"snmpstack/bench/internal/figures"
	"snmpstack/bench/internal/proc"
)

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 9, "how often each program is asked for each work")
	flag.DurationVar(&o.time, "for", 400*time.Millisecond, "how long each time")
	flag.IntVar(&o.window, "window", 32, "requests that are outstanding at the same time")
	flag.IntVar(&o.sources, "sources", 4, "ports that are asked from")
	flag.StringVar(&o.works, "work", "", "what is asked for, with commas between (default everything that load -list has)")
	flag.StringVar(&o.snmpd, "snmpd", "snmpd", "Net-SNMP's agent, which is left out if it is not found")
	flag.StringVar(&o.cpus, "cpus", "", "the processors of the program under test and of the generator, as in 0,1 (default the first two)")
	flag.StringVar(&o.out, "out", "", "write the results to files whose names begin so: .md, .svg and .jsonl")
	flag.BoolVar(&o.flood, "flood", false, "only ask the agents for more than they can answer")
	flag.Parse()
	if err := run(o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

type options struct {
	rounds, window, sources       int
	time                          time.Duration
	works, snmpd, cpus, out       string
	flood                         bool
	underTest, generator, loadBin string
}

// run measures, writes the table to stdout and what goes on to stderr.
func run(o options, stdout, stderr io.Writer) error {
	var err error
	if o.underTest, o.generator, err = proc.Processors(o.cpus); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "compare")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := build(dir); err != nil {
		return err
	}
	o.loadBin = filepath.Join(dir, "load")
	works, err := o.listWorks()
	if err != nil {
		return err
	}
	programs, err := start(dir, o)
	defer func() {
		for _, p := range programs {
			p.stop()
		}
	}()
	if err != nil {
		return err
	}
	table := &table{progress: stderr, machine: figures.Machine(), options: o, works: works, programs: programs}
	if o.flood {
		return table.floodAlone(stdout)
	}
	for _, w := range works {
		if err := table.measure(w); err != nil {
			return err
		}
	}
	if err := table.flood(); err != nil {
		return err
	}
	fmt.Fprintln(stdout, table.markdown())
	if o.out == "" {
		return nil
	}
	return errors.Join(
		os.WriteFile(o.out+".md", []byte(table.markdown()), 0o644),
		os.WriteFile(o.out+".svg", []byte(table.plot()), 0o644),
		os.WriteFile(o.out+".jsonl", table.raw.Bytes(), 0o644),
	)
}

// floodAlone floods the agents, and writes the table to stdout and to a file.
func (t *table) floodAlone(stdout io.Writer) error {
	if err := t.flood(); err != nil {
		return err
	}
	text := "# Floods\n\n" + strings.Join(t.machine, "; ") + ".\n\n" + t.floodText()
	fmt.Fprintln(stdout, text)
	if t.options.out == "" {
		return nil
	}
	return os.WriteFile(t.options.out+".md", []byte(text), 0o644)
}

// build builds what is measured, and what measures.
func build(dir string) error {
	out, err := exec.Command("go", "build", "-o", dir+string(filepath.Separator),
		"snmpstack/bench/load", "snmpstack/bench/echo", "snmpstack/cmd/snmpagent", "snmpstack/transport/internal/refuse").CombinedOutput()
	if err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// A work is one that the generator has.
type work struct{ name, text string }

// listWorks asks the generator what it can ask for.
func (o options) listWorks() (works []work, err error) {
	out, err := exec.Command(o.loadBin, "-list").Output()
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(out)) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		if o.works == "" || contains(o.works, name) {
			works = append(works, work{name, strings.TrimSpace(text)})
		}
	}
	if len(works) == 0 {
		return nil, fmt.Errorf("nothing of %q can be asked for", o.works)
	}
	return works, nil
}

// contains reports whether a list with commas has a name.
func contains(list, name string) bool {
	for entry := range strings.SplitSeq(list, ",") {
		if entry == name {
			return true
		}
	}
	return false
}
