package agent_test

import (
	"fmt"
	"slices"
	"testing"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/pdu"
)

// RFC 1157 §4.1.2, §4.1.3 and §4.1.5, RFC 3584 §4.2.2: what SNMPv1 has in the place
// of SNMPv2's exceptions and statuses. An error has the request's varbinds.
func TestV1(t *testing.T) {
	r := newRig(t, withMIB(treeWithFailing(t)))
	get := func(list ...ber.OID) pdu.Message { return message(pdu.V1, pdu.GetRequest, names(list...)...) }
	next := func(list ...ber.OID) pdu.Message { return message(pdu.V1, pdu.GetNextRequest, names(list...)...) }
	set := func(list ...pdu.VarBind) pdu.Message { return private(message(pdu.V1, pdu.SetRequest, list...)) }
	end := ber.MustOID("2.999")
	point := func(n int32) pdu.VarBind { return vb(instance(setpoint), pdu.Integer(n)) }
	for _, tt := range []readCase{
		{"get", get(instance(title), colIndex.Append(2)), 0, 0, []pdu.VarBind{vb(instance(title), pdu.OctetString("pump")), vb(colIndex.Append(2), pdu.Integer(2))}},
		{"get no object", get(instance(title), base.Append(77), title), pdu.NoSuchName, 2, nil}, // 1157-4.1.2-1, 3584-4.2.2.2-3: the first
		{"get no instance", get(title), pdu.NoSuchName, 1, nil},                                 // 3584-4.2.2.2-1
		{"get an aggregate", get(entry), pdu.NoSuchName, 1, nil},                                // 1157-4.1.2-2
		{"get a Counter64", get(instance(title), instance(total)), pdu.NoSuchName, 2, nil},      // 3584-4.2.2.1-1
		{"get what fails", get(instance(title), failing.Append(1)), pdu.GenErr, 2, nil},         // 1157-4.1.2-4
		{"get nothing", get(), 0, 0, []pdu.VarBind{}},
		{"next", next(title, colName), 0, 0, []pdu.VarBind{vb(instance(title), pdu.OctetString("pump")), vb(colName.Append(1), pdu.OctetString("one"))}},
		{"next over a Counter64", next(instance(label)), 0, 0, []pdu.VarBind{vb(colIndex.Append(1), pdu.Integer(1))}}, // 3584-4.2.2.1-2
		{"next over a column of Counter64", next(colName.Append(10)), 0, 0, []pdu.VarBind{vb(colState.Append(1), pdu.Integer(1))}},
		{"next at the end", next(title, end), pdu.NoSuchName, 2, nil},                                                // 1157-4.1.3-1
		{"next what fails", next(failing.Append(1)), pdu.GenErr, 1, nil},                                             // 1157-4.1.3-2
		{"set", set(point(5)), 0, 0, nil},                                                                            // 1157-4.1.5-5
		{"set what cannot be set", set(point(5), vb(instance(title), pdu.OctetString("x"))), pdu.NoSuchName, 2, nil}, // 1157-4.1.5-1: never readOnly
		{"set no object", set(vb(base.Append(77), pdu.Integer(1))), pdu.NoSuchName, 1, nil},
		{"set the wrong type", set(vb(instance(setpoint), pdu.OctetString("5"))), pdu.BadValue, 1, nil}, // 1157-4.1.5-2
		{"set the wrong length", set(vb(instance(label), pdu.OctetString("much too long"))), pdu.BadValue, 1, nil},
		{"set the wrong value", set(point(5), point(500)), pdu.BadValue, 2, nil},
		{"set the wrong instance", set(vb(setpoint.Append(7), pdu.Integer(1))), pdu.NoSuchName, 1, nil},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, r) })
	}
}

// RFC 3584 §4.2.2.1: a walk whose last instances are Counter64 ends before them.
func TestV1EndsWithCounter64(t *testing.T) {
	tree := newTree(t, &plant{})
	register(t, tree, base.Append(8), instances([]pdu.VarBind{
		vb(base.Append(8, 1), pdu.Integer(1)), vb(base.Append(8, 2), pdu.Counter64(1)), vb(base.Append(8, 3), pdu.Counter64(1))}))
	r := newRig(t, withMIB(tree))
	got := r.ask(message(pdu.V1, pdu.GetNextRequest, names(base.Append(8, 1))...))
	if got.ErrorStatus != pdu.NoSuchName || got.ErrorIndex != 1 || !slices.Equal(got.VarBinds, names(base.Append(8, 1))) {
		t.Errorf("%v at %d, %v", got.ErrorStatus, got.ErrorIndex, got.VarBinds)
	}
}

// RFC 3584 §4.2.2.3, §4.4: every status that a handler can give, as SNMPv1 says it.
func TestV1Statuses(t *testing.T) {
	want := map[pdu.ErrorStatus]pdu.ErrorStatus{
		pdu.WrongValue: pdu.BadValue, pdu.WrongEncoding: pdu.BadValue, pdu.WrongType: pdu.BadValue, // 3584-4.4-2
		pdu.WrongLength: pdu.BadValue, pdu.InconsistentValue: pdu.BadValue,
		pdu.NoAccess: pdu.NoSuchName, pdu.NotWritable: pdu.NoSuchName, pdu.NoCreation: pdu.NoSuchName, // 3584-4.4-3
		pdu.InconsistentName: pdu.NoSuchName, pdu.AuthorizationError: pdu.NoSuchName,
		pdu.ResourceUnavailable: pdu.GenErr, pdu.CommitFailed: pdu.GenErr, pdu.UndoFailed: pdu.GenErr, // 3584-4.4-4
		pdu.GenErr: pdu.GenErr,
	}
	tree := newTree(t, &plant{})
	var refuse pdu.ErrorStatus
	register(t, tree, base.Append(8), &changer{handler: handler{inline: true}, test: func([]pdu.VarBind) error { return refuse }})
	r := newRig(t, withMIB(tree))
	for refuse = pdu.GenErr; refuse <= pdu.InconsistentName; refuse++ {
		before := r.Stats().SNMP[agent.SnmpInBadCommunityUses]
		got := r.ask(private(message(pdu.V1, pdu.SetRequest, vb(base.Append(8, 0), pdu.Integer(1)))))
		if got.ErrorStatus != want[refuse] || got.ErrorIndex != 1 {
			t.Errorf("%v has become %v at %d, want %v at 1", refuse, got.ErrorStatus, got.ErrorIndex, want[refuse])
		}
		counted := r.Stats().SNMP[agent.SnmpInBadCommunityUses] - before
		if wantCounted := refuse == pdu.AuthorizationError; (counted == 1) != wantCounted { // 3584-4.4-5
			t.Errorf("%v: snmpInBadCommunityUses has gone up by %d", refuse, counted)
		}
	}
}

// RFC 1157 §5, 1157-5-1, RFC 3584 §4.2.2.1: nothing that SNMPv1 does not have
// leaves in an SNMPv1 message, not even as what a request is answered with.
func TestV1Syntaxes(t *testing.T) {
	r := newRig(t, withMIB(newTree(t, &plant{})))
	for _, value := range []pdu.Value{pdu.Counter64(1), pdu.NoSuchObject, pdu.NoSuchInstance, pdu.EndOfMibView} {
		for _, kind := range []pdu.Kind{pdu.GetRequest, pdu.GetNextRequest, pdu.SetRequest} {
			before := r.Stats()
			m := message(pdu.V1, kind, vb(instance(title), value))
			r.silent(m.Append(nil))
			r.countedIn(before, "snmpInASNParseErrs")
			m.Version = pdu.V2c
			r.ask(m)
		}
	}
	// What SNMPv1's own types are, in requests and answers.
	for _, value := range []pdu.Value{pdu.Integer(-1), pdu.OctetString("x"), pdu.Null, pdu.ObjectIdentifier(base), pdu.Counter32(1),
		pdu.Gauge32(1), pdu.TimeTicks(1), pdu.Opaque("\x04\x01x")} {
		t.Run(fmt.Sprint(value), func(t *testing.T) {
			r.t = t
			r.ask(message(pdu.V1, pdu.SetRequest, vb(instance(title), value)))
		})
	}
}
