package agent

import (
	"strconv"
	"syscall"
)

// A Code is an error code of the specification. It is an error, so that a program can
// ask for it: errors.Is(err, agent.CodeTimeout). What calls return is an *Error, which
// says more.
//
//   - 104 to 119, 201, 301, 303, 305, 307, 308, 319, 321, 322, 326 to 330 and 434 are what
//     calls end in, and an inform in what its target reports (313, 324 or 325 too),
//   - 305 to 327 and 330, without 307, 319 and 322, what messages end in (BadPacketEvent
//     says which),
//   - 270 to 284 are about TLS and never returned,
//   - from 10000 on they are errors of the operating system by the numbers that
//     Windows has for them, wherever this runs; 11001 to 11004 are the resolver's.
type Code int

// The codes that this package returns by themselves, with the specification's texts. Those
// of the operating system that are not here come with its errors.
const (
	CodeActive              Code = 104   // UDP is already active
	CodeLocalPortActive     Code = 106   // cannot change LocalPort while the agent is active
	CodeLocalHostActive     Code = 107   // cannot change LocalHost while the agent is active
	CodeNotActive           Code = 109   // the agent must be active for this operation
	CodePacketSizeActive    Code = 112   // cannot change MaxPacketSize while the agent is active
	CodeSharePortActive     Code = 113   // cannot change ShareLocalPort while the agent is active
	CodeRemoteHostActive    Code = 114   // cannot change RemoteHost when UseConnection is set and the agent is active
	CodeRemotePortActive    Code = 115   // cannot change RemotePort when UseConnection is set and the agent is active
	CodeRemotePortZero      Code = 116   // RemotePort cannot be zero when UseConnection is set
	CodeUseConnectionActive Code = 117   // cannot change UseConnection while the agent is active
	CodeMessageTooLong      Code = 118   // message cannot be longer than MaxPacketSize
	CodeMessageTooShort     Code = 119   // message too short
	CodeTimeout             Code = 201   // timeout
	CodeBadIndex            Code = 301   // bad object index
	CodeBadIPAddress        Code = 303   // the value must be an IP address in dotted format
	CodeBadVersion          Code = 305   // unsupported SNMP version
	CodeUnknownPDU          Code = 306   // unknown PDU type
	CodeBusy                Code = 307   // busy performing the current action
	CodeWrongMAC            Code = 308   // verification failed
	CodeNoVerification      Code = 309   // missing password for verification
	CodeNoMAC               Code = 310   // missing signature
	CodeDecryption          Code = 313   // decryption failed
	CodeNoDecryption        Code = 314   // missing password for decryption
	CodeNotEncrypted        Code = 315   // not encrypted
	CodeSecurityModel       Code = 316   // security model not supported
	CodeDefectivePacket     Code = 317   // defective packet
	CodeNotFromBound        Code = 318   // not from bound point
	CodeNotPermitted        Code = 319   // operation not permitted in current role
	CodeBadPacket           Code = 320   // bad packet
	CodeNotAuthenticated    Code = 321   // message not authenticated
	CodeNoSuchOID           Code = 322   // no such OID
	CodeSalt                Code = 323   // missing privacy parameter
	CodeEngineID            Code = 324   // bad engine ID
	CodeTimeFrame           Code = 325   // bad time frame
	CodeUserName            Code = 326   // bad user name
	CodeSecurityLevel       Code = 327   // security level was not accepted
	CodeDiscovery           Code = 328   // discovery failed
	CodeKeyLength           Code = 329   // incorrect key length
	CodeNoPassword          Code = 330   // no authentication password supplied
	CodeCodePage            Code = 434   // unable to convert string to selected CodePage
	CodeAccessDenied        Code = 10013 // access denied
	CodeInvalidArgument     Code = 10022 // invalid argument
	CodeWouldBlock          Code = 10035 // operation would block
	CodeDestinationRequired Code = 10039 // destination address required
	CodeNotSupported        Code = 10045 // operation not supported on socket
	CodeAddressFamily       Code = 10047 // address family not supported by protocol family
	CodeAddressInUse        Code = 10048 // address already in use
	CodeAddressUnavailable  Code = 10049 // cannot assign requested address
	CodeNoBuffers           Code = 10055 // no buffer space available
	CodeConnected           Code = 10056 // socket is already connected
	CodeHostNotFound        Code = 11001 // host not found
	CodeTryAgain            Code = 11002 // non-authoritative 'host not found'
	CodeNoRecovery          Code = 11003 // non-recoverable: FORMERR, REFUSED, NOTIMP
	CodeNoData              Code = 11004 // valid name, no data record
)

// codes has all the specification's codes with its texts, in ascending order, and
// for the errors of the operating system what they are called elsewhere.
var codes = []struct {
	code  Code
	text  string
	errno syscall.Errno
}{
	{CodeActive, "UDP is already active", 0},
	{CodeLocalPortActive, "cannot change LocalPort while the agent is active", 0},
	{CodeLocalHostActive, "cannot change LocalHost at this time: a connection is in progress", 0},
	{CodeNotActive, "the agent must be active for this operation", 0},
	{CodePacketSizeActive, "cannot change MaxPacketSize while the agent is active", 0},
	{CodeSharePortActive, "cannot change ShareLocalPort while the agent is active", 0},
	{CodeRemoteHostActive, "cannot change RemoteHost when UseConnection is set and the agent is active", 0},
	{CodeRemotePortActive, "cannot change RemotePort when UseConnection is set and the agent is active", 0},
	{CodeRemotePortZero, "RemotePort cannot be zero when UseConnection is set: a valid port number is needed", 0},
	{CodeUseConnectionActive, "cannot change UseConnection while the agent is active", 0},
	{CodeMessageTooLong, "message cannot be longer than MaxPacketSize", 0},
	{CodeMessageTooShort, "message too short", 0},
	{CodeTimeout, "timeout", 0},
	{270, "cannot load specified security library", 0},
	{271, "cannot open certificate store", 0},
	{272, "cannot find specified certificate", 0},
	{273, "cannot acquire security credentials", 0},
	{274, "cannot find certificate chain", 0},
	{275, "cannot verify certificate chain", 0},
	{276, "error during handshake", 0},
	{280, "error verifying certificate", 0},
	{281, "could not find client certificate", 0},
	{282, "could not find server certificate", 0},
	{283, "error encrypting data", 0},
	{284, "error decrypting data", 0},
	{CodeBadIndex, "bad object index", 0},
	{302, "value exceeds maximum number of objects allowed", 0},
	{CodeBadIPAddress, "the value must be an IP address in dotted format", 0},
	{CodeBadVersion, "unsupported SNMP version", 0},
	{CodeUnknownPDU, "unknown PDU type", 0},
	{CodeBusy, "busy performing the current action", 0},
	{CodeWrongMAC, "verification failed", 0},
	{CodeNoVerification, "missing password for verification", 0},
	{CodeNoMAC, "missing signature", 0},
	{311, "missing remote time", 0},
	{312, "missing timeout value", 0},
	{CodeDecryption, "decryption failed", 0},
	{CodeNoDecryption, "missing password for decryption", 0},
	{CodeNotEncrypted, "not encrypted", 0},
	{CodeSecurityModel, "security model not supported", 0},
	{CodeDefectivePacket, "defective packet", 0},
	{CodeNotFromBound, "not from bound point", 0},
	{CodeNotPermitted, "operation not permitted in current role", 0},
	{CodeBadPacket, "bad packet", 0},
	{CodeNotAuthenticated, "message not authenticated", 0},
	{CodeNoSuchOID, "no such OID", 0},
	{CodeSalt, "missing privacy parameter", 0},
	{CodeEngineID, "bad engine ID", 0},
	{CodeTimeFrame, "bad time frame", 0},
	{CodeUserName, "bad user name", 0},
	{CodeSecurityLevel, "security level was not accepted", 0},
	{CodeDiscovery, "discovery failed", 0},
	{CodeKeyLength, "incorrect key length", 0},
	{CodeNoPassword, "no authentication password supplied", 0},
	{CodeCodePage, "unable to convert string to selected CodePage", 0},
	{10004, "interrupted system call", syscall.EINTR},
	{10009, "bad file number", syscall.EBADF},
	{CodeAccessDenied, "access denied", syscall.EACCES},
	{CodeAccessDenied, "access denied", syscall.EPERM},
	{10014, "bad address", syscall.EFAULT},
	{CodeInvalidArgument, "invalid argument", syscall.EINVAL},
	{10024, "too many open files", syscall.EMFILE},
	{10024, "too many open files", syscall.ENFILE},
	{CodeWouldBlock, "operation would block", syscall.EAGAIN},
	{10036, "operation now in progress", syscall.EINPROGRESS},
	{10037, "operation already in progress", syscall.EALREADY},
	{10038, "socket operation on non-socket", syscall.ENOTSOCK},
	{CodeDestinationRequired, "destination address required", syscall.EDESTADDRREQ},
	{10040, "message too long", syscall.EMSGSIZE},
	{10041, "protocol wrong type for socket", syscall.EPROTOTYPE},
	{10042, "bad protocol option", syscall.ENOPROTOOPT},
	{10043, "protocol not supported", syscall.EPROTONOSUPPORT},
	{10044, "socket type not supported", syscall.ESOCKTNOSUPPORT},
	{CodeNotSupported, "operation not supported on socket", syscall.EOPNOTSUPP},
	{10046, "protocol family not supported", syscall.EPFNOSUPPORT},
	{CodeAddressFamily, "address family not supported by protocol family", syscall.EAFNOSUPPORT},
	{CodeAddressInUse, "address already in use", syscall.EADDRINUSE},
	{CodeAddressUnavailable, "cannot assign requested address", syscall.EADDRNOTAVAIL},
	{10050, "network is down", syscall.ENETDOWN},
	{10051, "network is unreachable", syscall.ENETUNREACH},
	{10052, "net dropped connection or reset", syscall.ENETRESET},
	{10053, "software caused connection abort", syscall.ECONNABORTED},
	{10054, "connection reset by peer", syscall.ECONNRESET},
	{CodeNoBuffers, "no buffer space available", syscall.ENOBUFS},
	{CodeNoBuffers, "no buffer space available", syscall.ENOMEM},
	{CodeConnected, "socket is already connected", syscall.EISCONN},
	{10057, "socket is not connected", syscall.ENOTCONN},
	{10058, "cannot send after socket shutdown", syscall.ESHUTDOWN},
	{10059, "too many references, cannot splice", syscall.ETOOMANYREFS},
	{10060, "connection timed out", syscall.ETIMEDOUT},
	{10061, "connection refused", syscall.ECONNREFUSED},
	{10062, "too many levels of symbolic links", syscall.ELOOP},
	{10063, "file name too long", syscall.ENAMETOOLONG},
	{10064, "host is down", syscall.EHOSTDOWN},
	{10065, "no route to host", syscall.EHOSTUNREACH},
	{10066, "directory not empty", syscall.ENOTEMPTY},
	{10067, "too many processes", 0},
	{10068, "too many users", syscall.EUSERS},
	{10069, "disk quota exceeded", syscall.EDQUOT},
	{10070, "stale NFS file handle", syscall.ESTALE},
	{10071, "too many levels of remote in path", syscall.EREMOTE},
	{10091, "network subsystem is unavailable", 0},
	{10092, "WINSOCK DLL version out of range", 0},
	{10093, "Winsock not loaded yet", 0},
	{CodeHostNotFound, "host not found", 0},
	{CodeTryAgain, "non-authoritative 'host not found' (try again or check DNS setup)", 0},
	{CodeNoRecovery, "non-recoverable errors: FORMERR, REFUSED, NOTIMP", 0},
	{CodeNoData, "valid name, no data record (check DNS setup)", 0},
}

// String returns the code's text; int(c) is its number.
func (c Code) String() string {
	for i := range codes {
		if codes[i].code == c {
			return codes[i].text
		}
	}
	return "code " + strconv.Itoa(int(c))
}

// Error returns the code's text.
func (c Code) Error() string { return c.String() }

// system reports whether c is the code of an error of the operating system.
func (c Code) system() bool { return c >= 10000 && c < 12000 }
