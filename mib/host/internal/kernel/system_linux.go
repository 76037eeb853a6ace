package kernel

import (
	"os"
	"syscall"
)

// ReadSystem returns what uname(2) says.
func ReadSystem() (System, error) {
	var u syscall.Utsname
	if err := syscall.Uname(&u); err != nil {
		return System{}, os.NewSyscallError("uname", err)
	}
	return System{
		Name:    utsField(u.Sysname[:]),
		Node:    utsField(u.Nodename[:]),
		Release: utsField(u.Release[:]),
		Version: utsField(u.Version[:]),
		Machine: utsField(u.Machine[:]),
	}, nil
}

// utsField returns the text before the first zero; C's char is signed on some
// processors and unsigned on others.
func utsField[T int8 | uint8](field []T) string {
	b := make([]byte, 0, len(field))
	for _, c := range field {
		if c == 0 {
			break
		}
		b = append(b, byte(c))
	}
	return string(b)
}
