package agent_test

import (
	"testing"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/transport"
)

// A request costs no allocation, from the socket through decoding, the access
// policy, the MIB and encoding back to the socket: be it for scalars or for a
// table, in SNMPv1 or SNMPv2c, for one object or for many.
func TestNoAllocs(t *testing.T) {
	defer agent.StopPoisoning()()
	r := newRig(t, withMIB(newTree(t, &plant{})))
	scalars := []ber.OID{instance(title), instance(setpoint), instance(label), instance(after)}
	cells := []ber.OID{colIndex.Append(1), colName.Append(10), colState.Append(2)}
	for _, tt := range []struct {
		name    string
		request pdu.Message
		want    int // varbinds in the answer
	}{
		{"get a scalar", message(pdu.V2c, pdu.GetRequest, names(scalars[0])...), 1},
		{"get scalars", message(pdu.V2c, pdu.GetRequest, names(scalars...)...), 4},
		{"get cells", message(pdu.V2c, pdu.GetRequest, names(cells...)...), 3},
		{"get what is not there", message(pdu.V2c, pdu.GetRequest, names(base, colIndex.Append(3))...), 2},
		{"getnext of scalars", message(pdu.V2c, pdu.GetNextRequest, names(scalars...)...), 4},
		{"getnext of cells", message(pdu.V2c, pdu.GetNextRequest, names(cells...)...), 3},
		{"getnext at the end", message(pdu.V2c, pdu.GetNextRequest, names(after.Append(0))...), 1},
		{"getbulk", bulk(1, 10, names(base, colIndex, colState)...), 21},
		{"get scalars, SNMPv1", message(pdu.V1, pdu.GetRequest, names(scalars...)...), 4},
		{"get cells, SNMPv1", message(pdu.V1, pdu.GetRequest, names(cells...)...), 3},
		{"getnext of scalars, SNMPv1", message(pdu.V1, pdu.GetNextRequest, names(scalars[0], scalars[1])...), 2},
		{"set a scalar", private(message(pdu.V2c, pdu.SetRequest, vb(instance(setpoint), pdu.Integer(3)))), 1},
		{"set a scalar, SNMPv1", private(message(pdu.V1, pdu.SetRequest, vb(instance(setpoint), pdu.Integer(4)))), 1},
		{"getnext over Counter64, SNMPv1", message(pdu.V1, pdu.GetNextRequest, names(scalars[2], colName.Append(10))...), 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.t = t
			if got := r.ask(tt.request); got.ErrorStatus != pdu.NoError || len(got.VarBinds) != tt.want {
				t.Fatalf("%v, %v, want %d varbinds", got.ErrorStatus, got.VarBinds, tt.want)
			}
			exchangeNoAllocs(t, r, tt.request.Append(nil))
		})
	}
}

// exchangeNoAllocs has a datagram answered again and again, which must not
// allocate.
func exchangeNoAllocs(t *testing.T, r *rig, datagram []byte) {
	t.Helper()
	if n := exchangeAllocs(t, r, datagram); n != 0 {
		t.Errorf("a request costs %v allocations", n)
	}
}

// exchangeAllocs returns how many allocations it costs to have a datagram answered.
func exchangeAllocs(t *testing.T, r *rig, datagram []byte) float64 {
	t.Helper()
	out := []transport.Packet{{Data: datagram, Remote: r.to}}
	return testing.AllocsPerRun(100, func() {
		if _, err := r.client.Write(out); err != nil {
			t.Fatal(err)
		}
		if n, err := r.client.Read(r.in[:1]); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	})
}
