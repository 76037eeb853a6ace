package agent_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/ber/bertest"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// A judgement is an altered or odd message with the outcome that the RFCs ask for.
type judgement struct {
	Name       string `json:"name"`
	Message    string `json:"message"`
	LocalBoots int32  `json:"local_boots"`
	LocalTime  int32  `json:"local_time"`
	Auth       string `json:"auth"`
	Priv       string `json:"priv"`
	Extension  string `json:"extension"`
	User       string `json:"user"`
	AuthPass   string `json:"auth_passphrase"`
	PrivPass   string `json:"priv_passphrase"`
	Expect     string `json:"expect"`

	octets  []byte
	counter string // that has to move
	report  bool   // there has to be a Report
}

// code returns the code that OnBadPacket has to have, 0 if it is not to be called.
func (j *judgement) code() agent.Code {
	switch {
	case j.Name == "discovery: empty engine id, no user", j.Name == "discovery not reportable":
		return 0 // is told to OnDiscoveryRequest
	case j.Name == "plaintext body with privFlag set":
		return agent.CodeNotEncrypted
	case strings.HasPrefix(j.Name, "priv params"):
		return agent.CodeSalt
	case strings.HasPrefix(j.Name, "MAC of") || strings.HasPrefix(j.Name, "MAC one octet") || j.Name == "MAC empty":
		return agent.CodeNoMAC
	}
	return counterCodes[j.counter]
}

// counterCodes are the codes that messages have which end in a counter.
var counterCodes = map[string]agent.Code{
	"snmpInBadVersions":            agent.CodeBadVersion,
	"snmpInASNParseErrs":           agent.CodeBadPacket,
	"snmpUnknownSecurityModels":    agent.CodeSecurityModel,
	"snmpInvalidMsgs":              agent.CodeBadPacket,
	"snmpUnknownContexts":          agent.CodeBadPacket,
	"usmStatsUnknownEngineIDs":     agent.CodeEngineID,
	"usmStatsUnknownUserNames":     agent.CodeUserName,
	"usmStatsUnsupportedSecLevels": agent.CodeSecurityLevel,
	"usmStatsWrongDigests":         agent.CodeWrongMAC,
	"usmStatsNotInTimeWindows":     agent.CodeTimeFrame,
	"usmStatsDecryptionErrors":     agent.CodeDecryption,
}

var (
	authNames = map[string]usm.AuthProtocol{
		"MD5": usm.MD5, "SHA1": usm.SHA1, "SHA224": usm.SHA224, "SHA256": usm.SHA256, "SHA384": usm.SHA384, "SHA512": usm.SHA512,
	}
	privNames = map[string]usm.PrivProtocol{
		"DES": usm.DES, "3DES": usm.TripleDES, "AES128": usm.AES128, "AES192": usm.AES192, "AES256": usm.AES256,
	}
)

// understand reads the outcome. Where the RFCs leave a choice it is ours: decision
// and counter are those that package agent documents.
func (j *judgement) understand(t *testing.T) {
	var err error
	if j.octets, err = hex.DecodeString(j.Message); err != nil {
		t.Fatal(err)
	}
	_, name, _ := strings.Cut(j.Expect, "(")
	name = strings.TrimSuffix(name, ")")
	switch {
	case strings.HasPrefix(j.Expect, "accept"):
		j.counter = "Answered"
	case j.Name == "response PDU sent to an agent":
		j.counter = "Unsolicited"
	case j.Name == "wrong priv key (decrypts to garbage)":
		// A deviation, and its reason: usm.Model.NotDecrypted.
		j.counter, j.report = "usmStatsDecryptionErrors", true
	case j.Name == "user name of 33 octets", j.Name == "plaintext body with privFlag set",
		j.Name == "security parameters with trailing octet", strings.HasPrefix(j.Name, "msgFlags "):
		j.counter = "snmpInASNParseErrs"
	case j.Name == "not reportable, wrong boots" && j.Expect == "no answer":
		j.counter = "usmStatsNotInTimeWindows"
	case j.Name == "not reportable, unknown user" && j.Expect == "no answer":
		j.counter = "usmStatsUnknownUserNames"
	case strings.HasPrefix(j.Name, "trap (unconfirmed class) with wrong engine id"):
		j.counter = "usmStatsUnknownEngineIDs"
	case strings.HasPrefix(j.Expect, "report "):
		j.counter, j.report = strings.Fields(j.Expect)[1], true
	case strings.HasPrefix(j.Expect, "no answer") && strings.HasPrefix(name, "snmp"):
		j.counter = name
	default:
		t.Fatalf("%s: %q is no outcome that this test knows", j.Name, j.Expect)
	}
}

// agent returns an agent that is the one the message was made for.
func (j *judgement) agent(t *testing.T, engine usm.EngineID) func(*agent.Agent) {
	return func(a *agent.Agent) {
		a.Engine = usm.NewEngine(engine, fixedClock{j.LocalBoots, j.LocalTime})
		a.MIB = newTree(t, &plant{})
		a.Access = agent.InsecureAllowAll
		u := usm.User{Name: j.User, AllowLower: true}
		if j.User == "" {
			u.Name = "noauth_user"
		}
		if j.AuthPass != "" {
			u.Auth, u.AuthPassword = authNames[j.Auth], usm.NewSecret(j.AuthPass)
		}
		if j.PrivPass != "" {
			u.Priv, u.PrivPassword = privNames[j.Priv], usm.NewSecret(j.PrivPass)
		}
		if err := a.AddUserKeys(keyed(u)); err != nil {
			t.Fatalf("%s: %v", j.Name, err)
		}
	}
}

// RFC 3412 §7.2, RFC 3414 §3.2: messages that were altered in one place after they
// had been captured from others. Each moves its counter and no other, has the
// Report that is due to it, and nothing else.
func TestJudge(t *testing.T) {
	text, err := os.ReadFile(bertest.Shared(t, "vectors/usm_judge.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors []judgement }
	if err := json.Unmarshal(text, &file); err != nil || len(file.Vectors) == 0 {
		t.Fatalf("%d vectors, %v", len(file.Vectors), err)
	}
	list := file.Vectors
	var engine usm.EngineID // of the exchange that the messages were made of
	for i := range list {
		list[i].understand(t)
		if list[i].Name == "valid baseline" {
			engine = authoritativeEngine(t, list[i].octets)
		}
	}
	for _, j := range list {
		t.Run(strings.ReplaceAll(j.Auth+" "+j.Priv+" "+j.Name, "/", "-"), func(t *testing.T) {
			code := agent.Code(0)
			r := newRig(t, j.agent(t, engine), func(a *agent.Agent) {
				a.OnBadPacket = func(e *agent.BadPacketEvent) { code = e.Code }
			})
			before := r.Stats()
			answers := r.exchange(j.octets)
			r.countedIn(before, j.counter)
			if code != j.code() {
				t.Errorf("OnBadPacket had the code %d, want %d", code, j.code())
			}
			switch {
			case j.counter == "Answered":
				if len(answers) != 1 {
					t.Fatalf("%d answers, want a Response", len(answers))
				}
				if header, err := pdu.ReadHeader3(answers[0], true); err != nil || header.MsgFlags&^(pdu.FlagAuth|pdu.FlagPriv) != 0 {
					t.Errorf("the answer's header is %+v, %v", header, err)
				}
			case !j.report:
				if len(answers) != 0 {
					t.Errorf("%d answers, want none", len(answers))
				}
			default:
				header, n := r.report(answers)
				// RFC 3414 §3.2 (7): of all Reports this one is authenticated.
				want := pdu.MsgFlags(0)
				if j.counter == "usmStatsNotInTimeWindows" {
					want = pdu.FlagAuth
				}
				if header.MsgFlags != want || n.EngineID != engine || n.Boots != j.LocalBoots || n.Time != j.LocalTime {
					t.Errorf("the Report is %+v, %+v", header, n)
				}
				if got := counterNames[n.ScopedPDU.PDU.VarBinds[0].Name]; got != j.counter {
					t.Errorf("the Report is about %s, want %s", got, j.counter)
				}
			}
		})
	}
}

// counterNames are the counters that Reports are about.
var counterNames = func() map[ber.OID]string {
	names := map[ber.OID]string{ber.MustOID("1.3.6.1.6.3.12.1.5.0"): "snmpUnknownContexts"}
	for s := usm.UnsupportedSecLevels; s <= usm.DecryptionErrors; s++ {
		names[s.OID()] = s.String()
	}
	return names
}()

// authoritativeEngine returns msgAuthoritativeEngineID.
func authoritativeEngine(t *testing.T, message []byte) usm.EngineID {
	t.Helper()
	header, err := pdu.ReadHeader3(message, true)
	if err != nil {
		t.Fatal(err)
	}
	r := ber.NewReader(header.SecurityParameters)
	r.Enter(ber.Sequence)
	id := usm.EngineID(r.Octets(ber.OctetString))
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	return id
}
