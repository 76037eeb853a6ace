//go:build unix

package privilege

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// LosesRoot reports whether the process is root's, and will not be once it has become
// the user. A nil Identity is nobody to become.
func (i *Identity) LosesRoot() bool { return i != nil && i.UID > 0 && os.Geteuid() == 0 }

// MayDivert reports whether a path may lead where root does not mean it to: a directory
// on the way to it, behind links too, is not root's, or is one that the user may write
// into, so that a link of his may stand there. Root must not open, make or give away
// anything by such a name; as the user he is to become he may. What is not there yet is
// in nobody's way. Access control lists that let more people in are not looked at.
func (i *Identity) MayDivert(path string) bool {
	if !i.LosesRoot() {
		return false
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return true
	}
	const separator = string(filepath.Separator)
	at, rest := separator, path
	for links := 0; rest != ""; {
		var name string
		name, rest, _ = strings.Cut(strings.TrimLeft(rest, separator), separator)
		switch name {
		case "", ".":
			continue
		case "..":
			at = filepath.Dir(at)
			continue
		}
		next := filepath.Join(at, name)
		info, err := os.Lstat(next)
		switch writable := i.mayWrite(at); {
		case errors.Is(err, fs.ErrNotExist):
			return writable
		case err != nil:
			return true
		// In a directory like /tmp nobody puts anything else in the place of a directory of root's.
		case writable && !(isSticky(at) && info.IsDir() && belongsToRoot(info)):
			return true
		case info.Mode().Type() == fs.ModeSymlink:
			target, err := os.Readlink(next)
			if links++; err != nil || links > maxLinks {
				return true
			}
			if filepath.IsAbs(target) {
				at = separator
			}
			rest = target + separator + rest
		case info.IsDir():
			at = next
		case strings.Trim(rest, separator) != "":
			return true // which nobody can open
		}
	}
	return false
}

// maxLinks is how many links Linux follows.
const maxLinks = 40

// mayWrite reports whether somebody may write into a directory who is not to be trusted:
// the user, or an owner other than root.
func (i *Identity) mayWrite(dir string) bool {
	info, err := os.Stat(dir)
	if err != nil || !belongsToRoot(info) {
		return true
	}
	mode, stat := info.Mode().Perm(), info.Sys().(*syscall.Stat_t)
	return mode&0o002 != 0 || mode&0o020 != 0 && slices.Contains(i.Groups, int(stat.Gid))
}

// isSticky reports whether a directory of root's lets everybody remove only what is his.
func isSticky(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && belongsToRoot(info) && info.Mode()&fs.ModeSticky != 0
}
