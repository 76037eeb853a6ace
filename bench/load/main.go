// Command load asks an SNMP agent as fast as it answers, and tells how fast that
// was and what was wrong:
//
//	load [OPTIONS] HOST:PORT
//
// A number of requests (-window) is outstanding all the time, spread over as many
// ports to ask from as -sources says; one that has no answer after a second
// (-patience) is lost, and another is sent in its place. A large window floods an
// agent, since what it drops is sent again. Requests are encoded, and SNMPv3's signed
// and encrypted, before the clock starts, and move in batches (package transport).
// Every answer is verified, decoded and held against its request, so that an agent
// gains nothing by errors. -work says what is asked for; -list lists that. With
// -echo the other side has to send every request back unchanged.
//
// Of SNMPv3 there are two users, sha1 with SHA-1 and AES-128 and sha256 with SHA-256
// and AES-256, all passwords being "benchmark"; the communities are public, and
// private for SETs.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run() error {
	o := options{}
	workName := flag.String("work", "get1", "what is asked for, see -list")
	flag.IntVar(&o.window, "window", 32, "requests that are outstanding at the same time")
	flag.IntVar(&o.sources, "sources", 4, "ports that are asked from")
	flag.IntVar(&o.burst, "burst", 1, "requests that a port sends together at least")
	flag.DurationVar(&o.time, "for", time.Second, "how long")
	flag.DurationVar(&o.patience, "patience", time.Second, "how long an answer may take; after that it is lost")
	flag.BoolVar(&o.echo, "echo", false, "expect every request back, unchanged")
	asJSON := flag.Bool("json", false, "write the result as JSON")
	list := flag.Bool("list", false, "list what can be asked for")
	flag.Parse()
	if *list {
		for _, w := range works {
			fmt.Printf("%-16s %s\n", w.name, w.text)
		}
		return nil
	}
	if flag.NArg() != 1 {
		return fmt.Errorf("%d arguments, expected HOST:PORT", flag.NArg())
	}
	agent, err := netip.ParseAddrPort(flag.Arg(0))
	if err != nil {
		return err
	}
	if o.sources < 1 || o.sources > maxSources || o.window < o.sources || o.window > o.sources*maxSlots || o.burst < 1 || o.burst > o.window/o.sources {
		return fmt.Errorf("%d requests from %d ports, %d together: expected 1 to %d ports, at least one and at most %d requests for each, and no more together than that",
			o.window, o.sources, o.burst, maxSources, maxSlots)
	}
	if o.time <= 0 || o.patience < time.Millisecond {
		return fmt.Errorf("for %v with a patience of %v: expected more than 0 and at least 1ms", o.time, o.patience)
	}
	w, err := findWork(*workName)
	if err != nil {
		return err
	}
	result, err := measure(agent, w, o)
	if err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(os.Stdout).Encode(result)
	}
	fmt.Println(result)
	return nil
}

// options are how to ask.
type options struct {
	window, sources, burst int
	time, patience         time.Duration
	echo                   bool
}

// measure asks an agent and returns what became of it.
func measure(agent netip.AddrPort, w work, o options) (*Result, error) {
	local := netip.AddrPortFrom(loopback(agent.Addr()), 0)
	newProtocol, err := w.protocol(agent, o)
	if err != nil {
		return nil, err
	}
	sources := make([]*source, o.sources)
	for i := range sources {
		slots := o.window / o.sources
		if i < o.window%o.sources {
			slots++
		}
		p, err := newProtocol()
		if err != nil {
			return nil, err
		}
		if sources[i], err = newSource(local, agent, p, i, slots, o); err != nil {
			return nil, err
		}
		defer sources[i].conn.Close()
	}
	clock, err := newClock(local, sources, o.patience/20)
	if err != nil {
		return nil, err
	}
	defer clock.stop()

	start := time.Now()
	var all sync.WaitGroup
	errs := make([]error, len(sources))
	for i, s := range sources {
		all.Go(func() { errs[i] = s.run(start.Add(o.time)) })
	}
	all.Wait()
	r := &Result{Work: w.name}
	for i, s := range sources {
		if errs[i] != nil {
			return nil, errs[i]
		}
		r.add(s)
	}
	r.finish(start)
	return r, nil
}

// loopback returns where an agent is asked from.
func loopback(agent netip.Addr) netip.Addr {
	switch {
	case agent.IsLoopback() && agent.Is4():
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	case agent.IsLoopback():
		return netip.IPv6Loopback()
	case agent.Is4():
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}
