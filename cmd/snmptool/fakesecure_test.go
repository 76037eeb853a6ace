package main

import (
	"errors"

	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// The fake agent's side of SNMPv3: two users, of whom alice may write if she uses
// privacy, and the contexts "" and "other", which are the same. If it is silent it
// keeps to itself that it cannot decrypt a message, or does not know a context, as
// snmpd does.
type fakeSecurity struct {
	model  *usm.Model
	worker *usm.Worker
	silent bool
}

var snmpUnknownContexts = ber.MustOID("1.3.6.1.6.3.12.1.5.0")

const fakeEngine = usm.EngineID("\x80\x00\x7E\xD9\x04fake agent")

// BootsTime makes the fake agent its own clock.
func (*fakeSecurity) BootsTime() (boots, seconds int32) { return 1, 1000 }

func newFakeSecurity(silent bool) (*fakeSecurity, error) {
	users := usm.NewUsers(fakeEngine, usm.System)
	for _, u := range []usm.User{
		{Name: "alice", Auth: usm.SHA256, AuthPassword: usm.NewSecret("authentication"), Priv: usm.AES128, PrivPassword: usm.NewSecret("confidentiality"), AllowLower: true},
		{Name: "bob"},
	} {
		if err := users.Add(u); err != nil {
			return nil, err
		}
	}
	s := &fakeSecurity{silent: silent}
	s.model = usm.NewModel(usm.NewEngine(fakeEngine, s), users, usm.System, nil)
	s.worker = s.model.NewWorker()
	return s, nil
}

// answer returns what is sent in return for a message of SNMPv3, nil for nothing.
func (s *fakeSecurity) answer(list objects, datagram []byte) []byte {
	header, err := pdu.ReadHeader3(datagram, true)
	if err != nil {
		return nil
	}
	buf := make([]byte, 65507)
	v, err := s.model.ProcessIncoming(s.worker, datagram, header, true)
	if failure, ok := errors.AsType[*usm.Failure](err); ok && !(s.silent && failure.Stat == usm.DecryptionErrors) {
		report, _ := s.model.GenerateReport(s.worker, buf, failure, len(buf))
		return report
	}
	var d pdu.Decoder
	var scoped pdu.ScopedPDU
	if err != nil || v.Decode(&d, &scoped) != nil {
		return nil
	}
	if scoped.ContextName != "" && scoped.ContextName != "other" {
		if s.silent {
			return nil
		}
		unknownContexts := pdu.VarBind{Name: snmpUnknownContexts, Value: pdu.Counter32(1)}
		report, _ := s.model.GenerateReportTo(s.worker, buf, &v, scoped.PDU.RequestID, unknownContexts, len(buf))
		return report
	}
	m := pdu.Message{Version: pdu.V3, Community: []byte("public"), PDU: scoped.PDU}
	if v.SecurityLevel() == pdu.AuthPriv {
		m.Community = []byte("private")
	}
	if scoped.PDU.Kind == pdu.SetRequest && v.SecurityLevel() == pdu.NoAuthNoPriv {
		scoped.PDU = pdu.PDU{Kind: pdu.Response, RequestID: scoped.PDU.RequestID, ErrorStatus: pdu.AuthorizationError, VarBinds: scoped.PDU.VarBinds}
	} else {
		scoped.PDU = list.answer(&m)
	}
	answer, _ := s.model.GenerateResponse(s.worker, buf, &v, len(buf), &scoped)
	return answer
}
