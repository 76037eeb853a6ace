package agent_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// A changer is a writable handler made of functions; nil ones agree.
type changer struct {
	handler
	test   func(vbs []pdu.VarBind) error
	commit func(vbs []pdu.VarBind) error
	undo   func() error
	closed func()
}

func (c *changer) Test(_ *mib.Request, vbs []pdu.VarBind) (mib.Change, error) {
	if c.test != nil {
		if err := c.test(vbs); err != nil {
			return nil, err
		}
	}
	kept := make([]pdu.VarBind, len(vbs))
	for i := range vbs {
		kept[i] = vbs[i].Clone()
	}
	return &change{c, kept}, nil
}

type change struct {
	*changer
	vbs []pdu.VarBind
}

func (c *change) Commit(*mib.Request) error {
	if c.commit == nil {
		return nil
	}
	return c.commit(c.vbs)
}

func (c *change) Undo(*mib.Request) error {
	if c.undo == nil {
		return nil
	}
	return c.undo()
}

func (c *change) Close() {
	if c.closed != nil {
		c.closed()
	}
}

// RFC 3416 §4.2.5: the SetRequest-PDU. Nothing changes but by what is answered
// with noError, and then every varbind has been assigned.
func TestSet(t *testing.T) {
	refusing := base.Append(8)
	p := &plant{}
	tree := newTree(t, p)
	register(t, tree, refusing, &changer{handler: handler{inline: true}, test: func(vbs []pdu.VarBind) error {
		for i := range vbs {
			if at := vbs[i].Name.At(base.Len() + 1); at < 100 {
				return &pdu.StatusError{Status: pdu.ErrorStatus(at), Index: i + 1}
			}
		}
		return nil
	}})
	r := newRig(t, withMIB(tree))
	set := func(list ...pdu.VarBind) pdu.Message { return private(message(pdu.V2c, pdu.SetRequest, list...)) }
	point := func(n int32) pdu.VarBind { return vb(instance(setpoint), pdu.Integer(n)) }
	name := func(s string) pdu.VarBind { return vb(instance(label), pdu.OctetString(s)) }

	tests := []struct {
		name    string
		request pdu.Message
		status  pdu.ErrorStatus
		index   int32
	}{
		{"one variable", set(point(50)), 0, 0},
		{"several", set(point(51), name("north")), 0, 0}, // 3416-4.2.5-17
		{"a name twice: the last is assigned", set(point(1), point(2)), 0, 0},
		{"none", set(), 0, 0},
		{"with a community that may not", message(pdu.V2c, pdu.SetRequest, name("a"), point(9)), pdu.NoAccess, 1}, // 3416-4.2.5-3
		{"an object that cannot be written", set(vb(instance(title), pdu.OctetString("x"))), pdu.NotWritable, 1},  // 3416-4.2.5-4
		{"a column that cannot be written", set(point(9), vb(colName.Append(1), pdu.OctetString("x"))), pdu.NotWritable, 2},
		{"an unknown object", set(point(9), vb(base.Append(77, 0), pdu.Integer(1))), pdu.NotWritable, 2},
		{"a counter", set(vb(instance(total), pdu.Counter64(1))), pdu.NotWritable, 1},                    // RFC 2578 §7.1.6
		{"another type", set(name("a"), vb(instance(setpoint), pdu.OctetString("9"))), pdu.WrongType, 2}, // 3416-4.2.5-5
		{"an unsigned type", set(vb(instance(setpoint), pdu.Gauge32(9))), pdu.WrongType, 1},
		{"NULL", set(vb(instance(setpoint), pdu.Null)), pdu.WrongType, 1},
		{"an exception", set(vb(instance(setpoint), pdu.NoSuchObject)), pdu.WrongType, 1}, // 3416-3-8
		{"an obsolete type", set(vb(instance(setpoint), pdu.UInteger32(9))), pdu.WrongType, 1},
		{"too long", set(point(9), name("a name that is too long")), pdu.WrongLength, 2}, // 3416-4.2.5-6
		{"out of range", set(point(101)), pdu.WrongValue, 1},                             // 3416-4.2.5-9
		{"type before instance", set(vb(setpoint.Append(1), pdu.OctetString(""))), pdu.WrongType, 1},
		{"an instance that cannot be", set(vb(setpoint.Append(1), pdu.Integer(1))), pdu.NoCreation, 1},                   // 3416-4.2.5-10
		{"the first of several is named", set(point(9), point(101), name("a name that is too long")), pdu.WrongValue, 2}, // 3416-4.2.5-16
		{"in the order of the request, not of the tree", set(name("a name that is too long"), point(101)), pdu.WrongLength, 1},
		{"access to all comes first", message(pdu.V2c, pdu.SetRequest, point(101)), pdu.NoAccess, 1},
	}
	for status := pdu.NoAccess; status <= pdu.InconsistentName; status++ { // 3416-4.2.5-2, -11 to -15
		tests = append(tests, struct {
			name    string
			request pdu.Message
			status  pdu.ErrorStatus
			index   int32
		}{"refused with " + status.String(), set(point(7), vb(refusing.Append(uint32(status)), pdu.Integer(1))), status, 2})
	}
	for _, status := range []pdu.ErrorStatus{pdu.NoSuchName, pdu.BadValue, pdu.ReadOnly, 19, 99} { // RFC 3416 §3, 3416-3-5
		tests = append(tests, struct {
			name    string
			request pdu.Message
			status  pdu.ErrorStatus
			index   int32
		}{fmt.Sprintf("refused with %v", status), set(vb(refusing.Append(uint32(status)), pdu.Integer(1)), point(7)), pdu.GenErr, 1})
	}

	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r.t = t
			beforePoint, beforeLabel := p.get()
			got := r.ask(tt.request)
			if got.ErrorStatus != tt.status || got.ErrorIndex != tt.index {
				t.Errorf("%v at %d, want %v at %d", got.ErrorStatus, got.ErrorIndex, tt.status, tt.index)
			}
			if !slices.Equal(got.VarBinds, tt.request.PDU.VarBinds) { // 3416-4.2.5-22
				t.Errorf("varbinds %v, want the request's", got.VarBinds)
			}
			wantPoint, wantLabel := beforePoint, beforeLabel
			if tt.status == pdu.NoError {
				for _, vb := range tt.request.PDU.VarBinds {
					switch vb.Name {
					case instance(setpoint):
						wantPoint = vb.Value.Int()
					case instance(label):
						wantLabel = vb.Value.Octets()
					}
				}
			}
			if gotPoint, gotLabel := p.get(); gotPoint != wantPoint || gotLabel != wantLabel {
				t.Errorf("the values are %d, %q, want %d, %q", gotPoint, gotLabel, wantPoint, wantLabel)
			}
		})
	}
}

// RFC 3416 §4.2.5, 3416-4.2.5-1: a SetRequest whose Response would be too large is
// not processed at all.
func TestSetTooBig(t *testing.T) {
	p := &plant{}
	r := newRig(t, withMIB(newTree(t, p)), func(a *agent.Agent) { a.MsgMaxSize = 484 })
	var vbs []pdu.VarBind
	for range 40 {
		vbs = append(vbs, vb(instance(setpoint), pdu.Integer(5)))
	}
	got := r.ask(private(message(pdu.V2c, pdu.SetRequest, vbs...)))
	if got.ErrorStatus != pdu.TooBig || got.ErrorIndex != 0 || len(got.VarBinds) != 0 {
		t.Errorf("%v at %d with %d varbinds, want tooBig at 0 with none", got.ErrorStatus, got.ErrorIndex, len(got.VarBinds))
	}
	if n, _ := p.get(); n != 0 {
		t.Errorf("setpoint is %d, want 0", n)
	}
	// The largest request whose Response fits, whatever its error would be.
	for n := range vbs {
		request := private(message(pdu.V2c, pdu.SetRequest, vbs[:n]...))
		got, size := r.ask(request), len(request.Append(nil))
		if want := size <= 484; (got.ErrorStatus == pdu.NoError) != want {
			t.Errorf("%d octets: %v", size, got.ErrorStatus)
		}
	}
}

// RFC 3416 §4.2.5, 3416-4.2.5-19 and -20: commitFailed names the varbind and undoes
// the others, undoFailed names none. The Response has the request's varbinds.
func TestSetCommitFails(t *testing.T) {
	broken := errors.New("the valve is stuck")
	for _, tt := range []struct {
		name   string
		undo   error
		status pdu.ErrorStatus
		index  int32
		v1     pdu.ErrorStatus
	}{
		{"commitFailed", nil, pdu.CommitFailed, 2, pdu.GenErr},
		{"undoFailed", broken, pdu.UndoFailed, 0, pdu.GenErr},
	} {
		t.Run(tt.name, func(t *testing.T) {
			value, closed := int32(0), 0
			var reported error
			tree := mib.NewTree()
			register(t, tree, base.Append(1), &changer{
				handler: handler{inline: true},
				commit:  func(vbs []pdu.VarBind) error { value = vbs[0].Value.Int(); return nil },
				undo: func() error {
					if tt.undo == nil {
						value = 0
					}
					return tt.undo
				},
				closed: func() { closed++ },
			})
			register(t, tree, base.Append(2), &changer{
				handler: handler{inline: true},
				commit:  func([]pdu.VarBind) error { return broken },
				closed:  func() { closed++ },
			})
			r := newRig(t, withMIB(tree), func(a *agent.Agent) {
				a.OnError = func(e *agent.ErrorEvent) { reported = e.Err }
			})
			request := private(message(pdu.V2c, pdu.SetRequest, vb(base.Append(1, 0), pdu.Integer(5)), vb(base.Append(2, 0), pdu.Integer(6))))
			got := r.ask(request)
			if got.ErrorStatus != tt.status || got.ErrorIndex != tt.index || !slices.Equal(got.VarBinds, request.PDU.VarBinds) {
				t.Errorf("%v at %d, %v", got.ErrorStatus, got.ErrorIndex, got.VarBinds)
			}
			if !errors.Is(reported, broken) {
				t.Errorf("OnError had %v", reported)
			}
			if closed != 2 || tt.undo == nil && value != 0 {
				t.Errorf("%d changes closed, value %d", closed, value)
			}
			request.Version = pdu.V1 // RFC 3584 §4.4, 3584-4.4-4
			if got := r.ask(request); got.ErrorStatus != tt.v1 || got.ErrorIndex != tt.index {
				t.Errorf("SNMPv1: %v at %d", got.ErrorStatus, got.ErrorIndex)
			}
		})
	}
}

// RFC 3416 §4.2.5: whatever number of varbinds, each is assigned.
func TestSetManyVarBinds(t *testing.T) {
	tree := mib.NewTree()
	assigned := map[ber.OID]int32{}
	for i := range uint32(10) {
		register(t, tree, base.Append(i), &changer{handler: handler{inline: true}, commit: func(vbs []pdu.VarBind) error {
			for _, vb := range vbs {
				assigned[vb.Name] = vb.Value.Int()
			}
			return nil
		}})
	}
	r := newRig(t, withMIB(tree))
	var vbs []pdu.VarBind
	for i := range uint32(2500) {
		vbs = append(vbs, vb(base.Append(i%10, i), pdu.Integer(int32(i))))
	}
	request := private(message(pdu.V2c, pdu.SetRequest, vbs...))
	if got := r.ask(request); got.ErrorStatus != pdu.NoError || len(got.VarBinds) != len(vbs) || len(assigned) != len(vbs) {
		t.Fatalf("%v at %d, %d varbinds, %d assigned", got.ErrorStatus, got.ErrorIndex, len(got.VarBinds), len(assigned))
	}
	for _, vb := range vbs {
		if assigned[vb.Name] != vb.Value.Int() {
			t.Fatalf("%v is %d", vb, assigned[vb.Name])
		}
	}
}

// RFC 3416 §4.2.5, 3416-4.2.5-23: who reads sees all of a SET or nothing, on the
// reader's goroutine and on a worker's. It is the race detector's too.
func TestSetIsAtomic(t *testing.T) {
	for _, hooked := range []bool{false, true} {
		t.Run(fmt.Sprintf("hook=%v", hooked), func(t *testing.T) {
			p := &plant{label: "0"}
			a := agent.New()
			a.MIB, a.Access = newTree(t, p), readWrite
			a.LocalHost, a.LocalPort = "127.0.0.1", 0
			if hooked {
				a.OnGetRequest = func(*agent.RequestEvent) {} // leaves it to the MIB
				a.OnSetRequest = func(*agent.RequestEvent) {}
			}
			if err := a.Activate(); err != nil {
				t.Fatal(err)
			}
			defer a.Deactivate()
			var clients sync.WaitGroup
			writer := dial(t, a, "private")
			clients.Go(func() {
				for i := range int32(200) {
					n := i % 101
					if _, err := writer.Set(t.Context(), vb(instance(setpoint), pdu.Integer(n)), vb(instance(label), pdu.OctetString(fmt.Sprint(n)))); err != nil {
						t.Error(err)
						return
					}
				}
			})
			for range 2 {
				reader := dial(t, a, "public")
				clients.Go(func() {
					for range 300 {
						got, err := reader.Get(t.Context(), instance(setpoint), instance(label))
						if err != nil {
							t.Error(err)
							return
						}
						if n, s := got[0].Value.Int(), got[1].Value.Octets(); fmt.Sprint(n) != s {
							t.Errorf("setpoint %d with label %q", n, s)
							return
						}
					}
				})
			}
			clients.Wait()
		})
	}
}

// RFC 3584 §5.2.1, RFC 3418: what a community may not do counts in
// snmpInBadCommunityUses, and it is noAccess, noSuchName in SNMPv1.
func TestSetWithReadCommunity(t *testing.T) {
	r := newRig(t, withMIB(newTree(t, &plant{})))
	for i, v := range []pdu.Version{pdu.V1, pdu.V2c} {
		got := r.ask(message(v, pdu.SetRequest, vb(instance(setpoint), pdu.Integer(1))))
		want := []pdu.ErrorStatus{pdu.NoSuchName, pdu.NoAccess}[i]
		if got.ErrorStatus != want || got.ErrorIndex != 1 {
			t.Errorf("%v: %v at %d, want %v at 1", v, got.ErrorStatus, got.ErrorIndex, want)
		}
		if n := r.Stats().SNMP[agent.SnmpInBadCommunityUses]; n != uint32(i+1) {
			t.Errorf("snmpInBadCommunityUses is %d, want %d", n, i+1)
		}
	}
}

// RFC 3416 §4.2.5, 3416-4.2.5-22: the Response has the request's varbinds, in the shortest
// form however they came in.
func TestSetRepeatsVarBinds(t *testing.T) {
	p := &plant{}
	r := newRig(t, withMIB(newTree(t, p)), func(a *agent.Agent) { a.MsgMaxSize = 484 })
	w := ber.NewWriter(make([]byte, 100))
	w.OID(ber.ObjectIdentifier, instance(setpoint))
	name := string(w.Bytes())
	n := string([]byte{byte(len(name) + 3)}) // of a varbind with a short number
	longer := string([]byte{byte(len(name) + 4)})
	short := "\x30" + n + name + "\x02\x01\x05"
	long := "\x30\x82\x00" + longer + name + "\x02\x81\x01\x05"
	for _, tt := range []struct {
		name, list, want string
	}{
		{"none", "", ""},
		{"in the shortest form", short, short},
		{"lengths in a longer one", long + short, short + short},
		{"so long that only the shortest one fits", strings.Repeat(long, 24), strings.Repeat(short, 24)},
		{"a number longer than X.690 has it", "\x30" + longer + name + "\x02\x02\x00\x05", short},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.t = t
			for _, v := range []pdu.Version{pdu.V1, pdu.V2c} {
				before := r.Stats().SNMP[agent.SnmpInTotalSetVars]
				request := private(message(v, pdu.SetRequest))
				request.PDU.Encoded = []byte(tt.list)
				answers := r.exchange(encode(request))
				want := private(message(v, pdu.Response))
				want.PDU.Encoded = []byte(tt.want)
				if len(answers) != 1 || string(answers[0]) != string(encode(want)) {
					t.Errorf("%v: %d answers % X, want % X", v, len(answers), answers, encode(want))
				}
				if n := r.Stats().SNMP[agent.SnmpInTotalSetVars] - before; int(n) != strings.Count(tt.list, name) {
					t.Errorf("%v: %d variables are counted as set", v, n)
				}
			}
		})
	}
}

// RFC 3416 §4.2.5: the Response has the request's varbinds, whatever a handler does to
// those that it gets, and the one behind it gets its own.
func TestSetChangedByHandler(t *testing.T) {
	tree := mib.NewTree()
	var refused error
	register(t, tree, base.Append(1), &changer{handler: handler{inline: true}, test: func(vbs []pdu.VarBind) error {
		vbs[0].Value = pdu.Integer(99)
		_ = append(vbs, vb(base.Append(1, 9), pdu.Integer(99)))
		return refused
	}})
	register(t, tree, base.Append(2), &changer{handler: handler{inline: true}, test: func(vbs []pdu.VarBind) error {
		if len(vbs) != 1 || vbs[0] != vb(base.Append(2, 0), pdu.Integer(3)) {
			t.Errorf("the handler behind it gets %v", vbs)
		}
		return nil
	}})
	r := newRig(t, withMIB(tree))
	list := []pdu.VarBind{vb(base.Append(1, 0), pdu.Integer(1)), vb(base.Append(2, 0), pdu.Integer(3))}
	for _, status := range []pdu.ErrorStatus{pdu.NoError, pdu.WrongValue} {
		if refused = status; status == pdu.NoError {
			refused = nil
		}
		if got := r.ask(private(message(pdu.V2c, pdu.SetRequest, list...))); got.ErrorStatus != status || !slices.Equal(got.VarBinds, list) {
			t.Errorf("%v with %v, want %v with %v", got.ErrorStatus, got.VarBinds, status, list)
		}
	}
}

// What a SET was given is not kept in the datagram's memory.
func TestSetValueOutlivesDatagram(t *testing.T) {
	p := &plant{}
	r := newRig(t, withMIB(newTree(t, p)))
	r.ask(private(message(pdu.V2c, pdu.SetRequest, vb(instance(label), pdu.OctetString("keep me")))))
	r.ask(message(pdu.V2c, pdu.GetRequest, vb(instance(title), pdu.OctetString(strings.Repeat("y", 1000)))))
	if _, s := p.get(); s != "keep me" {
		t.Errorf("the label has become %q", s)
	}
}
