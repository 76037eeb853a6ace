// Command refuse runs a program for which the kernel seems not to have recvmmsg
// and sendmmsg, or to forbid them:
//
//	refuse ERRNO PROGRAM [ARGUMENT…]
//
// A filter (seccomp(2)) has both fail with that error number: 38 is ENOSYS, 1 is
// EPERM. PROGRAM is a path. Tests and measurements use it to have the portable
// transport in a process that knows nothing of it.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"

	"snmpstack/transport/internal/sysnum"
)

func main() {
	fmt.Fprintln(os.Stderr, "refuse:", run(os.Args[1:]))
	os.Exit(1)
}

// run becomes the program. It returns only if that fails.
func run(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("%d arguments, expected ERRNO PROGRAM [ARGUMENT…]", len(args))
	}
	errno, err := strconv.ParseUint(args[0], 10, 12)
	if err != nil {
		return err
	}
	runtime.LockOSThread() // a filter is for one thread, and for the program that it becomes
	if err := refuse(uint32(errno), syscall.SYS_RECVMMSG, sysnum.Sendmmsg); err != nil {
		return fmt.Errorf("no filter of system calls is to be had here: %w", err)
	}
	return syscall.Exec(args[1], args[1:], os.Environ())
}

// refuse has two system calls fail with errno from now on.
func refuse(errno, number1, number2 uint32) error {
	const (
		noNewPrivs = 38         // PR_SET_NO_NEW_PRIVS: without it only root may
		modeFilter = 2          // SECCOMP_MODE_FILTER
		fail       = 0x00050000 // SECCOMP_RET_ERRNO
		allow      = 0x7fff0000 // SECCOMP_RET_ALLOW
		equal      = syscall.BPF_JMP | syscall.BPF_JEQ | syscall.BPF_K
		result     = syscall.BPF_RET | syscall.BPF_K
	)
	program := []syscall.SockFilter{
		{Code: syscall.BPF_LD | syscall.BPF_W | syscall.BPF_ABS, K: 0}, // the call's number
		{Code: equal, K: number1, Jt: 2},
		{Code: equal, K: number2, Jt: 1},
		{Code: result, K: allow},
		{Code: result, K: fail | errno},
	}
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, noNewPrivs, 1, 0, 0, 0, 0); errno != 0 {
		return errno
	}
	prog := syscall.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, syscall.PR_SET_SECCOMP, modeFilter, uintptr(unsafe.Pointer(&prog)), 0, 0, 0); errno != 0 {
		return errno
	}
	return nil
}
