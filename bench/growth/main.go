// Command growth measures what becomes of an agent that has to deal with more and
// more: rows of a table, registered objects, users, communities, contexts, other
// agents in the same process; and how long the daemon takes to start.
//
//	go run ./bench/growth [-out FILE]
//
// A request goes through a whole agent without a network, as in the benchmarks of
// package bench. Each is about another key, at random, so that the processor's caches
// help as little as they do when many managers ask. In each round all sizes have their
// turns, and ratios are those of one round. Beside the agent there are look-ups of
// such a key in a Go map or a sorted slice of the same size: what they become dearer
// by is what the memory does, which nobody can help. Times are the processor's.
//
// Then the least and the most of each are asked over the loopback interface, in processes
// of their own and on a processor of their own (-network=false leaves that out): what a
// manager's request costs such a process, the kernel's work included.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"snmpstack/bench/internal/figures"
	"snmpstack/bench/internal/proc"
	"snmpstack/pdu"
	"snmpstack/usm"
)

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 7, "how often each size has its turn")
	flag.DurationVar(&o.turn, "for", 50*time.Millisecond, "how long a turn is")
	flag.IntVar(&o.starts, "starts", 21, "how often the daemon is started")
	flag.StringVar(&o.only, "only", "", "measure this alone: "+strings.Join(names(), ", "))
	flag.BoolVar(&o.network, "network", true, "ask over the loopback interface too, which needs Linux, taskset (util-linux) and two processors")
	what := flag.String("serve", "", "serve this until there is no standard input any more: what -network starts")
	size := flag.Int("size", 1, "how many of it")
	flag.StringVar(&o.out, "out", "", "write the results to a file whose name begins so: .md")
	flag.Parse()
	if *what != "" {
		if err := serve(*what, *size, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "growth:", err)
			os.Exit(1)
		}
		return
	}
	if err := run(o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "growth:", err)
		os.Exit(1)
	}
}

type options struct {
	rounds, starts int
	turn           time.Duration
	network        bool
	only, out      string
}

// all are the series, in the order in which they are written down.
var all = []series{
	rows, objects, contexts, communities,
	users("users", "SNMPv3 users without keys, a rule for each (vacm.UserRule)", "GET", pdu.NoAuthNoPriv, noAuth),
	users("users who authenticate", "SNMPv3 users with HMAC-192-SHA-256, a rule for each", "GET", pdu.AuthNoPriv, protection{usm.SHA256, usm.NoPriv}),
	users("users who encrypt", "SNMPv3 users with HMAC-192-SHA-256 and AES-128, a rule for each", "GET", pdu.AuthPriv, protection{usm.SHA256, usm.AES128}),
}

// What there is beside the series.
const (
	agents = "agents"
	start  = "start"
)

func names() (list []string) {
	for _, s := range all {
		list = append(list, s.what)
	}
	return append(list, agents, start)
}

// run measures, writes the tables to stdout and what goes on to stderr.
func run(o options, stdout, stderr io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Growth\n\n%s.\n\n", strings.Join(figures.Machine(), "; "))
	fmt.Fprintf(&b, "The processor's time for a request through an agent without a network, about keys at random: medians of %d rounds of %v.\n"+
		"*Added* is what the most cost more than the least. In italics are look-ups of a key among as many, each when the one before has\n"+
		"been found: what they become dearer by is the memory's part.\n", o.rounds, o.turn)
	done := false
	wanted := func(name string) bool {
		if o.only != "" && o.only != name {
			return false
		}
		done = true
		return true
	}
	// The agents come first, as long as this process has no memory that it could use again.
	var agentsText string
	if wanted(agents) {
		c, err := gather(manyAgents, stderr)
		if err != nil {
			return err
		}
		agentsText = c.markdown()
	}
	program := ""
	_, _, err := proc.Processors("")
	if o.network && err != nil {
		fmt.Fprintln(stderr, "nothing is asked over the loopback interface:", err)
		o.network = false
	}
	if o.network {
		if program, err = os.Executable(); err != nil {
			return err
		}
	}
	var results []*result
	for _, s := range all {
		if !wanted(s.what) {
			continue
		}
		r, err := s.run(program, o.rounds, o.turn, stderr)
		if err != nil {
			return err
		}
		b.WriteString(r.markdown())
		results = append(results, r)
	}
	if o.network && len(results) > 0 {
		b.WriteString(overNetwork(results))
	}
	b.WriteString(agentsText)
	if wanted(start) {
		list, err := begin(o.starts, stderr)
		if err != nil {
			return err
		}
		b.WriteString(beginnings(list, o.starts))
	}
	if !done {
		return fmt.Errorf("nothing is called %q", o.only)
	}
	fmt.Fprint(stdout, b.String())
	if o.out == "" {
		return nil
	}
	return os.WriteFile(o.out+".md", []byte(b.String()), 0o644)
}
