package agent_test

import (
	"encoding/hex"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/manager"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
)

const (
	sinkHost    = "192.0.2.162"
	sinkAddress = sinkHost + ":162"
)

// The user who sends, and an object that is sent.
var (
	trapper = usm.User{
		Name: "trapper", Auth: usm.SHA256, AuthPassword: usm.NewSecret("trapper's password"),
		Priv: usm.AES128, PrivPassword: usm.NewSecret("trapper's other one"),
	}
	ifIndex = vb(ber.MustOID("1.3.6.1.2.1.2.2.1.1.7"), pdu.Integer(7))
	linkUp  = pdu.SnmpTraps.Append(4)
)

// A sink receives what an agent sends, on the rig's network. It is package manager's
// listener, with which the agent shares nothing above packages pdu and usm.
type sink struct {
	*manager.Listener
	rig    *rig
	socket transport.Conn
	mu     sync.Mutex
	got    []*manager.Notification
	bad    []error
}

func newSink(r *rig) *sink {
	r.t.Helper()
	s := &sink{rig: r}
	s.Listener = &manager.Listener{
		AnyCommunity: true,
		Engine:       usm.NewEngine("\x80\x00\x7e\xd9\x04sink", fixedClock{boots: 3, time: 77}),
		OnNotification: func(n *manager.Notification) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.got = append(s.got, n)
		},
		OnBadMessage: func(b *manager.BadMessage) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.bad = append(s.bad, b.Err)
		},
	}
	return s
}

// listen opens the sink's socket.
func (s *sink) listen(users ...usm.User) *sink {
	s.rig.t.Helper()
	for _, u := range users {
		if err := s.AddUser(keyed(u)); err != nil {
			s.rig.t.Fatal(err)
		}
	}
	socket := s.rig.network.Listen(s.rig.t, sinkAddress)
	s.socket = socket
	go s.Serve(socket)
	return s
}

// all returns what has come since the last call.
func (s *sink) all() []*manager.Notification {
	s.rig.t.Helper()
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	got := s.got
	s.got = nil
	for _, err := range s.bad {
		s.rig.t.Errorf("what was sent is not accepted: %v", err)
	}
	s.bad = nil
	return got
}

// one returns the one notification that has come.
func (s *sink) one() *manager.Notification {
	s.rig.t.Helper()
	got := s.all()
	if len(got) != 1 {
		s.rig.t.Fatalf("%d notifications have come, want one", len(got))
	}
	return got[0]
}

// allowAll lets everything be sent, and withEngine's engine send it.
func allowAll(a *agent.Agent) {
	withEngine(a)
	a.Access = agent.InsecureAllowAll
}

// withSink runs f with an agent and a sink in a bubble.
func withSink(t *testing.T, configure func(*agent.Agent), f func(t *testing.T, r *rig, s *sink)) {
	t.Helper()
	inBubble(t, configure, func(t *testing.T, r *rig) {
		f(t, r, newSink(r).listen(trapper, usm.User{Name: "plain"}))
	})
}

// SNMPv1 (RFC 1157 §4.1.6): what a trap is called, and what else is in its header.
func TestSendTrapV1(t *testing.T) {
	enterprise := ber.MustOID("1.3.6.1.4.1.32473")
	withSink(t, allowAll, func(t *testing.T, r *rig, s *sink) {
		r.Version = pdu.V1
		r.SetSysUpTime(500)
		for _, tt := range []struct {
			trap       string
			enterprise ber.OID // TrapEnterprise
			want       pdu.Trap
		}{
			{"coldStart", "", pdu.Trap{Enterprise: pdu.SnmpTraps}},
			{"warmStart", "", pdu.Trap{Enterprise: pdu.SnmpTraps, GenericTrap: 1}},
			{"linkDown", "", pdu.Trap{Enterprise: pdu.SnmpTraps, GenericTrap: 2}},
			{"linkUp", enterprise, pdu.Trap{Enterprise: enterprise, GenericTrap: 3}},
			{"authenticationFailure", "", pdu.Trap{Enterprise: pdu.SnmpTraps, GenericTrap: 4}},
			{"egpNeighborLoss", "", pdu.Trap{Enterprise: pdu.SnmpTraps, GenericTrap: 5}},
			{"enterpriseSpecific", enterprise, pdu.Trap{Enterprise: enterprise, GenericTrap: 6}},
			{"6.42", enterprise, pdu.Trap{Enterprise: enterprise, GenericTrap: 6, SpecificTrap: 42}},
			{"3.0", "", pdu.Trap{Enterprise: pdu.SnmpTraps, GenericTrap: 3}},
			// RFC 3584 §3.2
			{"1.3.6.1.4.1.32473.0.7", pdu.SnmpTraps, pdu.Trap{Enterprise: enterprise, GenericTrap: 6, SpecificTrap: 7}},
			{".1.3.6.1.6.3.1.1.5.4", enterprise, pdu.Trap{Enterprise: pdu.SnmpTraps, GenericTrap: 3}},
		} {
			r.TrapEnterprise = tt.enterprise
			if err := r.SendTrap(sinkHost, tt.trap, ifIndex); err != nil {
				t.Errorf("%s: %v", tt.trap, err)
				continue
			}
			n := s.one()
			got := n.Trap
			if got == nil || got.Enterprise != tt.want.Enterprise || got.GenericTrap != tt.want.GenericTrap || got.SpecificTrap != tt.want.SpecificTrap ||
				got.TimeStamp != 500 || got.AgentAddr != r.to.Addr() || !slices.Equal(got.VarBinds, []pdu.VarBind{ifIndex}) {
				t.Errorf("%s: %+v, want %+v", tt.trap, got, tt.want)
			}
			if n.Community != "public" || n.Source != r.to {
				t.Errorf("%s: from %v", tt.trap, n.Source)
			}
		}
		r.TrapAgentAddress, r.TrapCommunity = netip.MustParseAddr("198.51.100.1"), "other"
		if err := r.SendTrap(sinkAddress, "coldStart"); err != nil {
			t.Fatal(err)
		}
		if n := s.one(); n.Trap.AgentAddr != r.TrapAgentAddress || n.Community != "other" || len(n.Trap.VarBinds) != 0 {
			t.Errorf("%+v", n.Trap)
		}
		for trap, code := range map[string]agent.Code{
			"7.0": agent.CodeNoSuchOID, "6.-1": agent.CodeNoSuchOID, "6.x": agent.CodeNoSuchOID, "6.2147483648": agent.CodeNoSuchOID,
			"coldstart": agent.CodeNoSuchOID, "": agent.CodeNoSuchOID, "6": agent.CodeNoSuchOID,
			"1.3.6.1.4.1.32473.0.2147483648": agent.CodeInvalidArgument,
		} {
			if err := r.SendTrap(sinkHost, trap); codeOf(err) != code {
				t.Errorf("%q: %v, want code %d", trap, err, code)
			}
		}
		// RFC 3584 §3.2: SNMPv1 has no Counter64.
		for _, trap := range []string{"linkUp", "1.3.6.1.4.1.32473.0.7"} {
			if err := r.SendTrap(sinkHost, trap, vb(ifIndex.Name, pdu.Counter64(1))); codeOf(err) != agent.CodeInvalidArgument {
				t.Errorf("Counter64: %v", err)
			}
		}
		if got := s.all(); len(got) != 0 {
			t.Errorf("%d were sent all the same", len(got))
		}
	})
}

// SNMPv2c (RFC 3416 §4.2.6): sysUpTime.0 and snmpTrapOID.0 come first.
func TestSendTrapV2c(t *testing.T) {
	withSink(t, allowAll, func(t *testing.T, r *rig, s *sink) {
		r.SetSysUpTime(4294967295)
		for trap, want := range map[string]string{
			"coldStart": "1.3.6.1.6.3.1.1.5.1", "warmStart": "1.3.6.1.6.3.1.1.5.2", "linkDown": "1.3.6.1.6.3.1.1.5.3", "linkUp": "1.3.6.1.6.3.1.1.5.4",
			"authenticationFailure": "1.3.6.1.6.3.1.1.5.5", "egpNeighborLoss": "1.3.6.1.6.3.1.1.5.6", "enterpriseSpecific": "1.3.6.1.6.3.1.1.5.7",
			"1.3.6.1.4.1.32473.0.7": "1.3.6.1.4.1.32473.0.7", ".1.3.6.1.4.1.32473.0.7": "1.3.6.1.4.1.32473.0.7",
		} {
			if err := r.SendTrap(sinkHost, trap, ifIndex); err != nil {
				t.Errorf("%s: %v", trap, err)
				continue
			}
			n := s.one()
			if n.Version != pdu.V2c || n.Kind != pdu.TrapV2 || n.OID.String() != want || n.UpTime != 4294967295 || !slices.Equal(n.Objects(), []pdu.VarBind{ifIndex}) || n.Source != r.to {
				t.Errorf("%s: %+v", trap, n)
			}
		}
		// Objects that begin with these two are sent as they are.
		given := pdu.NotificationVarBinds(5, linkUp, ifIndex)
		if err := r.SendTrap(sinkHost, "coldStart", given...); err != nil {
			t.Fatal(err)
		}
		if n := s.one(); !slices.Equal(n.VarBinds, given) {
			t.Errorf("%v, want %v", n.VarBinds, given)
		}
		time.Sleep(10 * time.Millisecond) // sysUpTime wraps
		if err := r.SendTrap(sinkHost, "coldStart"); err != nil {
			t.Fatal(err)
		}
		if n := s.one(); n.UpTime != 0 {
			t.Errorf("sysUpTime is %d", n.UpTime)
		}
		for trap, code := range map[string]agent.Code{
			"6.42": agent.CodeNoSuchOID, "nonsense": agent.CodeNoSuchOID, "": agent.CodeNoSuchOID, "1": agent.CodeNoSuchOID,
		} {
			if err := r.SendTrap(sinkHost, trap); codeOf(err) != code {
				t.Errorf("%q: %v, want code %d", trap, err, code)
			}
		}
		for _, bad := range []pdu.VarBind{{Name: ifIndex.Name}, vb("", pdu.Null), vb(ifIndex.Name, pdu.NoSuchObject)} {
			if err := r.SendTrap(sinkHost, "linkUp", bad); codeOf(err) != agent.CodeInvalidArgument {
				t.Errorf("%v: %v", bad, err)
			}
		}
		for address, code := range map[string]agent.Code{
			"": agent.CodeInvalidArgument, ":162": agent.CodeInvalidArgument, "192.0.2.1:0": agent.CodeInvalidArgument, "192.0.2.1:x": agent.CodeInvalidArgument,
			"2001:db8::1": agent.CodeAddressFamily, "[2001:db8::1]:162": agent.CodeAddressFamily, "a:b:c": agent.CodeInvalidArgument,
		} {
			if err := r.SendTrap(address, "linkUp"); codeOf(err) != code {
				t.Errorf("to %q: %v, want code %d", address, err, code)
			}
		}
		if err := r.SendTrap(sinkHost, "linkUp", vb(ifIndex.Name, pdu.OctetString(strings.Repeat("x", 65507)))); codeOf(err) != agent.CodeMessageTooLong {
			t.Errorf("too long: %v", err)
		}
		r.Version = 2
		if err := r.SendTrap(sinkHost, "linkUp"); codeOf(err) != agent.CodeBadVersion {
			t.Errorf("a version that is none: %v", err)
		}
		if got := s.all(); len(got) != 0 {
			t.Errorf("%d were sent all the same", len(got))
		}
	})
}

// What is sent is counted and traced, and the request-id counts up.
func TestSendTrapCounts(t *testing.T) {
	var traced []agent.PacketTraceEvent
	configure := func(a *agent.Agent) {
		allowAll(a)
		a.OnPacketTrace = func(e *agent.PacketTraceEvent) {
			traced = append(traced, agent.PacketTraceEvent{Packet: slices.Clone(e.Packet), Direction: e.Direction, Peer: e.Peer})
		}
	}
	withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
		if first := r.RequestID(); first < 1 || r.RequestID() != first {
			t.Errorf("the request-id is %d at first, and then %d", first, r.RequestID())
		}
		r.SetRequestID(2147483647)
		for _, want := range []int32{2147483647, 1, 2} {
			if err := r.SendTrap(sinkHost, "coldStart"); err != nil {
				t.Fatal(err)
			}
			if n := s.one(); n.RequestID != want {
				t.Errorf("request-id %d, want %d", n.RequestID, want)
			}
		}
		r.Version = pdu.V3
		seen := map[int32]bool{}
		for range 2 { // RFC 3412 §6.2: the msgIDs differ
			if err := r.SendTrap(sinkHost, "coldStart"); err != nil {
				t.Fatal(err)
			}
			header, err := pdu.ReadHeader3(traced[len(traced)-1].Packet, true)
			if err != nil || seen[header.MsgID] || header.MsgFlags != 0 || header.MsgMaxSize != 65507 { // RFC 3412 §6.4
				t.Errorf("%+v, %v", header, err)
			}
			seen[header.MsgID] = true
		}
		stats := r.Stats()
		if stats.SNMP[agent.SnmpOutTraps] != 5 || stats.SNMP[agent.SnmpOutPkts] != 5 || accounted(stats) != 0 {
			t.Errorf("%+v", stats)
		}
		if len(traced) != 5 || traced[0].Direction != agent.Outgoing || traced[0].Peer.String() != sinkAddress {
			t.Errorf("traced %v", traced)
		}
		synctest.Wait()
		s.bad = nil // nobody is no user of the sink's
	})
}

// SNMPv3 with a user: the agent is the authoritative engine (RFC 3412 §7.1 (9) a).
func TestSendSecureTrap(t *testing.T) {
	var traced []byte
	configure := func(a *agent.Agent) {
		allowAll(a)
		a.DecryptLogPackets = true
		a.OnPacketTrace = func(e *agent.PacketTraceEvent) { traced = slices.Clone(e.Packet) }
	}
	withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
		r.ContextName, r.ContextEngineID = "ctx", "\x80\x00\x7e\xd9\x04other"
		send := func(auth usm.AuthProtocol, authPassword string, priv usm.PrivProtocol, privPassword string) error {
			return r.SendSecureTrap(sinkHost, "linkUp", "trapper", auth, authPassword, priv, privPassword, ifIndex)
		}
		if err := send(usm.SHA256, "trapper's password", usm.AES128, "trapper's other one"); err != nil {
			t.Fatal(err)
		}
		n := s.one()
		if n.Version != pdu.V3 || n.User != "trapper" || n.Level != pdu.AuthPriv || n.EngineID != testEngine || n.OID != linkUp ||
			n.ContextName != "ctx" || n.ContextEngineID != r.ContextEngineID || !slices.Equal(n.Objects(), []pdu.VarBind{ifIndex}) {
			t.Errorf("%+v", n)
		}
		r.ContextName, r.ContextEngineID = "", ""

		// What is traced is decrypted where DecryptLogPackets asks for it.
		if header, err := pdu.ReadHeader3(traced, true); err != nil || header.Encrypted || header.MsgFlags != pdu.AuthPriv.Flags() {
			t.Errorf("traced as %+v, %v", header, err)
		} else if scoped := (pdu.ScopedPDU{}); new(pdu.Decoder).ScopedPDU(header.Data, &scoped) != nil || scoped.PDU.Kind != pdu.TrapV2 {
			t.Errorf("traced as %+v", scoped)
		}

		// Sending does not open the agent to queries.
		before := r.Stats()
		r.report(r.exchange(r.as(trapper, pdu.AuthPriv).datagram(get(ifIndex.Name))))
		r.countedIn(before, "usmStatsUnknownUserNames")
		shown := 0
		r.OnCacheEntry = func(e *agent.CacheEntryEvent) {
			if shown++; e.User != "trapper" || e.AuthenticationProtocol != usm.SHA256 || e.AuthenticationPassword.Reveal() != "trapper's password" {
				t.Errorf("%+v is in the cache", e)
			}
		}
		if r.ShowCache(); shown != 1 {
			t.Errorf("%d users are in the cache", shown)
		}

		// A level for which there is no password, and one that the sink does not take.
		if err := send(usm.SHA256, "trapper's password", usm.AES128, ""); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if len(s.bad) != 1 || !errors.Is(s.bad[0], usm.ErrUnsupportedSecLevel) {
			t.Errorf("refused %v", s.bad)
		}
		s.bad = nil
		for _, wrong := range []error{
			send(usm.SHA256, "short", usm.NoPriv, ""),
			r.SendSecureTrap(sinkHost, "linkUp", "", usm.SHA256, "trapper's password", usm.NoPriv, ""),
		} {
			if codeOf(wrong) != agent.CodeInvalidArgument {
				t.Errorf("%v", wrong)
			}
		}
		if err := send(usm.AnyAuth, "another password", usm.NoPriv, ""); codeOf(err) != agent.CodeSecurityLevel {
			t.Errorf("any protocol: %v", err)
		}
		for _, unsigned := range []error{
			send(usm.SHA256, "", usm.AES128, "trapper's other one"),
			r.SendSecureTrap(sinkHost, "linkUp", "plain", usm.AnyAuth, "", usm.NoPriv, ""),
		} {
			if codeOf(unsigned) != agent.CodeNoPassword {
				t.Errorf("without a password to sign with: %v", unsigned)
			}
		}
		if err := r.Notify(t.Context(), agent.Target{Address: sinkHost, Version: pdu.V3, User: usm.User{Name: "plain"}}, agent.Notification{OID: linkUp}); err != nil {
			t.Error(err)
		}
		if n := s.one(); n.User != "plain" || n.Level != pdu.NoAuthNoPriv {
			t.Errorf("%+v", n)
		}
		if !r.RemoveUser("plain") || r.RemoveUser("plain") {
			t.Error("a user who sends is not removed, or twice")
		}
		r.ClearCache()
		if shown = 0; true {
			if r.ShowCache(); shown != 0 {
				t.Error("the cache is not empty")
			}
		}
	})
}

// A user whom AddUser has added sends with the same keys, and gets others by sending.
func TestSendSecureTrapCached(t *testing.T) {
	withSink(t, func(a *agent.Agent) {
		allowAll(a)
		a.MIB = newTree(t, &plant{})
	}, func(t *testing.T, r *rig, s *sink) {
		if err := r.AddUserKeys(keyed(trapper)); err != nil {
			t.Fatal(err)
		}
		if err := r.SendSecureTrap(sinkHost, "linkUp", "trapper", usm.SHA256, "trapper's password", usm.AES128, "trapper's other one"); err != nil {
			t.Fatal(err)
		}
		s.one()
		if p := r.as(trapper, pdu.AuthPriv).ask(get(instance(title))); p.ErrorStatus != pdu.NoError {
			t.Errorf("%+v", p)
		}
		// The protocol that is remembered (AnyAuth).
		if err := r.SendSecureTrap(sinkHost, "linkUp", "trapper", usm.AnyAuth, "trapper's password", usm.AES128, "trapper's other one"); err != nil {
			t.Error(err)
		}
		s.one()
		// The passwords of a trap take the place of those that there were.
		if err := r.SendSecureTrap(sinkHost, "linkUp", "trapper", usm.SHA256, "trapper's new password", usm.AES128, "trapper's other one"); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if len(s.bad) != 1 || !errors.Is(s.bad[0], usm.ErrWrongDigest) {
			t.Errorf("refused %v", s.bad)
		}
		s.bad = nil
		before := r.Stats()
		r.report(r.exchange(r.as(trapper, pdu.AuthPriv).datagram(get(instance(title)))))
		r.countedIn(before, "usmStatsWrongDigests")
	})
}

// Keys that are localized to the agent's engine take the place of passwords.
func TestSendSecureTrapKeys(t *testing.T) {
	withSink(t, allowAll, func(t *testing.T, r *rig, s *sink) {
		auth, priv, err := usm.LocalizedKeys(usm.System, keyed(trapper), testEngine)
		if err != nil {
			t.Fatal(err)
		}
		set := func(name string, key []byte) {
			t.Helper()
			if _, err := r.Config(name + "=" + hex.EncodeToString(key)); err != nil {
				t.Fatal(err)
			}
		}
		set("AuthenticationKey", auth)
		set("EncryptionKey", priv)
		if shown, err := r.Config("AuthenticationKey"); shown != "REDACTED" || err != nil {
			t.Errorf("AuthenticationKey reads %q, %v", shown, err)
		}
		if err := r.SendSecureTrap(sinkHost, "linkUp", "trapper", usm.SHA256, "", usm.AES128, ""); err != nil {
			t.Fatal(err)
		}
		if n := s.one(); n.Level != pdu.AuthPriv || n.User != "trapper" {
			t.Errorf("%+v", n)
		}
		if err := r.SendSecureTrap(sinkHost, "linkUp", "trapper", usm.SHA256, "", usm.NoPriv, ""); codeOf(err) != agent.CodeInvalidArgument {
			t.Errorf("a key without a protocol: %v", err)
		}
		// One key, and a password beside it.
		set("EncryptionKey", nil)
		if err := r.SendSecureTrap(sinkHost, "linkUp", "trapper", usm.SHA256, "", usm.AES128, "trapper's other one"); err != nil {
			t.Fatal(err)
		}
		if n := s.one(); n.Level != pdu.AuthPriv {
			t.Errorf("%+v", n)
		}
		set("AuthenticationKey", nil)
		set("EncryptionKey", priv)
		if err := r.SendSecureTrap(sinkHost, "linkUp", "trapper", usm.SHA256, "trapper's password", usm.AES128, ""); err != nil {
			t.Fatal(err)
		}
		if n := s.one(); n.Level != pdu.AuthPriv {
			t.Errorf("%+v", n)
		}
		set("AuthenticationKey", auth)
		if err := r.SendSecureTrap(sinkHost, "linkUp", "trapper", usm.SHA512, "", usm.AES128, ""); codeOf(err) != agent.CodeKeyLength {
			t.Errorf("a key of another protocol: %v", err)
		}
		if _, err := r.Config("EncryptionKey=0011"); codeOf(err) != agent.CodeKeyLength {
			t.Errorf("a short key: %v", err)
		}
		r.OnCacheEntry = func(e *agent.CacheEntryEvent) { t.Errorf("%q is in the cache", e.User) }
		r.ShowCache()
		r.Reset()
		if r.Version != pdu.V2c || !r.AuthenticationKey.IsEmpty() || !r.EncryptionKey.IsEmpty() || r.TrapCommunity != "public" {
			t.Errorf("after Reset: %+v", r.TrapSettings)
		}
		r.CompatibilityMode = agent.CompatibilityReceive
		if err := r.SendSecureTrap(sinkHost, "linkUp", "trapper", usm.SHA256, "trapper's password", usm.NoPriv, ""); codeOf(err) != agent.CodeNotPermitted {
			t.Errorf("with a mode for receiving only: %v", err)
		}
	})
}

// With CompatibilityReceive nothing is encrypted with a key that is extended in one of two
// ways, by Notify neither; a key that can be but one goes.
func TestReceiveOnly(t *testing.T) {
	extended := usm.User{
		Name: "long", Auth: usm.SHA1, AuthPassword: usm.NewSecret("trapper's password"),
		Priv: usm.AES256, PrivPassword: usm.NewSecret("trapper's other one"),
	}
	pinned := extended
	pinned.Name, pinned.Extension = "pinned", usm.Blumenthal
	inBubble(t, allowAll, func(t *testing.T, r *rig) {
		s := newSink(r).listen(trapper, extended, pinned)
		for _, tt := range []struct {
			mode  agent.CompatibilityMode
			user  usm.User
			level pdu.SecurityLevel
			code  agent.Code // 0: it is sent
		}{
			{agent.CompatibilityReceive, extended, pdu.AuthPriv, agent.CodeNotPermitted},
			{agent.CompatibilityReceive, pinned, pdu.AuthPriv, 0},
			{agent.CompatibilityReceive, trapper, pdu.AuthPriv, 0},
			{agent.CompatibilityReeder, extended, pdu.AuthPriv, 0},
			{agent.CompatibilityBlumenthal, extended, pdu.AuthPriv, 0},
		} {
			r.CompatibilityMode = tt.mode
			r.ClearCache()
			to := agent.Target{Address: sinkHost, Version: pdu.V3, User: tt.user, Level: tt.level}
			if err := r.Notify(t.Context(), to, agent.Notification{OID: linkUp}); codeOf(err) != tt.code || (err == nil) != (tt.code == 0) {
				t.Errorf("mode %d, %q: %v, want code %d", tt.mode, tt.user.Name, err, tt.code)
			}
			if got := s.all(); (len(got) == 1) != (tt.code == 0) {
				t.Errorf("mode %d, %q: %d have come", tt.mode, tt.user.Name, len(got))
			}
		}
	})
}

// RFC 3413 §3.3 (2) and (3): what the notify view does not contain is not sent.
func TestNotifyView(t *testing.T) {
	everything := ber.MustOID("1.3")
	policy, err := vacm.New(
		vacm.CommunityRule{Community: "public"},
		vacm.CommunityRule{Community: "near", Sources: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}},
		vacm.UserRule{User: "trapper", Level: pdu.AuthPriv},
		vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: "sink", GroupName: "sinks"},
		vacm.Access{GroupName: "sinks", NotifyViewName: "some"},
		vacm.Access{GroupName: "sinks", ContextPrefix: "bridge", ReadViewName: vacm.All},
		vacm.ViewTreeFamily{ViewName: "some", Subtree: everything},
		vacm.ViewTreeFamily{ViewName: "some", Subtree: ber.MustOID("1.3.6.1.2.1.2.2.1.1"), Type: vacm.Excluded},
		vacm.ViewTreeFamily{ViewName: "some", Subtree: pdu.SnmpTraps.Append(3), Type: vacm.Excluded},
	)
	if err != nil {
		t.Fatal(err)
	}
	configure := func(a *agent.Agent) {
		withEngine(a)
		a.Access, a.Contexts = policy, []string{"bridge"}
		a.MIB = mib.NewTree()
	}
	withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
		to := func(change func(*agent.Target)) agent.Target {
			target := agent.Target{Address: sinkHost, Version: pdu.V2c, Community: "public"}
			change(&target)
			return target
		}
		coldStart := agent.Notification{OID: pdu.SnmpTraps.Append(1)}
		for _, tt := range []struct {
			name         string
			target       agent.Target
			notification agent.Notification
			code         agent.Code // 0: it is sent
			text         string     // that its error ends with
		}{
			{"a community", to(func(*agent.Target) {}), coldStart, 0, ""},
			{"a community that is not known", to(func(to *agent.Target) { to.Community = "other" }), coldStart, agent.CodeNotAuthenticated, ""},
			{"one that is not for this target (RFC 3584 §5.3)", to(func(to *agent.Target) { to.Community = "near" }), coldStart, agent.CodeNotAuthenticated, ""},
			{"with a security name", to(func(to *agent.Target) { to.Community, to.SecurityName = "other", "sink" }), coldStart, 0, ""},
			{"an object outside", to(func(to *agent.Target) { to.SecurityName = "sink" }), agent.Notification{OID: linkUp, Objects: []pdu.VarBind{ifIndex}}, agent.CodeNotPermitted, `1.3.6.1.2.1.2.2.1.1.7 is not in the notify view of "sink" in the default context: authorizationError`},
			{"itself outside", to(func(to *agent.Target) { to.SecurityName = "sink" }), agent.Notification{OID: pdu.SnmpTraps.Append(3)}, agent.CodeNotPermitted, ""},
			{"another security model", to(func(to *agent.Target) { to.Version, to.SecurityName = pdu.V1, "sink" }), coldStart, agent.CodeNotPermitted, ""},
			{"without a notify view in this context", to(func(to *agent.Target) { to.SecurityName = "sink" }), agent.Notification{OID: linkUp, ContextName: "bridge"}, agent.CodeNotPermitted, `there is no notify view for "sink" in context "bridge": authorizationError`},
			{"in a context that the policy does not know", to(func(*agent.Target) {}), agent.Notification{OID: linkUp, ContextName: "nowhere"}, agent.CodeNotPermitted, ""},
			{"a user", to(func(to *agent.Target) { to.Version, to.User, to.Level = pdu.V3, trapper, pdu.AuthPriv }), coldStart, 0, ""},
			{"a user below the rule's level", to(func(to *agent.Target) { to.Version, to.User.Name = pdu.V3, "trapper" }), coldStart, agent.CodeNotPermitted, `there is no notify view for user "trapper" at noAuthNoPriv in the default context: authorizationError`},
			{"a user without a rule", to(func(to *agent.Target) { to.Version, to.User.Name = pdu.V3, "plain" }), coldStart, agent.CodeNotPermitted, ""},
			{"nobody", to(func(to *agent.Target) { to.Version = pdu.V3 }), coldStart, agent.CodeNotPermitted, ""},
			{"an inform", to(func(to *agent.Target) { to.Inform, to.Community = true, "other" }), coldStart, agent.CodeNotAuthenticated, ""},
		} {
			err := r.Notify(t.Context(), tt.target, tt.notification)
			if codeOf(err) != tt.code || (err == nil) != (tt.code == 0) || err != nil && !strings.HasSuffix(err.Error(), tt.text) {
				t.Errorf("%s: %v, want code %d%s", tt.name, err, tt.code, tt.text)
			}
			if got := s.all(); (len(got) == 1) != (tt.code == 0) {
				t.Errorf("%s: %d were sent", tt.name, len(got))
			}
		}
		if stats := r.Stats(); stats.SNMP[agent.SnmpOutPkts] != 3 || stats.SNMP[agent.SnmpOutTraps] != 3 {
			t.Errorf("%d messages and %d traps are counted", stats.SNMP[agent.SnmpOutPkts], stats.SNMP[agent.SnmpOutTraps])
		}
	})
}
