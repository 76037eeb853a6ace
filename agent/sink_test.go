package agent_test

import (
	"sync"
	"testing"
	"testing/synctest"

	"snmpstack/agent"
	"snmpstack/agent/manager"
	"snmpstack/ber"
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
