package kernel

import (
	"io/fs"
	"path"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
)

// addSysfs adds an interface's directory: lines of "file value", in which a
// value may hold spaces. A file that is not listed does not exist.
func addSysfs(root fstest.MapFS, name, files string) {
	for line := range strings.Lines(files) {
		file, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		root[path.Join(sysClassNet, name, file)] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(value, `\n`, "\n") + "\n")}
	}
}

// sysfsMachine shows what the kernel showed of the network namespace that
// netns-links.hex was taken in; what it refused to be read is left out.
func sysfsMachine() fstest.MapFS {
	root := fstest.MapFS{
		"sys/class/net/bonding_masters": {Data: []byte("\n")},
		"proc/net/dev": {Data: []byte(`Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
 veth0:    1220      14    1    2    3     4          0         5      776       8    6    7    8     9       0          0
   br0:18446744073709551615       7    0    0    0     0          0         7      704       8    0    0    0     0       0          0
  tun0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
  tap0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
`)},
	}
	addSysfs(root, "lo", "ifindex 1\ntype 772\nflags 0x9\nmtu 65536\naddress 00:00:00:00:00:00\noperstate unknown\ncarrier 1\ncarrier_changes 0\nifalias\niflink 1\nuevent INTERFACE=lo")
	addSysfs(root, "veth0", "ifindex 3\ntype 1\nflags 0x1003\nmtu 1500\naddress 02:00:5e:10:00:01\noperstate up\ncarrier 1\ncarrier_changes 2\nifalias uplink to the core\niflink 2\nspeed 10000\nuevent INTERFACE=veth0")
	addSysfs(root, "br0", `ifindex 4
		type 1
		flags 0x1003
		mtu 1500
		address 02:00:5e:10:00:03
		operstate up
		carrier 1
		carrier_changes 2
		ifalias
		iflink 4
		speed 10000
		uevent DEVTYPE=bridge\nINTERFACE=br0`)
	addSysfs(root, "tun0", "ifindex 5\ntype 65534\nflags 0x1091\nmtu 1500\naddress\noperstate down\ncarrier 0\ncarrier_changes 1\nifalias\niflink 5\nspeed -1\nuevent INTERFACE=tun0")
	addSysfs(root, "tap0", "ifindex 6\ntype 1\nflags 0x1102\nmtu 1500\naddress 02:00:5e:10:00:05\noperstate down\nifalias\niflink 6\nuevent INTERFACE=tap0")
	addSysfs(root, "vlan5", "ifindex 9\ntype 1\nflags 0x1003\nmtu 1500\naddress 02:00:5e:10:00:01\noperstate lowerlayerdown\ncarrier 0\ncarrier_changes 1\nifalias\niflink 3\nuevent DEVTYPE=vlan")
	return root
}

func TestReadSysfs(t *testing.T) {
	s := &Snapshot{}
	var err error
	if s.Interfaces, err = readSysfs(sysfsMachine()); err != nil {
		t.Fatal(err)
	}
	s.sort()
	mac := func(last byte) string { return string([]byte{2, 0, 0x5e, 0x10, 0, last}) }
	none := Counters{Width: 64}
	want := []Interface{
		{Index: 1, Name: "lo", Hardware: HardwareLoopback, MTU: 65536, Up: true, Loopback: true, Oper: OperUp, Counters: none},
		{Index: 3, Name: "veth0", Alias: "uplink to the core", Hardware: HardwareEther, Address: mac(1), MTU: 1500, Up: true, Oper: OperUp, CarrierChanges: 2,
			Counters: Counters{Width: 64, InOctets: 1220, InUcast: 9, InMulticast: 5, InDiscards: 2, InErrors: 1, OutOctets: 776, OutUcast: 8, OutDiscards: 7, OutErrors: 6}},
		{Index: 4, Name: "br0", Kind: "bridge", Hardware: HardwareEther, Address: mac(3), MTU: 1500, Up: true, Oper: OperUp, CarrierChanges: 2,
			Counters: Counters{Width: 64, InOctets: 1<<64 - 1, InMulticast: 7, OutOctets: 704, OutUcast: 8}},
		{Index: 5, Name: "tun0", Hardware: HardwareNone, MTU: 1500, Up: true, Oper: OperDown, CarrierChanges: 1, Counters: none},
		{Index: 6, Name: "tap0", Hardware: HardwareEther, Address: mac(5), MTU: 1500, Promiscuous: true, Oper: OperDown, Counters: none},
		// Created between the two readings: no counters yet.
		{Index: 9, Name: "vlan5", Kind: "vlan", Hardware: HardwareEther, Address: mac(1), MTU: 1500, Up: true, Oper: OperLowerLayerDown, CarrierChanges: 1, Lower: 3},
	}
	if !reflect.DeepEqual(s.Interfaces, want) {
		for i := range min(len(want), len(s.Interfaces)) {
			t.Logf("\n got %+v\nwant %+v", s.Interfaces[i], want[i])
		}
		t.Errorf("%d interfaces differ from the %d expected", len(s.Interfaces), len(want))
	}
}

func TestReadSysfsErrors(t *testing.T) {
	tests := []struct {
		name   string
		change func(fstest.MapFS)
		want   string // part of the message
	}{
		{"no /sys", func(m fstest.MapFS) {
			for name := range m {
				if strings.HasPrefix(name, "sys") {
					delete(m, name)
				}
			}
		}, "sys/class/net"},
		{"no /proc", func(m fstest.MapFS) { delete(m, "proc/net/dev") }, "proc/net/dev"},
		{"an index that is none", func(m fstest.MapFS) { addSysfs(m, "lo", "ifindex one") }, `/sys/class/net/lo/ifindex: "one" is not a number of 31 bits`},
		{"an index beyond 31 bits", func(m fstest.MapFS) { addSysfs(m, "lo", "ifindex 2147483648") }, "ifindex"},
		{"a line without a colon", func(m fstest.MapFS) { m["proc/net/dev"].Data = []byte("a\nb\neth0 1 2\n") }, "/proc/net/dev:3: expected"},
		{"too few numbers", func(m fstest.MapFS) { m["proc/net/dev"].Data = []byte("a\nb\neth0: 1 2\n") }, "/proc/net/dev:3: expected"},
		{"a number that is none", func(m fstest.MapFS) {
			m["proc/net/dev"].Data = []byte("a\nb\neth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 x\n")
		}, `"x" is not a number`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := sysfsMachine()
			tt.change(root)
			if list, err := readSysfs(root); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("readSysfs = %v, %v; want an error with %q", list, err, tt.want)
			}
		})
	}
	t.Run("an interface that goes while it is read", func(t *testing.T) {
		root := sysfsMachine()
		delete(root, "sys/class/net/tap0/mtu")
		list, err := readSysfs(root)
		if err != nil || len(list) != 5 {
			t.Errorf("%d interfaces, %v; want the other 5", len(list), err)
		}
	})
}

// countingFS counts how often files are opened.
type countingFS struct {
	fs.FS
	opened int
}

func (c *countingFS) Open(name string) (fs.File, error) {
	c.opened++
	return c.FS.Open(name)
}

func TestSpeedometer(t *testing.T) {
	root := sysfsMachine()
	counting := &countingFS{FS: root}
	s := &speedometer{root: counting}
	list, err := readSysfs(root)
	if err != nil {
		t.Fatal(err)
	}
	addSysfs(root, "br0", "speed 100000")
	s.fill(list)
	want := map[string]uint64{"lo": 10_000_000, "veth0": 10_000_000_000, "br0": 100_000_000_000, "tun0": 0, "tap0": 0, "vlan5": 0}
	for _, i := range list {
		if i.Speed != want[i.Name] {
			t.Errorf("%s: %d bit/s, want %d", i.Name, i.Speed, want[i.Name])
		}
	}

	// Nothing has changed: no driver is asked. One link came back with another
	// speed: it alone is asked.
	counting.opened = 0
	s.fill(list)
	if counting.opened != 0 {
		t.Errorf("%d files opened though no link has changed", counting.opened)
	}
	addSysfs(root, "veth0", "speed 2500")
	for n := range list {
		if list[n].Name == "veth0" {
			list[n].CarrierChanges += 2
		}
	}
	s.fill(list)
	if counting.opened != 2 { // speed and ifindex
		t.Errorf("%d files opened after one link has changed, want 2", counting.opened)
	}
	for _, i := range list {
		if i.Name == "veth0" && i.Speed != 2_500_000_000 {
			t.Errorf("veth0: %d bit/s after the change, want 2500000000", i.Speed)
		}
	}

	// An interface of another namespace that has the same name is not asked.
	addSysfs(root, "veth0", "ifindex 33")
	for n := range list {
		list[n].CarrierChanges += 2
	}
	s.fill(list)
	for _, i := range list {
		if i.Name == "veth0" && i.Speed != 0 {
			t.Errorf("veth0: %d bit/s of another interface", i.Speed)
		}
	}
	addSysfs(root, "veth0", "ifindex 3")

	// Without a sign of change it is noticed too, somewhat later.
	addSysfs(root, "veth0", "speed 1000")
	for range speedRereads {
		s.fill(list)
	}
	for _, i := range list {
		if i.Name == "veth0" && i.Speed != 1_000_000_000 {
			t.Errorf("veth0: %d bit/s after %d snapshots, want 1000000000", i.Speed, speedRereads)
		}
	}

	s.fill(nil)
	if len(s.known) != 0 {
		t.Errorf("%d speeds kept of interfaces that are gone", len(s.known))
	}
}
