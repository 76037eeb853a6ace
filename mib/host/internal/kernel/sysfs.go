package kernel

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path"
	"strconv"
	"strings"
)

// sysClassNet is where the kernel shows its interfaces as directories. Paths
// are relative to the root, as io/fs wants them, so that tests can bring a
// machine of their own.
const sysClassNet = "sys/class/net"

// readSysfs lists the interfaces where rtnetlink is refused. Addresses cannot
// be had that way.
func readSysfs(root fs.FS) ([]Interface, error) {
	entries, err := fs.ReadDir(root, sysClassNet)
	if err != nil {
		return nil, err
	}
	counters, err := readProcNetDev(root)
	if err != nil {
		return nil, err
	}
	list := make([]Interface, 0, len(entries))
	for _, e := range entries {
		i, err := readSysfsInterface(root, e.Name())
		if errors.Is(err, fs.ErrNotExist) {
			continue // gone since the directory was read, or bonding_masters
		}
		if err != nil {
			return nil, err
		}
		i.Counters = counters[i.Name]
		list = append(list, i)
	}
	return list, nil
}

// readSysfsInterface reads one directory of /sys/class/net.
func readSysfsInterface(root fs.FS, name string) (Interface, error) {
	// Reading stops at the first file that fails. Those that only some
	// interfaces have are asked for with optional.
	var failure error
	text := func(file string) string {
		b, err := fs.ReadFile(root, path.Join(sysClassNet, name, file))
		if err != nil && failure == nil {
			failure = err
		}
		return strings.TrimSuffix(string(b), "\n")
	}
	number := func(file string, bits int) uint64 {
		s := text(file)
		n, err := strconv.ParseUint(s, 0, bits)
		if err != nil && failure == nil {
			failure = fmt.Errorf("/%s/%s/%s: %q is not a number of %d bits", sysClassNet, name, file, s, bits)
		}
		return n
	}
	optional := func(file string) string {
		b, err := fs.ReadFile(root, path.Join(sysClassNet, name, file))
		if err != nil {
			return ""
		}
		return strings.TrimSuffix(string(b), "\n")
	}

	flags := number("flags", 32)
	i := Interface{
		Index:       int32(number("ifindex", 31)),
		Name:        name,
		Alias:       text("ifalias"),
		Kind:        sysfsKind(optional("uevent")),
		Hardware:    uint16(number("type", 16)),
		MTU:         uint32(number("mtu", 32)),
		Lower:       int32(number("iflink", 31)),
		Up:          flags&flagUp != 0,
		Loopback:    flags&flagLoopback != 0,
		Promiscuous: flags&flagPromisc != 0,
	}
	if mac, err := net.ParseMAC(text("address")); err == nil {
		i.Address = hardwareAddress(mac)
	}
	if changes, err := strconv.ParseUint(optional("carrier_changes"), 10, 32); err == nil {
		i.CarrierChanges = uint32(changes)
	}
	// The flags in sysfs lack IFF_RUNNING; the carrier is what it is made of.
	// It cannot be read while the interface is down.
	i.Oper = operState(sysfsOperState(text("operstate")), i.Up, optional("carrier") == "1")
	if i.Lower == i.Index || i.Hardware == HardwareEther && i.Kind == "" {
		// Without its kind, a veth's other end looks like a lower layer.
		i.Lower = 0
	}
	return i, failure
}

// sysfsOperState is the number of what /sys/class/net/X/operstate says (the
// kernel's net-sysfs.c lists the names in the order of IF_OPER_).
func sysfsOperState(s string) uint8 {
	names := [...]string{"unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"}
	for n, name := range names {
		if s == name {
			return uint8(n)
		}
	}
	return 255
}

// sysfsKind is the device type that virtual interfaces name in their uevent
// file. Some, the veth and the dummy among them, name none.
func sysfsKind(uevent string) string {
	for line := range strings.Lines(uevent) {
		if kind, ok := strings.CutPrefix(line, "DEVTYPE="); ok {
			return strings.TrimSuffix(kind, "\n")
		}
	}
	return ""
}

// readProcNetDev reads the counters of all interfaces at once. After two lines
// of headings each line is a name, a colon and sixteen numbers: of what was
// received bytes, packets, errs, drop, fifo, frame, compressed and multicast,
// of what was sent bytes, packets, errs, drop, fifo, colls, carrier and
// compressed. The kernel fills them from its 64-bit counters.
func readProcNetDev(root fs.FS) (map[string]Counters, error) {
	const file = "proc/net/dev"
	b, err := fs.ReadFile(root, file)
	if err != nil {
		return nil, err
	}
	all := make(map[string]Counters)
	line := 0
	for text := range strings.Lines(string(b)) {
		if line++; line <= 2 {
			continue
		}
		// A name may hold a colon (an old alias), a number cannot.
		colon := strings.LastIndexByte(text, ':')
		fields := strings.Fields(text[colon+1:])
		if colon < 0 || len(fields) < 16 {
			return nil, fmt.Errorf("/%s:%d: expected a name, a colon and 16 numbers", file, line)
		}
		var n [16]uint64
		for i := range n {
			if n[i], err = strconv.ParseUint(fields[i], 10, 64); err != nil {
				return nil, fmt.Errorf("/%s:%d: %q is not a number of 64 bits", file, line, fields[i])
			}
		}
		all[strings.TrimSpace(text[:colon])] = Counters{
			Width:       64,
			InOctets:    n[0],
			InUcast:     unicast(n[1], n[7]),
			InMulticast: n[7],
			InErrors:    n[2],
			InDiscards:  n[3],
			OutOctets:   n[8],
			OutUcast:    n[9],
			OutErrors:   n[10],
			OutDiscards: n[11],
		}
	}
	return all, nil
}

// A speedometer reads /sys/class/net/X/speed, which rtnetlink does not carry.
// The read asks the driver, which may ask its firmware, so that the answer is
// kept until the link changes, and for speedRereads snapshots at most, since a
// virtual machine's host may change it without a sign.
type speedometer struct {
	root  fs.FS
	known map[int32]speedReading
	round uint32
}

type speedReading struct {
	round          uint32 // when it was read
	oper           OperState
	up             bool
	carrierChanges uint32
	speed          uint64
}

const speedRereads = 16

// fill sets the speed of every interface in bit/s.
func (s *speedometer) fill(list []Interface) {
	s.round++
	fresh := make(map[int32]speedReading, len(list))
	for n := range list {
		i := &list[n]
		r, ok := s.known[i.Index]
		if !ok || r.oper != i.Oper || r.up != i.Up || r.carrierChanges != i.CarrierChanges || s.round-r.round >= speedRereads {
			r = speedReading{s.round, i.Oper, i.Up, i.CarrierChanges, s.read(i)}
		}
		i.Speed = r.speed
		fresh[i.Index] = r
	}
	s.known = fresh
}

// read asks for one interface's speed. The file holds Mbit/s, or −1 where the
// driver does not know; it cannot be read where there is no driver to ask, and
// while the interface is down. 0 stands for all of these (RFC 2863 §3.1.7).
func (s *speedometer) read(i *Interface) uint64 {
	if i.Loopback {
		// The loopback interface has no bandwidth. Managers that compute a
		// utilisation are used to Net-SNMP's 10 Mbit/s, though, and divide
		// by it.
		return 10_000_000
	}
	mbit, err := s.number(i, "speed")
	if err != nil || mbit < 0 {
		return 0
	}
	// In another network namespace than the one that /sys was mounted in, this is
	// somebody else's interface of the same name.
	if index, err := s.number(i, "ifindex"); err != nil || index != int64(i.Index) {
		return 0
	}
	return uint64(mbit) * 1_000_000
}

// number reads a number from one of an interface's files.
func (s *speedometer) number(i *Interface, file string) (int64, error) {
	b, err := fs.ReadFile(s.root, path.Join(sysClassNet, i.Name, file))
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSuffix(string(b), "\n"), 10, 32)
}
