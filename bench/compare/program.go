package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"snmpstack/bench/internal/proc"
)

// A program is one that is measured.
type program struct {
	name, text string
	echo       bool
	only       string // the works that it is asked for begin so
	address    string
	cmd        *exec.Cmd
	log        bytes.Buffer
}

// config is what the agents are told, which both dialects understand.
const config = `rocommunity public 127.0.0.1
rwcommunity private 127.0.0.1
rwuser sha1 auth
rwuser sha256 auth
createUser sha1 SHA "benchmark" AES "benchmark"
createUser sha256 SHA-256 "benchmark" AES-256 "benchmark"
`

// The names of the program that the others are held against, and of the one that it
// is all about.
const (
	yardstick = "echo"
	daemon    = "snmpagent"
)

// start starts the programs. Those that have started are returned with an error too.
func start(dir string, o options) (programs []*program, err error) {
	conf := filepath.Join(dir, "agent.conf")
	if err := os.WriteFile(conf, []byte(config), 0o600); err != nil {
		return nil, err
	}
	bin := func(name string) string { return filepath.Join(dir, name) }
	agent := []string{bin("snmpagent"), "-C", "-c", conf, "-Ln"}
	type candidate struct {
		program
		args []string
	}
	candidates := []candidate{
		{program{name: yardstick, text: "bench/echo: every datagram is sent back, in batches (recvmmsg, sendmmsg)", echo: true}, []string{bin("echo")}},
		{program{name: "echo, GSO", text: "the same, those that are alike together (UDP_SEGMENT), as the agent sends them", echo: true}, []string{bin("echo"), "-gso"}},
		{program{name: "echo, one by one", text: "echo, one datagram with each system call", echo: true}, []string{bin("echo"), "-batch=false"}},
		{program{name: daemon, text: "cmd/snmpagent with its default settings"}, agent},
		{program{name: "snmpagent, one by one", text: "the same where the kernel refuses recvmmsg and sendmmsg"}, append([]string{bin("refuse"), "38"}, agent...)},
		{program{name: "snmpagent, Go's cryptography", text: "the same with -o UseInternalSecurityAPI=False", only: "v3"}, append(agent[:len(agent):len(agent)], "-o", "UseInternalSecurityAPI=False")},
	}
	if path, err := lookSnmpd(o.snmpd); err == nil {
		candidates = append(candidates, candidate{program{name: "snmpd", text: "Net-SNMP's agent, with the modules and the log of Debian's service"},
			[]string{path, "-C", "-c", conf, "-LOw", "-I", "-smux,mteTrigger,mteTriggerConf", "-f"}})
	}
	for i := range candidates {
		p := &candidates[i].program
		if err := p.start(o, candidates[i].args, filepath.Join(dir, strconv.Itoa(i))); err != nil {
			return programs, err
		}
		programs = append(programs, p)
	}
	return programs, nil
}

// lookSnmpd finds snmpd, which is not where users have their programs.
func lookSnmpd(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	return exec.LookPath(filepath.Join("/usr/sbin", filepath.Base(name)))
}

// start runs the program at a port that is free, with a directory for its state,
// and waits until it answers.
func (p *program) start(o options, args []string, state string) error {
	free, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	p.address = free.LocalAddr().String()
	free.Close()
	if err := os.Mkdir(state, 0o700); err != nil {
		return err
	}
	p.cmd = exec.Command("taskset", append(append([]string{"-c", o.underTest}, args...), p.address)...)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	if strings.HasPrefix(p.name, "snmpd") {
		p.cmd.Env = append(os.Environ(), "SNMP_PERSISTENT_DIR="+state)
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	for range 50 {
		if _, err = o.load(p, "get1", "-for", "10ms", "-window", "1", "-sources", "1", "-patience", "100ms"); err == nil {
			return nil
		}
	}
	p.stop()
	return fmt.Errorf("%s does not answer: %w\n%s", p.name, err, p.log.Bytes())
}

func (p *program) stop() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// cpu returns the time that the program has had of the processor.
func (p *program) cpu() (time.Duration, error) {
	cpu, err := proc.CPU(p.cmd.Process.Pid)
	if err != nil {
		err = fmt.Errorf("%s: %w", p.name, err)
	}
	return cpu, err
}

// memory returns the most memory that the program has had at once, in KiB.
func (p *program) memory() int {
	return statusField(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid), "VmHWM:")
}

// statusField returns the number behind a word in a file of /proc, or 0.
func statusField(path, name string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == name {
			n, _ := strconv.Atoi(fields[1])
			return n
		}
	}
	return 0
}
