package main

import (
	"fmt"
	"math"
	"strings"

	"snmpstack/bench/internal/figures"
)

// goal is what the largest size may cost, as a multiple of what the least one does.
const goal = 2

// markdown writes a series down as a table.
func (r *result) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## %s%s\n\n%s.\n\n| |", strings.ToUpper(r.what[:1]), r.what[1:], r.text)
	for _, size := range r.sizes {
		fmt.Fprintf(&b, " %s |", power(size))
	}
	b.WriteString(" most ÷ least | added |\n|---|" + strings.Repeat("---:|", len(r.sizes)+2) + "\n")
	for _, l := range r.lines {
		name, last := l.name, len(l.costs)-1
		if l.floor {
			name = "*" + name + "*"
		}
		fmt.Fprintf(&b, "| %s |", name)
		for _, c := range l.costs {
			fmt.Fprintf(&b, " %s |", figures.Nanoseconds(c))
		}
		ratio := fmt.Sprintf("%.2f", l.ratios[last])
		if l.ratios[last] > goal && !l.floor {
			ratio = "**" + ratio + "**"
		}
		fmt.Fprintf(&b, " %s | %s |\n", ratio, figures.Nanoseconds(l.costs[last]-l.costs[0]))
	}
	fmt.Fprintf(&b, "\nIdle, each of the %s takes %.0f octets of the heap.\n", power(r.sizes[len(r.sizes)-1]), r.memory)
	return b.String()
}

// overNetwork writes down what requests cost over the loopback interface.
func overNetwork(list []*result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## What a manager's request costs the process\n\nThe same requests to the same agents over the loopback interface, %d outstanding: what the process that answers has of the\n"+
		"processor, its own, for each, the kernel's work and the waking up included.\n\n| | | from | to | least | most | most ÷ least |\n|---|---|---:|---:|---:|---:|---:|\n", outstanding)
	for _, r := range list {
		for _, l := range r.network {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %.2f |\n", r.what, l.name, power(r.sizes[0]), power(r.sizes[len(r.sizes)-1]),
				figures.Nanoseconds(l.costs[0]), figures.Nanoseconds(l.costs[1]), l.ratios[1])
		}
	}
	return b.String()
}

// power writes a power of ten.
func power(n int) string {
	exponent := int(math.Round(math.Log10(float64(n))))
	if exponent < 2 {
		return fmt.Sprint(n)
	}
	digits := []rune("⁰¹²³⁴⁵⁶⁷⁸⁹")
	return "10" + string(digits[exponent])
}

// markdown writes the crowd down.
func (c *crowd) markdown() string {
	return fmt.Sprintf(`
## Agents

%d agents in one process, each with a socket, an engine and a user of its own and the objects that every agent has
(SNMPv2-MIB, SNMP-FRAMEWORK-MIB, SNMP-MPD-MIB, SNMP-USER-BASED-SM-MIB). Each has been asked by SNMPv2c and by SNMPv3, and
has given its own name and engine.

| each | |
|---|---:|
| goroutines | %.2f |
| of the heap, idle | %s |
| of stacks, idle | %s |
| resident, idle | %s |
| resident, when it has been asked | %s |
| to make and activate one | %s |
`, c.size, c.goroutines, octets(c.heap), octets(c.stacks), octets(c.resident), octets(c.asked), figures.Nanoseconds(c.cpu))
}

// octets writes a size.
func octets(n float64) string {
	switch {
	case n < 10e3:
		return fmt.Sprintf("%.0f octets", n)
	case n < 1<<20:
		return fmt.Sprintf("%.0f KiB", n/1024)
	}
	return fmt.Sprintf("%.1f MiB", n/(1<<20))
}

// beginnings writes down how long the daemon takes to start.
func beginnings(list []beginning, starts int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## The daemon's start\n\nFrom its start (exec) to the first answer, medians of %d starts. The processor's time is all that it had until it was ended\n"+
		"again, right after that answer.\n\n| | by the clock | processor | resident |\n|---|---:|---:|---:|\n", starts)
	for _, s := range list {
		fmt.Fprintf(&b, "| %s: %s | %s | %s | %s |\n", s.name, s.text, figures.Nanoseconds(s.clock), figures.Nanoseconds(s.cpu), octets(s.memory))
	}
	return b.String()
}
