package host

import (
	"testing"

	"snmpstack/mib/host/internal/kernel"
	"snmpstack/pdu"
)

// The ip group's scalars with their types (RFC 4293 §5), and without a source none
// of them.
func TestIPGroup(t *testing.T) {
	m := machine()
	_, tree := serve(t, m, Options{})
	if got := walk(t, tree, oidIP); len(got) != 5*4 { // ipAddrTable
		t.Errorf("without a source there are %v", got)
	}
	m = machine()
	m.state.IP = &kernel.IPGroup{1: 2, 2: 64, 3: 1<<32 + 7, 10: 99, 13: 30, 19: 5}
	_, tree = serve(t, m, Options{})
	for arc, want := range map[uint32]pdu.Value{
		1:  pdu.Integer(2),   // ipForwarding: notForwarding
		2:  pdu.Integer(64),  // ipDefaultTTL
		3:  pdu.Counter32(7), // ipInReceives, which has wrapped
		9:  pdu.Counter32(0), // ipInDelivers
		10: pdu.Counter32(99),
		13: pdu.Integer(30), // ipReasmTimeout
		19: pdu.Counter32(5),
		23: pdu.NoSuchObject, // ipRoutingDiscards: nobody counts them
	} {
		if got := get(t, tree, oidIP.Append(arc, 0)); got != want {
			t.Errorf("%v.0 is %v, want %v", oidIP.Append(arc), got, want)
		}
	}
}
