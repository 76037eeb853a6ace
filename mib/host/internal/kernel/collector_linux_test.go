package kernel

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
)

// collect takes a snapshot of the machine that runs the test.
func collect(t *testing.T) *Snapshot {
	t.Helper()
	c := NewCollector()
	defer c.Close()
	s, err := c.Sample()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sysfsOf reads a file of the running machine's /sys.
func sysfsOf(t *testing.T, name, file string) string {
	t.Helper()
	b, err := os.ReadFile("/" + sysClassNet + "/" + name + "/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(b), "\n")
}

// Two ways to the same facts: rtnetlink's and /sys's. Counters may go on
// between them, so /sys is read after the one snapshot and before another.
func TestCollectorAgainstSysfs(t *testing.T) {
	if _, err := os.Stat("/" + sysClassNet + "/lo"); err != nil {
		t.Skipf("this machine does not show its interfaces: %v", err)
	}
	before := collect(t)
	type reading struct {
		Interface
		text map[string]string
	}
	var read []reading
	for _, i := range before.Interfaces {
		r := reading{i, map[string]string{}}
		for _, file := range []string{"ifindex", "type", "mtu", "flags", "ifalias", "statistics/rx_bytes", "statistics/tx_bytes", "statistics/tx_packets", "statistics/tx_dropped"} {
			r.text[file] = sysfsOf(t, i.Name, file)
		}
		read = append(read, r)
	}
	after := collect(t)

	if len(read) == 0 {
		t.Fatal("no interfaces: a machine has at least its loopback")
	}
	for _, r := range read {
		for file, want := range map[string]string{
			"ifindex": fmt.Sprint(r.Index), "type": fmt.Sprint(r.Hardware), "mtu": fmt.Sprint(r.MTU), "ifalias": r.Alias,
		} {
			if r.text[file] != want {
				t.Errorf("%s: %s = %s, rtnetlink says %s", r.Name, file, r.text[file], want)
			}
		}
		flags, err := strconv.ParseUint(r.text["flags"], 0, 32)
		if err != nil || flags&flagUp != 0 != r.Up || flags&flagLoopback != 0 != r.Loopback {
			t.Errorf("%s: flags %s, rtnetlink says up %t, loopback %t", r.Name, r.text["flags"], r.Up, r.Loopback)
		}
		later := after.Find(r.Index)
		if later == nil {
			t.Logf("%s went away during the test", r.Name)
			continue
		}
		for file, bounds := range map[string][2]uint64{
			"rx_bytes":   {r.Counters.InOctets, later.Counters.InOctets},
			"tx_bytes":   {r.Counters.OutOctets, later.Counters.OutOctets},
			"tx_packets": {r.Counters.OutUcast, later.Counters.OutUcast},
			"tx_dropped": {r.Counters.OutDiscards, later.Counters.OutDiscards},
		} {
			n, err := strconv.ParseUint(r.text["statistics/"+file], 10, 64)
			if err != nil || n < bounds[0] || n > bounds[1] {
				t.Errorf("%s: %s = %d (%v), rtnetlink says %d before and %d after", r.Name, file, n, err, bounds[0], bounds[1])
			}
		}
	}
}

// The fallback has to find the same rows as rtnetlink.
func TestCollectorAgainstItsFallback(t *testing.T) {
	if _, err := os.Stat("/" + sysClassNet + "/lo"); err != nil {
		t.Skipf("this machine does not show its interfaces: %v", err)
	}
	s := collect(t)
	other := &Snapshot{}
	var err error
	if other.Interfaces, err = readSysfs(os.DirFS("/")); err != nil {
		t.Fatal(err)
	}
	other.sort()
	if len(s.Interfaces) != len(other.Interfaces) {
		t.Fatalf("rtnetlink has %d interfaces, /sys has %d", len(s.Interfaces), len(other.Interfaces))
	}
	for n, a := range s.Interfaces {
		b := other.Interfaces[n]
		if a.Index != b.Index || a.Name != b.Name || a.Hardware != b.Hardware || a.Up != b.Up || a.Oper != b.Oper ||
			a.MTU != b.MTU || a.Address != b.Address || a.CarrierChanges != b.CarrierChanges || b.Counters.Width != 64 {
			t.Errorf("rtnetlink %+v\n/sys      %+v", a, b)
		}
	}
}

// The net package reads the same addresses in its own way.
func TestCollectorAddresses(t *testing.T) {
	want := map[string]bool{}
	list, err := net.Interfaces()
	if err != nil {
		t.Skipf("the net package cannot list interfaces: %v", err)
	}
	for _, i := range list {
		addresses, err := i.Addrs()
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range addresses {
			want[fmt.Sprintf("%d %v", i.Index, a)] = true
		}
	}
	got := collect(t).Addresses
	for _, a := range got {
		if key := fmt.Sprintf("%d %v/%d", a.Index, a.IP, a.Bits); !want[key] {
			t.Errorf("address %s is not known to the net package: %v", key, want)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d addresses, the net package has %d", len(got), len(want))
	}
}

// A Collector goes on after its socket was closed, and counts its requests.
func TestCollectorReopens(t *testing.T) {
	c := NewCollector()
	defer c.Close()
	for range 3 {
		first, err := c.Sample()
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		second, err := c.Sample()
		if err != nil {
			t.Fatal(err)
		}
		if len(first.Interfaces) != len(second.Interfaces) {
			t.Errorf("%d interfaces, then %d", len(first.Interfaces), len(second.Interfaces))
		}
	}
}

// A socket that fails is replaced at the next attempt.
func TestCollectorReplacesItsSocket(t *testing.T) {
	c := NewCollector()
	defer c.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	defer r.Close()
	fd, err := syscall.Dup(int(r.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	c.socket = &socket{fd: fd, buffer: make([]byte, receiveBuffer)}
	if s, err := c.Sample(); !errors.Is(err, syscall.ENOTSOCK) {
		t.Errorf("Sample on a pipe = %v, %v; want %v", s, err, syscall.ENOTSOCK)
	}
	if s, err := c.Sample(); err != nil || len(s.Interfaces) == 0 {
		t.Errorf("the Sample after that = %v, %v; want interfaces", s, err)
	}
}

// Only the kernel is believed: a process that knows the sequence number cannot
// end a dump early.
func TestReceiveFromTheKernelOnly(t *testing.T) {
	open := func() (*socket, uint32) {
		s, err := newSocket()
		if err != nil {
			t.Skipf("no rtnetlink here: %v", err)
		}
		t.Cleanup(s.close)
		if err := syscall.Bind(s.fd, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
			t.Fatal(err)
		}
		name, err := syscall.Getsockname(s.fd)
		if err != nil {
			t.Fatal(err)
		}
		return s, name.(*syscall.SockaddrNetlink).Pid
	}
	victim, port := open()
	attacker, _ := open()
	forged := build(messageDone, 0, 1, u32(0))
	if err := syscall.Sendto(attacker.fd, forged, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK, Pid: port}); err != nil {
		t.Skipf("this process may not send to other sockets: %v", err)
	}
	var seq uint32
	s := &Snapshot{}
	if err := readDump(victim, getLink, &seq, s); err != nil || seq != 1 || len(s.Interfaces) == 0 {
		t.Errorf("%d interfaces in request %d, %v; want all of them in the first", len(s.Interfaces), seq, err)
	}
}

func TestWithoutNetlink(t *testing.T) {
	c := &Collector{root: sysfsMachine()}
	for _, errno := range []syscall.Errno{syscall.EACCES, syscall.EPERM, syscall.EAFNOSUPPORT} {
		list, err := c.withoutNetlink(os.NewSyscallError("socket", errno))
		if err != nil || len(list) != 6 {
			t.Errorf("%v: %d interfaces, %v; want 6 from /sys", errno, len(list), err)
		}
	}
	passing := os.NewSyscallError("recvfrom", syscall.ENOBUFS)
	if list, err := c.withoutNetlink(passing); !errors.Is(err, syscall.ENOBUFS) || list != nil {
		t.Errorf("ENOBUFS: %v, %v; want that error", list, err)
	}
	c.root = fstest.MapFS{}
	if _, err := c.withoutNetlink(syscall.EACCES); !errors.Is(err, syscall.EACCES) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("neither netlink nor /sys: %v; want both reasons", err)
	}
}

func TestReadSystem(t *testing.T) {
	s, err := ReadSystem()
	if err != nil {
		t.Fatal(err)
	}
	for file, got := range map[string]string{"ostype": s.Name, "hostname": s.Node, "osrelease": s.Release, "version": s.Version} {
		b, err := os.ReadFile("/proc/sys/kernel/" + file)
		if err != nil {
			t.Skipf("no /proc to compare with: %v", err)
		}
		if want := strings.TrimSuffix(string(b), "\n"); got != want {
			t.Errorf("%s = %q, /proc says %q", file, got, want)
		}
	}
	if s.Machine == "" {
		t.Error("no machine name")
	}
}

func BenchmarkSample(b *testing.B) {
	c := NewCollector()
	defer c.Close()
	b.ReportAllocs()
	var interfaces int
	for b.Loop() {
		s, err := c.Sample()
		if err != nil {
			b.Fatal(err)
		}
		interfaces = len(s.Interfaces)
	}
	b.ReportMetric(float64(interfaces), "interfaces")
}
