package sysnum

// Getsockopt is the number of getsockopt(2). For this architecture package
// syscall was frozen before Linux 4.3 brought the call: it was a part of
// socketcall(2).
const Getsockopt = 365
