package main

import (
	"reflect"
	"strings"
	"testing"
)

// TestParseOptions shows command lines as snmpd takes them.
func TestParseOptions(t *testing.T) {
	for _, test := range []struct {
		line string
		want options
		note string // in one of the notes
	}{
		{"", options{logTo: "e"}, ""},
		{"-f -Lo 1161 udp6:[::1]:1161", options{logTo: "o", addresses: []string{"1161", "udp6:[::1]:1161"}}, ""},
		{"1161 -Ln", options{logTo: "n", addresses: []string{"1161"}}, ""},
		{"-fLo -- -x", options{logTo: "o", addresses: []string{"-x"}}, ""},
		{"-CfU -p pid", options{logTo: "e", noSearch: true, keepPIDFile: true, pidFile: "pid"}, ""},
		{"-Ppid -t", options{logTo: "e", check: true, pidFile: "pid"}, ""},
		{"-Lflog -A", options{logTo: "f", logFile: "log", logAppend: true}, ""},
		{"-Lf log", options{logTo: "f", logFile: "log"}, ""},
		{"-l log", options{logTo: "f", logFile: "log"}, ""},
		{"-LF w log", options{logTo: "f", logFile: "log"}, ""},
		{"-LF0-6 log", options{logTo: "f", logFile: "log"}, ""},
		{"-LOw", options{logTo: "o"}, ""},
		{"-LE 3", options{logTo: "e"}, ""},
		{"-Lf log -LS 0-4 d", options{logTo: "f", logFile: "log"}, "there is no syslog"},
		{"-Lsd", options{logTo: "e"}, "there is no syslog"},
		{"-u Debian-snmp -g#106 -r", options{logTo: "e", owner: owner{"Debian-snmp", "#106"}, noRoot: true}, ""},
		// Debian's unit for snmpd.
		{"-LOw -u Debian-snmp -g Debian-snmp -I -smux,mteTrigger,mteTriggerConf -f", options{logTo: "o", owner: owner{"Debian-snmp", "Debian-snmp"}}, "-I is ignored"},
		{"-I -smux,mteTrigger", options{logTo: "e"}, "-I is ignored"},
		{"-Dusm -D 1161", options{logTo: "e", addresses: []string{"1161"}}, "-D is ignored"},
		{"-oMaxPacketSize=1472 -o DontFragment=1", options{logTo: "e", settings: []string{"MaxPacketSize=1472", "DontFragment=1"}}, ""},
		{"-h", options{logTo: "e", help: true}, ""},
		{"--help", options{logTo: "e", help: true}, ""},
		{"-v", options{logTo: "e", version: true}, ""},
		{"-H", options{logTo: "e", directives: true}, ""},
	} {
		t.Run(test.line, func(t *testing.T) {
			got, err := parseOptions(strings.Fields(test.line))
			if err != nil {
				t.Fatal(err)
			}
			if notes := strings.Join(got.notes, "\n"); !strings.Contains(notes, test.note) || test.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, test.note)
			}
			got.notes = nil
			if len(got.addresses) == 0 {
				got.addresses = nil
			}
			if !reflect.DeepEqual(*got, test.want) {
				t.Errorf("got %+v, want %+v", *got, test.want)
			}
		})
	}
	for _, line := range []string{"-z", "--frobnicate", "-c", "-p", "-Lx", "-Lf", "-LF 3", "-o x", "-o LocalPort=1161", "-o UseIPv6=1"} {
		if got, err := parseOptions(strings.Fields(line)); err == nil {
			t.Errorf("%s is taken: %+v", line, got)
		}
	}
}
