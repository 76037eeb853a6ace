package sysnum

// Sendmmsg is the number of sendmmsg(2). For this architecture package
// syscall was frozen before Linux 3.0 brought the call.
const Sendmmsg = 345
