package agent_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"snmpstack/agent"
	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
)

// What a Report says is the error, with its code.
func TestInformReports(t *testing.T) {
	var told []agent.ReportEvent
	configure := func(a *agent.Agent) {
		allowAll(a)
		a.OnReport = func(e *agent.ReportEvent) { told = append(told, *e) }
	}
	withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
		for i, tt := range []struct {
			name   string
			change func(*usm.User)
			code   agent.Code
		}{
			{"another user", func(u *usm.User) { u.Name = "other" }, agent.CodeUserName},
			{"another password", func(u *usm.User) { u.AuthPassword = usm.NewSecret("wrong password") }, agent.CodeWrongMAC},
			{"another privacy password", func(u *usm.User) { u.PrivPassword = usm.NewSecret("wrong password") }, agent.CodeDecryption},
		} {
			to := toSink(pdu.V3)
			tt.change(&to.User)
			err := r.Notify(t.Context(), to, linkUpNotification)
			var report *manager.ReportError
			if codeOf(err) != tt.code || !errors.As(err, &report) {
				t.Errorf("%s: %v, want code %d", tt.name, err, tt.code)
			}
			if last := len(told) - 1; last != i || told[last].EngineID != s.Engine.ID() || told[last].Source.String() != sinkAddress || told[last].User != to.User.Name {
				t.Errorf("%s: OnReport was told %+v", tt.name, told)
			}
		}
	})
}

// OnReport does not hear of the Reports by which an inform that is confirmed finds out the
// target's engine and its time (RFC 3414 §4), and another engine that has taken its place.
func TestInformDiscoveryReports(t *testing.T) {
	inBubble(t, func(a *agent.Agent) {
		allowAll(a)
		a.OnReport = func(e *agent.ReportEvent) { t.Errorf("OnReport was told %+v", *e) }
	}, func(t *testing.T, r *rig) {
		clock := fixedClock{3, 100_000}
		s := newSink(r)
		s.Engine = usm.NewEngine("\x80\x00\x7e\xd9\x04sink", &clock)
		s.listen(trapper)
		inform := func() {
			t.Helper()
			if err := r.Notify(t.Context(), toSink(pdu.V3), linkUpNotification); err != nil {
				t.Error(err)
			}
			s.mu.Lock()
			s.bad = nil // what the sink has sent Reports about
			s.mu.Unlock()
			s.one()
		}
		inform()
		clock.time += 1000 // which no Report has told
		inform()
		s.socket.Close()
		synctest.Wait()
		s = newSink(r)
		s.Engine = usm.NewEngine("\x80\x00\x7e\xd9\x04other", &clock)
		s.listen(trapper)
		inform()
	})
}

// A confirmation that is marked as reportable, as gosnmp's are, is one all the same.
func TestInformConfirmedReportably(t *testing.T) {
	inBubble(t, allowAll, func(t *testing.T, r *rig) {
		s := newSink(r)
		if err := s.AddUser(usm.User{Name: "plain"}); err != nil {
			t.Fatal(err)
		}
		s.socket = r.network.Listen(t, sinkAddress)
		go s.Serve(reportableConn{s.socket})
		to := toSink(pdu.V3)
		to.User, to.Level, to.Retries = usm.User{Name: "plain"}, pdu.NoAuthNoPriv, 0
		if err := r.Notify(t.Context(), to, linkUpNotification); err != nil {
			t.Error(err)
		}
		s.one()
	})
}

// A reportableConn sets the reportableFlag of all that is written.
type reportableConn struct{ transport.Conn }

func (c reportableConn) Write(p []transport.Packet) (int, error) {
	for i := range p {
		d := slices.Clone(p[i].Data)
		flags := []byte{byte(ber.OctetString), 1, 0, byte(ber.Integer), 1, byte(pdu.SecurityModelUSM)}
		if at := bytes.Index(d, flags); at > 0 {
			d[at+2] |= byte(pdu.FlagReportable)
		}
		p[i].Data = d
	}
	return c.Conn.Write(p)
}

// notReportable returns a message of SNMPv3's without the reportableFlag, whose digest
// is not right any more.
func notReportable(t *testing.T, datagram []byte) []byte {
	header, err := pdu.ReadHeader3(datagram, true)
	if err != nil {
		t.Fatal(err)
	}
	header.MsgFlags &^= pdu.FlagReportable
	w := ber.NewWriter(make([]byte, 2*len(datagram)))
	end := w.Mark()
	w.Octets(ber.OctetString, header.Data)
	w.Octets(ber.OctetString, header.SecurityParameters)
	pdu.EncodeHeader3(&w, end, &header)
	return w.Bytes()
}
