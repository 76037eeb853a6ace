package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"snmpstack/bench/internal/figures"
	"snmpstack/ber"
)

// A beginning is how long the daemon takes from its start to its first answer.
type beginning struct {
	name, text string
	clock      float64 // nanoseconds, by the clock: median
	cpu        float64 // nanoseconds of the processor up to its end: median
	memory     float64 // octets, the most there were at once: median
}

// begin starts the daemon again and again, with the configurations that there are.
func begin(starts int, progress io.Writer) ([]beginning, error) {
	dir, err := os.MkdirTemp("", "growth")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	daemon := filepath.Join(dir, "snmpagent")
	if out, err := exec.Command("go", "build", "-o", daemon, "snmpstack/cmd/snmpagent").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	var users, rules strings.Builder
	users.WriteString("rocommunity public 127.0.0.1\n")
	rules.WriteString(users.String())
	for n := range 1000 {
		fmt.Fprintf(&users, "rouser %s priv\n", keyName(n))
		fmt.Fprintf(&rules, "com2sec sec%d 192.0.2.%d community%d\ngroup group%d v2c sec%d\nview view%d included 1.3.6.1.2.1.%d\naccess group%d \"\" any noauth exact view%d none none\n",
			n, n%256, n, n, n, n, n+1, n, n)
	}
	var create strings.Builder
	for n := range 1000 {
		fmt.Fprintf(&create, "createUser %s SHA-256 \"password of %[1]s\" AES \"other one of %[1]s\"\n", keyName(n))
	}
	var list []beginning
	for _, c := range []struct {
		name, text, conf, kept string
		state                  string // the directory
		starts                 int
	}{
		{"built-in configuration", "no file", "", "", "none", starts},
		{"1000 users, the first time", "their passwords have to be made into keys", users.String(), create.String(), "users", 1},
		{"1000 users", "whose keys are kept, and a rule for each", users.String(), "", "users", starts},
		{"4000 rules", "1000 communities with a group, a view and an access line each", rules.String(), "", "rules", starts},
	} {
		fmt.Fprintln(progress, "start:", c.name)
		args := []string{"-C", "-Ln"}
		state := filepath.Join(dir, c.state)
		if err := os.MkdirAll(state, 0o700); err != nil {
			return nil, err
		}
		if c.conf != "" {
			conf := filepath.Join(dir, "snmpagent.conf")
			if err := os.WriteFile(conf, []byte(c.conf), 0o600); err != nil {
				return nil, err
			}
			args = append(args, "-c", conf)
		}
		if c.kept != "" {
			if err := os.WriteFile(filepath.Join(state, "snmpagent.conf"), []byte(c.kept), 0o600); err != nil {
				return nil, err
			}
		}
		b := beginning{name: c.name, text: c.text}
		var clocks, cpus, memories []float64
		for range c.starts {
			clock, cpu, memory, err := startOnce(daemon, args, state)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			clocks, cpus, memories = append(clocks, float64(clock)), append(cpus, float64(cpu)), append(memories, memory)
		}
		b.clock, b.cpu, b.memory = figures.Median(clocks), figures.Median(cpus), figures.Median(memories)
		list = append(list, b)
	}
	return list, nil
}

// startOnce starts the daemon, asks it until it answers, and ends it.
func startOnce(daemon string, args []string, state string) (clock, cpu time.Duration, memory float64, err error) {
	free, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		return 0, 0, 0, err
	}
	address := free.LocalAddr().String()
	conn, err := net.Dial("udp4", address) // as long as it cannot get that port itself
	free.Close()
	if err != nil {
		return 0, 0, 0, err
	}
	defer conn.Close()
	question, err := plain("public", get(ber.MustOID("1.3.6.1.2.1.1.3.0")))
	if err != nil {
		return 0, 0, 0, err
	}
	var log bytes.Buffer
	cmd := exec.Command(daemon, append(args, address)...)
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.Env = append(os.Environ(), "SNMP_PERSISTENT_DIR="+state)
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, 0, err
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	answer := make([]byte, 2000)
	answered := false
	for !answered && len(exited) == 0 {
		// Where nobody listens yet the kernel says so at once.
		conn.SetReadDeadline(time.Now().Add(time.Millisecond))
		if _, err := conn.Write(question); err == nil {
			_, err := conn.Read(answer)
			answered = err == nil
		}
		if !answered {
			time.Sleep(100 * time.Microsecond)
		}
	}
	clock = time.Since(start)
	memory = resident(fmt.Sprintf("/proc/%d/statm", cmd.Process.Pid))
	cmd.Process.Signal(os.Interrupt)
	if err := <-exited; err != nil || !answered {
		return 0, 0, 0, fmt.Errorf("it does not answer, or does not end as it should: %v\n%s", err, &log)
	}
	return clock, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), memory, nil
}
