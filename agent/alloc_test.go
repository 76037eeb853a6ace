package agent_test

import (
	"errors"
	"testing"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
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

// A gauge is a row that can be written.
type gauge struct{ index, value int32 }

// The zero allocations of a request do not depend on its kind, version, level or on
// whether its hook has something to say, or OnPacketTrace listens.
func TestNoAllocsMatrix(t *testing.T) {
	defer agent.StopPoisoning()()
	cell := base.Append(9, 1, 2, 1)
	kinds := []struct {
		name string
		pdu  pdu.PDU
	}{
		{"get", pdu.PDU{Kind: pdu.GetRequest, VarBinds: names(instance(title), colName.Append(1), cell)}},
		{"getnext", pdu.PDU{Kind: pdu.GetNextRequest, VarBinds: names(base, colName, cell)}},
		{"getbulk", pdu.PDU{Kind: pdu.GetBulkRequest, NonRepeaters: 1, MaxRepetitions: 10, VarBinds: names(base, colName, cell)}},
		{"set a scalar", pdu.PDU{Kind: pdu.SetRequest, VarBinds: []pdu.VarBind{vb(instance(setpoint), pdu.Integer(5))}}},
		{"set a cell", pdu.PDU{Kind: pdu.SetRequest, VarBinds: []pdu.VarBind{vb(cell, pdu.Integer(5))}}},
		{"set cells", pdu.PDU{Kind: pdu.SetRequest, VarBinds: []pdu.VarBind{vb(cell, pdu.Integer(6)), vb(base.Append(9, 1, 2, 3), pdu.Integer(7))}}},
	}
	for _, hooks := range []struct {
		name      string
		configure func(*agent.Agent)
		pooled    bool // what it takes comes from a sync.Pool
	}{
		{"no hooks", func(*agent.Agent) {}, false},
		{"trace", func(a *agent.Agent) { a.OnPacketTrace = func(*agent.PacketTraceEvent) {} }, true},
		{"hooks", func(a *agent.Agent) {
			hook := func(e *agent.RequestEvent) {}
			a.OnGetRequest, a.OnGetNextRequest, a.OnGetBulkRequest, a.OnSetRequest = hook, hook, hook, hook
		}, true},
	} {
		if raceDetector && hooks.pooled {
			continue
		}
		r := newRig(t, withUsers(t), func(a *agent.Agent) {
			a.Access = agent.InsecureAllowAll
			rows := &mib.Rows[gauge]{Index: func(x *mib.Index, r *gauge) { x.Int32(&r.index) }}
			var list []gauge
			for i := range int32(300) {
				list = append(list, gauge{index: i})
			}
			err := errors.Join(rows.Store(list), mib.Table[gauge]{Entry: base.Append(9, 1), Rows: rows, Columns: []mib.Column[gauge]{{
				Arc: 2, Syntax: pdu.TypeInteger,
				Get: func(r *gauge) pdu.Value { return pdu.Integer(r.value) },
				Set: func(r *gauge, v pdu.Value) error { r.value = v.Int(); return nil },
			}}}.Register(a.MIB))
			if err != nil {
				t.Fatal(err)
			}
			hooks.configure(a)
		})
		for _, kind := range kinds {
			check := func(name string, datagram []byte) {
				t.Run(hooks.name+"/"+name+"/"+kind.name, func(t *testing.T) {
					r.t = t
					exchangeNoAllocs(t, r, datagram)
				})
			}
			for _, version := range []pdu.Version{pdu.V1, pdu.V2c} {
				if version == pdu.V1 && kind.pdu.Kind == pdu.GetBulkRequest {
					continue
				}
				m := pdu.Message{Version: version, Community: []byte("public"), PDU: kind.pdu}
				check(version.String(), m.Append(nil))
			}
			for level, user := range map[pdu.SecurityLevel]usm.User{pdu.NoAuthNoPriv: guest, pdu.AuthNoPriv: reader, pdu.AuthPriv: writer} {
				check("v3 "+level.String(), r.as(user, level).datagram(kind.pdu))
			}
		}
	}
}
