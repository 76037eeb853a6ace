//go:build unix

package privilege

import (
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
)

func TestLookup(t *testing.T) {
	root, err := user.Lookup("root")
	if err != nil {
		t.Fatal(err)
	}
	gid, _ := strconv.Atoi(root.Gid)
	for _, test := range []struct {
		user, group string
		uid, gid    int
		text        string
	}{
		{"root", "", 0, gid, "user root, group 0"},
		{"0", "", 0, gid, "user 0, group 0"},
		{"#0", "#7", 0, 7, "user #0, group 7"},
		{"54321", "54322", 54321, 54322, "user 54321, group 54322"},
		{"", "54322", -1, 54322, "group 54322"},
	} {
		i, err := Lookup(test.user, test.group)
		if err != nil {
			t.Errorf("%q, %q: %v", test.user, test.group, err)
			continue
		}
		if i.UID != test.uid || i.GID != test.gid || !slices.Contains(i.Groups, test.gid) || i.String() != test.text {
			t.Errorf("%q, %q: %+v, %v", test.user, test.group, *i, i)
		}
	}
	for _, test := range [][2]string{{"54321", ""}, {"no such user", ""}, {"root", "no such group"}, {"-1", "0"}, {"#", "0"}, {"4294967295", "0"}} {
		if i, err := Lookup(test[0], test[1]); err == nil {
			t.Errorf("%q: %+v", test, *i)
		}
	}
}

// TestHandOver shows which directories of root become somebody else's: those that
// nobody else has or may put anything into.
func TestHandOver(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give up root's rights")
	}
	for _, test := range []struct {
		name    string
		prepare func(dir string) error
		given   bool
	}{
		{"empty", func(string) error { return nil }, true},
		{"the daemon's files", func(dir string) error { return os.WriteFile(filepath.Join(dir, "daemon.state"), nil, 0o600) }, true},
		{"another file", func(dir string) error { return os.WriteFile(filepath.Join(dir, "shadow"), nil, 0o600) }, false},
		{"a link", func(dir string) error { return os.Symlink("/etc/shadow", filepath.Join(dir, "daemon.state")) }, false},
		{"a directory", func(dir string) error { return os.Mkdir(filepath.Join(dir, "daemon.d"), 0o700) }, false},
		{"writable for others", func(dir string) error { return os.Chmod(dir, 0o777) }, false},
		{"another's", func(dir string) error { return os.Chown(dir, 54323, 0) }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "state")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := test.prepare(dir); err != nil {
				t.Fatal(err)
			}
			i := &Identity{UID: 54321, GID: 54322}
			if err := i.HandOver(dir, "daemon."); err != nil {
				t.Fatal(err)
			}
			paths, _ := filepath.Glob(filepath.Join(dir, "*"))
			for _, path := range append(paths, dir) {
				info, err := os.Lstat(path)
				if err != nil {
					t.Fatal(err)
				}
				if stat := info.Sys().(*syscall.Stat_t); (stat.Uid == 54321 && stat.Gid == 54322) != test.given {
					t.Errorf("%s belongs to %d, %d", path, stat.Uid, stat.Gid)
				}
			}
		})
	}
	if err := (&Identity{UID: 54321}).HandOver(filepath.Join(t.TempDir(), "missing"), ""); !os.IsNotExist(err) {
		t.Errorf("a directory that is not there: %v", err)
	}
}
