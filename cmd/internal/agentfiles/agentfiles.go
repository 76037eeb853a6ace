// Package agentfiles says which files the daemon reads, for whoever has to read the
// same.
package agentfiles

import (
	"path/filepath"
	"strings"

	"snmpstack/cmd/internal/snmpdconf"
)

// Persistent is the name of the file in the state directory that is read after the
// others, if it is there.
const Persistent = "snmpagent.conf"

// StateDir is the variable with the state directory, unless the configuration has a
// persistentDir.
const StateDir = "SNMP_PERSISTENT_DIR"

// Configuration returns the files of the configuration: those that are given, with
// -c, and without any those of $SNMPCONFPATH, unless noSearch says not to look there.
func Configuration(given []snmpdconf.File, noSearch bool, getenv func(string) (string, bool)) []snmpdconf.File {
	if len(given) > 0 || noSearch {
		return given
	}
	path, ok := getenv("SNMPCONFPATH")
	if !ok {
		return nil
	}
	var files []snmpdconf.File
	for _, f := range snmpdconf.AgentFiles(filepath.SplitList(path)) {
		if base := filepath.Base(f.Path); strings.HasPrefix(base, "snmpd.") || strings.HasPrefix(base, "snmpagent.") {
			files = append(files, f)
		}
	}
	return files
}
