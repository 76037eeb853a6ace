package agentconf

import (
	"os"
	"path/filepath"
	"strings"

	"snmpstack/cmd/internal/snmpdconf"
)

// Persistent is the name of the file in the state directory that is read after the
// others, if it is there.
const Persistent = "snmpagent.conf"

// stateDirVariable has the state directory, unless the configuration has a
// persistentDir.
const stateDirVariable = "SNMP_PERSISTENT_DIR"

// Where says where a configuration is.
type Where struct {
	Given    []snmpdconf.File // with -c
	NoSearch bool             // without any, not to look in $SNMPCONFPATH
	Getenv   func(string) (string, bool)
}

// files returns the files of the configuration, the persistent one apart.
func (w *Where) files() []snmpdconf.File {
	if len(w.Given) > 0 || w.NoSearch {
		return w.Given
	}
	path, ok := w.Getenv("SNMPCONFPATH")
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

// PersistentPath returns the path of the persistent file, "" without a state directory,
// as far as the lines so far say.
func (c *Config) PersistentPath() string {
	if c.StateDir == "" {
		return ""
	}
	return filepath.Join(c.StateDir, Persistent)
}

// IsPersistent reports whether a line is one of the persistent file.
func (c *Config) IsPersistent(d snmpdconf.Directive) bool {
	return c.StateDir != "" && d.File == c.PersistentPath()
}

// hasStateDir reports whether there is a state directory already. One that is none
// is an error when it is opened.
func (c *Config) hasStateDir() bool {
	info, err := os.Stat(c.StateDir)
	return err == nil && info.IsDir()
}
