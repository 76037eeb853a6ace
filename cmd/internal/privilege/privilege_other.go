//go:build !unix

package privilege

import (
	"errors"
	"os"
	"runtime"
)

var errUnsupported = errors.New("a process cannot become another user on " + runtime.GOOS)

// Lookup returns an error: there are no such users and groups here.
func Lookup(userName, groupName string) (*Identity, error) { return nil, errUnsupported }

// Become returns an error.
func (i *Identity) Become() error { return errUnsupported }

// HandOver returns an error.
func (i *Identity) HandOver(dir *os.Root, prefix string) error { return errUnsupported }

// LosesRoot reports false.
func (i *Identity) LosesRoot() bool { return false }

// MayDivert reports false: there is no root here.
func (i *Identity) MayDivert(path string) bool { return false }

// Open is os.Open.
func Open(path string) (*os.File, error) { return os.Open(path) }
