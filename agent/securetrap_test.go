package agent_test

import (
	"encoding/hex"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"snmpstack/agent"
	"snmpstack/pdu"
	"snmpstack/usm"
)

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
