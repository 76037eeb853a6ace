package host

import (
	"fmt"
	"time"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/mib/host/internal/kernel"
	"snmpstack/pdu"
)

// Options are what New can be told. The zero Options will do.
type Options struct {
	// Uptime returns sysUpTime in 1/100 s, which changes are dated with. It
	// must not block. nil counts from New.
	Uptime func() uint32

	// MaxAge is how old the data may get, 0 for one second.
	MaxAge time.Duration

	// OnLinkChange is called when an interface goes down or comes back (RFC
	// 2863 §3.1.15), unless its ifLinkUpDownTrapEnable is disabled. It runs in
	// the goroutine that collects the data, and must not block.
	OnLinkChange func(LinkChange)
}

// A Host collects data about this machine and serves them as objects.
type Host struct {
	sampler *kernel.Sampler[view]
	links   linkWatch
}

// A view is one snapshot, in the form in which the objects need it. It never
// changes, so whoever holds it sees the machine at one moment.
type view struct {
	interfaces *mib.Snapshot[ifRow]
	stack      *mib.Snapshot[kernel.StackEntry]
	addresses  *mib.Snapshot[kernel.Address]

	ip              *kernel.IPGroup
	ifNumber        int32
	tableLastChange uint32
	stackLastChange uint32
}

// New reads the machine's state and keeps it up to date until Close.
func New(o Options) (*Host, error) { return start(kernel.NewCollector(), o) }

// start is New for any source of snapshots.
func start(source kernel.Source, o Options) (*Host, error) {
	if o.Uptime == nil {
		began := time.Now()
		o.Uptime = func() uint32 { return uint32(time.Since(began) / (10 * time.Millisecond)) }
	}
	h := &Host{links: linkWatch{notify: o.OnLinkChange}}
	var err error
	if h.sampler, err = kernel.Start(source, o.Uptime, h.view, o.MaxAge); err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	return h, nil
}

// Close stops collecting. The objects keep the values they had.
func (h *Host) Close() { h.sampler.Close() }

// Err returns why the latest attempt to read the machine's state failed, nil if
// it did not. Until one succeeds, the objects keep the values they had.
func (h *Host) Err() error { return h.sampler.Err() }

// view turns a snapshot of the kernel's into one of objects.
func (h *Host) view(s *kernel.Snapshot) *view {
	rows := ifRows(s)
	h.links.look(rows)
	return &view{
		interfaces:      snapshot(rows, ifIndex),
		stack:           snapshot(s.Stack, stackIndex),
		addresses:       snapshot(ipv4(s.Addresses), addressIndex),
		ip:              s.IP,
		ifNumber:        int32(len(rows)),
		tableLastChange: s.TableChange,
		stackLastChange: s.StackChange,
	}
}

// snapshot is mib.NewSnapshot for rows whose indexes are known to be unique and
// not negative: package kernel sees to that, and to fail would be its mistake.
func snapshot[R any](rows []R, index func(*mib.Index, *R)) *mib.Snapshot[R] {
	s, err := mib.NewSnapshot(rows, index)
	if err != nil {
		panic(err)
	}
	return s
}

// The names of what is served.
var (
	oidIfNumber          = ber.MustOID("1.3.6.1.2.1.2.1")
	oidIfEntry           = ber.MustOID("1.3.6.1.2.1.2.2.1")
	oidIPAddrEntry       = ber.MustOID("1.3.6.1.2.1.4.20.1")
	oidIfXEntry          = ber.MustOID("1.3.6.1.2.1.31.1.1.1")
	oidIfStackEntry      = ber.MustOID("1.3.6.1.2.1.31.1.2.1")
	oidIfTableLastChange = ber.MustOID("1.3.6.1.2.1.31.1.5")
	oidIfStackLastChange = ber.MustOID("1.3.6.1.2.1.31.1.6")
)

// Register adds all objects to t, or none of them if it fails.
func (h *Host) Register(t *mib.Tree) error {
	objects := h.objects()
	for i, o := range objects {
		if err := o.Register(t); err != nil {
			for _, done := range objects[:i] {
				t.Unregister(done.prefix)
			}
			return fmt.Errorf("host: %w", err)
		}
	}
	return nil
}

// An object is a Scalar or a Table, and where it is registered.
type object struct {
	prefix ber.OID
	registrant
}

type registrant interface{ Register(*mib.Tree) error }

func (h *Host) objects() []object {
	return append(h.ipScalars(), []object{
		{oidIfNumber, h.scalar(oidIfNumber, func(v *view) pdu.Value { return pdu.Integer(v.ifNumber) })},
		{oidIfEntry, mib.Table[ifRow]{Entry: oidIfEntry, Columns: ifColumns, Source: h.interfaces}},
		{oidIPAddrEntry, mib.Table[kernel.Address]{Entry: oidIPAddrEntry, Columns: ipAddrColumns, Source: h.addresses}},
		{oidIfXEntry, mib.Table[ifRow]{Entry: oidIfXEntry, Columns: ifXColumns, Source: h.interfaces}},
		{oidIfStackEntry, mib.Table[kernel.StackEntry]{Entry: oidIfStackEntry, Columns: stackColumns, Source: h.stack}},
		{oidIfTableLastChange, h.scalar(oidIfTableLastChange, func(v *view) pdu.Value { return pdu.TimeTicks(v.tableLastChange) })},
		{oidIfStackLastChange, h.scalar(oidIfStackLastChange, func(v *view) pdu.Value { return pdu.TimeTicks(v.stackLastChange) })},
	}...)
}

func (h *Host) scalar(object ber.OID, get func(*view) pdu.Value) mib.Scalar {
	return mib.Scalar{Object: object, Get: mib.Value(func() pdu.Value { return get(h.sampler.Current()) })}
}

func (h *Host) interfaces(*mib.Request) (*mib.Snapshot[ifRow], error) {
	return h.sampler.Current().interfaces, nil
}

func (h *Host) stack(*mib.Request) (*mib.Snapshot[kernel.StackEntry], error) {
	return h.sampler.Current().stack, nil
}

func (h *Host) addresses(*mib.Request) (*mib.Snapshot[kernel.Address], error) {
	return h.sampler.Current().addresses, nil
}
