package main

import (
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/agent/manager"
	"snmpstack/agent/notify"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/mib/host"
	"snmpstack/pdu"
	"snmpstack/transport"
)

// A notifierRig is a notifier on a network in memory, where 192.0.2.8 and 192.0.2.9
// receive what is told.
type notifierRig struct {
	*notifier
	t      *testing.T
	access access
	mu     sync.Mutex
	log    strings.Builder
	got    []string
}

// Write takes what is logged.
func (r *notifierRig) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(p)
}

// logged returns what has been logged.
func (r *notifierRig) logged() string {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.String()
}

// withNotifier runs f with a notifier that goes by a configuration, in a bubble.
func withNotifier(t *testing.T, config string, f func(t *testing.T, r *notifierRig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c, problems := interpret(config)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		policy, err := vacm.New(c.Access.Statements()...)
		if err != nil {
			t.Fatal(err)
		}
		r := &notifierRig{t: t, access: access{policy}}
		network := agenttest.NewNetwork()
		for _, host := range []string{"192.0.2.8", "192.0.2.9"} {
			listener := &manager.Listener{AnyCommunity: true, OnNotification: func(n *manager.Notification) {
				r.mu.Lock()
				defer r.mu.Unlock()
				r.got = append(r.got, fmt.Sprintf("%s %v %v %s%s %v", host, n.Version, n.Kind, string(n.Community), n.User, n.OID))
			}}
			go listener.Serve(network.Listen(t, host+":162"))
		}
		a := agent.New()
		a.Access, a.MIB, a.Conns = r.access, mib.NewTree(), []transport.Conn{network.Listen(t, "192.0.2.1:161")}
		a.Targets = notify.MustNew()
		if err := a.RegisterObjects(a.MIB, c.system); err != nil {
			t.Fatal(err)
		}
		r.notifier = newNotifier(a, c.system, a.Targets, slog.New(slog.NewTextHandler(r, nil)))
		r.configure(config)
		r.tell(coldStart) // is told to nobody: the agent is not active yet
		if err := a.Activate(); err != nil {
			t.Fatal(err)
		}
		defer a.Deactivate()
		r.begin()
		defer r.close()
		f(t, r)
	})
}

// configure takes over what a configuration says of who is told, as SIGHUP does.
func (r *notifierRig) configure(config string) {
	r.t.Helper()
	c, problems := interpret(config)
	if problems = append(problems, r.replace(c.sinks, c.targets.Statements())...); len(problems) > 0 {
		r.t.Fatal(problems)
	}
}

// manage has a manager make rows by which an address is told by a community.
func (r *notifierRig) manage(name, address, securityName string, kind notify.Type) {
	r.t.Helper()
	to := netip.MustParseAddrPort(address)
	row := notify.Row{Storage: mib.NonVolatile, Status: mib.Active}
	err := r.targets.Restore(
		notify.TargetAddr{Name: name, TDomain: notify.SnmpUDPDomain, TAddress: string(to.Addr().AsSlice()) + "\x00\xa2", Timeout: time.Second, TagList: name, Params: name, Row: row},
		notify.TargetParams{Name: name, MPModel: pdu.V2c, SecurityModel: pdu.SecurityModelV2c, SecurityName: securityName, Row: row},
		notify.Notify{Name: name, Tag: name, Type: kind, Row: row},
	)
	if err != nil {
		r.t.Fatal(err)
	}
}

// heard checks what has come since the last call, in any order.
func (r *notifierRig) heard(want ...string) {
	r.t.Helper()
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.Sort(r.got)
	slices.Sort(want)
	if !slices.Equal(r.got, want) {
		r.t.Errorf("heard %q, want %q", r.got, want)
	}
	r.got = nil
}

const coldStartOID = " 1.3.6.1.6.3.1.1.5.1"

// Sinks are told everything, each in its own form, and may ask for nothing. Others are
// told what the access rules let them know.
func TestSinkAccess(t *testing.T) {
	const config = `rocommunity public default 1.3.6.1.2.1.1
com2sec noc default noc-secret
group told v2c noc
access told "" any noauth exact none none all
view all included .1.3
com2sec deaf default deaf-secret
group deaf v2c deaf
access deaf "" any noauth exact all none none
`
	withNotifier(t, config+"trapsink 192.0.2.8 one\ntrap2sink 192.0.2.8 two\ninformsink -name three -tag noc 192.0.2.8 three\ntrapsess -v3 -u nobody 192.0.2.8\n", func(t *testing.T, r *notifierRig) {
		sinks := []string{"192.0.2.8 SNMPv1 Trap one" + coldStartOID, "192.0.2.8 SNMPv2c SNMPv2-Trap two" + coldStartOID, "192.0.2.8 SNMPv2c InformRequest three" + coldStartOID}
		r.tell(coldStart)
		r.heard(sinks...) // nobody is unknown to the receiver

		r.manage("noc", "192.0.2.9:162", "noc", notify.Inform)
		r.manage("deaf", "192.0.2.9:162", "deaf", notify.Trap)
		r.manage("sink", "192.0.2.9:162", sinkName, notify.Trap) // a name in the tables
		r.tell(coldStart)
		r.heard(append(sinks, "192.0.2.9 SNMPv2c InformRequest noc-secret"+coldStartOID)...)
		for _, name := range []string{"deaf", "sink"} {
			if !strings.Contains(r.logged(), "was not sent\" target="+name) {
				t.Errorf("it is not logged that %s is not told:\n%s", name, r.logged())
			}
		}
		for _, view := range []vacm.ViewType{vacm.ReadView, vacm.WriteView, vacm.NotifyView} {
			if _, err := r.access.View(&mib.Request{SecurityModel: pdu.SecurityModelV2c, SecurityName: sinkName}, view); err == nil {
				t.Errorf("whoever is called as a sink has view %v", view)
			}
		}
		if r.access.Community([]byte("two"), netip.MustParseAddr("192.0.2.8")) != nil {
			t.Error("a sink's community lets it in")
		}
	})
}

// What a configuration says of who is told, SIGHUP replaces; what managers made stays.
func TestReplaceSinks(t *testing.T) {
	const access = "com2sec noc default noc-secret\ngroup told v2c noc\naccess told \"\" any noauth exact none none all\nview all included .1.3\n"
	withNotifier(t, access+"trap2sink 192.0.2.8 one\ntrap2sink 192.0.2.9 two\n", func(t *testing.T, r *notifierRig) {
		const managed = "192.0.2.8 SNMPv2c SNMPv2-Trap noc-secret" + coldStartOID
		r.manage("noc", "192.0.2.8:162", "noc", notify.Trap)
		r.configure("trap2sink 192.0.2.9 three")
		r.tell(coldStart)
		r.heard(managed, "192.0.2.9 SNMPv2c SNMPv2-Trap three"+coldStartOID)
		r.configure("trap2sink -name noc 192.0.2.9 four") // takes the row's place
		r.tell(coldStart)
		r.heard("192.0.2.9 SNMPv2c SNMPv2-Trap four" + coldStartOID)
		r.configure("")
		r.tell(coldStart)
		r.heard()
	})
}

// A filter holds back what it excludes (RFC 3413 §6), from sinks with -profile too.
func TestSinkProfile(t *testing.T) {
	const config = `notificationFilter quiet .1.3 0x00 included
notificationFilter quiet 1.3.6.1.6.3.1.1.5.1 0x00 excluded
trap2sink -profile quiet 192.0.2.8 one
trap2sink 192.0.2.8 two
`
	withNotifier(t, config, func(t *testing.T, r *notifierRig) {
		r.tell(coldStart)
		r.tell(warmStart)
		r.heard("192.0.2.8 SNMPv2c SNMPv2-Trap two"+coldStartOID, "192.0.2.8 SNMPv2c SNMPv2-Trap one 1.3.6.1.6.3.1.1.5.2", "192.0.2.8 SNMPv2c SNMPv2-Trap two 1.3.6.1.6.3.1.1.5.2")
	})
}

// Who does not confirm holds up nobody, has a queue that ends, and what waits in it
// goes to nobody whom the tables do not name any more.
func TestNotifierQueues(t *testing.T) {
	const sinks = "informsink 192.0.2.99 dead\ninformsink 192.0.2.9 alive\n"
	withNotifier(t, sinks, func(t *testing.T, r *notifierRig) {
		for range maxWaiting + 3 {
			r.tell(coldStart)
			r.heard("192.0.2.9 SNMPv2c InformRequest alive" + coldStartOID)
		}
		if got := strings.Count(r.logged(), "is dropped"); got != 2 { // one is on its way
			t.Errorf("%d were dropped, want 2:\n%s", got, r.logged())
		}
		time.Sleep(time.Duration(sinkRetries+1) * sinkTimeout) // a bubble's time
		synctest.Wait()
		if got := strings.Count(r.logged(), "was not sent"); got != 1 {
			t.Errorf("%d were not confirmed, want 1:\n%s", got, r.logged())
		}
		r.configure("informsink 192.0.2.9 alive")
		time.Sleep(time.Duration(sinkRetries+1) * sinkTimeout)
		synctest.Wait()
		if got := strings.Count(r.logged(), "was not sent"); got != 2 { // the one that was on its way
			t.Errorf("%d were not confirmed, want 2:\n%s", got, r.logged())
		}
		r.mu.Lock()
		r.got = nil
		r.mu.Unlock()
		time.Sleep(time.Hour)
		r.heard()
	})
}

// A target that is changed is told in the new way at once, whatever waits for it still.
func TestNotifierChange(t *testing.T) {
	withNotifier(t, "informsink -name noc 192.0.2.99 one\n", func(t *testing.T, r *notifierRig) {
		r.tell(coldStart)
		r.tell(coldStart)
		synctest.Wait()
		r.configure("informsink -name noc 192.0.2.9 one\n")
		r.tell(warmStart)
		r.heard("192.0.2.9 SNMPv2c InformRequest one 1.3.6.1.6.3.1.1.5.2")
	})
}

// More informs than may wait for a confirmation at a time wait for their turn, and
// none is lost.
func TestNotifierInforms(t *testing.T) {
	config := ""
	for i := range atOnce + 50 {
		config += fmt.Sprintf("informsink 198.51.100.%d dead\n", i)
	}
	withNotifier(t, config+"informsink 192.0.2.9 alive\n", func(t *testing.T, r *notifierRig) {
		r.tell(coldStart)
		time.Sleep(2*time.Duration(sinkRetries+1)*sinkTimeout + time.Second)
		r.heard("192.0.2.9 SNMPv2c InformRequest alive" + coldStartOID)
		if got := strings.Count(r.logged(), "no response"); got != atOnce+50 {
			t.Errorf("%d are said not to have been confirmed, want %d", got, atOnce+50)
		}
	})
}

// toldNoc lets the community noc-secret be told everything.
const toldNoc = "com2sec noc default noc-secret\ngroup told v2c noc\naccess told \"\" any noauth exact none none all\nview all included .1.3\n"

// Managers can neither hold back what a sink is told, nor keep it waiting: those whom
// they name wait for each other alone, and not for ever.
func TestManagersAndSinks(t *testing.T) {
	withNotifier(t, toldNoc+"informsink 192.0.2.9 one\ntrap2sink -profile p 192.0.2.8 two\n", func(t *testing.T, r *notifierRig) {
		const one, two = "192.0.2.9 SNMPv2c InformRequest one" + coldStartOID, "192.0.2.8 SNMPv2c SNMPv2-Trap two" + coldStartOID
		row := notify.Row{Storage: mib.NonVolatile, Status: mib.Active}
		quiet := notify.Filter{ProfileName: "quiet", Subtree: ber.MustOID("1.3"), Type: notify.Excluded, Row: row}
		if err := r.targets.Restore(notify.FilterProfile{Params: "internal0", ProfileName: "quiet", Row: row}, quiet); err != nil {
			t.Fatal(err)
		}
		for i := range atOnce + 50 {
			r.manage(fmt.Sprint("m", i), fmt.Sprintf("198.51.100.%d:162", i), "noc", notify.Inform)
		}
		for range 3 {
			r.tell(coldStart)
			r.heard(one, two)
		}
		quiet.ProfileName = "p" // which the sink has
		if err := r.targets.Restore(quiet); err != nil {
			t.Fatal(err)
		}
		r.tell(coldStart)
		r.heard(one)
	})
}

// What waits for its turn goes to nobody whom the tables do not name any more.
func TestNotifierTurns(t *testing.T) {
	withNotifier(t, "", func(t *testing.T, r *notifierRig) {
		config := ""
		for i := range atOnce {
			config += fmt.Sprintf("informsink 198.51.100.%d dead\n", i)
		}
		r.configure(config)
		r.tell(coldStart)
		r.heard()
		r.configure(config + "informsink 192.0.2.9 stays\ninformsink 192.0.2.8 goes\n")
		r.tell(coldStart)
		r.heard()
		r.configure(config + "informsink 192.0.2.9 stays\n")
		time.Sleep(2*time.Duration(sinkRetries+1)*sinkTimeout + time.Second) // a bubble's time
		r.heard("192.0.2.9 SNMPv2c InformRequest stays" + coldStartOID)
	})
}

// That managers name many who cannot be told does not fill the log; what becomes of
// sinks is always there.
func TestManagersWarnings(t *testing.T) {
	withNotifier(t, "trap2sink -profile p 192.0.2.9 one\n", func(t *testing.T, r *notifierRig) {
		for i := range maxWarnings + 20 {
			r.manage(fmt.Sprint("m", i), fmt.Sprintf("198.51.100.%d:162", i), "nobody", notify.Trap)
		}
		for i, want := range []int{maxWarnings, maxWarnings, 2 * maxWarnings} {
			if i == 2 {
				time.Sleep(time.Minute) // a bubble's time
			}
			r.tell(coldStart)
			r.heard("192.0.2.9 SNMPv2c SNMPv2-Trap one" + coldStartOID)
			if got := strings.Count(r.logged(), "was not sent"); got != want {
				t.Errorf("%d warnings, want %d", got, want)
			}
		}
		if !strings.Contains(r.logged(), fmt.Sprint("warnings=", maxWarnings+40)) {
			t.Errorf("it is not said how many more there were:\n%s", r.logged())
		}
		r.warn("sink", &destination{Destination: agent.Destination{Origin: "snmpd.conf:1"}})
		r.warn("manager", &destination{})
		if log := r.logged(); !strings.Contains(log, "msg=sink") || strings.Contains(log, "msg=manager") {
			t.Error(log)
		}
	})
}

// What nobody confirms is not sent a hundred times a second because a manager says so.
func TestMinTimeout(t *testing.T) {
	for origin, want := range map[string]time.Duration{"": minTimeout, "snmpd.conf:1": time.Millisecond} {
		n := &notifier{}
		if got := n.destination(agent.Destination{Origin: origin, Target: agent.Target{Timeout: time.Millisecond}}); got.Timeout != want {
			t.Errorf("the timeout of a row of %q is %v, want %v", origin, got.Timeout, want)
		}
	}
}

// The end waits for what can be sent, for a moment.
func TestNotifierClose(t *testing.T) {
	withNotifier(t, "informsink 192.0.2.99 dead\ninformsink 192.0.2.9 alive\n", func(t *testing.T, r *notifierRig) {
		r.tell(nsNotifyShutdown)
		began := time.Now() // a bubble's time
		r.close()
		if took := time.Since(began); took != closeTime {
			t.Errorf("it took %v, want %v", took, closeTime)
		}
		r.heard("192.0.2.9 SNMPv2c InformRequest alive 1.3.6.1.4.1.8072.4.0.2")
		r.tell(coldStart)
		r.heard()
	})
}

// RFC 3418: authenticationFailure, where it is enabled, and not for each message of
// one who guesses.
func TestAuthenticationFailure(t *testing.T) {
	withNotifier(t, "trap2sink 192.0.2.9 one\n", func(t *testing.T, r *notifierRig) {
		told := func(code agent.Code, want bool) {
			t.Helper()
			r.badPacket(&agent.BadPacketEvent{Code: code})
			if want {
				r.heard("192.0.2.9 SNMPv2c SNMPv2-Trap one 1.3.6.1.6.3.1.1.5.5")
			} else {
				r.heard()
			}
		}
		told(agent.CodeNotAuthenticated, false) // is disabled
		r.system.ConfigureAuthenTraps(true)
		told(agent.CodeEngineID, false)
		told(agent.CodeTimeFrame, false)
		told(agent.CodeBadPacket, false)
		told(agent.CodeNotAuthenticated, true)
		told(agent.CodeNotAuthenticated, false) // is too soon
		for _, code := range []agent.Code{agent.CodeUserName, agent.CodeWrongMAC, agent.CodeNoMAC} {
			time.Sleep(authFailInterval) // a bubble's time
			told(code, true)
		}
	})
}

// RFC 2863 §3.1.15: linkDown and linkUp, where linkUpDownNotifications asks for them.
func TestLinkNotifications(t *testing.T) {
	withNotifier(t, "trap2sink 192.0.2.9 one\n", func(t *testing.T, r *notifierRig) {
		change := host.LinkChange{Name: "eth0", Index: 7, AdminStatus: 1, OperStatus: 2}
		r.linkChange(change)
		r.heard()
		r.links.Store(true)
		r.linkChange(change)
		r.heard("192.0.2.9 SNMPv2c SNMPv2-Trap one 1.3.6.1.6.3.1.1.5.3")
		change.Up, change.OperStatus = true, 1
		r.linkChange(change)
		r.heard("192.0.2.9 SNMPv2c SNMPv2-Trap one 1.3.6.1.6.3.1.1.5.4")
		if got := change.Objects(); len(got) != 3 || got[0].Name != ber.MustOID("1.3.6.1.2.1.2.2.1.1.7") || got[2].Value != pdu.Integer(1) {
			t.Errorf("%v", got)
		}
	})
}
