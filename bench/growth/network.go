package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"snmpstack/agent"
	"snmpstack/bench/internal/proc"
	"snmpstack/transport"
)

// outstanding is how many requests there are at once over a network.
const outstanding = 32

// A server is an agent in a process of its own, on a processor of its own. What it costs
// to ask it is what such a process takes of that processor, the kernel's work included.
type server struct {
	cmd     *exec.Cmd
	in      io.WriteCloser // whatever comes, it answers with its Stats; it ends when nothing can come any more
	out     *bufio.Scanner
	conn    *transport.UDPConn // to ask from
	address netip.AddrPort
	packets []transport.Packet
	answers []transport.Packet
}

// serve is what the process does: it builds so many of a series, which are served on the
// loopback interface then, and says at which address.
func serve(what string, size int, in io.Reader, out io.Writer) error {
	for _, s := range all {
		if s.what != what {
			continue
		}
		b, err := s.build(size)
		if err != nil {
			return err
		}
		a := b.agent
		a.Deactivate()
		a.Conns, a.LocalHost, a.LocalPort = nil, "127.0.0.1", 0
		if err := a.Activate(); err != nil {
			return err
		}
		defer a.Deactivate()
		runtime.GC()
		fmt.Fprintln(out, a.LocalAddr())
		for commands := bufio.NewScanner(in); commands.Scan(); {
			if err := json.NewEncoder(out).Encode(a.Stats()); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("nothing is called %q", what)
}

// newServer starts the process: program is this command.
func newServer(program, processor, what string, size int) (*server, error) {
	v := &server{cmd: exec.Command("taskset", "-c", processor, program, "-serve", what, "-size", strconv.Itoa(size))}
	v.cmd.Stderr = os.Stderr
	var err error
	if v.in, err = v.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := v.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := v.cmd.Start(); err != nil {
		return nil, err
	}
	v.out = bufio.NewScanner(out)
	if !v.out.Scan() {
		return nil, errors.Join(fmt.Errorf("%d %s cannot be served", size, what), v.stop())
	}
	if v.address, err = netip.ParseAddrPort(v.out.Text()); err == nil {
		v.conn, err = transport.Listen(context.Background(), "udp4", "127.0.0.1:0", transport.Options{})
	}
	if err != nil {
		return nil, errors.Join(err, v.stop())
	}
	var pool transport.Pool
	for range outstanding {
		v.packets = append(v.packets, transport.Packet{Buf: pool.Get(transport.FullSize), Remote: v.address})
		v.answers = append(v.answers, transport.Packet{Buf: pool.Get(transport.FullSize)})
	}
	return v, nil
}

// stop ends the process.
func (v *server) stop() error {
	if v.conn != nil {
		v.conn.Close()
	}
	v.in.Close()
	return v.cmd.Wait()
}

// stats asks the process for its agent's.
func (v *server) stats() (s agent.Stats, err error) {
	if _, err := io.WriteString(v.in, "\n"); err != nil {
		return s, err
	}
	if !v.out.Scan() {
		return s, errors.Join(io.ErrUnexpectedEOF, v.out.Err())
	}
	return s, json.Unmarshal(v.out.Bytes(), &s)
}

// ask has the agent answer n requests for so many objects each, and returns what its
// process has had of the processor for that.
func (v *server) ask(g generator, n, varBinds int) (time.Duration, error) {
	before, err := v.stats()
	if err != nil {
		return 0, err
	}
	start, err := proc.CPU(v.cmd.Process.Pid)
	if err != nil {
		return 0, err
	}
	if err := v.exchange(g, n); err != nil {
		return 0, err
	}
	end, err := proc.CPU(v.cmd.Process.Pid)
	if err != nil {
		return 0, err
	}
	// The last answers are counted when they are here already.
	for range 1000 {
		var after agent.Stats
		if after, err = v.stats(); err != nil {
			return 0, err
		}
		if err = check(before, after, n, varBinds); err == nil {
			break
		}
	}
	return end - start, err
}

// exchange sends n requests, with each answer the next one.
func (v *server) exchange(g generator, n int) error {
	lost := time.AfterFunc(10*time.Second, func() { v.conn.Close() })
	defer lost.Stop()
	send := func(count int) error {
		for i := range v.packets[:count] {
			v.packets[i].Data = g(v.packets[i].Buf.Bytes())
		}
		for sent := 0; sent < count; {
			more, err := v.conn.Write(v.packets[sent:count])
			if err != nil {
				return err
			}
			sent += more
		}
		return nil
	}
	first := min(n, outstanding)
	if err := send(first); err != nil {
		return err
	}
	for left, answered := n-first, 0; answered < n; {
		got, err := v.conn.Read(v.answers)
		if err != nil {
			return fmt.Errorf("%d of %d requests have been answered: %w", answered, n, err)
		}
		answered += got
		next := min(got, left)
		if err := send(next); err != nil {
			return err
		}
		left -= next
	}
	return nil
}

// network measures what requests cost over the loopback interface, about one of the least
// and one of the most that there can be of a series, all of which have been built.
func (s series) network(program string, least, most *built, rounds int, turn time.Duration, progress io.Writer) (lines []line, err error) {
	underTest, generator, err := proc.Processors("")
	if err != nil {
		return nil, err
	}
	back, err := keepTo(generator)
	if err != nil {
		return nil, err
	}
	defer back()
	ends := []*built{least, most}
	var servers []*server
	defer func() {
		for _, v := range servers {
			err = errors.Join(err, v.stop())
		}
	}()
	for _, size := range []int{s.sizes[0], s.sizes[len(s.sizes)-1]} {
		fmt.Fprintf(progress, "%s: %d, over the loopback interface\n", s.what, size)
		v, err := newServer(program, underTest, s.what, size)
		if err != nil {
			return nil, err
		}
		servers = append(servers, v)
	}
	for i, w := range least.works {
		l, err := compare(w.name, len(ends), rounds, turn, func(size, n int) (time.Duration, error) {
			w := ends[size].works[i]
			return servers[size].ask(w.generate, n, w.varBinds)
		})
		if err != nil {
			return nil, fmt.Errorf("%s, over the loopback interface: %w", s.what, err)
		}
		lines = append(lines, l)
		fmt.Fprintf(progress, "%s, over the loopback interface: %s %.0f\n", s.what, l.name, l.costs)
	}
	return lines, nil
}

// keepTo keeps this process to a processor until back is called.
func keepTo(processor string) (back func(), err error) {
	list, err := proc.Allowed()
	if err != nil {
		return nil, err
	}
	set := func(processors string) error {
		out, err := exec.Command("taskset", "-a", "-c", "-p", processors, strconv.Itoa(os.Getpid())).CombinedOutput()
		if err != nil {
			return fmt.Errorf("taskset: %w\n%s", err, out)
		}
		return nil
	}
	return func() { set(strings.Join(list, ",")) }, set(processor)
}
