package fuzz

import (
	"bytes"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/ber/bertest"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/transport/memnet"
)

// What the agent of FuzzAgent serves. The community "public" may read what is
// below open, "private" may read and write everything.
var (
	device  = ber.MustOID("1.3.6.1.4.1.32473")
	open    = device.Append(1)
	number  = open.Append(1, 0) // an INTEGER that can be written
	text    = open.Append(2, 0) // a string of up to 16 octets that can be written
	large   = open.Append(3, 0) // a string of 300 octets
	columns = open.Append(4, 1) // of a table with the rows 1, 2 and 300: INTEGER, Counter64, OCTET STRING
	hidden  = device.Append(2, 1, 0)
)

type line struct{ index uint32 }

// A target is an agent on a network in memory, and all that one can see of it.
type target struct {
	*agent.Agent
	limits agent.Agent // the limits that have been set, none of them 0

	socket, client *memnet.Conn
	to             netip.AddrPort
	in             [8]transport.Packet

	// What the handlers of the objects work on. The agent's goroutine and the test
	// take turns.
	number  int32
	text    string
	touched int // calls of handlers

	bad  int // calls of OnBadPacket
	sent int // datagrams that OnPacketTrace has seen leave
}

func newTarget(f *testing.F, strict bool, maxSize int) *target {
	f.Helper()
	const at, from = "192.0.2.1:161", "192.0.2.9:40000"
	network := agenttest.NewNetwork()
	a := &target{Agent: agent.New(), socket: network.Listen(f, at), client: network.Listen(f, from), to: netip.MustParseAddrPort(at)}
	a.Logger = slog.New(slog.DiscardHandler)
	var pool transport.Pool
	for i := range a.in {
		a.in[i].Buf = pool.Get(transport.FullSize)
	}
	a.Conns = []transport.Conn{a.socket}
	a.MIB = a.tree(f)
	a.Access = vacm.MustNew(
		vacm.CommunityRule{Community: "public", Subtree: open},
		vacm.CommunityRule{Community: "private", Writable: true},
	)
	a.Strict = strict
	a.MsgMaxSize, a.MaxPacketSize, a.MaxBulkResponse = maxSize, maxSize, min(maxSize, 1472)
	a.OnBadPacket = func(*agent.BadPacketEvent) { a.bad++ }
	a.OnPacketTrace = func(e *agent.PacketTraceEvent) {
		if e.Direction == agent.Outgoing {
			a.sent++
		}
	}
	if err := a.Activate(); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(a.Deactivate)
	return a
}

// tree returns the objects. None of them blocks, so that the agent's reader
// answers all requests itself, one after the other.
func (a *target) tree(f *testing.F) *mib.Tree {
	touch := func(v func() pdu.Value) func(*mib.Request) (pdu.Value, error) {
		return func(*mib.Request) (pdu.Value, error) {
			a.touched++
			return v(), nil
		}
	}
	tree := mib.NewTree()
	object := func(instance ber.OID) ber.OID { return instance.Slice(0, instance.Len()-1) }
	for _, s := range []mib.Scalar{
		{
			Object: object(number), Syntax: pdu.TypeInteger,
			Get: touch(func() pdu.Value { return pdu.Integer(a.number) }),
			Set: func(_ *mib.Request, v pdu.Value) error {
				a.touched++
				a.number = v.Int()
				return nil
			},
		},
		{
			Object: object(text), Syntax: pdu.TypeOctetString,
			Get: touch(func() pdu.Value { return pdu.OctetString(a.text) }),
			Check: func(_ *mib.Request, v pdu.Value) error {
				a.touched++
				if len(v.Octets()) > 16 {
					return pdu.WrongLength
				}
				return nil
			},
			Set: func(_ *mib.Request, v pdu.Value) error {
				a.touched++
				a.text = strings.Clone(v.Octets())
				return nil
			},
		},
		{Object: object(large), Get: touch(func() pdu.Value { return pdu.OctetString(strings.Repeat("x", 300)) })},
		{Object: object(hidden), Get: touch(func() pdu.Value { return pdu.OctetString("not for the public") })},
	} {
		if err := s.Register(tree); err != nil {
			f.Fatal(err)
		}
	}
	rows := &mib.Rows[line]{Index: func(x *mib.Index, l *line) { x.Uint32(&l.index) }}
	if err := rows.Store([]line{{1}, {2}, {300}}); err != nil {
		f.Fatal(err)
	}
	table := mib.Table[line]{Entry: columns, Rows: rows}
	for i := range uint32(3) {
		table.Columns = append(table.Columns, mib.Column[line]{Arc: i + 1, Get: func(l *line) pdu.Value {
			a.touched++
			return cell(i, l.index)
		}})
	}
	if err := table.Register(tree); err != nil {
		f.Fatal(err)
	}
	return tree
}

// cell is a value of the table.
func cell(column, index uint32) pdu.Value {
	switch column {
	case 0:
		return pdu.Integer(int32(index))
	case 1:
		return pdu.Counter64(uint64(index) << 40)
	}
	return pdu.OctetString(strings.Repeat("r", int(index%7)))
}

// instances is all that there is, in order.
func (a *target) instances() []pdu.VarBind {
	list := []pdu.VarBind{
		{Name: number, Value: pdu.Integer(a.number)},
		{Name: text, Value: pdu.OctetString(a.text)},
		{Name: large, Value: pdu.OctetString(strings.Repeat("x", 300))},
	}
	for column := range uint32(3) {
		for _, index := range []uint32{1, 2, 300} {
			list = append(list, pdu.VarBind{Name: columns.Append(column+1, index), Value: cell(column, index)})
		}
	}
	return append(list, pdu.VarBind{Name: hidden, Value: pdu.OctetString("not for the public")})
}

// exchange sends a datagram, waits until the agent has dealt with it, and returns
// what came back.
func (a *target) exchange(t *testing.T, datagram []byte) (answers [][]byte) {
	t.Helper()
	if _, err := a.client.Write([]transport.Packet{{Data: datagram, Remote: a.to}}); err != nil {
		t.Fatal(err)
	}
	if err := a.socket.WaitIdle(1); err != nil {
		t.Fatal(err)
	}
	for a.client.Pending() > 0 {
		n, err := a.client.Read(a.in[:])
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range a.in[:n] {
			answers = append(answers, bytes.Clone(p.Data))
		}
	}
	return answers
}

// The counters in which a datagram can end, as package agent documents them at
// Stats.
var ends = []struct {
	name  string
	count func(*agent.Stats) uint64
}{
	{"Answered", func(s *agent.Stats) uint64 { return s.Answered }},
	{"SendErrors", func(s *agent.Stats) uint64 { return s.SendErrors }},
	{"snmpSilentDrops", func(s *agent.Stats) uint64 { return uint64(s.SNMP[agent.SnmpSilentDrops]) }},
	{"Unanswered", func(s *agent.Stats) uint64 { return s.Unanswered }},
	{"Overloaded", func(s *agent.Stats) uint64 { return s.Overloaded }},
	{"Delivered", func(s *agent.Stats) uint64 { return s.Delivered }},
	{"Unsolicited", func(s *agent.Stats) uint64 { return s.Unsolicited }},
	{"snmpUnknownPDUHandlers", func(s *agent.Stats) uint64 { return uint64(s.UnknownPDUHandlers) }},
	{"snmpInBadVersions", func(s *agent.Stats) uint64 { return uint64(s.SNMP[agent.SnmpInBadVersions]) }},
	{"snmpInBadCommunityNames", func(s *agent.Stats) uint64 { return uint64(s.SNMP[agent.SnmpInBadCommunityNames]) }},
	{"snmpInASNParseErrs", func(s *agent.Stats) uint64 { return uint64(s.SNMP[agent.SnmpInASNParseErrs]) }},
	{"snmpUnknownSecurityModels", func(s *agent.Stats) uint64 { return uint64(s.UnknownSecurityModels) }},
	{"snmpInvalidMsgs", func(s *agent.Stats) uint64 { return uint64(s.InvalidMsgs) }},
	{"snmpUnknownContexts", func(s *agent.Stats) uint64 { return uint64(s.UnknownContexts) }},
	{"usmStats", func(s *agent.Stats) (sum uint64) {
		for _, n := range s.USM {
			sum += uint64(n)
		}
		return sum
	}},
	{"Oversized", func(s *agent.Stats) uint64 { return s.Oversized }},
	{"NotAccepted", func(s *agent.Stats) uint64 { return s.NotAccepted }},
}

// fate says in which counter the agent has to count a datagram, and whether its
// community is known. The message is nil unless all of it is good. There is no
// user here: messages of SNMPv3 end in one counter or another, and that is "".
func (a *target) fate(datagram []byte) (end string, known bool, m *pdu.Message) {
	if len(datagram) > a.limits.MaxPacketSize {
		return "Oversized", false, nil
	}
	version, err := pdu.ReadVersion(datagram)
	switch {
	case err != nil:
		return "snmpInASNParseErrs", false, nil
	case version == pdu.V3:
		return "", false, nil
	case version != pdu.V1 && version != pdu.V2c:
		return "snmpInBadVersions", false, nil
	}
	header, err := pdu.ReadHeader(datagram, a.limits.Strict)
	if err != nil {
		return "snmpInASNParseErrs", false, nil
	}
	if c := string(header.Community); c != "public" && c != "private" {
		return "snmpInBadCommunityNames", false, nil
	}
	d := pdu.Decoder{Strict: a.limits.Strict}
	m = new(pdu.Message)
	if d.Message(datagram, m) != nil {
		return "snmpInASNParseErrs", true, nil
	}
	for _, vb := range m.PDU.VarBinds {
		if m.Version == pdu.V1 && (vb.Value.IsException() || vb.Value.Syntax() == pdu.TypeCounter64) {
			return "snmpInASNParseErrs", true, nil // RFC 3584 §4.2.2.1
		}
	}
	switch m.PDU.Kind {
	case pdu.Response, pdu.Report:
		return "Unsolicited", true, m
	case pdu.TrapV1, pdu.TrapV2, pdu.InformRequest:
		return "snmpUnknownPDUHandlers", true, m
	}
	return "Answered", true, m
}

// FuzzAgent sends its input to an agent that knows two communities, as a
// datagram: to one with the defaults, or to one that is strict and whose limits
// are as low as they can be.
//
//  1. No panic, no hang, and handlers are not called more often than the sizes of
//     request and answer allow.
//  2. There is at most one answer, and one only to a request; it is no longer
//     than the limits.
//  3. A request that reads is answered with the octets that a model finds, which
//     looks at every instance for every name. Nothing is read or written that
//     the community may not.
//  4. A SET is carried out as a whole or not at all, and answered with what it
//     did.
//  5. Each datagram is counted in one of the counters that Stats documents, in
//     the right one, and once; OnBadPacket and OnPacketTrace are told.
//  6. Before the community is found good, nothing changes but that counter, and
//     no handler is called.
func FuzzAgent(f *testing.F) {
	targets := []*target{newTarget(f, false, 65507), newTarget(f, true, 484)}
	for _, a := range targets {
		a.limits = agent.Agent{Strict: a.Strict, MsgMaxSize: a.MsgMaxSize, MaxPacketSize: a.MaxPacketSize, MaxBulkResponse: a.MaxBulkResponse}
	}
	for _, p := range bertest.Packets(f) {
		f.Add(p.Octets, false)
	}
	for _, m := range requests() {
		f.Add(m.Append(nil), false)
		f.Add(m.Append(nil), true)
	}
	f.Fuzz(func(t *testing.T, datagram []byte, low bool) {
		if len(datagram) > 65507 {
			return // no UDP datagram
		}
		a := targets[0]
		if low {
			a = targets[1]
		}
		a.number, a.text, a.touched, a.bad, a.sent = 7, "seven", 0, 0, 0
		end, known, m := a.fate(datagram)
		var want pdu.Message
		if m != nil {
			want = a.expect(m)
		}
		before := a.Stats()
		answers := a.exchange(t, datagram)
		if end == "" {
			a.checkSecure(t, before, len(answers))
		} else {
			a.checkCounters(t, before, end, known, len(answers))
		}
		if !known && a.touched > 0 {
			t.Fatalf("%d calls of handlers for a message whose community nobody has checked", a.touched)
		}
		if changed := a.number != 7 || a.text != "seven"; changed && (m == nil || m.PDU.Kind != pdu.SetRequest || string(m.Community) != "private") {
			t.Fatal("what is no SET of somebody who may write has changed the objects")
		}
		if len(answers) > 1 || end != "" && (end == "Answered") != (len(answers) == 1) {
			t.Fatalf("%d answers to a message that ends in %q", len(answers), end)
		}
		if len(answers) == 0 {
			return
		}
		if len(answers[0]) > a.limits.MsgMaxSize {
			t.Fatalf("an answer of %d octets, the limit is %d", len(answers[0]), a.limits.MsgMaxSize)
		}
		if end == "" {
			return
		}
		if most := 20 * (len(datagram) + len(answers[0])); a.touched > most {
			t.Fatalf("%d calls of handlers for %d and %d octets", a.touched, len(datagram), len(answers[0]))
		}
		strict := pdu.Decoder{Strict: true}
		var got pdu.Message
		if err := strict.Message(answers[0], &got); err != nil {
			t.Fatalf("the answer % X cannot be read: %v", answers[0], err)
		}
		if m.PDU.Kind == pdu.SetRequest {
			a.checkSet(t, m, &got)
			return
		}
		alike(got.PDU.VarBinds)
		if octets := want.Append(nil); !bytes.Equal(got.Append(nil), octets) || len(octets) != len(answers[0]) {
			t.Fatalf("the answer is\n%+v, want\n%+v", got, want)
		}
	})
}

// expect is the model's answer.
func (a *target) expect(m *pdu.Message) pdu.Message {
	world := model{request: m, maxSize: a.limits.MsgMaxSize, maxBulk: a.limits.MaxBulkResponse}
	for _, vb := range a.instances() {
		visible := string(m.Community) == "private" || vb.Name.HasPrefix(open)
		if visible && (m.Version != pdu.V1 || vb.Value.Syntax() != pdu.TypeCounter64) {
			world.instances = append(world.instances, vb)
		}
	}
	return world.read()
}

// checkCounters checks what has been counted since before: a datagram that ends
// in end.
func (a *target) checkCounters(t *testing.T, before agent.Stats, end string, known bool, answers int) {
	t.Helper()
	after := a.Stats()
	if n := after.SNMP[agent.SnmpInPkts] - before.SNMP[agent.SnmpInPkts]; n != 1 {
		t.Fatalf("snmpInPkts has gone up by %d", n)
	}
	for _, e := range ends {
		want := uint64(0)
		if e.name == end {
			want = 1
		}
		if n := e.count(&after) - e.count(&before); n != want {
			t.Fatalf("%s has gone up by %d, want %d: the datagram ends in %s", e.name, n, want, end)
		}
	}
	bad := 0
	switch end {
	case "snmpInBadVersions", "snmpInBadCommunityNames", "snmpInASNParseErrs", "snmpUnknownPDUHandlers", "snmpUnknownContexts":
		bad = 1
	}
	if a.bad != bad || a.sent != answers {
		t.Fatalf("OnBadPacket was called %d times, want %d; OnPacketTrace has seen %d answers, want %d", a.bad, bad, a.sent, answers)
	}
	if known {
		return
	}
	// Nothing else has changed.
	for name, counter := range map[string]int{
		"snmpInBadVersions": agent.SnmpInBadVersions, "snmpInBadCommunityNames": agent.SnmpInBadCommunityNames, "snmpInASNParseErrs": agent.SnmpInASNParseErrs,
	} {
		if name == end {
			after.SNMP[counter]--
		}
	}
	after.SNMP[agent.SnmpInPkts]--
	if end == "Oversized" {
		after.Oversized--
	}
	if after != before {
		t.Fatalf("the counters were\n%+v and are, but for %s,\n%+v", before, end, after)
	}
}

// checkSecure checks what has been counted since before for a message of SNMPv3:
// it ends somewhere, and since there is no user, it has no answer but a Report.
func (a *target) checkSecure(t *testing.T, before agent.Stats, answers int) {
	t.Helper()
	after := a.Stats()
	sum := uint64(0)
	for _, e := range ends {
		sum += e.count(&after) - e.count(&before)
	}
	if sum != 1 || after.SNMP[agent.SnmpInPkts]-before.SNMP[agent.SnmpInPkts] != 1 {
		t.Fatalf("a message of SNMPv3 is counted %d times", sum)
	}
	if after.Answered != before.Answered || after.Reported-before.Reported != uint64(answers) || a.sent != answers {
		t.Fatalf("%d answers to a message of SNMPv3, of which %d are Reports", answers, after.Reported-before.Reported)
	}
}

// checkSet checks the answer to a SET, and what has become of the objects.
func (a *target) checkSet(t *testing.T, request, answer *pdu.Message) {
	t.Helper()
	r := &answer.PDU
	if answer.Version != request.Version || !bytes.Equal(answer.Community, request.Community) || r.Kind != pdu.Response || r.RequestID != request.PDU.RequestID {
		t.Fatalf("a SET is answered with %+v", answer)
	}
	if r.ErrorStatus == pdu.TooBig && len(r.VarBinds) == 0 {
		r.VarBinds = request.PDU.VarBinds
	}
	if !slices.Equal(r.VarBinds, request.PDU.VarBinds) || int(r.ErrorIndex) > len(r.VarBinds) || r.ErrorIndex < 0 || !r.ErrorStatus.Valid() {
		t.Fatalf("the answer to a SET of %v is %v at %d with %v", request.PDU.VarBinds, r.ErrorStatus, r.ErrorIndex, r.VarBinds)
	}
	if request.Version == pdu.V1 && r.ErrorStatus > pdu.GenErr {
		t.Fatalf("%v in SNMPv1", r.ErrorStatus)
	}
	if r.ErrorStatus != pdu.NoError {
		if a.number != 7 || a.text != "seven" {
			t.Fatalf("a SET that failed with %v has changed the objects to %d and %q", r.ErrorStatus, a.number, a.text)
		}
		return
	}
	values := map[ber.OID][]pdu.Value{number: {pdu.Integer(7)}, text: {pdu.OctetString("seven")}}
	for name := range values {
		given := slices.DeleteFunc(slices.Clone(r.VarBinds), func(vb pdu.VarBind) bool { return vb.Name != name })
		if len(given) > 0 {
			values[name] = nil
		}
		for _, vb := range given {
			values[name] = append(values[name], vb.Value)
		}
	}
	for _, vb := range r.VarBinds {
		if _, ok := values[vb.Name]; !ok || string(request.Community) != "private" {
			t.Fatalf("a SET of %v has succeeded", vb)
		}
	}
	if !slices.Contains(values[number], pdu.Integer(a.number)) || !slices.Contains(values[text], pdu.OctetString(a.text)) {
		t.Fatalf("a SET of %v has succeeded, and the objects are %d and %q", r.VarBinds, a.number, a.text)
	}
}

// requests are seeds that the agent has something to do with.
func requests() (list []pdu.Message) {
	null := func(names ...ber.OID) (vbs []pdu.VarBind) {
		for _, n := range names {
			vbs = append(vbs, pdu.VarBind{Name: n, Value: pdu.Null})
		}
		return vbs
	}
	for _, v := range []pdu.Version{pdu.V1, pdu.V2c} {
		for _, community := range []string{"public", "private", "nobody"} {
			add := func(kind pdu.Kind, vbs ...pdu.VarBind) *pdu.PDU {
				list = append(list, pdu.Message{Version: v, Community: []byte(community), PDU: pdu.PDU{Kind: kind, RequestID: 1, VarBinds: vbs}})
				return &list[len(list)-1].PDU
			}
			add(pdu.GetRequest, null(number, text, columns.Append(2, 300))...)
			add(pdu.GetRequest, null(large, large, large, hidden, device)...)
			add(pdu.GetNextRequest, null(device, columns.Append(1, 300), hidden)...)
			add(pdu.SetRequest, pdu.VarBind{Name: number, Value: pdu.Integer(-3)}, pdu.VarBind{Name: text, Value: pdu.OctetString("three")})
			add(pdu.SetRequest, pdu.VarBind{Name: number, Value: pdu.Integer(1)}, pdu.VarBind{Name: text, Value: pdu.OctetString("far too long for this object")})
			add(pdu.SetRequest, pdu.VarBind{Name: hidden, Value: pdu.OctetString("x")}, pdu.VarBind{Name: number, Value: pdu.Integer(2)}, pdu.VarBind{Name: number, Value: pdu.Integer(3)})
			add(pdu.SetRequest, pdu.VarBind{Name: number, Value: pdu.OctetString(strings.Repeat("too long for the lower limit", 20))})
			add(pdu.Response, null(number)...)
			if v == pdu.V2c {
				bulk := add(pdu.GetBulkRequest, null(device, columns, columns.Append(3))...)
				bulk.NonRepeaters, bulk.MaxRepetitions = 1, 1<<31-1
				bulk = add(pdu.GetBulkRequest, null(large, ber.NewOID(0, 0))...)
				bulk.NonRepeaters, bulk.MaxRepetitions = -1, 3
				add(pdu.InformRequest, null(number)...)
				// Answers that come out at every distance from the lowest limit.
				for _, id := range []int32{1, 1 << 8, 1 << 16, 1 << 24} {
					for n := range 8 {
						bulk := add(pdu.GetBulkRequest, null(slices.Concat(slices.Repeat([]ber.OID{device}, n), []ber.OID{columns, columns})...)...)
						bulk.RequestID, bulk.MaxRepetitions = id, 100
					}
				}
			}
		}
	}
	return list
}
