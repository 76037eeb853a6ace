package snmpdconf

import (
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// multiarch is Debian's name of the directory of an architecture's libraries, below /usr/lib.
var multiarch = map[string]string{
	"386": "i386-linux-gnu", "amd64": "x86_64-linux-gnu", "arm": "arm-linux-gnueabihf", "arm64": "aarch64-linux-gnu",
	"loong64": "loongarch64-linux-gnu", "mips64le": "mips64el-linux-gnuabi64", "mipsle": "mipsel-linux-gnu",
	"ppc64le": "powerpc64le-linux-gnu", "riscv64": "riscv64-linux-gnu", "s390x": "s390x-linux-gnu",
}

// SearchPath returns the directories that configuration files are looked for in: those of $SNMPCONFPATH, separated as in $PATH,
// or when it is not set those that Net-SNMP has on Debian and on Fedora, and last $HOME/.snmp. getenv is
// [os.LookupEnv]. The directories need not exist.
func SearchPath(getenv func(string) (string, bool)) []string {
	if path, ok := getenv("SNMPCONFPATH"); ok {
		var dirs []string
		for _, dir := range filepath.SplitList(path) {
			if dir != "" {
				dirs = append(dirs, dir)
			}
		}
		return dirs
	}
	dirs := []string{"/etc/snmp", "/usr/share/snmp"}
	if m := multiarch[runtime.GOARCH]; m != "" {
		dirs = append(dirs, "/usr/lib/"+m+"/snmp")
	}
	dirs = append(dirs, "/usr/lib64/snmp", "/usr/lib/snmp")
	if home, ok := getenv("HOME"); ok && home != "" {
		dirs = append(dirs, filepath.Join(home, ".snmp"))
	}
	return dirs
}

// AgentFiles returns the files an agent reads when no option says otherwise, in the order of reading: in each directory snmpd.conf and
// snmpd.local.conf, then in each directory snmpagent.conf and snmpagent.local.conf, which are of the same section and which
// Net-SNMP does not read, then snmp.conf and agentx.conf likewise. None of them is required.
func AgentFiles(dirs []string) []File {
	return slices.Concat(
		searchFiles(dirs, "snmpd", SectionAgent),
		searchFiles(dirs, "snmpagent", SectionAgent),
		searchFiles(dirs, "snmp", SectionLibrary),
		searchFiles(dirs, "agentx", SectionAgentX),
	)
}

// OptionFiles returns the files that the value of option -c names, F or F,F2, and whether they are to be read before those of the
// search path, which a - in front of the value asks for, or after them. Each of them is required, and of section "snmpd".
func OptionFiles(value string) (files []File, first bool) {
	value, first = strings.CutPrefix(value, "-")
	for path := range strings.SplitSeq(value, ",") {
		if path != "" {
			files = append(files, File{Path: path, Section: SectionAgent, Required: true})
		}
	}
	return files, first
}

// searchFiles returns DIR/name.conf and DIR/name.local.conf for each directory.
func searchFiles(dirs []string, name, section string) []File {
	files := make([]File, 0, 2*len(dirs))
	for _, dir := range dirs {
		files = append(files,
			File{Path: filepath.Join(dir, name+".conf"), Section: section},
			File{Path: filepath.Join(dir, name+".local.conf"), Section: section})
	}
	return files
}
