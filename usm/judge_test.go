package usm

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm/internal/cryptotest"
)

// A receiver is the little of an agent around a Model that judging a message
// takes: RFC 3412 §4.2.1 and §7.2. It counts what the six usmStats do not.
type receiver struct {
	model    *Model
	worker   *Worker
	counters map[string]uint32
}

var judged = []Stat{UnsupportedSecLevels, NotInTimeWindows, UnknownUserNames, UnknownEngineIDs, WrongDigests, DecryptionErrors}

// count returns all the counters.
func (r *receiver) count() map[string]uint32 {
	all := maps.Clone(r.counters)
	for _, s := range judged {
		all[s.String()] = r.model.Count(s)
	}
	return all
}

// moved says by which counters two readings differ, and by how much.
func moved(before, after map[string]uint32) string {
	var list []string
	for name, n := range after {
		for range n - before[name] {
			list = append(list, name)
		}
	}
	return strings.Join(list, " ")
}

// receive returns what has become of a message: "accept", "report" and the name of
// the counter, or "no answer"; and the answer.
func (r *receiver) receive(datagram []byte) (outcome string, answer []byte) {
	header, err := pdu.ReadHeader3(datagram, false)
	switch {
	case errors.Is(err, pdu.ErrVersion):
		r.counters["snmpInBadVersions"]++
		return "no answer", nil
	case err != nil: // RFC 3412 §7.2 (2)
		r.counters["snmpInASNParseErrs"]++
		return "no answer", nil
	case header.SecurityModel != pdu.SecurityModelUSM: // (4)
		r.counters["snmpUnknownSecurityModels"]++
		return "no answer", nil
	}
	if _, ok := header.MsgFlags.Level(); !ok { // (5) d
		r.counters["snmpInvalidMsgs"]++
		return "no answer", nil
	}
	buf := make([]byte, 2000)
	v, err := r.model.ProcessIncoming(r.worker, datagram, header, false) // (6)
	if f := (*Failure)(nil); errors.As(err, &f) {
		if _, ok := f.Reportable(); !ok {
			return "no answer", nil
		}
		answer, err := r.model.GenerateReport(r.worker, buf, f, 65507)
		if err != nil {
			panic(err)
		}
		return "report " + f.Stat.String(), answer
	} else if err != nil {
		r.counters["snmpInASNParseErrs"]++
		return "no answer", nil
	}
	var d pdu.Decoder
	var s pdu.ScopedPDU
	if err := v.Decode(&d, &s); err != nil { // (7)
		r.counters["snmpInASNParseErrs"]++
		return "no answer", nil
	}
	if !s.PDU.Kind.Confirmed() { // (10)
		return "no answer", nil
	}
	if s.ContextName != "" {
		r.counters["snmpUnknownContexts"]++
		return "report snmpUnknownContexts", nil
	}
	s.PDU = pdu.PDU{Kind: pdu.Response, RequestID: s.PDU.RequestID}
	if answer, err = r.model.GenerateResponse(r.worker, buf, &v, 65507, &s); err != nil {
		panic(err)
	}
	return "accept", answer
}

// A judgeVector is a message that is odd, or was altered, with what is to become
// of it.
type judgeVector struct {
	Name, Auth, Priv, Extension, User string
	Message                           cryptotest.Octets
	LocalBoots                        int32  `json:"local_boots"`
	LocalTime                         int32  `json:"local_time"`
	AuthPassphrase                    string `json:"auth_passphrase"`
	PrivPassphrase                    string `json:"priv_passphrase"`
	Expect, Rule                      string
	ObservedNetSNMP                   string `json:"observed_net_snmp"`
}

// judgeEngine is the engine in usm_judge.json.
const judgeEngine = EngineID("\x80\x00\x1f\x88\x04shared-agent")

// counter returns the one counter that the message moves, "" for none.
func (v *judgeVector) counter() string {
	if name, ok := strings.CutPrefix(v.Expect, "report "); ok {
		return strings.Fields(name)[0]
	}
	if _, name, ok := strings.Cut(v.Expect, "no answer (snmp"); ok {
		return "snmp" + strings.TrimSuffix(name, ")")
	}
	return map[string]string{ // where the file says no more than "no answer"
		"not reportable, wrong boots":                                        "usmStatsNotInTimeWindows",
		"not reportable, unknown user":                                       "usmStatsUnknownUserNames",
		"trap (unconfirmed class) with wrong engine id, reportable flag set": "usmStatsUnknownEngineIDs",
		"msgFlags empty":                                                     "snmpInASNParseErrs",
		"msgFlags two octets":                                                "snmpInASNParseErrs",
		"security parameters with trailing octet":                            "snmpInASNParseErrs",
		"wrong priv key (decrypts to garbage)":                               "usmStatsDecryptionErrors",
	}[v.Name]
}

// outcome returns what is to become of the message, in receive's words.
func (v *judgeVector) outcome() string {
	switch {
	case v.Name == "user name of 33 octets", v.Name == "plaintext body with privFlag set":
		return "no answer" // no message by its syntax (RFC 3414 §2.4, RFC 3412 §6.7)
	case v.Name == "wrong priv key (decrypts to garbage)":
		return "report usmStatsDecryptionErrors" // so that a manager learns what is wrong
	case strings.HasPrefix(v.Expect, "accept"):
		return "accept"
	case strings.HasPrefix(v.Expect, "no answer"):
		return "no answer"
	}
	return v.Expect
}

// Messages that are odd, or were altered in one place: what becomes of each, that
// exactly one counter moves, and what the Report says (RFC 3412 §7.1 (3) and §7.2,
// RFC 3414 §3.2).
func TestJudge(t *testing.T) {
	cache := hashed{}
	cryptotest.Each(t, "vectors/usm_judge.json", func(t *testing.T, v judgeVector) bool {
		for _, p := range providers {
			for _, extension := range []KeyExtension{vectorExt[v.Extension], AutoExtension} {
				u := User{Name: "noauth_user"}
				if v.Auth != "" {
					u = User{
						Name: v.User, AllowLower: true, Auth: vectorAuth[v.Auth], AuthPassword: NewSecret(v.AuthPassphrase),
						Priv: vectorPriv[v.Priv], PrivPassword: NewSecret(v.PrivPassphrase), Extension: extension,
					}
				}
				v.judge(t, p, cache.user(t, p, u))
			}
		}
		return true
	})
}

func (v *judgeVector) judge(t *testing.T, p Provider, u *HashedUser) {
	t.Helper()
	clock := fixedClock{v.LocalBoots, v.LocalTime}
	users := NewUsers(judgeEngine, p)
	for _, u := range []*HashedUser{u, hashed{}.user(t, p, User{Name: "noauth_user"})} {
		if err := users.AddHashed(u); err != nil {
			t.Fatal(err)
		}
	}
	r := &receiver{counters: make(map[string]uint32)}
	r.model = NewModel(NewEngine(judgeEngine, clock), users, p, nil)
	r.worker = r.model.NewWorker()
	what := fmt.Sprintf("%s, %v %s %s (%s)", v.Name, p, v.Auth, v.Priv, v.Rule)

	before, datagram := r.count(), bytes.Clone(v.Message)
	outcome, answer := r.receive(v.Message)
	if outcome != v.outcome() {
		t.Errorf("%s: %s, want %s", what, outcome, v.outcome())
		return
	}
	want := v.counter()
	if outcome == "no answer" && strings.HasPrefix(v.Expect, "report ") || v.Name == "plaintext body with privFlag set" {
		want = "snmpInASNParseErrs"
	}
	if got := moved(before, r.count()); got != want {
		t.Errorf("%s: counted by %q, want %q", what, got, want)
	}
	if !bytes.Equal(v.Message, datagram) {
		t.Errorf("%s: the datagram was written to", what)
	}
	if answer == nil {
		return
	}
	if err := v.checkAnswer(p, u, answer, clock); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// checkAnswer looks at an answer as whoever sent the message does.
func (v *judgeVector) checkAnswer(p Provider, u *HashedUser, answer []byte, clock fixedClock) error {
	question, err := pdu.ReadHeader3(v.Message, false)
	if err != nil {
		return err
	}
	asked, err := readParameters(&question, false)
	if err != nil {
		return err
	}
	header, err := pdu.ReadHeader3(answer, true)
	if err != nil {
		return err
	}
	answered, err := readParameters(&header, true)
	if err != nil {
		return err
	}
	level, ok := header.MsgFlags.Level()
	switch {
	case !ok || header.MsgFlags != level.Flags():
		return fmt.Errorf("flags %#x", header.MsgFlags) // RFC 3412 §7.1 (7) d: not reportable
	case header.MsgID != question.MsgID || header.MsgMaxSize != 65507:
		return fmt.Errorf("msgID %d of %d, msgMaxSize %d", header.MsgID, question.MsgID, header.MsgMaxSize)
	case string(answered.engineID) != string(judgeEngine) || answered.boots != clock.boots || answered.time != clock.time:
		return fmt.Errorf("engine %x, boots %d, time %d", answered.engineID, answered.boots, answered.time)
	case !bytes.Equal(answered.userName, asked.userName):
		return fmt.Errorf("user %q, %q has asked", answered.userName, asked.userName)
	}

	var d pdu.Decoder
	var s pdu.ScopedPDU
	wantLevel := pdu.NoAuthNoPriv
	switch {
	case v.outcome() == "accept":
		wantLevel, _ = question.MsgFlags.Level()
	case v.outcome() == "report usmStatsNotInTimeWindows":
		wantLevel = pdu.AuthNoPriv // RFC 3414 §3.2 (7) a
	}
	if level != wantLevel {
		return fmt.Errorf("answered at %v, want %v", level, wantLevel)
	}
	if level == pdu.NoAuthNoPriv {
		if err := d.ScopedPDU(header.Data, &s); err != nil {
			return err
		}
	} else {
		peer := NewPeer(judgeEngine, p, newFakeTime().now)
		if err := peer.Users().AddHashed(u); err != nil {
			return err
		}
		got, err := peer.ProcessIncoming(peer.NewWorker(), answer, header, true)
		if err != nil && clock.boots != 1<<31-1 { // nothing of such an engine is timely
			return err
		}
		if err == nil {
			err = got.Decode(&d, &s)
		} else {
			err = d.ScopedPDU(header.Data, &s)
		}
		if err != nil {
			return err
		}
	}
	if v.outcome() == "accept" {
		if s.PDU.Kind != pdu.Response {
			return fmt.Errorf("a %v", s.PDU.Kind)
		}
		return nil
	}
	// RFC 3412 §7.1 (3) c and d
	_, requestID, known := pdu.PeekScopedPDU(question.Data)
	if question.Encrypted || !known {
		requestID = 0
	}
	stat, ok := StatOf(first(s.PDU.VarBinds).Name)
	switch {
	case s.PDU.Kind != pdu.Report || s.PDU.ErrorStatus != 0 || s.PDU.ErrorIndex != 0 || s.PDU.RequestID != requestID:
		return fmt.Errorf("%+v, want a Report with request-id %d", s.PDU, requestID)
	case s.ContextEngineID != string(judgeEngine) || s.ContextName != "":
		return fmt.Errorf("context %x %q", s.ContextEngineID, s.ContextName)
	case len(s.PDU.VarBinds) != 1 || !ok || "report "+stat.String() != v.outcome() || s.PDU.VarBinds[0].Value != pdu.Counter32(1):
		return fmt.Errorf("%v", s.PDU.VarBinds)
	}
	return nil
}

func first(list []pdu.VarBind) pdu.VarBind {
	if len(list) == 0 {
		return pdu.VarBind{Name: ber.OID("")}
	}
	return list[0]
}
