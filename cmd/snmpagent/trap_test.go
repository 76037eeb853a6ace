package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"snmpstack/agent/manager"
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
		{"trap2sink -name n -tag t -profile p 192.0.2.1", `192.0.2.1 SNMPv2c "public" trap 1s×5`, ""},
		{"trap2sink -s 192.0.2.7 192.0.2.1", `192.0.2.1 SNMPv2c "public" trap 1s×5`, "-s has no effect"},
		{"trapsess -v 2c -c secret -Ci -r 2 -t 0.5 192.0.2.1", `192.0.2.1 SNMPv2c "secret" inform 500ms×2`, ""},
		{"trapsess -v1 -c secret 192.0.2.1:1162", `192.0.2.1:1162 SNMPv1 "secret" trap 1s×5`, ""},
		{`trapsess -v3 -u ops -l authPriv -a SHA -A "longenough1" -x AES -X longenough2 -n ctx 192.0.2.1`, `192.0.2.1 SNMPv3 ops authPriv SHA AES "ctx" trap 1s×5`, ""},
		{"trapsess -Ci -u ops -l authNoPriv -A longenough1 192.0.2.1", `192.0.2.1 SNMPv3 ops authNoPriv MD5 none "" inform 1s×5`, ""},
		{"trapsess -u ops -l authPriv 192.0.2.1", `192.0.2.1 SNMPv3 ops authPriv any none "" trap 1s×5`, ""},
		{"trapsess -v3 -e 0x80007ed90401020304 -u ops 192.0.2.1", `192.0.2.1 SNMPv3 ops noAuthNoPriv any none "" trap 1s×5`, "-e has no effect"},
		{"exactEngineID 0x80007ed90401020304\ntrapsess -v3 -e 0x80007ed90401020304 -u ops 192.0.2.1", `192.0.2.1 SNMPv3 ops noAuthNoPriv any none "" trap 1s×5`, ""},
		{"exactEngineID 0x80007ed90401020304\ntrapsess -Ci -v3 -e 0x80007ed90401020304 -u ops 192.0.2.1", `192.0.2.1 SNMPv3 ops noAuthNoPriv any none "" inform 1s×5`, "-e has no effect"},
		{"trapsess -v3 -e 0x8000 -u ops 192.0.2.1", "", "what stands behind -e is not understood"},

		{"trapsink 192.0.2.1 a b c", "", "too many"},
		{"trapsink tcp:192.0.2.1 secret", "", "no transport tcp"},
		{"trapsink nms/example secret", "", "neither an IP address nor the name of a host"},
		{"trapsink -name n 192.0.2.1 secret\ntrapsink -name n 192.0.2.2 secret", `192.0.2.1 SNMPv1 "secret" trap 1s×5`, "the same row"},
		{"trapsink -tag 'a b' 192.0.2.1 secret", "", "a tag has"},
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
		c.engineID, _ = c.identity.engineID(c.machine)
		problems = append(problems, c.checkEngines()...)
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
