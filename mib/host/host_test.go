package host

import (
	"errors"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/mib/host/internal/kernel"
	"snmpstack/mib/mibtest"
	"snmpstack/pdu"
)

// A fakeKernel is a machine whose interfaces the test brings and takes.
type fakeKernel struct {
	mu    sync.Mutex
	state kernel.Snapshot
	err   error
}

func (f *fakeKernel) Sample() (*kernel.Snapshot, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &kernel.Snapshot{
		Taken:      time.Now(),
		Interfaces: slices.Clone(f.state.Interfaces),
		Addresses:  slices.Clone(f.state.Addresses),
		Stack:      slices.Clone(f.state.Stack),
		IP:         f.state.IP,
	}, f.err
}

func (f *fakeKernel) Close() {}

// set replaces the interfaces that the next sample sees.
func (f *fakeKernel) set(list ...kernel.Interface) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.Interfaces = list
}

// serve registers the objects of a machine, at an uptime of 5 s.
func serve(t *testing.T, source kernel.Source, o Options) (*Host, *mib.Tree) {
	t.Helper()
	if o.Uptime == nil {
		began := time.Now().Add(-5 * time.Second)
		o.Uptime = func() uint32 { return uint32(time.Since(began) / (10 * time.Millisecond)) }
	}
	h, err := start(source, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	tree := mib.NewTree()
	if err := h.Register(tree); err != nil {
		t.Fatal(err)
	}
	return h, tree
}

// get reads an instance as the goroutine that reads the socket does: nothing
// may block.
func get(t *testing.T, tree *mib.Tree, name ber.OID) pdu.Value {
	t.Helper()
	v, err := tree.Get(&mib.Request{Inline: true}, name)
	if err != nil {
		t.Fatalf("Get %s: %v", name, err)
	}
	return v
}

// walk returns the instances below prefix in order, found as GETBULK does.
func walk(t *testing.T, tree *mib.Tree, prefix ber.OID) []pdu.VarBind {
	t.Helper()
	var all []pdu.VarBind
	r := &mib.Request{Inline: true}
	for from := prefix; ; {
		var dst [7]pdu.VarBind
		n, err := tree.Next(r, from, dst[:])
		if err != nil {
			t.Fatalf("Next %s: %v", from, err)
		}
		for _, vb := range dst[:n] {
			if !vb.Name.HasPrefix(prefix) {
				return all
			}
			all = append(all, vb)
		}
		if n == 0 {
			return all
		}
		from = dst[n-1].Name.Append(0)
	}
}

// indexes returns the last sub-identifiers of the instances of a column.
func indexes(t *testing.T, tree *mib.Tree, column ber.OID) []uint32 {
	t.Helper()
	var list []uint32
	for _, vb := range walk(t, tree, column) {
		list = append(list, vb.Name.At(vb.Name.Len()-1))
	}
	return list
}

// A machine with a loopback, a fast card, and a VLAN on that card.
var (
	lo = kernel.Interface{
		Index: 1, Name: "lo", Hardware: kernel.HardwareLoopback, MTU: 65536, Speed: 10_000_000, Up: true, Loopback: true, Oper: kernel.OperUp,
		Counters: kernel.Counters{Width: 64, InOctets: 3193, InUcast: 29, OutOctets: 3193, OutUcast: 29},
	}
	eth0 = kernel.Interface{
		Index: 4, Name: "eth0", Alias: "uplink", Hardware: kernel.HardwareEther, Address: "\x02\x00\x5e\x10\x00\x01", MTU: 1500,
		Speed: 25_000_000_000, Up: true, Promiscuous: true, Oper: kernel.OperUp, LastChange: 700, Discontinuity: 800,
		Counters: kernel.Counters{
			Width: 64, InOctets: 5<<32 + 11, InUcast: 6<<32 + 12, InMulticast: 7<<32 + 13, InDiscards: 14, InErrors: 15,
			OutOctets: 8<<32 + 16, OutUcast: 9<<32 + 17, OutDiscards: 18, OutErrors: 19,
		},
	}
	vlan = kernel.Interface{
		Index: 9, Name: "eth0.5", Kind: "vlan", Hardware: kernel.HardwareEther, Address: "\x02\x00\x5e\x10\x00\x01", MTU: 1500,
		Lower: 4, Oper: kernel.OperDown, Counters: kernel.Counters{Width: 64},
	}
	machineStack = []kernel.StackEntry{{Higher: 0, Lower: 1}, {Higher: 0, Lower: 9}, {Higher: 1, Lower: 0}, {Higher: 4, Lower: 0}, {Higher: 9, Lower: 4}}
)

func machine() *fakeKernel {
	ip := netip.MustParseAddr
	return &fakeKernel{state: kernel.Snapshot{
		Interfaces: []kernel.Interface{lo, eth0, vlan},
		Stack:      machineStack,
		Addresses: []kernel.Address{
			{IP: ip("127.0.0.1"), Bits: 8, Index: 1},
			{IP: ip("192.0.2.1"), Bits: 24, Index: 4, Broadcast: ip("192.0.2.255")},
			{IP: ip("192.0.2.1"), Bits: 32, Index: 9},
			{IP: ip("192.0.2.130"), Bits: 25, Index: 9, Broadcast: ip("192.0.2.128")},
			{IP: ip("203.0.113.1"), Bits: 32, Index: 9},
			{IP: ip("2001:db8::1"), Bits: 64, Index: 4},
		},
	}}
}

// Every column of ifTable and ifXTable with its type (RFC 2863 §6), for the
// loopback, the card and the VLAN.
func TestInterfaceColumns(t *testing.T) {
	_, tree := serve(t, machine(), Options{})
	num, str, ticks, g32, c32, c64 := pdu.Integer, pdu.OctetString, pdu.TimeTicks, pdu.Gauge32, pdu.Counter32, pdu.Counter64
	none := pdu.ObjectIdentifier(ber.MustOID("0.0"))
	mac := str("\x02\x00\x5e\x10\x00\x01")
	tests := []struct {
		name   string
		column string
		want   [3]pdu.Value
	}{
		{"ifIndex", "1.3.6.1.2.1.2.2.1.1", [3]pdu.Value{num(1), num(4), num(9)}},
		{"ifDescr", "1.3.6.1.2.1.2.2.1.2", [3]pdu.Value{str("lo"), str("eth0"), str("eth0.5")}},
		{"ifType", "1.3.6.1.2.1.2.2.1.3", [3]pdu.Value{num(24), num(6), num(135)}},
		{"ifMtu", "1.3.6.1.2.1.2.2.1.4", [3]pdu.Value{num(65536), num(1500), num(1500)}},
		{"ifSpeed", "1.3.6.1.2.1.2.2.1.5", [3]pdu.Value{g32(10_000_000), g32(4294967295), g32(0)}},
		{"ifPhysAddress", "1.3.6.1.2.1.2.2.1.6", [3]pdu.Value{str(""), mac, mac}},
		{"ifAdminStatus", "1.3.6.1.2.1.2.2.1.7", [3]pdu.Value{num(1), num(1), num(2)}},
		{"ifOperStatus", "1.3.6.1.2.1.2.2.1.8", [3]pdu.Value{num(1), num(1), num(2)}},
		{"ifLastChange", "1.3.6.1.2.1.2.2.1.9", [3]pdu.Value{ticks(0), ticks(700), ticks(0)}},
		{"ifInOctets", "1.3.6.1.2.1.2.2.1.10", [3]pdu.Value{c32(3193), c32(11), c32(0)}},
		{"ifInUcastPkts", "1.3.6.1.2.1.2.2.1.11", [3]pdu.Value{c32(29), c32(12), c32(0)}},
		{"ifInNUcastPkts", "1.3.6.1.2.1.2.2.1.12", [3]pdu.Value{c32(0), c32(13), c32(0)}},
		{"ifInDiscards", "1.3.6.1.2.1.2.2.1.13", [3]pdu.Value{c32(0), c32(14), c32(0)}},
		{"ifInErrors", "1.3.6.1.2.1.2.2.1.14", [3]pdu.Value{c32(0), c32(15), c32(0)}},
		{"ifInUnknownProtos", "1.3.6.1.2.1.2.2.1.15", [3]pdu.Value{c32(0), c32(0), c32(0)}},
		{"ifOutOctets", "1.3.6.1.2.1.2.2.1.16", [3]pdu.Value{c32(3193), c32(16), c32(0)}},
		{"ifOutUcastPkts", "1.3.6.1.2.1.2.2.1.17", [3]pdu.Value{c32(29), c32(17), c32(0)}},
		{"ifOutNUcastPkts", "1.3.6.1.2.1.2.2.1.18", [3]pdu.Value{c32(0), c32(0), c32(0)}},
		{"ifOutDiscards", "1.3.6.1.2.1.2.2.1.19", [3]pdu.Value{c32(0), c32(18), c32(0)}},
		{"ifOutErrors", "1.3.6.1.2.1.2.2.1.20", [3]pdu.Value{c32(0), c32(19), c32(0)}},
		{"ifOutQLen", "1.3.6.1.2.1.2.2.1.21", [3]pdu.Value{g32(0), g32(0), g32(0)}},
		{"ifSpecific", "1.3.6.1.2.1.2.2.1.22", [3]pdu.Value{none, none, none}},

		{"ifName", "1.3.6.1.2.1.31.1.1.1.1", [3]pdu.Value{str("lo"), str("eth0"), str("eth0.5")}},
		{"ifInMulticastPkts", "1.3.6.1.2.1.31.1.1.1.2", [3]pdu.Value{c32(0), c32(13), c32(0)}},
		{"ifInBroadcastPkts", "1.3.6.1.2.1.31.1.1.1.3", [3]pdu.Value{c32(0), c32(0), c32(0)}},
		{"ifOutMulticastPkts", "1.3.6.1.2.1.31.1.1.1.4", [3]pdu.Value{c32(0), c32(0), c32(0)}},
		{"ifOutBroadcastPkts", "1.3.6.1.2.1.31.1.1.1.5", [3]pdu.Value{c32(0), c32(0), c32(0)}},
		{"ifHCInOctets", "1.3.6.1.2.1.31.1.1.1.6", [3]pdu.Value{c64(3193), c64(5<<32 + 11), c64(0)}},
		{"ifHCInUcastPkts", "1.3.6.1.2.1.31.1.1.1.7", [3]pdu.Value{c64(29), c64(6<<32 + 12), c64(0)}},
		{"ifHCInMulticastPkts", "1.3.6.1.2.1.31.1.1.1.8", [3]pdu.Value{c64(0), c64(7<<32 + 13), c64(0)}},
		{"ifHCInBroadcastPkts", "1.3.6.1.2.1.31.1.1.1.9", [3]pdu.Value{c64(0), c64(0), c64(0)}},
		{"ifHCOutOctets", "1.3.6.1.2.1.31.1.1.1.10", [3]pdu.Value{c64(3193), c64(8<<32 + 16), c64(0)}},
		{"ifHCOutUcastPkts", "1.3.6.1.2.1.31.1.1.1.11", [3]pdu.Value{c64(29), c64(9<<32 + 17), c64(0)}},
		{"ifHCOutMulticastPkts", "1.3.6.1.2.1.31.1.1.1.12", [3]pdu.Value{c64(0), c64(0), c64(0)}},
		{"ifHCOutBroadcastPkts", "1.3.6.1.2.1.31.1.1.1.13", [3]pdu.Value{c64(0), c64(0), c64(0)}},
		{"ifLinkUpDownTrapEnable (RFC 2863 §3.1.9)", "1.3.6.1.2.1.31.1.1.1.14", [3]pdu.Value{num(1), num(1), num(2)}},
		{"ifHighSpeed", "1.3.6.1.2.1.31.1.1.1.15", [3]pdu.Value{g32(10), g32(25000), g32(0)}},
		{"ifPromiscuousMode", "1.3.6.1.2.1.31.1.1.1.16", [3]pdu.Value{num(2), num(1), num(2)}},
		{"ifConnectorPresent", "1.3.6.1.2.1.31.1.1.1.17", [3]pdu.Value{num(2), num(1), num(2)}},
		{"ifAlias", "1.3.6.1.2.1.31.1.1.1.18", [3]pdu.Value{str(""), str("uplink"), str("")}},
		{"ifCounterDiscontinuityTime", "1.3.6.1.2.1.31.1.1.1.19", [3]pdu.Value{ticks(0), ticks(800), ticks(0)}},
	}
	var names []ber.OID
	for _, tt := range tests {
		for i, index := range []uint32{1, 4, 9} {
			name := ber.MustOID(tt.column).Append(index)
			if got := get(t, tree, name); got != tt.want[i] {
				t.Errorf("%s.%d = %v, want %v", tt.name, index, got, tt.want[i])
			}
			names = append(names, name)
		}
	}
	// And there is nothing else.
	var walked []ber.OID
	for _, table := range []ber.OID{oidIfEntry, oidIfXEntry} {
		for _, vb := range walk(t, tree, table) {
			walked = append(walked, vb.Name)
		}
	}
	if !slices.Equal(walked, names) {
		t.Errorf("a walk finds\n%v\nwant\n%v", walked, names)
	}
}

func TestScalars(t *testing.T) {
	_, tree := serve(t, machine(), Options{})
	for _, tt := range []struct {
		name, oid string
		want      pdu.Value
	}{
		{"ifNumber", "1.3.6.1.2.1.2.1.0", pdu.Integer(3)},
		{"ifTableLastChange", "1.3.6.1.2.1.31.1.5.0", pdu.TimeTicks(0)},
		{"ifStackLastChange", "1.3.6.1.2.1.31.1.6.0", pdu.TimeTicks(0)},
		{"no second ifNumber", "1.3.6.1.2.1.2.1.1", pdu.NoSuchInstance},
		{"no such interface", "1.3.6.1.2.1.2.2.1.1.2", pdu.NoSuchInstance},
		{"no such column", "1.3.6.1.2.1.2.2.1.23.1", pdu.NoSuchObject},
		{"ifStackHigherLayer cannot be read", "1.3.6.1.2.1.31.1.2.1.1.0.1", pdu.NoSuchObject},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := get(t, tree, ber.MustOID(tt.oid)); got != tt.want {
				t.Errorf("%s = %v, want %v", tt.oid, got, tt.want)
			}
		})
	}
}

// RFC 2863 §3.1.18: what is not known has no instance.
func TestCountersThatAreNotKnown(t *testing.T) {
	narrow := eth0
	narrow.Counters.Width = 32
	uncounted := vlan
	uncounted.Counters = kernel.Counters{}
	_, tree := serve(t, &fakeKernel{state: kernel.Snapshot{Interfaces: []kernel.Interface{lo, narrow, uncounted}}}, Options{})
	for _, tt := range []struct {
		column string
		want   []uint32
	}{
		{"1.3.6.1.2.1.2.2.1.10", []uint32{1, 4}},   // ifInOctets
		{"1.3.6.1.2.1.2.2.1.15", []uint32{1, 4}},   // ifInUnknownProtos
		{"1.3.6.1.2.1.2.2.1.20", []uint32{1, 4}},   // ifOutErrors
		{"1.3.6.1.2.1.31.1.1.1.3", []uint32{1, 4}}, // ifInBroadcastPkts
		{"1.3.6.1.2.1.31.1.1.1.6", []uint32{1}},    // ifHCInOctets
		{"1.3.6.1.2.1.31.1.1.1.13", []uint32{1}},   // ifHCOutBroadcastPkts
		{"1.3.6.1.2.1.31.1.1.1.18", []uint32{1, 4, 9}},
	} {
		if got := indexes(t, tree, ber.MustOID(tt.column)); !slices.Equal(got, tt.want) {
			t.Errorf("%s has instances for %v, want %v", tt.column, got, tt.want)
		}
	}
}

// RFC 4293, ipAddrTable: one row for each IPv4 address, in their order.
func TestAddressTable(t *testing.T) {
	_, tree := serve(t, machine(), Options{})
	ip := func(s string) pdu.Value { return pdu.IPAddress(netip.MustParseAddr(s)) }
	rows := []struct {
		addr, mask         string
		ifIndex, broadcast int32
	}{
		{"127.0.0.1", "255.0.0.0", 1, 0},
		{"192.0.2.1", "255.255.255.0", 4, 1}, // the first of the two interfaces that have it
		{"192.0.2.130", "255.255.255.128", 9, 0},
		{"203.0.113.1", "255.255.255.255", 9, 0},
	}
	var want []pdu.VarBind
	for column := uint32(1); column <= 5; column++ {
		for _, row := range rows {
			a := netip.MustParseAddr(row.addr).As4()
			value := [...]pdu.Value{ip(row.addr), pdu.Integer(row.ifIndex), ip(row.mask), pdu.Integer(row.broadcast), pdu.Integer(65535)}[column-1]
			want = append(want, pdu.VarBind{
				Name:  oidIPAddrEntry.Append(column, uint32(a[0]), uint32(a[1]), uint32(a[2]), uint32(a[3])),
				Value: value,
			})
		}
	}
	if got := walk(t, tree, oidIPAddrEntry); !slices.Equal(got, want) {
		t.Errorf("ipAddrTable\n got %v\nwant %v", got, want)
	}
}

func TestNetMask(t *testing.T) {
	for bits, want := range map[int]string{0: "0.0.0.0", 1: "128.0.0.0", 20: "255.255.240.0", 31: "255.255.255.254", 32: "255.255.255.255"} {
		if got := netMask(bits).String(); got != want {
			t.Errorf("netMask(%d) = %s, want %s", bits, got, want)
		}
	}
}

// RFC 2863, ifStackTable: every interface once as the higher and once as the
// lower layer at least.
func TestStackTable(t *testing.T) {
	_, tree := serve(t, machine(), Options{})
	var want []pdu.VarBind
	for _, e := range machineStack {
		want = append(want, pdu.VarBind{
			Name:  ber.MustOID("1.3.6.1.2.1.31.1.2.1.3").Append(uint32(e.Higher), uint32(e.Lower)),
			Value: pdu.Integer(1), // active
		})
	}
	if got := walk(t, tree, oidIfStackEntry); !slices.Equal(got, want) {
		t.Errorf("ifStackTable\n got %v\nwant %v", got, want)
	}
}

// RFC 2863 §3.1.17 and ifNumber: whatever comes and goes, ifTable, ifXTable and
// ifNumber agree, and ifTableLastChange tells.
func TestInterfacesComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &fakeKernel{}
		source.set(lo)
		_, tree := serve(t, source, Options{})
		var lastChange uint64
		for _, step := range []struct {
			name       string
			interfaces []kernel.Interface
			want       []uint32
			changes    bool
		}{
			{"at first", []kernel.Interface{lo}, []uint32{1}, false},
			{"a card and a VLAN", []kernel.Interface{lo, eth0, vlan}, []uint32{1, 4, 9}, true},
			{"nothing", []kernel.Interface{lo, eth0, vlan}, []uint32{1, 4, 9}, false},
			{"the card goes", []kernel.Interface{lo, vlan}, []uint32{1, 9}, true},
			{"all go", nil, nil, true},
			{"the card is back", []kernel.Interface{eth0}, []uint32{4}, true},
		} {
			source.set(step.interfaces...)
			time.Sleep(time.Second)
			synctest.Wait()
			ifTable, ifXTable := indexes(t, tree, oidIfEntry.Append(1)), indexes(t, tree, oidIfXEntry.Append(1))
			number := get(t, tree, oidIfNumber.Append(0))
			if !slices.Equal(ifTable, step.want) || !slices.Equal(ifXTable, step.want) || number != pdu.Integer(int32(len(step.want))) {
				t.Errorf("%s: ifTable %v, ifXTable %v, ifNumber %v; want %v", step.name, ifTable, ifXTable, number, step.want)
			}
			changed := get(t, tree, oidIfTableLastChange.Append(0)).Uint()
			if (changed > lastChange) != step.changes || changed < lastChange {
				t.Errorf("%s: ifTableLastChange %d after %d, want a change: %t", step.name, changed, lastChange, step.changes)
			}
			lastChange = changed
		}
	})
}

// RFC 2863, ifCounterDiscontinuityTime: sysUpTime when a counter jumped.
func TestCounterDiscontinuity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fresh := eth0
		fresh.LastChange, fresh.Discontinuity = 0, 0
		source := &fakeKernel{}
		source.set(fresh)
		_, tree := serve(t, source, Options{})
		discontinuity, lastChange := oidIfXEntry.Append(19, 4), oidIfEntry.Append(9, 4)
		step := func(change func(*kernel.Interface)) {
			change(&fresh)
			source.set(fresh)
			time.Sleep(time.Second)
			synctest.Wait()
		}

		step(func(i *kernel.Interface) { i.Counters.InOctets += 1 << 33 })
		if got := get(t, tree, discontinuity); got != pdu.TimeTicks(0) {
			t.Errorf("after counting on: %v, want 0", got)
		}
		step(func(i *kernel.Interface) { i.Counters.InOctets = 5 })
		if got := get(t, tree, discontinuity).Uint(); got < 600 || got > 700 {
			t.Errorf("after a counter went back: %d, want the sysUpTime of then, from 600 to 700", got)
		}
		step(func(i *kernel.Interface) { i.Oper = kernel.OperLowerLayerDown })
		if got := get(t, tree, lastChange).Uint(); got < 700 || got > 800 {
			t.Errorf("after a change of state: ifLastChange %d, want the sysUpTime of then, from 700 to 800", got)
		}
		if got := get(t, tree, oidIfEntry.Append(8, 4)); got != pdu.Integer(7) {
			t.Errorf("ifOperStatus = %v, want lowerLayerDown(7)", got)
		}
	})
}

// Every object keeps the rules that package mib has for handlers.
func TestHandlerRules(t *testing.T) {
	h, _ := serve(t, machine(), Options{})
	for _, o := range h.objects() {
		t.Run(o.prefix.String(), func(t *testing.T) {
			alone := mib.NewTree() // which is a Handler too
			if err := o.Register(alone); err != nil {
				t.Fatal(err)
			}
			_, scalar := o.registrant.(mib.Scalar)
			mibtest.Run(t, alone, o.prefix, mibtest.Options{Table: !scalar})
		})
	}
}

func TestNothingIsWritable(t *testing.T) {
	_, tree := serve(t, machine(), Options{})
	for _, vb := range []pdu.VarBind{
		{Name: oidIfEntry.Append(7, 4), Value: pdu.Integer(2)},            // ifAdminStatus
		{Name: oidIfXEntry.Append(14, 4), Value: pdu.Integer(2)},          // ifLinkUpDownTrapEnable
		{Name: oidIfXEntry.Append(16, 4), Value: pdu.Integer(1)},          // ifPromiscuousMode
		{Name: oidIfXEntry.Append(18, 4), Value: pdu.OctetString("mine")}, // ifAlias
		{Name: oidIfStackEntry.Append(3, 4, 9), Value: pdu.Integer(4)},    // ifStackStatus
	} {
		err := tree.Set(&mib.Request{}, []pdu.VarBind{vb})
		if !errors.Is(err, pdu.NotWritable) {
			t.Errorf("SET %s: %v, want notWritable", vb.Name, err)
		}
	}
}

func TestRegisterAllOrNone(t *testing.T) {
	h, _ := serve(t, machine(), Options{})
	tree := mib.NewTree()
	taken := mib.Scalar{Object: oidIfStackLastChange, Get: mib.Constant(pdu.TimeTicks(1))}
	if err := taken.Register(tree); err != nil {
		t.Fatal(err)
	}
	if err := h.Register(tree); !errors.Is(err, mib.ErrRegistered) {
		t.Errorf("Register = %v, want %v", err, mib.ErrRegistered)
	}
	if got := walk(t, tree, ber.MustOID("1.3")); len(got) != 1 {
		t.Errorf("after a failure the tree has %v, want the one object it had", got)
	}
}

func TestStartFails(t *testing.T) {
	failure := errors.New("no kernel")
	if h, err := start(&fakeKernel{err: failure}, Options{}); h != nil || !errors.Is(err, failure) {
		t.Errorf("start = %v, %v; want nil, %v", h, err, failure)
	}
}

func TestErr(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := machine()
		h, tree := serve(t, source, Options{})
		failure := errors.New("out of descriptors")
		source.mu.Lock()
		source.err = failure
		source.mu.Unlock()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if err := h.Err(); !errors.Is(err, failure) {
			t.Errorf("Err() = %v, want %v", err, failure)
		}
		if got := get(t, tree, oidIfNumber.Append(0)); got != pdu.Integer(3) {
			t.Errorf("ifNumber = %v, want the 3 of the last snapshot that succeeded", got)
		}
	})
}

// A read is a look-up in memory.
func TestReadsDoNotAllocate(t *testing.T) {
	_, tree := serve(t, machine(), Options{})
	r := &mib.Request{Inline: true}
	names := []ber.OID{oidIfNumber.Append(0), oidIfEntry.Append(2, 4), oidIfEntry.Append(6, 4), oidIfXEntry.Append(6, 4), oidIPAddrEntry.Append(3, 192, 0, 2, 1)}
	allocs := testing.AllocsPerRun(100, func() {
		for _, name := range names {
			if _, err := tree.Get(r, name); err != nil {
				t.Fatal(err)
			}
		}
	})
	if allocs != 0 {
		t.Errorf("%d Gets allocate %.0f times", len(names), allocs)
	}
}
