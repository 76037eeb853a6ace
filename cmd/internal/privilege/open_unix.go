//go:build unix

package privilege

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// errLink is a *fs.PathError's: root could show somebody what he may not see.
var errLink = errors.New("root does not read it in a directory of somebody else's: it is a link, or no file, or a file that has another name too")

// Open opens a file for reading. As root it follows no link that somebody else may have put
// there, a hard one neither: in a directory that is not root's alone it opens a regular
// file that has no other name, and so was made there.
func Open(path string) (*os.File, error) {
	dir, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	if os.Geteuid() != 0 || belongsToRoot(dir) && dir.Mode().Perm()&0o022 == 0 {
		return os.Open(path)
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errLink}
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !hasOneName(info) {
		err = &fs.PathError{Op: "open", Path: path, Err: errLink}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func hasOneName(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.Mode().IsRegular() && stat.Nlink == 1
}
