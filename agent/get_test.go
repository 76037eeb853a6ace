package agent_test

import (
	"errors"
	"slices"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// A readCase is a request that reads and its Response.
type readCase struct {
	name     string
	request  pdu.Message
	status   pdu.ErrorStatus
	index    int32
	varBinds []pdu.VarBind // nil: the request's
}

func (tt *readCase) run(t *testing.T, r *rig) {
	t.Helper()
	r.t = t
	got := r.ask(tt.request)
	if got.ErrorStatus != tt.status || got.ErrorIndex != tt.index {
		t.Errorf("error-status %v at %d, want %v at %d", got.ErrorStatus, got.ErrorIndex, tt.status, tt.index)
	}
	want := tt.varBinds
	if want == nil {
		want = tt.request.PDU.VarBinds
	}
	if !slices.Equal(got.VarBinds, want) {
		t.Errorf("varbinds\n%v, want\n%v", got.VarBinds, want)
	}
}

// failing is a handler that cannot answer.
var failing = base.Append(7)

func treeWithFailing(t *testing.T) *mib.Tree {
	tree := newTree(t, &plant{})
	broken := errors.New("the sensor is gone")
	register(t, tree, failing, &handler{
		inline: true,
		get: func(_ *mib.Request, name ber.OID) (pdu.Value, error) {
			if name == failing.Append(9) {
				return pdu.Value{}, pdu.ResourceUnavailable
			}
			return pdu.Value{}, broken
		},
		next: func(_ *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
			first := failing.Append(1)
			if from > first {
				return 0, broken
			}
			dst[0] = vb(first, pdu.Integer(1))
			return 1, nil
		},
	})
	return tree
}

// RFC 3416 §4.2.1: the GetRequest-PDU.
func TestGet(t *testing.T) {
	r := newRig(t, withMIB(treeWithFailing(t)))
	get := func(list ...ber.OID) pdu.Message { return message(pdu.V2c, pdu.GetRequest, names(list...)...) }
	ignored := get(instance(title))
	ignored.PDU.ErrorStatus, ignored.PDU.ErrorIndex = pdu.GenErr, 9
	ignored.PDU.VarBinds[0].Value = pdu.Integer(5)

	for _, tt := range []readCase{
		{"the value", get(instance(title)), 0, 0, []pdu.VarBind{vb(instance(title), pdu.OctetString("pump"))}}, // 3416-4.2.1-2
		{"of a column", get(colCount.Append(10)), 0, 0, []pdu.VarBind{vb(colCount.Append(10), pdu.Counter64(10<<33))}},
		{"no object", get(base.Append(77, 0)), 0, 0, []pdu.VarBind{vb(base.Append(77, 0), pdu.NoSuchObject)}}, // 3416-4.2.1-3
		{"an ancestor of objects", get(base), 0, 0, []pdu.VarBind{vb(base, pdu.NoSuchObject)}},
		{"a row", get(entry), 0, 0, []pdu.VarBind{vb(entry, pdu.NoSuchObject)}},
		{"a column that is not there", get(entry.Append(9, 1)), 0, 0, []pdu.VarBind{vb(entry.Append(9, 1), pdu.NoSuchObject)}},
		{"the object itself", get(title), 0, 0, []pdu.VarBind{vb(title, pdu.NoSuchInstance)}}, // 3416-4.2.1-4
		{"another instance", get(title.Append(1)), 0, 0, []pdu.VarBind{vb(title.Append(1), pdu.NoSuchInstance)}},
		{"a column", get(colName), 0, 0, []pdu.VarBind{vb(colName, pdu.NoSuchInstance)}},
		{"no row", get(colIndex.Append(3)), 0, 0, []pdu.VarBind{vb(colIndex.Append(3), pdu.NoSuchInstance)}},
		{"an index too long", get(colIndex.Append(1, 2)), 0, 0, []pdu.VarBind{vb(colIndex.Append(1, 2), pdu.NoSuchInstance)}},
		{"a cell that is empty", get(colName.Append(2)), 0, 0, []pdu.VarBind{vb(colName.Append(2), pdu.NoSuchInstance)}},
		{"exceptions stop nothing", get(base.Append(77), instance(title), title), 0, 0, []pdu.VarBind{ // 3416-4.2.1-6
			vb(base.Append(77), pdu.NoSuchObject), vb(instance(title), pdu.OctetString("pump")), vb(title, pdu.NoSuchInstance)}},
		{"the same name twice", get(instance(after), instance(after)), 0, 0, []pdu.VarBind{ // 3416-4.2-6
			vb(instance(after), pdu.TimeTicks(99)), vb(instance(after), pdu.TimeTicks(99))}},
		{"no names", get(), 0, 0, []pdu.VarBind{}}, // 3416-4.2-5
		{"what the procedure does not mention is ignored", ignored, 0, 0, []pdu.VarBind{vb(instance(title), pdu.OctetString("pump"))}}, // 3416-4.2-1
		{"a handler fails", get(instance(title), failing.Append(1), base), pdu.GenErr, 2, nil},                                         // 3416-4.2.1-7
		{"with a status that is none here", get(failing.Append(9)), pdu.GenErr, 1, nil},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, r) })
	}
}

// RFC 3416 §4.2.1, octet by octet.
func TestGetOctets(t *testing.T) {
	tree := mib.NewTree()
	sysUpTime := ber.MustOID("1.3.6.1.2.1.1.3")
	if err := (mib.Scalar{Object: sysUpTime, Get: mib.Constant(pdu.TimeTicks(1 << 31))}).Register(tree); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, withMIB(tree))
	for _, tt := range []struct{ name, request, want string }{
		{"SNMPv2c", `
			30 29 | Message
			  02 01 01                | version
			  04 06 70 75 62 6c 69 63 | community
			  a0 1c                   | GetRequest-PDU
			    02 04 80 00 00 00     | request-id -2147483648
			    02 01 00 02 01 00     | error-status, error-index
			    30 0e 30 0c
			      06 08 2b 06 01 02 01 01 03 00 05 00`, `
			30 2e
			  02 01 01
			  04 06 70 75 62 6c 69 63
			  a2 21                   | Response-PDU
			    02 04 80 00 00 00
			    02 01 00 02 01 00
			    30 13 30 11
			      06 08 2b 06 01 02 01 01 03 00 43 05 00 80 00 00 00`},
		{"SNMPv1, lengths of any form", `
			30 84 00 00 00 2b
			  02 01 00
			  04 81 06 70 75 62 6c 69 63
			  a0 82 00 1b
			    02 01 2a
			    02 02 00 00 02 01 00  | an INTEGER that is not in its shortest form
			    30 0f 30 81 0c
			      06 08 2b 06 01 02 01 01 03 00 05 00`, `
			30 2b
			  02 01 00
			  04 06 70 75 62 6c 69 63
			  a2 1e
			    02 01 2a
			    02 01 00 02 01 00
			    30 13 30 11
			      06 08 2b 06 01 02 01 01 03 00 43 05 00 80 00 00 00`},
		{"SNMPv1, noSuchName", `
			30 26
			  02 01 00
			  04 06 70 75 62 6c 69 63
			  a0 19
			    02 01 2a
			    02 01 00 02 01 00
			    30 0e 30 0c
			      06 08 2b 06 01 02 01 01 03 01 05 00`, `
			30 26
			  02 01 00
			  04 06 70 75 62 6c 69 63
			  a2 19
			    02 01 2a
			    02 01 02 02 01 01     | noSuchName at 1
			    30 0e 30 0c
			      06 08 2b 06 01 02 01 01 03 01 05 00`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.t = t
			answers := r.exchange(octets(t, tt.request))
			if len(answers) != 1 || string(answers[0]) != string(octets(t, tt.want)) {
				t.Errorf("% x, want %s", answers, tt.want)
			}
		})
	}
}

// RFC 3416 §4.2.1, 3416-4.2.1-5: what counts is what the view may hold, and not
// whether a hidden instance exists.
func TestGetHidden(t *testing.T) {
	tree := newTree(t, &plant{})
	for _, tt := range []struct {
		name    string
		subtree ber.OID
		get     ber.OID
		want    pdu.Value
	}{
		{"in the view", colName.Append(1), colName.Append(1), pdu.OctetString("one")},
		{"another row is in the view", colName.Append(1), colName.Append(10), pdu.NoSuchInstance},
		{"another row, and this one does not exist", colName.Append(1), colName.Append(2), pdu.NoSuchInstance},
		{"another column is in the view", colName, colIndex.Append(1), pdu.NoSuchObject},
		{"another column, and this one does not exist", colName, entry.Append(9, 1), pdu.NoSuchObject},
		{"the view holds but one row of the column that comes before", colIndex.Append(1), colIndex.Append(10), pdu.NoSuchInstance},
		{"the instance beside", instance(title), title.Append(1), pdu.NoSuchInstance},
		{"the object above the instance", instance(title), title, pdu.NoSuchInstance},
		{"another scalar", instance(title), instance(label), pdu.NoSuchObject},
		{"elsewhere", ber.MustOID("1.3.6.1.2"), instance(title), pdu.NoSuchObject},
		{"there is nothing in the view", ber.MustOID("1.3.6.1.2"), ber.MustOID("1.3.6.1.3.0"), pdu.NoSuchObject},
		{"nothing in common", ber.MustOID("2.5"), instance(title), pdu.NoSuchObject},
		{"the view is below an instance", instance(title).Append(1), instance(title), pdu.NoSuchInstance},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, withMIB(tree), func(a *agent.Agent) {
				a.Access = vacm.MustNew(vacm.CommunityRule{Community: "public", Subtree: tt.subtree})
			})
			got := r.ask(message(pdu.V2c, pdu.GetRequest, names(tt.get)...))
			if len(got.VarBinds) != 1 || got.VarBinds[0] != vb(tt.get, tt.want) || got.ErrorStatus != pdu.NoError {
				t.Errorf("%v %v, want %v", got.ErrorStatus, got.VarBinds, tt.want)
			}
		})
	}
}

// RFC 3416 §3: every request-id comes back as it was.
func TestRequestID(t *testing.T) {
	r := newRig(t, withMIB(newTree(t, &plant{})))
	for _, id := range []int32{-1 << 31, -214783648, -129, -128, -1, 0, 1, 127, 128, 255, 1<<31 - 1} {
		m := message(pdu.V2c, pdu.GetRequest, names(instance(title))...)
		m.PDU.RequestID = id
		r.ask(m)
	}
}
