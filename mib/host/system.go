package host

import (
	"strings"

	"snmpstack/mib/host/internal/kernel"
)

// SystemServices is the value of sysServices for a host (RFC 3418): 2^(4−1) for
// the end-to-end layer plus 2^(7−1) for applications.
const SystemServices = 72

// displayStringMax is the most octets sysDescr and sysName may have.
const displayStringMax = 255

// SystemDescr returns a value for sysDescr: what uname -a says of this machine,
// "Linux gateway 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1
// (2024-02-01) x86_64". It is "" if the system does not tell.
func SystemDescr() string {
	s, err := kernel.ReadSystem()
	if err != nil {
		return ""
	}
	return describe(s)
}

// SystemName returns a value for sysName: the host name. It is "" if the system
// does not tell, which is what RFC 3418 asks for.
func SystemName() string {
	s, err := kernel.ReadSystem()
	if err != nil {
		return ""
	}
	return s.Node[:min(len(s.Node), displayStringMax)]
}

// describe joins what is known.
func describe(s kernel.System) string {
	var known []string
	for _, field := range []string{s.Name, s.Node, s.Release, s.Version, s.Machine} {
		if field != "" {
			known = append(known, field)
		}
	}
	text := strings.Join(known, " ")
	return text[:min(len(text), displayStringMax)]
}
