package script

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// programEnv is set for the programs that scripts run: a test binary that happens to have a program's name is a test binary all
// the same.
const programEnv = "SCRIPT_PROGRAMS"

// binDir holds the programs that Main was given. Scripts, and what the programs start, find them there first.
var binDir string

// Main is for TestMain. In a test binary that a script runs as one of the programs it calls that program's function and exits with
// what it returns; the program's arguments are in os.Args, its name in os.Args[0]. Otherwise it runs the tests and exits.
func Main(m *testing.M, programs map[string]func() int) {
	switch os.Getenv(programEnv) {
	case "":
	case probe:
		os.Exit(0)
	default:
		name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
		if run, ok := programs[name]; ok {
			os.Exit(run())
		}
	}
	os.Exit(runTests(m, programs))
}

func runTests(m *testing.M, programs map[string]func() int) int {
	dir, err := os.MkdirTemp("", "script-bin")
	if err == nil {
		defer os.RemoveAll(dir)
		err = makeBin(dir, programs)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "script: cannot set the programs up: %v\n", err)
		return 2
	}
	binDir = dir
	return m.Run()
}

// makeBin gives the test binary the name of each program in a directory.
func makeBin(dir string, programs map[string]func() int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	emulator, err := findEmulator(self)
	if err != nil {
		return err
	}
	for name := range programs {
		path := filepath.Join(dir, name)
		switch {
		case emulator != "":
			// -0 makes the wrapper's name the program's.
			err = os.WriteFile(path, fmt.Appendf(nil, "#!/bin/sh\nexec '%s' -0 \"$0\" '%s' \"$@\"\n", emulator, self), 0o777)
		case runtime.GOOS == "windows":
			err = link(self, path+".exe")
		default:
			err = link(self, path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// probe as the value of programEnv makes the test binary end at once.
const probe = "probe"

// qemuArch has the processors that QEMU calls something else.
var qemuArch = map[string]string{"386": "i386", "amd64": "x86_64", "arm64": "aarch64", "loong64": "loongarch64", "mipsle": "mipsel", "mips64le": "mips64el"}

// findEmulator returns "" when the system can run the test binary. When it cannot, the binary is one for another processor and runs in an
// emulator that programs it starts would escape from (go test -exec qemu-arm-static); then it is the emulator's path.
func findEmulator(self string) (string, error) {
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), programEnv+"="+probe)
	err := cmd.Run()
	if err == nil || runtime.GOOS != "linux" {
		return "", err
	}
	arch := runtime.GOARCH
	if name, ok := qemuArch[arch]; ok {
		arch = name
	}
	for _, name := range []string{"qemu-" + arch + "-static", "qemu-" + arch} {
		if path, e := exec.LookPath(name); e == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("the test binary cannot run itself: %w", err)
}

// link gives a file a second name by the cheapest means the system grants.
func link(old, new string) error {
	if os.Symlink(old, new) == nil || os.Link(old, new) == nil {
		return nil
	}
	from, err := os.Open(old)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(new, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o777)
	if err != nil {
		return err
	}
	if _, err := io.Copy(to, from); err != nil {
		to.Close()
		return err
	}
	return to.Close()
}
