//go:build unix

package privilege

import (
	"errors"
	"io/fs"
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
			if err := i.HandOver(openRoot(t, dir), "daemon."); err != nil {
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
}

// TestHandOverIsNotSwapped shows that the directory which was opened is given away, not
// one that has taken its name since.
func TestHandOverIsNotSwapped(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give up root's rights")
	}
	dir := t.TempDir()
	state, moved, other := filepath.Join(dir, "state"), filepath.Join(dir, "moved"), filepath.Join(dir, "other")
	err := errors.Join(
		os.Mkdir(state, 0o700), os.WriteFile(filepath.Join(state, "daemon.state"), nil, 0o600),
		os.Mkdir(other, 0o700), os.WriteFile(filepath.Join(other, "daemon.state"), nil, 0o600),
	)
	if err != nil {
		t.Fatal(err)
	}
	root := openRoot(t, state)
	if err := errors.Join(os.Rename(state, moved), os.Symlink(other, state)); err != nil {
		t.Fatal(err)
	}
	if err := (&Identity{UID: 54321, GID: 54322}).HandOver(root, "daemon."); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]uint32{
		moved: 54321, filepath.Join(moved, "daemon.state"): 54321, other: 0, filepath.Join(other, "daemon.state"): 0,
	} {
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Sys().(*syscall.Stat_t).Uid; got != want {
			t.Errorf("%s belongs to %d, want %d", path, got, want)
		}
	}
}

func openRoot(t *testing.T, dir string) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

// TestMayDivert shows by which names root must not open anything that the user could
// have put a link to.
func TestMayDivert(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give up root's rights")
	}
	dir := t.TempDir()
	for _, x := range []struct {
		name     string
		mode     fs.FileMode
		uid, gid int
	}{
		{"roots", 0o755, 0, 0},
		{"roots/deeper", 0o755, 0, 0},
		{"users", 0o755, 54321, 0},
		{"users/roots", 0o755, 0, 0},
		{"others", 0o755, 54323, 0},
		{"his-groups", 0o775, 0, 54322},
		{"another-groups", 0o775, 0, 54323},
		{"everybodys", 0o777, 0, 0},
		{"sticky", 0o777 | fs.ModeSticky, 0, 0},
		{"sticky/roots", 0o755, 0, 0},
		{"sticky/users", 0o755, 54321, 0},
	} {
		path := filepath.Join(dir, x.name)
		if err := errors.Join(os.Mkdir(path, 0o700), os.Chown(path, x.uid, x.gid), os.Chmod(path, x.mode)); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"roots/link": filepath.Join(dir, "another-groups", "log"), "roots/to-users": filepath.Join(dir, "users", "log"),
		"users/link": "/etc/passwd", "sticky/link": dir, "roots/self": "self", "roots/up": "../users/..",
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"roots/log", "users/log", "sticky/log"} {
		if err := os.WriteFile(filepath.Join(dir, file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	i := &Identity{UID: 54321, GID: 54322, Groups: []int{54322}}
	for _, x := range []struct {
		path string
		want bool
	}{
		{"roots", false},
		{"roots/", false},
		{"roots/log", false},
		{"roots/new", false},
		{"roots/new/newer", false},
		{"roots/deeper/../log", false},
		{"roots/link", false},
		{"roots/to-users", true},
		{"roots/self", true},
		{"roots/up/roots/log", false},
		{"roots/log/below", true},
		{"users", false}, // what is in it is another matter
		{"users/log", true},
		{"users/new", true},
		{"users/link", true},
		{"users/roots/log", true},
		{"others/log", true},
		{"his-groups/log", true},
		{"another-groups/log", false},
		{"everybodys/log", true},
		{"sticky/log", true},
		{"sticky/new", true},
		{"sticky/roots/log", false},
		{"sticky/users/log", true},
		{"sticky/link/roots/log", true},
		{"/dev/null", false},
	} {
		path := x.path
		if !filepath.IsAbs(path) {
			path = dir + "/" + path
		}
		if got := i.MayDivert(path); got != x.want {
			t.Errorf("%s: %t", x.path, got)
		}
	}
	for _, i := range []*Identity{nil, {UID: -1, GID: 54322}, {UID: 0}} {
		if i.LosesRoot() || i.MayDivert(filepath.Join(dir, "users", "log")) {
			t.Errorf("%+v stays root, so that it is all the same", i)
		}
	}
}

// TestOpen shows what root reads in a directory of somebody else's: what was made there.
func TestOpen(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can read what others cannot")
	}
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name string
		uid  int
		mode fs.FileMode
	}{{"roots", 0, 0o755}, {"users", 54321, 0o755}, {"everybodys", 0, 0o777}} {
		path := filepath.Join(dir, x.name)
		if err := errors.Join(os.Mkdir(path, 0o755), os.Chmod(path, x.mode), os.Chown(path, x.uid, 54322)); err != nil {
			t.Fatal(err)
		}
		in := func(name string) string { return filepath.Join(path, name) }
		err := errors.Join(
			os.WriteFile(in("roots"), nil, 0o600),
			os.WriteFile(in("users"), nil, 0o600), os.Chown(in("users"), 54321, 54322),
			os.Symlink("users", in("link")), os.Link(secret, in("hard")), syscall.Mkfifo(in("fifo"), 0o666),
		)
		if err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]bool{
		"roots/roots": true, "roots/users": true, "roots/link": true, "roots/hard": true,
		"users/roots": true, "users/users": true, "users/link": false, "users/hard": false, "users/fifo": false,
		"everybodys/roots": true, "everybodys/users": true, "everybodys/link": false, "everybodys/hard": false, "everybodys/fifo": false,
	} {
		f, err := Open(filepath.Join(dir, path))
		if err == nil {
			f.Close()
		} else if !errors.Is(err, errLink) {
			t.Error(err)
		}
		if (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := Open(filepath.Join(dir, "users", "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}
