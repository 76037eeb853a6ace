package main

import (
	"encoding/binary"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"snmpstack/bench/internal/proc"
	"snmpstack/ber"
	"snmpstack/pdu"
)

// A short run measures every series, with few of everything: each request has the
// answer that it asks for, or it would fail, and what was measured is written down.
func TestSeries(t *testing.T) {
	for _, s := range all {
		t.Run(s.what, func(t *testing.T) {
			s.sizes = s.sizes[:2]
			r, err := s.run("", 1, time.Millisecond, t.Output())
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range r.lines {
				if len(l.costs) != 2 || l.costs[0] <= 0 || l.ratios[0] != 1 || l.ratios[1] <= 0 {
					t.Errorf("%+v", l)
				}
			}
			if text := r.markdown(); !strings.Contains(text, "| GET") || !strings.Contains(text, "| *a Go map ") {
				t.Error(text)
			}
		})
	}
}

// Agents in processes of their own answer over the loopback interface, one of each end of a
// series.
func TestProcessNetwork(t *testing.T) {
	if _, _, err := proc.Processors(""); err != nil {
		t.Skip(err)
	}
	if _, err := exec.LookPath("taskset"); err != nil {
		t.Skip(err)
	}
	program := filepath.Join(t.TempDir(), "growth")
	if out, err := exec.Command("go", "build", "-o", program, "snmpstack/bench/growth").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, s := range all {
		s.sizes = s.sizes[:2]
		r, err := s.run(program, 1, time.Millisecond, t.Output())
		if err != nil {
			t.Fatal(err)
		}
		if len(r.network) == 0 {
			t.Errorf("%s: nothing has been asked", s.what)
		}
		for _, l := range r.network {
			if len(l.costs) != 2 || l.costs[0] <= 0 || l.ratios[1] <= 0 {
				t.Errorf("%+v", l)
			}
		}
		if text, want := overNetwork([]*result{r}), "| "+s.what+" | GET"; !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	if v, err := newServer(program, "0", "nothing", 1); err == nil {
		t.Error("nothing is served", v.stop())
	}
}

// A few agents answer with their own names, by SNMPv3 as well.
func TestAgents(t *testing.T) {
	c, err := gather(3, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if c.goroutines < 1 || c.heap <= 0 || !strings.Contains(c.markdown(), "\n3 agents in one process") {
		t.Errorf("%+v\n%s", c, c.markdown())
	}
}

// The daemon is started, asked and ended.
func TestProcessStart(t *testing.T) {
	daemon := filepath.Join(t.TempDir(), "snmpagent")
	if out, err := exec.Command("go", "build", "-o", daemon, "snmpstack/cmd/snmpagent").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	clock, cpu, _, err := startOnce(daemon, []string{"-C", "-Ln"}, t.TempDir())
	if err != nil || clock <= 0 || cpu <= 0 {
		t.Errorf("%v, %v of the processor, %v", clock, cpu, err)
	}
	if _, _, _, err := startOnce(daemon, []string{"-C", "-Ln", "-c", "/nonexistent"}, t.TempDir()); err == nil {
		t.Error("it starts without its configuration")
	}
}

// What a template makes is what would be encoded for each key.
func TestTemplate(t *testing.T) {
	name := func(key int) ber.OID { return ber.NewOID(1, 3, 6, keyArc(key), 7) }
	for what, build := range map[string]func(key int) ([]byte, error){
		"a sub-identifier": func(key int) ([]byte, error) { return plain("public", get(name(key))) },
		"two of them":      func(key int) ([]byte, error) { return plain("public", get(name(key), name(key))) },
		"a name":           func(key int) ([]byte, error) { return plain(keyName(key), get(name(0))) },
		"a user": func(key int) ([]byte, error) {
			p := newPeer()
			if err := p.Users().Add(newUser(keyName(key), noAuth)); err != nil {
				return nil, err
			}
			return p.secure(keyName(key), "", pdu.NoAuthNoPriv, get(name(0)))
		},
	} {
		tp, err := newTemplate(build)
		if err != nil {
			t.Fatal(err)
		}
		const keys = 300
		want := make(map[string]bool)
		for key := range keys {
			datagram, err := build(key)
			if err != nil {
				t.Fatal(err)
			}
			want[string(datagram)] = true
		}
		g, got, buf := tp.generate(keys), make(map[string]bool), make([]byte, 1000)
		for range 20 * keys {
			got[string(g(buf))] = true
		}
		for datagram := range got {
			if !want[datagram] {
				t.Fatalf("%s: %x is for no key", what, datagram)
			}
		}
		if len(got) < keys-5 {
			t.Errorf("%s: %d different requests for %d keys", what, len(got), keys)
		}
	}
	if _, err := newTemplate(func(int) ([]byte, error) { return plain("public", get(name(0))) }); err == nil {
		t.Error("a request without a key has been taken for one")
	}
}

// Requests that were prepared come one after the other, and then again.
func TestPrepared(t *testing.T) {
	made := 0
	g, err := generatePrepared(10, func(key int) ([]byte, error) {
		if key < 0 || key >= 10 {
			t.Errorf("key %d", key)
		}
		made++
		return binary.BigEndian.AppendUint32(nil, uint32(made)), nil
	})
	if err != nil || made != prepared {
		t.Fatal(made, err)
	}
	buf := make([]byte, 10)
	for i := range prepared + 5 {
		if got := g(buf); len(got) != 4 || binary.BigEndian.Uint32(got) != uint32(i%prepared+1) {
			t.Fatalf("request %d is %x", i, got)
		}
	}
}

func TestUnits(t *testing.T) {
	for n, want := range map[int]string{1: "1", 10: "10", 100: "10²", 1000: "10³", 1e7: "10⁷"} {
		if got := power(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
	for n, want := range map[float64]string{12: "12 octets", 9999: "9999 octets", 10240: "10 KiB", 3 << 20: "3.0 MiB"} {
		if got := octets(n); got != want {
			t.Errorf("%v is %q, want %q", n, got, want)
		}
	}
}

func TestOnly(t *testing.T) {
	if err := run(options{only: "nothing"}, t.Output(), t.Output()); err == nil {
		t.Error("nothing was measured")
	}
}
