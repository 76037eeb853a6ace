//go:build unix

package privilege

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// errNotHis is a *fs.PathError's: root would show somebody what he may not see.
var errNotHis = errors.New("root does not read it: it is a link or a file that the owner of the directory may not read")

// Open opens a file for reading. As root it follows no link that somebody else may have put
// there: in a directory that is not root's alone it opens what is a regular file, and the
// directory's owner's, or his group's or everybody's to read.
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
		return nil, &fs.PathError{Op: "open", Path: path, Err: errNotHis}
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !(info.Mode().IsRegular() && mayRead(dir, info)) {
		err = &fs.PathError{Op: "open", Path: path, Err: errNotHis}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// mayRead reports whether the owner of a directory, or his group, may read a file.
func mayRead(dir, file fs.FileInfo) bool {
	of, ok := dir.Sys().(*syscall.Stat_t)
	stat, ok2 := file.Sys().(*syscall.Stat_t)
	mode := file.Mode().Perm()
	return ok && ok2 && (stat.Uid == of.Uid && of.Uid != 0 || stat.Gid == of.Gid && mode&0o040 != 0 || mode&0o004 != 0)
}
