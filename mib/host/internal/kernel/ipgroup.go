package kernel

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// An IPGroup holds what the kernel counts of IPv4, by the place that each object
// has in the ip group of IP-MIB (RFC 4293 §5, RFC 1213 §6): 1 is ipForwarding, 19
// ipFragCreates. The place 0 is not used.
type IPGroup [20]int64

// ipGroupNames are the kernel's names, in the order of the ip group.
var ipGroupNames = [len(IPGroup{})]string{
	1: "Forwarding", 2: "DefaultTTL", 3: "InReceives", 4: "InHdrErrors", 5: "InAddrErrors", 6: "ForwDatagrams",
	7: "InUnknownProtos", 8: "InDiscards", 9: "InDelivers", 10: "OutRequests", 11: "OutDiscards", 12: "OutNoRoutes",
	13: "ReasmTimeout", 14: "ReasmReqds", 15: "ReasmOKs", 16: "ReasmFails", 17: "FragOKs", 18: "FragFails", 19: "FragCreates",
}

// readIPGroup reads the line "Ip:" of /proc/net/snmp, and the one before it, which
// says what is where.
func readIPGroup(root fs.FS) (*IPGroup, error) {
	const file = "proc/net/snmp"
	text, err := fs.ReadFile(root, file)
	if err != nil {
		return nil, err
	}
	var names []string
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != "Ip:" {
			continue
		}
		if names == nil {
			names = fields
			continue
		}
		return parseIPGroup(names, fields)
	}
	return nil, fmt.Errorf("%s has no values for Ip", file)
}

func parseIPGroup(names, values []string) (*IPGroup, error) {
	g := new(IPGroup)
	for arc, want := range ipGroupNames {
		for i, name := range names {
			if name != want || name == "" || i >= len(values) {
				continue
			}
			n, err := strconv.ParseInt(values[i], 10, 64)
			if err != nil {
				return nil, fmt.Errorf("proc/net/snmp: Ip %s: %w", name, err)
			}
			g[arc] = n
		}
	}
	return g, nil
}
