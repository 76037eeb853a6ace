package manager

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"snmpstack/pdu"
	"snmpstack/usm"
)

const engineA, engineB = usm.EngineID("\x80\x00\x7E\xD9\x04agent-a"), usm.EngineID("\x80\x00\x7E\xD9\x04agent-b")

// alice is who asks.
var alice = usm.User{
	Name: "alice", Auth: usm.SHA256, AuthPassword: usm.NewSecret("authentication"),
	Priv: usm.AES128, PrivPassword: usm.NewSecret("confidentiality"),
}

// A secureAgent is a fake agent with SNMPv3, whose security is package usm's.
type secureAgent struct {
	t           testing.TB
	boots, time int32 // its clock
	model       *usm.Model
	worker      *usm.Worker
	// got are the messages that came, in short.
	got []string
	// change, if it is set, says what is sent in the place of an answer.
	change func(n int, v *usm.Verified, answer pdu.ScopedPDU) []delivery
	// discovery, if it is set, does so for the answer to a probe.
	discovery func(report []byte) []delivery
}

func (a *secureAgent) BootsTime() (boots, seconds int32) { return a.boots, a.time }

func newSecureAgent(t testing.TB, id usm.EngineID) *secureAgent {
	a := &secureAgent{t: t, boots: 3, time: 1000}
	a.setEngine(id)
	return a
}

func (a *secureAgent) setEngine(id usm.EngineID) {
	users := usm.NewUsers(id, usm.System)
	user := alice
	user.AllowLower = true
	if err := users.Add(user); err != nil {
		a.t.Fatal(err)
	}
	a.model = usm.NewModel(usm.NewEngine(id, a), users, usm.System, nil)
	a.worker = a.model.NewWorker()
}

// client returns a Client that asks the agent as alice.
func (a *secureAgent) client(level pdu.SecurityLevel) *Client {
	p := newPeer(a.t, nil)
	p.secure = a.receive
	c := p.client()
	c.Version, c.Security = pdu.V3, Security{User: alice, Level: level, Provider: usm.System}
	return c
}

func (a *secureAgent) receive(datagram []byte) []delivery {
	header, err := pdu.ReadHeader3(datagram, true)
	if err != nil {
		a.t.Errorf("the message cannot be read: %v", err)
		return nil
	}
	level, _ := header.MsgFlags.Level()
	v, err := a.model.ProcessIncoming(a.worker, datagram, header, true)
	if failure, ok := errors.AsType[*usm.Failure](err); ok {
		a.got = append(a.got, fmt.Sprintf("%v %s", level, strings.TrimPrefix(failure.Stat.String(), "usmStats")))
		report, err := a.model.GenerateReport(a.worker, make([]byte, 2000), failure, 2000)
		if err != nil {
			a.t.Error(err)
		}
		if failure.Stat == usm.UnknownEngineIDs && a.discovery != nil {
			return a.discovery(report)
		}
		return []delivery{{from: agentAddr, data: report}}
	}
	var d pdu.Decoder
	var asked pdu.ScopedPDU
	if err := v.Decode(&d, &asked); err != nil {
		a.t.Errorf("the scopedPDU cannot be read: %v", err)
		return nil
	}
	a.got = append(a.got, fmt.Sprintf("%v %v", level, asked.PDU.Kind))
	if header.MsgFlags&pdu.FlagReportable == 0 {
		a.t.Error("a request without the reportable flag")
	}
	answer := asked
	answer.PDU = pdu.PDU{Kind: pdu.Response, RequestID: asked.PDU.RequestID}
	for _, vb := range asked.PDU.VarBinds {
		answer.PDU.VarBinds = append(answer.PDU.VarBinds, pdu.VarBind{Name: vb.Name, Value: pdu.Integer(1)})
	}
	if a.change != nil {
		return a.change(len(a.got), &v, answer)
	}
	return a.respond(&v, answer)
}

// respond sends an answer as it has to be.
func (a *secureAgent) respond(v *usm.Verified, answer pdu.ScopedPDU) []delivery {
	b, err := a.model.GenerateResponse(a.worker, make([]byte, 2000), v, 2000, &answer)
	if err != nil {
		a.t.Error(err)
	}
	return []delivery{{from: agentAddr, data: b}}
}

// report returns a Report that nobody has signed, as anybody can make it up who
// has seen the request.
func (a *secureAgent) report(msgID int32, stat usm.Stat) delivery {
	forger := usm.NewPeer(a.model.Engine().ID(), usm.System, time.Now)
	if err := forger.Users().Add(usm.User{Name: "alice"}); err != nil {
		a.t.Fatal(err)
	}
	scoped := pdu.ScopedPDU{PDU: pdu.PDU{Kind: pdu.Report, VarBinds: []pdu.VarBind{{Name: stat.OID(), Value: pdu.Counter32(1)}}}}
	b, err := forger.GenerateRequest(forger.NewWorker(), make([]byte, 2000), &usm.Request{MsgID: msgID, MaxSize: 2000, User: "alice"}, &scoped)
	if err != nil {
		a.t.Error(err)
	}
	return delivery{from: agentAddr, data: b}
}
