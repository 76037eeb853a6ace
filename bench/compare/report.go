package main

import (
	"fmt"
	"slices"
	"strings"

	"snmpstack/bench/internal/figures"
)

// A figure is what a program's turns with a work come to.
type figure struct {
	program      string
	cpu          float64 // median
	ratio        float64 // median of the ratios to the yardstick's in the same round
	least, most  float64 // of these ratios
	rate         float64 // answers a second, median
	p50, p99     float64 // µs, medians
	varBinds     float64
	octets       float64
	sent, missed uint64
}

// cpuByRound returns a program's figure for a work in each round.
func (t *table) cpuByRound(w work, program string) map[int]float64 {
	cpu := map[int]float64{}
	for _, m := range t.all {
		if m.Work == w.name && m.Program == program {
			cpu[m.Round] = m.CPU
		}
	}
	return cpu
}

// times says how many times as much one program takes as another: the median of the
// rounds that both have, or nothing if there is none.
func (t *table) times(w work, program, other string) string {
	base := t.cpuByRound(w, other)
	var ratios []float64
	for round, cpu := range t.cpuByRound(w, program) {
		if b := base[round]; b > 0 {
			ratios = append(ratios, cpu/b)
		}
	}
	if len(ratios) == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", figures.Median(ratios))
}

// goals are what the daemon should take at most, as a multiple of the echo's.
var goals = map[string]float64{"get1": 1.25, "get10": 1.4, "getnext": 1.25, "bulk20": 1.35, "bulk4x20": 1.8, "set": 1.25,
	"v3-sha256": 1.5, "v3-sha1-aes128": 1.6, "v3-sha256-aes256": 1.6}

// figures returns the figures for a work, in the order of the programs.
func (t *table) figures(w work) (list []figure) {
	base := t.cpuByRound(w, yardstick)
	for _, p := range t.programs {
		f := figure{program: p.name}
		var cpu, ratio, rate, p50, p99 []float64
		for _, m := range t.all {
			if m.Work != w.name || m.Program != p.name {
				continue
			}
			cpu, rate = append(cpu, m.CPU), append(rate, float64(m.Load.Answered)/m.Load.Seconds)
			p50, p99 = append(p50, m.Load.P50), append(p99, m.Load.P99)
			if b := base[m.Round]; b > 0 {
				ratio = append(ratio, m.CPU/b)
			}
			f.varBinds, f.octets = m.Load.VarBinds, m.Load.AnswerOctets
			f.sent += m.Load.Sent
			f.missed += m.Load.Lost
		}
		if len(cpu) == 0 || len(ratio) == 0 {
			continue
		}
		f.cpu, f.ratio, f.rate, f.p50, f.p99 = figures.Median(cpu), figures.Median(ratio), figures.Median(rate), figures.Median(p50), figures.Median(p99)
		f.least, f.most = slices.Min(ratio), slices.Max(ratio)
		list = append(list, f)
	}
	return list
}

// markdown writes everything down.
func (t *table) markdown() string {
	var b strings.Builder
	o := t.options
	fmt.Fprintf(&b, "# What a request costs\n\n%s.\n\n", strings.Join(t.machine, "; "))
	fmt.Fprintf(&b, "%d requests outstanding from %d ports; %d rounds of %v for each program, in turns; the program under test has processor %s,\n"+
		"the generator processor %s. Medians; the ratio is that of the processor's time to the echo's in the same round.\n\n", o.window, o.sources, o.rounds, o.time, o.underTest, o.generator)
	for _, p := range t.programs {
		fmt.Fprintf(&b, "- **%s**: %s\n", p.name, p.text)
	}
	b.WriteString("\n## The processor's time, as a multiple of the echo's\n\n| |")
	for _, w := range t.works {
		fmt.Fprintf(&b, " %s |", w.name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(t.works)) + "\n")
	for _, p := range t.programs {
		fmt.Fprintf(&b, "| %s |", p.name)
		for _, w := range t.works {
			b.WriteString(" " + t.times(w, p.name, yardstick) + " |")
		}
		b.WriteString("\n")
	}
	b.WriteString("| *goal for snmpagent* |")
	for _, w := range t.works {
		fmt.Fprintf(&b, " %v |", goals[w.name])
	}
	b.WriteString("\n| *snmpd ÷ snmpagent* |")
	for _, w := range t.works {
		b.WriteString(" " + t.times(w, "snmpd", daemon) + " |")
	}
	b.WriteString("\n")
	for _, w := range t.works {
		fmt.Fprintf(&b, "\n## %s: %s\n\n", w.name, w.text)
		b.WriteString("| | CPU for a request | × echo | least–most | answers a second | median latency | 99 % | varbinds | octets | requests | lost |\n")
		b.WriteString("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n")
		for _, f := range t.figures(w) {
			fmt.Fprintf(&b, "| %s | %s | %.2f | %.2f–%.2f | %.0f | %s | %s | %.0f | %.0f | %d | %d |\n", f.program, figures.Nanoseconds(f.cpu),
				f.ratio, f.least, f.most, f.rate, figures.Nanoseconds(1000*f.p50), figures.Nanoseconds(1000*f.p99), f.varBinds, f.octets, f.sent, f.missed)
		}
	}
	b.WriteString("\n" + t.floodText())
	if len(t.refused) > 0 {
		b.WriteString("\n## Not measured\n\n")
		for _, r := range t.refused {
			fmt.Fprintf(&b, "- %s\n", r)
		}
	}
	return b.String()
}

// floodText writes down what came of the floods.
func (t *table) floodText() string {
	var b strings.Builder
	b.WriteString("## When more is asked than can be answered\n\n")
	b.WriteString("60 000 requests outstanding; what has no answer after 100 ms is asked again. Dropped is what found no room in the queue of the\n" +
		"agent's socket. Memory is the most there was (VmHWM), before and after.\n")
	for _, work := range flooding {
		fmt.Fprintf(&b, "\n| %s | asked a second | answered a second | with the usual window | dropped a second | CPU for an answer | with the usual window | memory before | after |\n", work)
		b.WriteString("|---|---:|---:|---:|---:|---:|---:|---:|---:|\n")
		for _, f := range t.floods {
			if f.work == work {
				fmt.Fprintf(&b, "| %s | %.0f | %.0f | %.0f | %.0f | %s | %s | %.1f MiB | %.1f MiB |\n", f.program, f.asked, f.answered, f.calm, f.dropped,
					figures.Nanoseconds(f.cpu), figures.Nanoseconds(f.calmCPU), float64(f.before)/1024, float64(f.after)/1024)
			}
		}
	}
	return b.String()
}
