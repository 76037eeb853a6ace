package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/cmd/internal/dissect"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
)

// listen prints notifications until it is told to end.
func listen(ctx context.Context, c *call) int {
	l, ok := c.listener()
	if !ok {
		return exitFailed
	}
	if len(c.operands) == 0 {
		c.operands = []string{"udp:" + manager.DefaultTrapPort}
	}
	var conns []transport.Conn
	closeAll := func() {
		for _, conn := range conns {
			conn.Close()
		}
	}
	defer closeAll()
	for _, operand := range c.operands {
		network, hostPort := listenAddress(operand)
		conn, err := transport.Listen(ctx, network, hostPort, transport.Options{})
		if err != nil {
			c.say("%s: cannot listen on %s: %v", c.name, operand, err)
			return exitFailed
		}
		conns = append(conns, conn)
	}
	for _, conn := range conns {
		c.say("%s: listening on %s", c.name, conn.LocalAddr())
	}
	defer context.AfterFunc(ctx, closeAll)()
	if err := l.Serve(conns...); !errors.Is(err, net.ErrClosed) {
		c.say("%s: %v", c.name, err)
		return exitFailed
	}
	return exitAnswered
}

// listenAddress returns what transport.Listen needs for [udp:|udp6:][HOST:]PORT, or a
// HOST, whose port is 162.
func listenAddress(text string) (network, hostPort string) {
	network = "udp4"
	if word, rest, found := strings.Cut(text, ":"); found {
		switch strings.ToLower(word) {
		case "udp", "udp4":
			text = rest
		case "udp6", "udpv6", "udpipv6":
			network, text = "udp6", rest
		}
	}
	ip, err := netip.ParseAddr(strings.Trim(text, "[]"))
	switch {
	case err == nil:
		if ip.Is6() {
			network = "udp6"
		}
		return network, net.JoinHostPort(ip.String(), manager.DefaultTrapPort)
	case strings.Trim(text, "0123456789") == "":
		return network, ":" + text
	case !strings.Contains(text, ":"):
		return network, net.JoinHostPort(text, manager.DefaultTrapPort)
	}
	if strings.HasPrefix(text, "[") {
		network = "udp6"
	}
	return network, text
}

// listener returns a Listener with what the options say.
func (c *call) listener() (*manager.Listener, bool) {
	l := &manager.Listener{
		AnyCommunity: len(c.communities) == 0, Communities: c.communities,
		Engine:         usm.NewEngine(usm.DeriveEngineID(0, "snmptool"), usm.NewEpochClock(time.Now)),
		OnNotification: func(n *manager.Notification) { fmt.Fprint(c.stdout, c.notification(n, time.Now())) },
		OnBadMessage:   c.badMessage,
	}
	if c.dump {
		l.Trace = func(sent bool, peer netip.AddrPort, datagram []byte) {
			direction := "Received %d octets from %s\n"
			if sent {
				direction = "Sending %d octets to %s\n"
			}
			fmt.Fprintf(c.stderr, direction, len(datagram), peer)
			dissect.Message(datagram, c.dissectOptions()).Write(c.stderr)
			fmt.Fprintln(c.stderr)
		}
	}
	if c.user.Name == "" {
		return l, true
	}
	u, err := c.completeUser()
	if err == nil {
		if hasAuth(&u) && u.Auth == usm.AnyAuth {
			u.Auth = usm.MD5
		}
		u.AllowLower = c.levelGiven && c.level < highestLevel(&u)
		c.leastLevel = c.level
		if !c.levelGiven {
			c.leastLevel = pdu.NoAuthNoPriv // the Listener sees to it
		}
		err = l.AddUserAt(c.engineID, u)
	}
	if err != nil {
		c.say("%s: %s", c.name, plain(err))
		return nil, false
	}
	return l, true
}

func highestLevel(u *usm.User) pdu.SecurityLevel {
	switch {
	case hasPriv(u):
		return pdu.AuthPriv
	case hasAuth(u):
		return pdu.AuthNoPriv
	}
	return pdu.NoAuthNoPriv
}

// badMessage says what has come and is not printed, and what it says of itself, which
// nobody has verified.
func (c *call) badMessage(b *manager.BadMessage) {
	c.say("%s: %v: %s", c.name, b.Source, plain(b.Err))
	switch {
	case b.EngineID != "":
		c.say("  It says that it is of user %q at engine %v, %v.", b.User, b.EngineID, b.Level)
		if errors.Is(b.Err, usm.ErrUnknownUserName) && b.User == c.user.Name && c.engineID != "" {
			c.say("  -e names another engine.")
		}
	case errors.Is(b.Err, manager.ErrUnknownCommunity):
		community := b.Community.String()
		if c.showSecrets {
			community = strconv.Quote(string(b.Community))
		}
		c.say("  It is one of %v with the community %s.", b.Version, community)
	}
}

// notification writes a notification as snmptrapd does, or as -F says. One below the
// level of -l is left out.
func (c *call) notification(n *manager.Notification, now time.Time) string {
	if n.Version == pdu.V3 && n.Level < c.leastLevel {
		n.Respond = false
		c.say("%s: %v: %v, which is less than -l", c.name, n.Source, n.Level)
		return ""
	}
	if c.format != nil {
		return c.format.write(c, n, now)
	}
	format := trapFormatV2
	if n.Kind == pdu.TrapV1 {
		format = trapFormatV1
	}
	return format.write(c, n, now)
}

// The formats without -F.
var (
	trapFormatV1 = mustTrapFormat(`%.4y-%.2m-%.2l %.2h:%.2j:%.2k %A [%a] (via %b) TRAP, SNMP v1, community %u\n\t%N %W Trap (%q) Uptime: %#T\n%v\n`)
	trapFormatV2 = mustTrapFormat(`%.4y-%.2m-%.2l %.2h:%.2j:%.2k %B [%b]:\n%v\n`)
)
