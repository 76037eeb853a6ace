package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"snmpstack/cmd/internal/interoptest"
)

// TestLikeNetSNMP runs command lines with Net-SNMP's tools and with this one,
// against the same agent: exit code, output and error output have to be the
// same. Distributions do not agree on which MIB modules they install, so names
// are off; get.txt and walk.txt have some.
func TestLikeNetSNMP(t *testing.T) {
	programs := map[string]string{}
	for _, c := range commands {
		if len(c.aliases) == 0 {
			continue // only here
		}
		programs[c.name] = interoptest.Tool(t, c.aliases[0])
	}
	list, err := readObjects("testdata/objects")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	security, err := newFakeSecurity(false)
	if err != nil {
		t.Fatal(err)
	}
	go list.serve(conn, security)

	const system, descr, ticks, contact, name = ".1.3.6.1.2.1.1", ".1.3.6.1.2.1.1.1.0", ".1.3.6.1.2.1.1.3.0", ".1.3.6.1.2.1.1.4.0", ".1.3.6.1.2.1.1.5.0"
	lines := []string{
		"get -v2c -c public AGENT " + descr,
		"get -v1 -c public AGENT " + descr + " " + ticks,
		"get -v2c -c public AGENT .1.3.6.1.2.1.1.1.9 " + name + " .1.3.6.1.2.1.3.1.0",
		"get -v1 -c public AGENT .1.3.6.1.2.1.1.1.9",
		"get -v1 -c public AGENT .1.3.6.1.2.1.1.1.9 " + name,
		"get -v1 -c public AGENT " + name + " .1.3.6.1.2.1.1.1.9 .1.3.6.1.2.1.1.1.8",
		"get -v1 -c public -Cf AGENT .1.3.6.1.2.1.1.1.9 " + name,
		"get -v2c -c public AGENT nosuch.0",
		"get -v2c -c public AGENT 1.3.x",
		"get -v2c -c public -r 0 -t 0.1 AGENT nosuch.0 " + name,
		// Of control characters in the text Net-SNMP makes what they are, and this
		// tool a dot, so -OT has no walk.
		"get -v2c -c public -OT AGENT .1.3.6.1.2.1.2.2.1.6.2",
		"next -v2c -c public AGENT " + system + " " + ticks,
		"next -v2c -c public AGENT .1.9",
		"next -v1 -c public AGENT .1.9",
		"next -v1 -c public AGENT .1.9 " + name,
		"next -v1 -c public -Cf AGENT .1.9 " + name,
		"next -v2c -c public AGENT .1",
		"bulk -v2c -c public -Cn1 -Cr3 AGENT " + system + " .1.3.6.1.2.1.2",
		"bulk -v2c -c public -Cn1r3 AGENT " + system + " .1.3.6.1.2.1.2",
		"bulk -v2c -c public AGENT .1.9",
		"walk -v2c -c public AGENT " + system,
		"walk -v1 -c public AGENT " + system,
		"walk -v2c -c public AGENT .1",
		"walk -v1 -c public AGENT .1",
		"walk -v2c -c public AGENT",
		"walk -v2c -c public AGENT " + name,
		"walk -v2c -c public -CI AGENT " + name,
		"walk -v2c -c public -Ci -Cp AGENT " + name,
		"walk -v2c -c public -Cip AGENT " + system,
		"walk -v2c -c public -CE " + ticks + " -Cp AGENT " + system,
		"walk -v2c -c public -Cc AGENT " + system,
		"walk -v2c -c public AGENT .1.9",
		"walk -v1 -c public AGENT .1.9",
		"walk -v2c -c public AGENT .1.3.6.1.2.1.3",
		"walk -v1 -c public AGENT .1.3.6.1.2.1.3",
		"bulkwalk -v2c -c public AGENT " + system,
		"bulkwalk -v2c -c public -Cr1 AGENT " + system,
		"bulkwalk -v2c -c public -Cr50 -Cp AGENT .1",
		"bulkwalk -v2c -c public AGENT " + name,
		"bulkwalk -v2c -c public -Ci AGENT " + name,
		"bulkwalk -v2c -c public AGENT .1.9",
		"set -v2c -c private AGENT " + name + " s foo",
		"set -v2c -c private AGENT " + name + " x 666f6f00ff " + contact + " s me",
		"set -v2c -c private -Cq AGENT " + name + " s vm",
		"set -v1 -c private AGENT " + contact + " s root",
		"set -v2c -c public AGENT " + name + " s foo",
		"set -v1 -c public AGENT " + name + " s foo",
		"set -v2c -c private AGENT " + name,
		"set -v2c -c private AGENT " + name + " s",
		"set -v2c -c private AGENT " + name + " q 5",
		"set -v2c -c private AGENT " + name + " x 4",
		"set -v2c -c private AGENT " + name + " i x " + name + " u y " + name + " a z",
	}
	for _, letters := range []string{"n", "q", "Q", "v", "x", "a", "t", "e", "f", "s", "S", "u", "U", "b", "X", "E", "0", "qv", "nq", "nQ", "sqnU", "QUbs", "QUst", "teQUsb"} {
		lines = append(lines, "walk -v2c -c public -O"+letters+" AGENT .1")
	}
	for _, line := range lines {
		t.Run(line, func(t *testing.T) {
			args := strings.Fields(strings.Replace(line, "AGENT", conn.LocalAddr().String(), 1))
			theirs := exec.Command(programs[args[0]], args[1:]...)
			theirs.Env = append(os.Environ(), "MIBS=", "MIBDIRS="+t.TempDir(), "SNMPCONFPATH="+t.TempDir(), "SNMP_PERSISTENT_DIR=/nonexistent", "LC_ALL=C")
			var out, errs bytes.Buffer
			theirs.Stdout, theirs.Stderr = &out, &errs
			if err := theirs.Run(); theirs.ProcessState == nil {
				t.Fatal(err)
			}
			wantErrs := withoutNoise(errs.String())

			var gotOut, gotErrs bytes.Buffer
			ours := slices.Concat([]string{"snmptool", args[0], "-m", ""}, args[1:])
			code := run(t.Context(), ours, strings.NewReader(""), &gotOut, &gotErrs)
			if want := theirs.ProcessState.ExitCode(); code != want {
				t.Errorf("exit code %d, want %d", code, want)
			}
			if gotOut.String() != out.String() {
				t.Errorf("output\n%s\nwant\n%s", gotOut.String(), out.String())
			}
			if gotErrs.String() != wantErrs {
				t.Errorf("error output\n%s\nwant\n%s", gotErrs.String(), wantErrs)
			}
		})
	}
}

// withoutNoise leaves out what Net-SNMP says about its own files.
func withoutNoise(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		if !strings.Contains(line, "Created directory") && !strings.HasPrefix(line, "mkdir:") && !strings.Contains(line, "persistent") && !strings.Contains(line, "cert_indexes") {
			b.WriteString(line)
		}
	}
	return b.String()
}
