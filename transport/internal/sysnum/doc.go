// Package sysnum has the numbers of system calls that package syscall, which is
// frozen, does not have for every architecture.
package sysnum
