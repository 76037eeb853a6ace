package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/manager"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/mib/host"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
)

// hear is a notification receiver for the scripts: it prints where it listens, and
// then a line for each notification. The user ops has the passwords of ask's users.
func hear() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	conn, err := transport.Listen(ctx, "udp4", "127.0.0.1:0", transport.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	l := &manager.Listener{
		AnyCommunity: true,
		OnNotification: func(n *manager.Notification) {
			agentAddr := ""
			if n.Trap != nil {
				agentAddr = " agent " + n.Trap.AgentAddr.String()
			}
			fmt.Printf("%v %v %s%s%v %q%s %v\n", n.Kind, n.Version, string(n.Community), n.User, n.Level, n.ContextName, agentAddr, n.OID)
		},
	}
	u := usm.User{
		Name: "ops", AllowLower: true,
		Auth: usm.SHA1, AuthPassword: usm.NewSecret("longenough1"),
		Priv: usm.AES128, PrivPassword: usm.NewSecret("longenough2"),
	}
	if err := l.AddUser(u); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Printf("listening on %v\n", conn.LocalAddr())
	if err := l.Serve(conn); !errors.Is(err, net.ErrClosed) {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// What the lines about notifications come to, and what is wrong with them.
func TestTrapDirectives(t *testing.T) {
	for _, tt := range []struct{ config, want, problem string }{
		{"trapsink 192.0.2.1", `192.0.2.1 SNMPv1 "public" trap 1s×5`, ""},
		{"trapsink 192.0.2.1 secret", `192.0.2.1 SNMPv1 "secret" trap 1s×5`, ""},
		{"trapcommunity other\ntrap2sink udp:nms.example.net:1162", `nms.example.net:1162 SNMPv2c "other" trap 1s×5`, ""},
		{"informsink 192.0.2.1 secret 1162", `192.0.2.1:1162 SNMPv2c "secret" inform 1s×5`, ""},
		{"informsink udp6:[2001:db8::1] secret 1162", `[2001:db8::1]:1162 SNMPv2c "secret" inform 1s×5`, ""},
		{"trap2sink udp6:[2001:db8::1]:99 secret 1162", `[2001:db8::1]:99 SNMPv2c "secret" trap 1s×5`, ""},
		{"trapsink localhost:162 secret 1162", `localhost:162 SNMPv1 "secret" trap 1s×5`, ""},
		{"trap2sink -name n -tag t 192.0.2.1", `192.0.2.1 SNMPv2c "public" trap 1s×5`, "has no effect"},
		{"trapsess -v 2c -c secret -Ci -r 2 -t 0.5 192.0.2.1", `192.0.2.1 SNMPv2c "secret" inform 500ms×2`, ""},
		{"trapsess -v1 -c secret 192.0.2.1:1162", `192.0.2.1:1162 SNMPv1 "secret" trap 1s×5`, ""},
		{`trapsess -v3 -u ops -l authPriv -a SHA -A "longenough1" -x AES -X longenough2 -n ctx 192.0.2.1`, `192.0.2.1 SNMPv3 ops authPriv SHA AES "ctx" trap 1s×5`, ""},
		{"trapsess -Ci -u ops -l authNoPriv -A longenough1 192.0.2.1", `192.0.2.1 SNMPv3 ops authNoPriv MD5 none "" inform 1s×5`, ""},
		{"trapsess -u ops -l authPriv 192.0.2.1", `192.0.2.1 SNMPv3 ops authPriv any none "" trap 1s×5`, ""},
		{"trapsess -v3 -e 0x8000000001020304 -u ops 192.0.2.1", `192.0.2.1 SNMPv3 ops noAuthNoPriv any none "" trap 1s×5`, "-e has no effect"},

		{"trapsink 192.0.2.1 a b c", "", "too many"},
		{"trapsink tcp:192.0.2.1 secret", "", "no transport tcp"},
		{"trapsink 192.0.2.1 secret 99999", "", "the port is not a number"},
		{"trapsess -v3 192.0.2.1", "", "needs a user"},
		{"trapsess -v2c -c secret", "", "expected one HOST"},
		{"trapsess -v1 -Ci -c secret 192.0.2.1", "", "SNMPv1 has no informs"},
		{"trapsess -v4 192.0.2.1", "", "-v is not understood"},
		{"trapsess -u ops -l secret 192.0.2.1", "", "-l is not understood"},
		{"trapsess -u ops -A secret 192.0.2.1", "", "at least 8 octets"},
		{"trapsess -u ops -l authPriv -A longenough1 192.0.2.1", "", "no password for authPriv"},
		{"trapsess -u ops -X longenough1 192.0.2.1", "", "no privacy without authentication"},
		{"authtrapenable 3", "", "neither 1 (enable) nor 2 (disable)"},
		{"v1trapaddress 2001:db8::1", "", "an IPv4 address"},
		{"linkUpDownNotifications maybe", "", "neither yes nor no"},
	} {
		c, problems := interpret(tt.config)
		got := ""
		for _, s := range c.sinks {
			kind, who := "trap", fmt.Sprintf("%q", string(s.Community))
			if s.Inform {
				kind = "inform"
			}
			if s.Version == pdu.V3 {
				who = fmt.Sprintf("%s %v %v %v %q", s.User.Name, s.Level, s.User.Auth, s.User.Priv, s.contextName)
			}
			got += fmt.Sprintf("%s %v %s %s %v×%d", s.Address, s.Version, who, kind, s.Timeout, s.Retries)
		}
		problem := ""
		for _, p := range problems {
			problem += p.Error()
		}
		if got != tt.want || (problem == "") != (tt.problem == "") || !strings.Contains(problem, tt.problem) {
			t.Errorf("%s: %s, %s; want %s, %s", tt.config, got, problem, tt.want, tt.problem)
		}
		if strings.Contains(problem, "secret") || strings.Contains(problem, "longenough") {
			t.Errorf("%s: a secret is in %s", tt.config, problem)
		}
	}
	c, problems := interpret("authtrapenable 1\nv1trapaddress 192.0.2.9\nlinkUpDownNotifications yes")
	if len(problems) > 0 || !c.linkUpDown || !c.system.EnableAuthenTraps || c.trapAddress != netip.MustParseAddr("192.0.2.9") {
		t.Errorf("%v, %v, %v", c.system.EnableAuthenTraps, c.trapAddress, problems)
	}
}

// Sinks may be told everything, and ask nothing; others are told what the policy says.
func TestSinkAccess(t *testing.T) {
	policy, err := vacm.New(vacm.CommunityRule{Community: "public", Subtree: ber.MustOID("1.3.6.1.2.1.1")})
	if err != nil {
		t.Fatal(err)
	}
	n := &notifier{agent: agent.New(), log: slog.New(slog.DiscardHandler)}
	a := access{policy, n}
	q := &mib.Request{SecurityModel: pdu.SecurityModelV2c, SecurityName: sinkName}
	if _, err := a.View(q, vacm.NotifyView); err == nil {
		t.Error("a sink that there is not is told something")
	}
	c, problems := interpret("trap2sink 192.0.2.1 secret")
	if problems = append(problems, n.replace(c.sinks)...); len(problems) > 0 {
		t.Fatal(problems)
	}
	defer n.close()
	if v, err := a.View(q, vacm.NotifyView); err != nil || !v.Contains(ber.MustOID("1.3.6.1.6.3.1.1.4.1.0")) {
		t.Errorf("a sink is not told everything: %v", err)
	}
	if _, err := a.View(q, vacm.ReadView); err == nil {
		t.Error("a sink may read")
	}
	if _, ok := a.Community([]byte("secret"), netip.MustParseAddr("192.0.2.1")); ok {
		t.Error("a sink's community lets it in")
	}
	n.replace(nil) // as at SIGHUP
	if _, err := a.View(q, vacm.NotifyView); err == nil {
		t.Error("a sink that is gone is told something")
	}
	n.replace(c.sinks)
	q.SecurityModel = pdu.SecurityModelV1
	if _, err := a.View(q, vacm.NotifyView); err == nil {
		t.Error("another version's sink is told everything")
	}
}

// RFC 3418: authenticationFailure, where it is enabled, and not for each message of
// one who guesses.
func TestAuthenticationFailure(t *testing.T) {
	a := agent.New()
	a.Access, a.MIB = agent.InsecureAllowAll, mib.NewTree()
	system := &agent.System{}
	if err := a.RegisterObjects(a.MIB, system); err != nil {
		t.Fatal(err)
	}
	worker := &sinkWorker{queue: make(chan agent.Notification, 9)}
	n := &notifier{agent: a, system: system, log: slog.New(slog.DiscardHandler), workers: []*sinkWorker{worker}}
	told := func(code agent.Code, want int) {
		t.Helper()
		n.badPacket(&agent.BadPacketEvent{Code: code})
		if got := len(worker.queue); got != want {
			t.Errorf("after code %d %d have been told, want %d", code, got, want)
		}
	}
	told(agent.CodeNotAuthenticated, 0) // is disabled
	system.ConfigureAuthenTraps(true)
	told(agent.CodeEngineID, 0)
	told(agent.CodeTimeFrame, 0)
	told(agent.CodeBadPacket, 0)
	told(agent.CodeNotAuthenticated, 1)
	told(agent.CodeNotAuthenticated, 1) // is too soon
	for i, code := range []agent.Code{agent.CodeUserName, agent.CodeWrongMAC, agent.CodeNoMAC} {
		n.lastAuthFail.Store(time.Now().Add(-authFailInterval).UnixNano())
		told(code, 2+i)
	}
	if got := <-worker.queue; got.OID != authenticationFailure || len(got.Objects) != 2 {
		t.Errorf("%+v", got)
	}
}

// RFC 2863 §3.1.15: linkDown and linkUp, where linkUpDownNotifications asks for them.
func TestLinkNotifications(t *testing.T) {
	worker := &sinkWorker{queue: make(chan agent.Notification, 9)}
	n := &notifier{agent: agent.New(), log: slog.New(slog.DiscardHandler), workers: []*sinkWorker{worker}}
	change := host.LinkChange{Name: "eth0", Index: 7, AdminStatus: 1, OperStatus: 2}
	n.linkChange(change)
	if len(worker.queue) != 0 {
		t.Error("it is told without linkUpDownNotifications")
	}
	n.links.Store(true)
	n.linkChange(change)
	change.Up, change.OperStatus = true, 1
	n.linkChange(change)
	for i, oid := range []string{"1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.4"} {
		got := <-worker.queue
		if got.OID != ber.MustOID(oid) || len(got.Objects) != 5 || got.Objects[2].Name != ber.MustOID("1.3.6.1.2.1.2.2.1.1.7") || got.Objects[4].Value != pdu.Integer(int32(2-i)) {
			t.Errorf("%+v, want %s", got, oid)
		}
	}
}
