//go:build !unix

package privilege

import (
	"errors"
	"runtime"
)

var errUnsupported = errors.New("a process cannot become another user on " + runtime.GOOS)

// Lookup returns an error: there are no such users and groups here.
func Lookup(userName, groupName string) (*Identity, error) { return nil, errUnsupported }

// Become returns an error.
func (i *Identity) Become() error { return errUnsupported }

// HandOver returns an error.
func (i *Identity) HandOver(dir, prefix string) error { return errUnsupported }
