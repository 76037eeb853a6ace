package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/ber"
)

// A measurement is one turn of a program with a work.
type measurement struct {
	Program string
	Work    string
	Round   int
	CPU     float64 // nanoseconds of the processor for an answer
	Load    result
}

// result is what the generator says, of which these are needed.
type result struct {
	Sent, Answered, Lost, Wrong, Late     uint64
	Why                                   string
	Seconds                               float64
	RequestOctets, AnswerOctets, VarBinds float64
	P50, P90, P99, P999, Max              float64
}

// A table is all that was measured.
type table struct {
	progress io.Writer
	machine  []string
	options  options
	works    []work
	programs []*program
	all      []measurement
	raw      bytes.Buffer
	refused  []string // why a program has no figure for a work
	floods   []flood
}

// load asks a program and returns what became of it; nothing answered, or
// something wrong, is an error.
func (o options) load(p *program, work string, args ...string) (r result, err error) {
	args = append([]string{"-c", o.generator, o.loadBin, "-json", "-work", work, "-echo=" + strconv.FormatBool(p.echo)}, args...)
	cmd := exec.Command("taskset", append(args, p.address)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("%w: %s", err, strings.TrimSpace(stderr.String()))
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return r, err
	}
	if r.Answered == 0 || r.Wrong > 0 {
		return r, fmt.Errorf("%d requests, %d answers, %d of them wrong: %s", r.Sent, r.Answered, r.Wrong, r.Why)
	}
	return r, nil
}

// measure lets the programs have a work in turns, each round beginning with
// another one.
func (t *table) measure(w work) error {
	o := t.options
	var programs []*program
	for _, p := range t.programs {
		if strings.HasPrefix(w.name, p.only) {
			programs = append(programs, p)
		}
	}
	for round := range o.rounds {
		first := round % len(programs)
		for _, p := range slices.Concat(programs[first:], programs[:first]) {
			before, err := p.cpu()
			if err != nil {
				return err
			}
			r, err := o.load(p, w.name, "-for", o.time.String(), "-window", strconv.Itoa(o.window), "-sources", strconv.Itoa(o.sources))
			if err != nil {
				t.refused = append(t.refused, fmt.Sprintf("%s, %s: %v", p.name, w.name, err))
				programs = slices.DeleteFunc(slices.Clone(programs), func(q *program) bool { return q == p })
				continue
			}
			after, err := p.cpu()
			if err != nil {
				return err
			}
			m := measurement{p.name, w.name, round, float64((after - before).Nanoseconds()) / float64(r.Answered), r}
			t.all = append(t.all, m)
			if err := json.NewEncoder(&t.raw).Encode(m); err != nil {
				return err
			}
		}
		if len(programs) == 0 {
			return fmt.Errorf("nobody answers %s", w.name)
		}
		fmt.Fprintf(t.progress, "%s: round %d of %d\n", w.name, round+1, o.rounds)
	}
	return nil
}

// A flood is what an agent does when it is asked more than it can answer. What it
// has answered it says itself (snmpOutGetResponses): the generator, which sends as
// fast as it can, does not get to read all. What it never saw the kernel says.
type flood struct {
	program, work string
	asked         float64 // requests a second
	answered      float64 // answers a second
	dropped       float64 // requests a second that found its socket's queue full
	calm          float64 // answers a second with the usual window
	cpu, calmCPU  float64 // nanoseconds of the processor for an answer
	before, after int     // VmHWM, KiB
}

// flooding are the works that agents are flooded with: one that costs them so little
// that the generator hardly asks for more than they can answer, and one that they
// cannot answer half of.
var flooding = []string{"get1", "bulk4x20"}

// flood asks the agents again and again for what they have not answered at once.
func (t *table) flood() error {
	for _, work := range flooding {
		for _, p := range t.programs {
			if p.echo || p.only != "" {
				continue
			}
			f := flood{program: p.name, work: work}
			var err error
			if _, f.calm, f.calmCPU, err = t.rate(p, work, "-for", (2 * t.options.time).String(), "-window", strconv.Itoa(t.options.window)); err != nil {
				return err
			}
			f.before = p.memory()
			dropped, start := p.dropped(), time.Now()
			if f.asked, f.answered, f.cpu, err = t.rate(p, work, "-for", (8 * t.options.time).String(), "-window", "60000", "-patience", "100ms"); err != nil {
				return err
			}
			f.dropped = float64(p.dropped()-dropped) / time.Since(start).Seconds()
			f.after = p.memory()
			t.floods = append(t.floods, f)
			fmt.Fprintf(t.progress, "flood of %s: %s\n", work, p.name)
		}
	}
	return nil
}

// dropped returns how many datagrams the kernel has thrown away at the program's
// socket (the last column of /proc/net/udp), 0 if it does not tell.
func (p *program) dropped() (n uint32) {
	address, err := netip.ParseAddrPort(p.address)
	if err != nil {
		return 0
	}
	text, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		return 0
	}
	port := fmt.Sprintf(":%04X", address.Port())
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 2 && strings.HasSuffix(fields[1], port) {
			last, _ := strconv.ParseUint(fields[len(fields)-1], 10, 32)
			n += uint32(last)
		}
	}
	return n
}

// rate has an agent asked for a work and returns how often a second that
// happened, how often it has answered, and what an answer costs.
func (t *table) rate(p *program, work string, args ...string) (asked, answered, cpu float64, err error) {
	before, err := p.responses()
	if err != nil {
		return 0, 0, 0, err
	}
	start, err := p.cpu()
	if err != nil {
		return 0, 0, 0, err
	}
	r, err := t.options.load(p, work, args...)
	if err != nil {
		return 0, 0, 0, err
	}
	end, err := p.cpu()
	if err != nil {
		return 0, 0, 0, err
	}
	after, err := p.responses()
	n := float64(after - before)
	return float64(r.Sent) / r.Seconds, n / r.Seconds, float64((end - start).Nanoseconds()) / n, err
}

// responses returns how many Responses an agent says that it has sent.
func (p *program) responses() (uint32, error) {
	ctx := context.Background()
	c, err := manager.Dial(ctx, p.address)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	c.Community = "public"
	list, err := c.Get(ctx, ber.MustOID("1.3.6.1.2.1.11.28.0"))
	if err != nil {
		return 0, err
	}
	return uint32(list[0].Value.Uint()), nil
}
