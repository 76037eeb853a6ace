package main

import (
	"fmt"
	"net/netip"

	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// A work is one kind of request.
type work struct {
	name, text string
	level      pdu.SecurityLevel
	user       string // "" is SNMPv2c
	pdu        pdu.PDU
}

var works = []work{
	{name: "get1", text: "v2c GET of sysUpTime", pdu: get(sysUpTime)},
	{name: "get10", text: "v2c GET of sysUpTime and nine objects of an interface", pdu: get(ten...)},
	{name: "getnext", text: "v2c GETNEXT of sysUpTime", pdu: next("1.3.6.1.2.1.1.3")},
	{name: "bulk20", text: "v2c GETBULK of 20 from the start of ifTable's columns", pdu: bulk(20, "1.3.6.1.2.1.2.2.1")},
	{name: "bulk4x20", text: "v2c GETBULK of 20 from each of four columns of ifTable", pdu: bulk(20,
		"1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.2.2.1.3", "1.3.6.1.2.1.2.2.1.7", "1.3.6.1.2.1.2.2.1.13")},
	{name: "set", text: "v2c SET of sysContact", pdu: pdu.PDU{Kind: pdu.SetRequest, VarBinds: []pdu.VarBind{
		{Name: ber.MustOID("1.3.6.1.2.1.1.4.0"), Value: pdu.OctetString("the one who measures")}}}},
	{name: "v3-sha256", text: "v3 GET of sysUpTime, authNoPriv with SHA-256", user: "sha256", level: pdu.AuthNoPriv, pdu: get(sysUpTime)},
	{name: "v3-sha1-aes128", text: "v3 GET of sysUpTime, authPriv with SHA-1 and AES-128", user: "sha1", level: pdu.AuthPriv, pdu: get(sysUpTime)},
	{name: "v3-sha256-aes256", text: "v3 GET of sysUpTime, authPriv with SHA-256 and AES-256", user: "sha256", level: pdu.AuthPriv, pdu: get(sysUpTime)},
}

const sysUpTime = "1.3.6.1.2.1.1.3.0"

// Of the interface with index 1: ifIndex, ifType, ifMtu, ifSpeed, ifAdminStatus,
// ifOperStatus, ifInOctets, ifInUcastPkts, ifOutOctets.
var ten = []string{sysUpTime,
	"1.3.6.1.2.1.2.2.1.1.1", "1.3.6.1.2.1.2.2.1.3.1", "1.3.6.1.2.1.2.2.1.4.1", "1.3.6.1.2.1.2.2.1.5.1", "1.3.6.1.2.1.2.2.1.7.1",
	"1.3.6.1.2.1.2.2.1.8.1", "1.3.6.1.2.1.2.2.1.10.1", "1.3.6.1.2.1.2.2.1.11.1", "1.3.6.1.2.1.2.2.1.16.1"}

func get(names ...string) pdu.PDU  { return pdu.PDU{Kind: pdu.GetRequest, VarBinds: asking(names)} }
func next(names ...string) pdu.PDU { return pdu.PDU{Kind: pdu.GetNextRequest, VarBinds: asking(names)} }

func bulk(repetitions int32, names ...string) pdu.PDU {
	return pdu.PDU{Kind: pdu.GetBulkRequest, MaxRepetitions: repetitions, VarBinds: asking(names)}
}

func asking(names []string) (list []pdu.VarBind) {
	for _, n := range names {
		list = append(list, pdu.VarBind{Name: ber.MustOID(n), Value: pdu.Null})
	}
	return list
}

func findWork(name string) (work, error) {
	for _, w := range works {
		if w.name == name {
			return w, nil
		}
	}
	return work{}, fmt.Errorf("nothing is called %q; -list tells what there is", name)
}

// users are who asks by SNMPv3.
var users = map[string]usm.User{
	"sha1":   {Name: "sha1", Auth: usm.SHA1, AuthPassword: usm.NewSecret("benchmark"), Priv: usm.AES128, PrivPassword: usm.NewSecret("benchmark"), AllowLower: true},
	"sha256": {Name: "sha256", Auth: usm.SHA256, AuthPassword: usm.NewSecret("benchmark"), Priv: usm.AES256, PrivPassword: usm.NewSecret("benchmark"), AllowLower: true},
}

// protocol returns what makes the protocol of each source.
func (w work) protocol(agent netip.AddrPort, o options) (func() (protocol, error), error) {
	if w.user != "" {
		engine, err := discover(agent, o)
		if err != nil {
			return nil, err
		}
		return func() (protocol, error) { return newSecure(w, engine, o.echo) }, nil
	}
	community := "public"
	if w.pdu.Kind == pdu.SetRequest {
		community = "private"
	}
	return func() (protocol, error) {
		return &plain{work: w, community: []byte(community), echo: o.echo}, nil
	}, nil
}
