package snmpdconf

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func env(kv map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		v, ok := kv[name]
		return v, ok
	}
}

func TestSearchPath(t *testing.T) {
	list := func(dirs ...string) string { return strings.Join(dirs, string(filepath.ListSeparator)) }
	tests := []struct {
		name string
		env  map[string]string
		want []string
	}{
		{"from the environment", map[string]string{"SNMPCONFPATH": list("/a", "/b"), "HOME": "/root"}, []string{"/a", "/b"}},
		{"empty entries", map[string]string{"SNMPCONFPATH": list("", "/a", "")}, []string{"/a"}},
		{"set and empty means none", map[string]string{"SNMPCONFPATH": "", "HOME": "/root"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := SearchPath(env(tt.env)); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	dirs := SearchPath(env(map[string]string{"HOME": "/root"}))
	if dirs[0] != "/etc/snmp" || dirs[1] != "/usr/share/snmp" || dirs[len(dirs)-1] != filepath.Join("/root", ".snmp") {
		t.Errorf("default path = %q", dirs)
	}
	if dirs = SearchPath(env(nil)); slices.ContainsFunc(dirs, func(d string) bool { return strings.HasSuffix(d, ".snmp") }) {
		t.Errorf("without a home: %q", dirs)
	}
}

func TestAgentFiles(t *testing.T) {
	var got []string
	for _, f := range AgentFiles([]string{"a", "b"}) {
		got = append(got, fmt.Sprint(filepath.ToSlash(f.Path), " ", f.Section, " ", f.Required))
	}
	want := []string{
		"a/snmpd.conf snmpd false", "a/snmpd.local.conf snmpd false", "b/snmpd.conf snmpd false", "b/snmpd.local.conf snmpd false",
		"a/snmpagent.conf snmpd false", "a/snmpagent.local.conf snmpd false", "b/snmpagent.conf snmpd false", "b/snmpagent.local.conf snmpd false",
		"a/snmp.conf snmp false", "a/snmp.local.conf snmp false", "b/snmp.conf snmp false", "b/snmp.local.conf snmp false",
		"a/agentx.conf agentx false", "a/agentx.local.conf agentx false", "b/agentx.conf agentx false", "b/agentx.local.conf agentx false",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestOptionFiles(t *testing.T) {
	tests := []struct {
		value string
		paths []string
		first bool
	}{
		{"/a/f", []string{"/a/f"}, false},
		{"f,g,/h", []string{"f", "g", "/h"}, false},
		{"-f", []string{"f"}, true},
		{",f,,", []string{"f"}, false},
		{"", nil, false},
		{"-", nil, true},
	}
	for _, tt := range tests {
		files, first := OptionFiles(tt.value)
		var paths []string
		for _, f := range files {
			paths = append(paths, f.Path)
			if !f.Required || f.Section != SectionAgent {
				t.Errorf("OptionFiles(%q): %+v, want it required and in section snmpd", tt.value, f)
			}
		}
		if !slices.Equal(paths, tt.paths) || first != tt.first {
			t.Errorf("OptionFiles(%q) = %q, %t, want %q, %t", tt.value, paths, first, tt.paths, tt.first)
		}
	}
}
