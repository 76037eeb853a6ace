//go:build !linux

package kernel

import (
	"os"
	"runtime"
)

// ReadSystem returns what the os and runtime packages say.
func ReadSystem() (System, error) {
	node, err := os.Hostname()
	if err != nil {
		return System{}, err
	}
	return System{Name: runtime.GOOS, Node: node, Machine: runtime.GOARCH}, nil
}
