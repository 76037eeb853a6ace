package usm_test

import (
	"fmt"
	"time"

	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// The keys of RFC 3414 §A.3.1: a password at an engine.
func ExampleLocalizedKeys() {
	user := usm.User{Name: "ops", Auth: usm.MD5, AuthPassword: usm.NewSecret("maplesyrup")}
	engine := usm.EngineID("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02")

	auth, _, err := usm.LocalizedKeys(usm.Internal, user, engine)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%x\n", auth)
	// Output: 526f5eed9fcce26f8964c2930787d82b
}

// An engine's clock that stands still, for the example's sake.
type clockAt struct{ boots, time int32 }

func (c clockAt) BootsTime() (boots, time int32) { return c.boots, c.time }

// An agent takes a manager's request, and refuses it with one bit changed.
func ExampleModel_ProcessIncoming() {
	id, err := usm.NewEngineID(usm.DocumentationEnterprise, usm.FormatText, "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	ops := usm.User{
		Name: "ops",
		Auth: usm.SHA256, AuthPassword: usm.NewSecret("authpass-example"),
		Priv: usm.AES128, PrivPassword: usm.NewSecret("privpass-example"),
	}

	// The manager's side.
	peer := usm.NewPeer(id, usm.Internal, time.Now)
	if err := peer.Users().Add(ops); err != nil {
		fmt.Println(err)
		return
	}
	get := pdu.ScopedPDU{ContextEngineID: string(id), PDU: pdu.PDU{
		Kind:     pdu.GetRequest,
		VarBinds: []pdu.VarBind{{Name: ber.MustOID("1.3.6.1.2.1.1.3.0"), Value: pdu.Null}},
	}}
	request := &usm.Request{MsgID: 1, MaxSize: 65507, User: "ops", Level: pdu.AuthPriv, Reportable: true}
	datagram, err := peer.GenerateRequest(peer.NewWorker(), make([]byte, 1500), request, &get)
	if err != nil {
		fmt.Println(err)
		return
	}

	// The agent's side.
	model := usm.NewModel(usm.NewEngine(id, clockAt{0, 0}), usm.NewUsers(id, usm.Internal), usm.Internal, nil)
	if err := model.Users().Add(ops); err != nil {
		fmt.Println(err)
		return
	}
	w := model.NewWorker() // one for each goroutine
	process := func() {
		header, err := pdu.ReadHeader3(datagram, false)
		if err != nil {
			fmt.Println(err)
			return
		}
		verified, err := model.ProcessIncoming(w, datagram, header, false)
		if err != nil {
			fmt.Println(err)
			return
		}
		var decoder pdu.Decoder
		var scoped pdu.ScopedPDU
		if err := verified.Decode(&decoder, &scoped); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(verified.SecurityName(), verified.SecurityLevel(), scoped.PDU.Kind, scoped.PDU.VarBinds[0].Name)
	}
	process()
	datagram[len(datagram)-1] ^= 1
	process()
	fmt.Println(usm.WrongDigests, model.Count(usm.WrongDigests))
	// Output:
	// ops authPriv GetRequest 1.3.6.1.2.1.1.3.0
	// usm: wrong digest
	// usmStatsWrongDigests 1
}
