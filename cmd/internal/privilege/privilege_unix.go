//go:build unix

package privilege

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Lookup returns who a user and a group are, each a name or a number, with or without
// a # in front of it. Without a group it is the user's, without a user the group alone
// changes. A user who has no entry in the user database takes a group.
func Lookup(userName, groupName string) (*Identity, error) {
	i := &Identity{User: userName, UID: -1, GID: -1}
	if userName != "" {
		if err := i.lookupUser(userName); err != nil {
			return nil, err
		}
	}
	if groupName != "" {
		gid, err := lookupGroup(groupName)
		if err != nil {
			return nil, err
		}
		i.GID = gid
	}
	if i.GID < 0 {
		return nil, fmt.Errorf("user %s has no entry in the user database, expected a group for him too", userName)
	}
	if !slices.Contains(i.Groups, i.GID) {
		i.Groups = append(i.Groups, i.GID)
	}
	return i, nil
}

func (i *Identity) lookupUser(name string) error {
	u, err := (*user.User)(nil), error(nil)
	id, isNumber := number(name)
	if isNumber {
		i.UID = id
		if u, err = user.LookupId(strconv.Itoa(id)); err != nil {
			return nil // a number needs no name
		}
	} else if u, err = user.Lookup(name); err != nil {
		return fmt.Errorf("there is no user %q", name)
	}
	ids, err := u.GroupIds()
	if err != nil {
		return fmt.Errorf("the groups of user %s: %w", name, err)
	}
	uid, uidErr := strconv.Atoi(u.Uid)
	gid, gidErr := strconv.Atoi(u.Gid)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return err
	}
	i.UID, i.GID = uid, gid
	for _, id := range ids {
		if g, err := strconv.Atoi(id); err == nil {
			i.Groups = append(i.Groups, g)
		}
	}
	return nil
}

func lookupGroup(name string) (int, error) {
	if id, ok := number(name); ok {
		return id, nil
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		return 0, fmt.Errorf("there is no group %q", name)
	}
	return strconv.Atoi(g.Gid)
}

// number reads the number of a user or group.
func number(text string) (int, bool) {
	n, err := strconv.ParseUint(strings.TrimPrefix(text, "#"), 10, 31)
	return int(n), err == nil
}

// Become makes all threads of the process those of the user and his groups, for good.
// Who is that user and group already needs no rights for it. After an error the
// process may be either, and must end.
func (i *Identity) Become() error {
	root := os.Geteuid() == 0
	if !root && (i.UID < 0 || os.Geteuid() == i.UID) && os.Getegid() == i.GID {
		return nil
	}
	// The groups first: afterwards there is no right to change them.
	err := syscall.Setgroups(i.Groups)
	if err == nil {
		err = syscall.Setgid(i.GID)
	}
	if err == nil && i.UID >= 0 {
		err = syscall.Setuid(i.UID)
	}
	if err != nil {
		return fmt.Errorf("cannot become %v: %w", i, err)
	}
	if root && i.UID > 0 && syscall.Setuid(0) == nil {
		return fmt.Errorf("cannot become %v: root could come back", i)
	}
	return nil
}

// HandOver gives a directory of root, and root's files in it, to the user who the
// process is to become, if nothing is in it but files whose names begin with prefix. A
// directory that somebody else can write into, or that has anything else in it, stays
// as it is: what is to be read or written there must be so for the user. Whatever takes
// the directory's name meanwhile is not touched.
func (i *Identity) HandOver(dir *os.Root, prefix string) error {
	if !i.LosesRoot() {
		return nil
	}
	d, err := dir.Open(".")
	if err != nil {
		return err
	}
	defer d.Close()
	if info, err := d.Stat(); err != nil || !belongsToRoot(info) || info.Mode().Perm()&0o022 != 0 {
		return err
	}
	entries, err := d.ReadDir(-1)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !strings.HasPrefix(e.Name(), prefix) {
			return nil
		}
	}
	// The directory comes last: as long as it is root's nobody else changes what is in it.
	for _, e := range entries {
		if info, err := dir.Lstat(e.Name()); err != nil || !belongsToRoot(info) {
			continue
		}
		if err := dir.Lchown(e.Name(), i.UID, i.GID); err != nil {
			return err
		}
	}
	return d.Chown(i.UID, i.GID)
}

func belongsToRoot(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Uid == 0
}
