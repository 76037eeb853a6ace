package agent_test

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/community"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/ber/bertest"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// RFC 1157 §4.1, RFC 3412 §4.2.1, RFC 3418 §2: messages that are not processed. Each
// ends in one counter, OnBadPacket tells, and nothing is sent.
func TestBadMessages(t *testing.T) {
	var told []agent.BadPacketEvent
	r := newRig(t, withMIB(newTree(t, &plant{})), func(a *agent.Agent) {
		a.OnBadPacket = func(e *agent.BadPacketEvent) {
			e.Packet = bytes.Clone(e.Packet)
			told = append(told, *e)
		}
	})
	good := encode(message(pdu.V2c, pdu.GetRequest, names(instance(title))...))
	// replace puts octets in the place of others in the good message.
	replace := func(old, new string) []byte {
		b := bytes.Replace(good, []byte(old), []byte(new), 1)
		if bytes.Equal(b, good) {
			t.Fatalf("% X has no % X", good, old)
		}
		return b
	}
	const version2c, public, getRequest = "\x02\x01\x01", "\x04\x06public", "\xa0\x1c"

	for _, tt := range []struct {
		name     string
		datagram []byte
		code     agent.Code
		counter  string
	}{
		// Step 1: what is no message.
		{"empty", nil, agent.CodeBadPacket, "snmpInASNParseErrs"}, // 3417-3.1-1
		{"one octet", []byte{0x30}, agent.CodeBadPacket, "snmpInASNParseErrs"},
		{"two octets", []byte{0x30, 0x00}, agent.CodeBadPacket, "snmpInASNParseErrs"},
		{"no SEQUENCE", replace("\x30", "\x31"), agent.CodeBadPacket, "snmpInASNParseErrs"},
		{"the indefinite form", append([]byte("\x30\x80"), good[2:]...), agent.CodeBadPacket, "snmpInASNParseErrs"}, // 3417-8-1
		{"cut off", good[:len(good)-1], agent.CodeBadPacket, "snmpInASNParseErrs"},
		// Step 2: versions.
		{"version 2", replace(version2c, "\x02\x01\x02"), agent.CodeBadVersion, "snmpInBadVersions"}, // 1157-4-4
		{"version -1", replace(version2c, "\x02\x01\xff"), agent.CodeBadVersion, "snmpInBadVersions"},
		{"version 3 with a community", replace(version2c, "\x02\x01\x03"), agent.CodeBadPacket, "snmpInASNParseErrs"},
		{"a version before an unknown community", bytes.Replace(replace(version2c, "\x02\x01\x02"), []byte("public"), []byte("Public"), 1), agent.CodeBadVersion, "snmpInBadVersions"},
		{"a version before anything else", octets(t, "30 05 02 01 04 ff ff"), agent.CodeBadVersion, "snmpInBadVersions"},
		{"a version that is no INTEGER", replace(version2c, "\x04\x01\x01"), agent.CodeBadPacket, "snmpInASNParseErrs"},
		// Step 3: communities.
		{"an unknown community", replace(public, "\x04\x06Public"), agent.CodeNotAuthenticated, "snmpInBadCommunityNames"}, // 3584-5.1-2
		{"a community cut short", append([]byte{good[0], good[1] - 1}, bytes.Replace(good[2:], []byte(public), []byte("\x04\x05publi"), 1)...), agent.CodeNotAuthenticated, "snmpInBadCommunityNames"},
		{"a community that goes on", append([]byte{good[0], good[1] + 1}, bytes.Replace(good[2:], []byte(public), []byte("\x04\x07public\x00"), 1)...), agent.CodeNotAuthenticated, "snmpInBadCommunityNames"},
		{"no community", append([]byte{good[0], good[1] - 6}, bytes.Replace(good[2:], []byte(public), []byte("\x04\x00"), 1)...), agent.CodeNotAuthenticated, "snmpInBadCommunityNames"},
		{"a community in the constructed form", replace(public, "\x24\x06public"), agent.CodeBadPacket, "snmpInASNParseErrs"},                                                                         // 3417-8-2
		{"an unknown community before a bad PDU", bytes.Replace(replace(public, "\x04\x06Public"), []byte(getRequest), []byte("\xa0\x7f"), 1), agent.CodeNotAuthenticated, "snmpInBadCommunityNames"}, // 1157-4-6
		// Step 4: PDUs.
		{"a PDU of no kind", replace(getRequest, "\xa9\x1c"), agent.CodeUnknownPDU, "snmpInASNParseErrs"}, // 3416-3-1
		{"SNMPv1's trap", replace(getRequest, "\xa4\x1c"), agent.CodeUnknownPDU, "snmpInASNParseErrs"},
		{"a PDU in the primitive form", replace(getRequest, "\x80\x1c"), agent.CodeUnknownPDU, "snmpInASNParseErrs"},
		{"a PDU that is too long", replace(getRequest, "\xa0\x7f"), agent.CodeDefectivePacket, "snmpInASNParseErrs"}, // 1157-4-7
		{"a PDU that is too short", replace(getRequest, "\xa0\x1b"), agent.CodeDefectivePacket, "snmpInASNParseErrs"},
		{"no PDU", octets(t, "30 0b 02 01 01 04 06 70 75 62 6c 69 63"), agent.CodeDefectivePacket, "snmpInASNParseErrs"},
		{"a name of no type", replace("\x06\x0b", "\x07\x0b"), agent.CodeDefectivePacket, "snmpInASNParseErrs"},
		{"a value of no type", replace("\x05\x00", "\x01\x00"), agent.CodeDefectivePacket, "snmpInASNParseErrs"}, // 3416-4.2-2
		{"octets behind the PDU", append([]byte{good[0], good[1] + 1}, append(bytes.Clone(good[2:len(good)-2]), 5, 1, 0)...), agent.CodeDefectivePacket, "snmpInASNParseErrs"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.t, told = t, nil
			before := r.Stats()
			r.silent(tt.datagram)
			r.countedIn(before, tt.counter)
			if in := r.Stats().SNMP[agent.SnmpInPkts] - before.SNMP[agent.SnmpInPkts]; in != 1 { // 3418-snmp-1
				t.Errorf("snmpInPkts has gone up by %d", in)
			}
			if len(told) != 1 {
				t.Fatalf("OnBadPacket was called %d times", len(told))
			}
			e := told[0]
			if e.Code != tt.code || e.Counter != tt.counter || !bytes.Equal(e.Packet, tt.datagram) || e.Source != netip.MustParseAddrPort(managerAddress) || e.Err == nil {
				t.Errorf("OnBadPacket had %+v, want %d, %s", e, tt.code, tt.counter)
			}
			if strings.Contains(e.Err.Error(), "ublic") {
				t.Errorf("the error names the community: %v", e.Err)
			}
		})
	}
	// The agent is none the worse.
	r.ask(message(pdu.V2c, pdu.GetRequest, names(instance(title))...))
}

// RFC 3416 §4.2.4, §4.2.6 and §4.2.7, RFC 3412 §4.2.2.1.2: what is no request has no
// answer.
func TestUnsolicited(t *testing.T) {
	r := newRig(t, withMIB(newTree(t, &plant{})))
	v1trap := pdu.Message{Version: pdu.V1, Community: []byte("public"), PDU: pdu.PDU{Kind: pdu.TrapV1},
		Trap: pdu.Trap{Enterprise: base, AgentAddr: netip.MustParseAddr("192.0.2.7")}}
	for _, tt := range []struct {
		name    string
		message pdu.Message
		counter string
		group   int // counter of the snmp group that counts besides
	}{
		{"Response", message(pdu.V2c, pdu.Response), "Unsolicited", agent.SnmpInGetResponses},
		{"Response with SNMPv1", message(pdu.V1, pdu.Response), "Unsolicited", agent.SnmpInGetResponses},
		{"Report", message(pdu.V2c, pdu.Report), "Unsolicited", 0},
		{"SNMPv2-Trap", message(pdu.V2c, pdu.TrapV2), "snmpUnknownPDUHandlers", agent.SnmpInTraps},
		{"Trap", v1trap, "snmpUnknownPDUHandlers", agent.SnmpInTraps},
		{"InformRequest", message(pdu.V2c, pdu.InformRequest), "snmpUnknownPDUHandlers", 0}, // 3416-4.2.7-3
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.t = t
			before := r.Stats()
			r.silent(tt.message.Append(nil))
			r.countedIn(before, tt.counter)
			if tt.group != 0 && r.Stats().SNMP[tt.group] != before.SNMP[tt.group]+1 {
				t.Errorf("snmp.%d has not gone up", tt.group)
			}
		})
	}
}

// RFC 1157 §3.2.5, RFC 3584 §5.1, §5.2.1: what a community stands for, and what
// handlers are told.
func TestCommunities(t *testing.T) {
	var seen mib.Request
	tree := mib.NewTree()
	register(t, tree, base, &handler{inline: true, get: func(r *mib.Request, _ ber.OID) (pdu.Value, error) {
		seen = *r
		return pdu.Integer(1), nil
	}})
	from := func(networks ...string) (list []netip.Prefix) {
		for _, n := range networks {
			list = append(list, netip.MustParsePrefix(n))
		}
		return list
	}
	r := newRig(t, withMIB(tree), func(a *agent.Agent) {
		a.Access = vacm.MustNew(
			vacm.CommunityRule{Community: "public", Sources: from("198.51.100.0/24")},
			vacm.CommunityRule{Community: "public", Sources: from("2001:db8::/32", "192.0.2.9/32"), Subtree: base.Append(1)},
			vacm.CommunityRule{Community: "public", Sources: from("192.0.2.0/24")},
			vacm.CommunityRule{Community: "elsewhere", Sources: from("198.51.100.0/24")},
			vacm.CommunityRule{Community: "\x00\xff"},
			vacm.CommunityRule{Community: ""},
		)
	})
	with := func(v pdu.Version, community string) pdu.Message {
		m := message(v, pdu.GetRequest, names(base.Append(1), base.Append(2))...)
		m.Community = []byte(community)
		return m
	}
	// The first rule for this source decides, 3584-5.2.1-4.
	if got := r.ask(with(pdu.V2c, "public")); got.VarBinds[0].Value != pdu.Integer(1) || got.VarBinds[1].Value.Syntax() != pdu.TypeNoSuchInstance {
		t.Errorf("%v, want the view of the second rule", got.VarBinds)
	}
	if seen.SecurityModel != pdu.SecurityModelV2c || seen.SecurityName != "community-rule-2" || seen.SecurityLevel != pdu.NoAuthNoPriv ||
		seen.Version != pdu.V2c || seen.Source != netip.MustParseAddrPort(managerAddress) || seen.Context == nil || !seen.Inline {
		t.Errorf("a handler has seen %+v", &seen)
	}
	r.ask(with(pdu.V1, "\x00\xff"))
	if seen.SecurityModel != pdu.SecurityModelV1 || seen.SecurityName != "community-rule-5" || seen.Version != pdu.V1 { // 3584-5.1-1
		t.Errorf("a handler has seen %+v", &seen)
	}
	r.ask(with(pdu.V2c, "")) // a community may be empty
	before := r.Stats()
	r.silent(encode(with(pdu.V2c, "elsewhere"))) // 3584-5.2.1-3
	r.countedIn(before, "snmpInBadCommunityNames")
	before = r.Stats()
	r.silent(encode(with(pdu.V2c, "\x00"))) // 3584-5.2.1-2
	r.countedIn(before, "snmpInBadCommunityNames")
}

// refusing is an Access with communities and without views.
type refusing struct{ agent.Access }

func (refusing) View(*mib.Request, vacm.ViewType) (vacm.View, error) {
	return nil, pdu.AuthorizationError
}

// RFC 3413 §3.2 (5): without a view nothing is done, whatever the operation, and
// the error-index is 0. RFC 3584 §4.4: it is noSuchName in SNMPv1, and counts.
func TestNoView(t *testing.T) {
	p := &plant{}
	r := newRig(t, withMIB(newTree(t, p)), func(a *agent.Agent) { a.Access = refusing{readWrite} })
	uses := uint32(0)
	for _, v := range []pdu.Version{pdu.V2c, pdu.V1} {
		want := pdu.AuthorizationError
		if v == pdu.V1 {
			want = pdu.NoSuchName
		}
		for _, kind := range []pdu.Kind{pdu.GetRequest, pdu.GetNextRequest, pdu.GetBulkRequest, pdu.SetRequest} {
			if !kind.In(v) || v == pdu.V1 && kind == pdu.GetBulkRequest {
				continue
			}
			got := r.ask(message(v, kind, vb(instance(setpoint), pdu.Integer(3))))
			if uses++; got.ErrorStatus != want || got.ErrorIndex != 0 || len(got.VarBinds) != 1 || r.Stats().SNMP[agent.SnmpInBadCommunityUses] != uses {
				t.Errorf("%v %v: %v at %d with %v, snmpInBadCommunityUses %d", v, kind, got.ErrorStatus, got.ErrorIndex, got.VarBinds, r.Stats().SNMP[agent.SnmpInBadCommunityUses])
			}
		}
	}
	if n, _ := p.get(); n != 0 {
		t.Errorf("a SET without a view has set the value to %d", n)
	}
}

// Versions can be switched off. Their messages count in snmpInBadVersions (RFC
// 3418, 3418-snmp-2).
func TestDisabledVersions(t *testing.T) {
	for _, off := range []pdu.Version{pdu.V1, pdu.V2c} {
		r := newRig(t, withMIB(newTree(t, &plant{})), func(a *agent.Agent) {
			a.DisableV1, a.DisableV2c = off == pdu.V1, off == pdu.V2c
		})
		before := r.Stats()
		r.silent(encode(message(off, pdu.GetRequest, names(instance(title))...)))
		r.countedIn(before, "snmpInBadVersions")
		r.ask(message(1-off, pdu.GetRequest, names(instance(title))...))
	}
}

// Strict refuses what X.690 forbids and others tolerate; by default it is counted.
func TestStrict(t *testing.T) {
	for _, strict := range []bool{false, true} {
		r := newRig(t, withMIB(newTree(t, &plant{})), func(a *agent.Agent) {
			a.Access, a.Strict = agent.InsecureAllowAll, strict
		})
		tolerated := uint64(0)
		for _, p := range bertest.Packets(t) {
			if p.Expect != "tolerated" {
				continue
			}
			before := r.Stats()
			answers := r.exchange(p.Octets)
			m, err := pdu.ParseMessage(p.Octets)
			if err != nil {
				t.Fatal(p.Name, err)
			}
			if want := !strict && m.PDU.Kind.Confirmed() && m.PDU.Kind != pdu.InformRequest; (len(answers) == 1) != want {
				t.Errorf("strict=%v, %s: %d answers", strict, p.Name, len(answers))
			}
			switch {
			case strict:
				r.countedIn(before, "snmpInASNParseErrs")
			case r.Stats().Tolerated > before.Tolerated:
				tolerated++
			default:
				t.Errorf("%s: Tolerated has not gone up", p.Name)
			}
		}
		if !strict && tolerated == 0 {
			t.Error("there is nothing to tolerate in testdata/packets")
		}
	}
}

// The annotated packets: what is refused is counted and not answered, what is
// accepted is answered if it is a request.
func TestPackets(t *testing.T) {
	r := newRig(t, withMIB(newTree(t, &plant{})), func(a *agent.Agent) {
		a.Access, a.DisableV3 = agent.InsecureAllowAll, true
	})
	for _, p := range bertest.Packets(t) {
		before := r.Stats()
		answers := r.exchange(p.Octets)
		m, err := pdu.ParseMessage(p.Octets)
		want := 0
		if err == nil && m.PDU.Kind.Confirmed() && m.PDU.Kind != pdu.InformRequest && p.Name != "counter64-v1" {
			want = 1
		}
		if len(answers) != want {
			t.Errorf("%s: %d answers, want %d", p.Name, len(answers), want)
		}
		if want == 0 {
			continue
		}
		r.countedIn(before, "Answered")
		r.response(*m, answers[0])
	}
}

// RFC 3417 §3.2: messages of 484, 1472 and 65507 octets are accepted, and MaxPacketSize
// keeps longer ones out.
func TestPacketSizes(t *testing.T) {
	r := newRig(t, withMIB(newTree(t, &plant{})))
	for _, size := range []int{484, 1472, 2048, 2049, 65507} {
		m := message(pdu.V2c, pdu.GetRequest, vb(instance(title), pdu.OctetString(strings.Repeat("x", size-60))))
		for len(m.Append(nil)) < size {
			m.PDU.VarBinds[0].Value = pdu.OctetString(m.PDU.VarBinds[0].Value.Octets() + "x")
		}
		if len(m.Append(nil)) != size {
			t.Fatalf("the message has %d octets, want %d", len(m.Append(nil)), size)
		}
		r.ask(m)
	}

	small := newRig(t, withMIB(newTree(t, &plant{})), func(a *agent.Agent) { a.MaxPacketSize = 100 })
	for n, want := range map[int]string{100: "Answered", 101: "Oversized"} {
		m := message(pdu.V2c, pdu.GetRequest, vb(instance(title), pdu.OctetString("")))
		m.PDU.VarBinds[0].Value = pdu.OctetString(strings.Repeat("x", n-len(m.Append(nil))))
		before := small.Stats()
		small.exchange(m.Append(nil))
		small.countedIn(before, want)
	}
}

// AcceptData off: what comes is read, dropped and counted.
func TestAcceptData(t *testing.T) {
	r := newRig(t, withMIB(newTree(t, &plant{})))
	request := message(pdu.V2c, pdu.GetRequest, names(instance(title))...)
	if !r.AcceptData() {
		t.Error("AcceptData is off at first")
	}
	r.SetAcceptData(false)
	before := r.Stats()
	r.silent(request.Append(nil))
	r.countedIn(before, "NotAccepted")
	if r.AcceptData() {
		t.Error("AcceptData is on")
	}
	r.SetAcceptData(true)
	r.ask(request)
}

// OnPacketTrace has every datagram that comes and every one that leaves.
func TestPacketTrace(t *testing.T) {
	var traced []agent.PacketTraceEvent
	r := newRig(t, withMIB(newTree(t, &plant{})), func(a *agent.Agent) {
		a.OnPacketTrace = func(e *agent.PacketTraceEvent) {
			e.Packet = bytes.Clone(e.Packet)
			traced = append(traced, *e)
		}
	})
	request := encode(message(pdu.V2c, pdu.GetRequest, names(instance(title))...))
	answers := r.exchange(request)
	r.exchange([]byte("garbage"))
	want := []agent.PacketTraceEvent{
		{Packet: request, Direction: agent.Incoming, Peer: netip.MustParseAddrPort(managerAddress)},
		{Packet: answers[0], Direction: agent.Outgoing, Peer: netip.MustParseAddrPort(managerAddress)},
		{Packet: []byte("garbage"), Direction: agent.Incoming, Peer: netip.MustParseAddrPort(managerAddress)},
	}
	if len(traced) != len(want) {
		t.Fatalf("%d packets traced, want %d", len(traced), len(want))
	}
	for i := range want {
		if got := traced[i]; !bytes.Equal(got.Packet, want[i].Packet) || got.Direction != want[i].Direction || got.Peer != want[i].Peer {
			t.Errorf("packet %d: %v %v % X", i, got.Direction, got.Peer, got.Packet)
		}
	}
}

// The PDU of a datagram can only be read through a value that says its community
// was checked.
func TestVerified(t *testing.T) {
	var v community.Verified
	if err := v.Decode(new(pdu.Decoder), new(pdu.Message)); !errors.Is(err, community.ErrUnverified) || v.Valid() {
		t.Errorf("the zero Verified is read with %v", err)
	}
}
