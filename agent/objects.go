package agent

import (
	"errors"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// The objects about the agent itself.
var (
	oidSnmp         = ber.MustOID("1.3.6.1.2.1.11")      // SNMPv2-MIB, RFC 3418
	oidSnmpSet      = ber.MustOID("1.3.6.1.6.3.1.1.6.1") // snmpSetSerialNo
	oidSnmpEngine   = ber.MustOID("1.3.6.1.6.3.10.2.1")  // SNMP-FRAMEWORK-MIB, RFC 3411
	oidSnmpMPDStats = ber.MustOID("1.3.6.1.6.3.11.2.1")  // SNMP-MPD-MIB, RFC 3412
)

// Values of snmpEnableAuthenTraps (RFC 3418).
const (
	authenTrapsEnabled  = 1
	authenTrapsDisabled = 2
)

// resources are the rows of sysORTable for what this package implements.
var resources = []struct {
	id    ber.OID
	descr string
}{
	{ber.MustOID("1.3.6.1.6.3.1"), "SNMPv2-MIB: the system and what its SNMP entity received and sent"}, // snmpMIB
	{ber.MustOID("1.3.6.1.6.3.10.3.1.1"), "SNMP-FRAMEWORK-MIB: the engine's identity and clock"},        // snmpFrameworkMIBCompliance
	{ber.MustOID("1.3.6.1.6.3.11.3.1.1"), "SNMP-MPD-MIB: messages that could not be dispatched"},        // snmpMPDCompliance
}

// RegisterObjects adds the objects about the agent itself to tree, which is
// normally its MIB: SNMPv2-MIB's system and snmp groups with sysORTable and
// snmpSetSerialNo, SNMP-FRAMEWORK-MIB's snmpEngine and SNMP-MPD-MIB's
// snmpMPDStats. It is called before the agent is activated.
//
// A System is for one tree of one agent.
func (a *Agent) RegisterObjects(tree *mib.Tree, system *System) error {
	if err := system.register(tree, a); err != nil {
		return err
	}
	var err error
	add := func(s mib.Scalar) { err = errors.Join(err, s.Register(tree)) }

	for arc := range uint32(snmpGroupSize) {
		switch arc {
		case 0, 7, 23, snmpEnableAuthenTraps: // 7 and 23 are not used
			continue
		}
		add(mib.Scalar{
			Object: oidSnmp.Append(arc),
			Get:    mib.Value(func() pdu.Value { return pdu.Counter32(a.state.counters.snmp[arc].Load()) }),
		})
	}
	add(system.authenTraps(oidSnmp.Append(snmpEnableAuthenTraps)))
	add(system.serialNo(oidSnmpSet))
	for _, m := range resources {
		_, addErr := system.AddResource(m.id, m.descr)
		err = errors.Join(err, addErr)
	}

	// The snmpEngine group exists while there is an engine.
	for arc, get := range map[uint32]func(*run) pdu.Value{
		1: func(r *run) pdu.Value { return pdu.OctetString(string(r.Engine.ID())) },
		2: func(r *run) pdu.Value { boots, _ := r.Engine.BootsTime(); return pdu.Integer(boots) },
		3: func(r *run) pdu.Value { _, seconds := r.Engine.BootsTime(); return pdu.Integer(seconds) },
		// snmpEngineMaxMessageSize: RFC 3411 has it at least 484.
		4: func(r *run) pdu.Value {
			return pdu.Integer(int32(max(min(r.MaxPacketSize, r.MsgMaxSize), minMessage)))
		},
	} {
		add(mib.Scalar{Object: oidSnmpEngine.Append(arc), Get: mib.Value(func() pdu.Value {
			if r := a.state.run.Load(); r != nil {
				return get(r)
			}
			return pdu.NoSuchInstance
		})})
	}

	for i, counter := range []interface{ Load() uint32 }{
		&a.state.counters.unknownSecurityModels, &a.state.counters.invalidMsgs, &a.state.counters.unknownPDUHandlers,
	} {
		add(mib.Scalar{
			Object: oidSnmpMPDStats.Append(uint32(i + 1)),
			Get:    mib.Value(func() pdu.Value { return pdu.Counter32(counter.Load()) }),
		})
	}
	return err
}
