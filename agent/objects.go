package agent

import (
	"errors"
	"maps"
	"slices"

	"snmpstack/agent/notify"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// The objects about the agent itself.
var (
	oidSnmp         = ber.MustOID("1.3.6.1.2.1.11")      // SNMPv2-MIB, RFC 3418 §2
	oidSnmpSet      = ber.MustOID("1.3.6.1.6.3.1.1.6.1") // snmpSetSerialNo
	oidSnmpEngine   = ber.MustOID("1.3.6.1.6.3.10.2.1")  // SNMP-FRAMEWORK-MIB, RFC 3411
	oidSnmpMPDStats = ber.MustOID("1.3.6.1.6.3.11.2.1")  // SNMP-MPD-MIB, RFC 3412

	oidSnmpTargetObjects = ber.MustOID("1.3.6.1.6.3.12.1") // SNMP-TARGET-MIB, RFC 3413
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
	{ber.MustOID("1.3.6.1.6.3.15.2.1.1"), "SNMP-USER-BASED-SM-MIB: users and messages not accepted"},    // usmMIBCompliance
}

// accessResources are the rows of sysORTable for what package vacm implements.
var accessResources = []struct {
	id    ber.OID
	descr string
}{
	{ber.MustOID("1.3.6.1.6.3.16.2.1.1"), "SNMP-VIEW-BASED-ACM-MIB: who may do what"},                    // vacmMIBCompliance
	{ber.MustOID("1.3.6.1.6.3.18.2.1.1"), "SNMP-COMMUNITY-MIB: the communities and whom they stand for"}, // snmpCommunityMIBCompliance
}

// targetResources are the rows of sysORTable for what package notify implements.
var targetResources = []struct {
	id    ber.OID
	descr string
}{
	{ber.MustOID("1.3.6.1.6.3.12.3.1.1"), "SNMP-TARGET-MIB: where those are who are told, and how"},      // snmpTargetCommandResponderCompliance
	{ber.MustOID("1.3.6.1.6.3.13.3.1.3"), "SNMP-NOTIFICATION-MIB: who is told of what, and confirms it"}, // snmpNotifyFullCompliance
}

// counter is a Counter32 whose instance is called name.
func counter(name ber.OID, load func() uint32) mib.Scalar {
	return mib.Scalar{
		Object: name.Slice(0, name.Len()-1),
		Get:    mib.Value(func() pdu.Value { return pdu.Counter32(load()) }),
	}
}

// RegisterObjects adds the objects about the agent itself to tree, which is
// normally its MIB: SNMPv2-MIB's system and snmp groups with sysORTable and
// snmpSetSerialNo, SNMP-FRAMEWORK-MIB's snmpEngine, SNMP-MPD-MIB's
// snmpMPDStats, SNMP-TARGET-MIB's counters of contexts and SNMP-USER-BASED-SM-MIB's
// usmStats and usmUserTable. It is called before the agent is activated.
//
// With usmUserTable managers make, change and delete SNMPv3 users, as far as Access lets
// them. Those whom the program adds are permanent there: managers change their keys,
// but do not delete them. What managers did is over with the process, unless the
// program keeps it: see System.Keep, KeptUsers and AddUserEntry.
//
// A System is for one tree of one agent.
func (a *Agent) RegisterObjects(tree *mib.Tree, system *System) error {
	if tree == nil || system == nil {
		return &Error{CodeInvalidArgument, errors.New("RegisterObjects needs a tree and a System")}
	}
	if err := system.register(tree, a); err != nil {
		return systemError(err)
	}
	var err error
	add := func(s mib.Scalar) { err = errors.Join(err, s.Register(tree)) }

	for arc := range uint32(snmpGroupSize) {
		switch arc {
		case 0, 7, 23, snmpEnableAuthenTraps: // 7 and 23 are not used
			continue
		}
		add(counter(oidSnmp.Append(arc, 0), a.state.counters.snmp[arc].Load))
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
			return pdu.Integer(int32(r.announcedSize()))
		},
	} {
		add(mib.Scalar{Object: oidSnmpEngine.Append(arc), Get: mib.Value(func() pdu.Value {
			if r := a.state.run.Load(); r != nil {
				return get(r)
			}
			return pdu.NoSuchInstance
		})})
	}

	c := &a.state.counters
	for name, load := range map[ber.OID]func() uint32{
		oidSnmpMPDStats.Append(1, 0): c.unknownSecurityModels.Load,
		oidSnmpMPDStats.Append(2, 0): c.invalidMsgs.Load,
		unknownPDUHandlers.oid:       c.unknownPDUHandlers.Load,
		// A context of ours is always there: none is unavailable.
		oidUnavailableContexts: func() uint32 { return 0 },
		unknownContexts.oid:    c.unknownContexts.Load,
	} {
		add(counter(name, load))
	}
	a.state.users.CloneAndGo, a.state.users.Keep = system.CloneAndGo, system.serialKeep()
	err = errors.Join(err, a.state.users.Register(tree))
	for s := usm.UnsupportedSecLevels; s <= usm.DecryptionErrors; s++ {
		add(counter(s.OID(), func() uint32 { return c.usm.Load(s) }))
	}
	return systemError(err)
}

// RegisterAccess adds the objects about a policy to tree, which is normally the
// agent's MIB: SNMP-VIEW-BASED-ACM-MIB, with which managers may read and change the
// policy as far as it lets them, and SNMP-COMMUNITY-MIB's snmpCommunityTable, which
// is there for requests at authPriv alone. See vacm.Policy.Register.
//
// The System has been registered before. Without a Keep of its own, the policy gets
// the System's. Without this call a policy is changed by the program only.
func (a *Agent) RegisterAccess(tree *mib.Tree, system *System, policy *vacm.Policy) error {
	if tree == nil || system == nil || policy == nil {
		return &Error{CodeInvalidArgument, errors.New("RegisterAccess needs a tree, a System and a policy")}
	}
	if policy.Keep == nil {
		policy.Keep = system.serialKeep()
	}
	err := policy.Register(tree, vacm.Entity{
		Contexts: func() []string {
			if r := a.state.run.Load(); r != nil {
				return slices.Collect(maps.Keys(r.contexts))
			}
			return nil
		},
		EngineID: func() string {
			if r := a.state.run.Load(); r != nil {
				return string(r.Engine.ID())
			}
			return ""
		},
	})
	for _, m := range accessResources {
		_, addErr := system.AddResource(m.id, m.descr)
		err = errors.Join(err, addErr)
	}
	return systemError(err)
}

// RegisterTargets adds the objects about targets to tree, which is normally the
// agent's MIB: SNMP-TARGET-MIB's tables, SNMP-NOTIFICATION-MIB and SNMP-COMMUNITY-MIB's
// snmpTargetAddrExtTable, with which managers may read and change who is told of what.
// See notify.Targets.Register.
//
// The System has been registered before. Without a Keep of their own, the targets get
// the System's. That the agent tells by them, its field Targets says.
func (a *Agent) RegisterTargets(tree *mib.Tree, system *System, targets *notify.Targets) error {
	if tree == nil || system == nil || targets == nil {
		return &Error{CodeInvalidArgument, errors.New("RegisterTargets needs a tree, a System and Targets")}
	}
	if targets.Keep == nil {
		targets.Keep = system.serialKeep()
	}
	err := targets.Register(tree)
	for i := 0; err == nil && i < len(targetResources); i++ {
		_, err = system.AddResource(targetResources[i].id, targetResources[i].descr)
	}
	return systemError(err)
}
