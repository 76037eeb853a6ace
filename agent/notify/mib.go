package notify

import (
	"errors"
	"math"
	"time"

	"snmpstack/agent/internal/managed"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// The objects of SNMP-TARGET-MIB and SNMP-NOTIFICATION-MIB (RFC 3413 §4), and of
// SNMP-COMMUNITY-MIB (RFC 3584 §5.3) those that belong to them.
var (
	oidTargetSpinLock     = ber.MustOID("1.3.6.1.6.3.12.1.1")
	oidTargetAddrEntry    = ber.MustOID("1.3.6.1.6.3.12.1.2.1")
	oidTargetParamsEntry  = ber.MustOID("1.3.6.1.6.3.12.1.3.1")
	oidNotifyEntry        = ber.MustOID("1.3.6.1.6.3.13.1.1.1")
	oidFilterProfileEntry = ber.MustOID("1.3.6.1.6.3.13.1.2.1")
	oidFilterEntry        = ber.MustOID("1.3.6.1.6.3.13.1.3.1")
	oidTargetAddrExtEntry = ber.MustOID("1.3.6.1.6.3.18.1.2.1")
)

// Register adds the tables to tree by which managers read who is told of what, and
// change it: snmpTargetSpinLock, snmpTargetAddrTable, snmpTargetParamsTable (RFC 3413
// §4.1), snmpNotifyTable, snmpNotifyFilterProfileTable, snmpNotifyFilterTable (§4.2),
// and snmpTargetAddrExtTable (RFC 3584 §5.3). The other two objects of SNMP-TARGET-MIB
// count contexts, and are the agent's.
//
// Who may write them learns what the agent tells, as far as the access policy lets it
// go to somebody, and has the agent send the communities that stand for somebody, in
// the clear, to where they are good. Communities and users that statements have go
// to the addresses that statements have, and nowhere else.
//
// Several trees may serve the tables of the same Targets. The error is that of a tree
// which has one of these objects already, and may have some of the others then; or
// that New has not made these Targets.
func (t *Targets) Register(tree *mib.Tree) error {
	if t.addrs.Index == nil {
		return errNotMade
	}
	t.mu.Lock()
	if t.tables == nil {
		t.tables = t.newTables()
	}
	t.mu.Unlock()
	return t.tables.Register(tree)
}

var errNotMade = errors.New("notify: New makes Targets")

func (t *Targets) newTables() (objects managed.Objects) {
	keep := managed.Serial(t.Keep)
	objects.AddSpinLock(oidTargetSpinLock)
	managed.AddTable(&objects, t.targetAddrTable(keep))
	managed.AddTable(&objects, t.targetParamsTable(keep))
	managed.AddTable(&objects, t.notifyTable(keep))
	managed.AddTable(&objects, t.filterProfileTable(keep))
	managed.AddTable(&objects, t.filterTable(keep))
	managed.AddTable(&objects, t.targetAddrExtTable(keep))
	return objects
}

func (t *Targets) targetAddrTable(keep func() error) mib.Table[TargetAddr] {
	tb := managed.Table(oidTargetAddrEntry, &t.addrs, (*TargetAddr).managed, func(r *TargetAddr) bool {
		r.MMS = minMMS // snmpTargetAddrMMS, DEFVAL (RFC 3584 §5.3)
		return managed.IsName(r.Name, 1)
	}, keep)
	// snmpTargetAddrRowStatus: "until instances of all corresponding columns are
	// appropriately configured".
	tb.Complete = func(_ mib.RowStatus, r *TargetAddr) bool {
		return r.Endpoint() != "" && (r.TMask == "" || len(r.TMask) == len(r.TAddress))
	}
	tb.Columns = []mib.Column[TargetAddr]{
		{
			Arc: 2, // snmpTargetAddrTDomain
			Get: func(r *TargetAddr) pdu.Value {
				if r.TDomain == "" {
					return pdu.Value{}
				}
				return pdu.ObjectIdentifier(r.TDomain)
			},
			Set:    func(r *TargetAddr, v pdu.Value) error { r.TDomain = v.OID(); return nil },
			Syntax: pdu.TypeObjectIdentifier,
			Check: func(_ *mib.Request, v pdu.Value) error {
				if !isDomain(v.OID()) {
					return pdu.WrongValue
				}
				return nil
			},
			Required: true, NotWhileActive: true,
		},
		managed.RequiredText(3, mib.Size(1, maxText), func(r *TargetAddr) *string { return &r.TAddress }),
		{
			Arc: 4, // snmpTargetAddrTimeout
			Get: func(r *TargetAddr) pdu.Value { return pdu.Integer(int32(r.Timeout / hundredth)) },
			Set: func(r *TargetAddr, v pdu.Value) error {
				r.Timeout = time.Duration(v.Int()) * hundredth
				return nil
			},
			Syntax:  pdu.TypeInteger,
			Check:   mib.Range(0, math.MaxInt32),
			Default: pdu.Integer(int32(defaultTimeout / hundredth)),
		},
		{
			Arc:     5, // snmpTargetAddrRetryCount
			Get:     func(r *TargetAddr) pdu.Value { return pdu.Integer(int32(r.RetryCount)) },
			Set:     func(r *TargetAddr, v pdu.Value) error { r.RetryCount = int(v.Int()); return nil },
			Syntax:  pdu.TypeInteger,
			Check:   mib.Range(0, maxRetryCount),
			Default: pdu.Integer(defaultRetryCount),
		},
		managed.Text(6, checkText(isTagList), func(r *TargetAddr) *string { return &r.TagList }),
		managed.RequiredText(7, managed.CheckName(1), func(r *TargetAddr) *string { return &r.Params }),
		managed.Storage(8, (*TargetAddr).storage),
		managed.Status(9, (*TargetAddr).status),
	}
	tb.Columns[1].NotWhileActive = true // snmpTargetAddrTAddress
	return tb
}

// targetAddrExtTable AUGMENTS snmpTargetAddrTable.
func (t *Targets) targetAddrExtTable(keep func() error) mib.Table[TargetAddr] {
	tb := managed.Table(oidTargetAddrExtEntry, &t.addrs, (*TargetAddr).managed, func(r *TargetAddr) bool { return managed.IsName(r.Name, 1) }, keep)
	tb.RowStatus, tb.StorageType = (*TargetAddr).status, (*TargetAddr).storage
	tb.Columns = []mib.Column[TargetAddr]{
		{
			Arc: 1, // snmpTargetAddrTMask
			Get: func(r *TargetAddr) pdu.Value { return pdu.OctetString(r.TMask) },
			Set: func(r *TargetAddr, v pdu.Value) error {
				if r.TMask = v.Octets(); r.TMask != "" && len(r.TMask) != len(r.TAddress) {
					return pdu.InconsistentValue
				}
				return nil
			},
			Syntax:         pdu.TypeOctetString,
			Check:          mib.Size(0, maxText),
			NotWhileActive: true,
		},
		{
			Arc:    2, // snmpTargetAddrMMS
			Get:    func(r *TargetAddr) pdu.Value { return pdu.Integer(int32(r.MMS)) },
			Set:    func(r *TargetAddr, v pdu.Value) error { r.MMS = int(v.Int()); return nil },
			Syntax: pdu.TypeInteger,
			Check: func(r *mib.Request, v pdu.Value) error {
				if v.Int() == 0 {
					return nil
				}
				return mib.Range(minMMS, math.MaxInt32)(r, v)
			},
		},
	}
	return tb
}

func (t *Targets) targetParamsTable(keep func() error) mib.Table[TargetParams] {
	tb := managed.Table(oidTargetParamsEntry, &t.params, (*TargetParams).managed, func(r *TargetParams) bool {
		r.missing = paramsColumns
		return managed.IsName(r.Name, 1)
	}, keep)
	tb.Complete = func(_ mib.RowStatus, r *TargetParams) bool { return r.consistent() == nil }
	tb.Validate = func(_ *mib.Request, _, r *TargetParams) error {
		// A name that a rule gives is a number, which who does not know it can guess, and
		// another rule's after a restart.
		if r != nil && vacm.IsRuleName(r.SecurityName) {
			return pdu.InconsistentValue
		}
		return nil
	}
	tb.Columns = []mib.Column[TargetParams]{
		// What is none of an engine's like this is refused as snmpTargetParamsSecurityModel
		// allows.
		paramsColumn(2, hasMPModel, pdu.TypeInteger, mib.Range(0, math.MaxInt32),
			func(r *TargetParams) pdu.Value { return pdu.Integer(int32(r.MPModel)) },
			func(r *TargetParams, v pdu.Value) error {
				r.MPModel = pdu.Version(v.Int())
				return supported(modelOf(r.MPModel))
			}),
		paramsColumn(3, hasSecurityModel, pdu.TypeInteger, mib.Range(1, math.MaxInt32),
			func(r *TargetParams) pdu.Value { return pdu.Integer(int32(r.SecurityModel)) },
			func(r *TargetParams, v pdu.Value) error {
				r.SecurityModel = pdu.SecurityModel(v.Int())
				return supported(r.SecurityModel, r.SecurityModel <= pdu.SecurityModelUSM)
			}),
		paramsColumn(4, hasSecurityName, pdu.TypeOctetString, mib.AdminString,
			func(r *TargetParams) pdu.Value { return pdu.OctetString(r.SecurityName) },
			func(r *TargetParams, v pdu.Value) error { r.SecurityName = v.Octets(); return nil }),
		paramsColumn(5, hasSecurityLevel, pdu.TypeInteger, mib.Range(managed.NoAuthNoPriv, managed.NoAuthNoPriv+int64(pdu.AuthPriv)),
			func(r *TargetParams) pdu.Value { return pdu.Integer(int32(r.SecurityLevel) + managed.NoAuthNoPriv) },
			func(r *TargetParams, v pdu.Value) error {
				r.SecurityLevel = pdu.SecurityLevel(v.Int() - managed.NoAuthNoPriv)
				return nil
			}),
		managed.Storage(6, (*TargetParams).storage),
		managed.Status(7, (*TargetParams).status),
	}
	return tb
}

// supported refuses a model that there is not here.
func supported(_ pdu.SecurityModel, ok bool) error {
	if !ok {
		return pdu.InconsistentValue
	}
	return nil
}

// paramsColumn is one of the columns that a row of snmpTargetParamsTable needs, and
// that do not change while it is active.
func paramsColumn(arc uint32, has columns, syntax pdu.Syntax, check func(*mib.Request, pdu.Value) error, get func(*TargetParams) pdu.Value, set func(*TargetParams, pdu.Value) error) mib.Column[TargetParams] {
	return mib.Column[TargetParams]{
		Arc: arc,
		Get: func(r *TargetParams) pdu.Value {
			if r.missing&has != 0 {
				return pdu.Value{}
			}
			return get(r)
		},
		Set:      func(r *TargetParams, v pdu.Value) error { r.missing &^= has; return set(r, v) },
		Syntax:   syntax,
		Check:    check,
		Required: true, NotWhileActive: true,
	}
}

func (t *Targets) notifyTable(keep func() error) mib.Table[Notify] {
	tb := managed.Table(oidNotifyEntry, &t.notifies, (*Notify).managed, func(r *Notify) bool { return managed.IsName(r.Name, 1) }, keep)
	tb.Columns = []mib.Column[Notify]{
		managed.Text(2, checkText(isTag), func(r *Notify) *string { return &r.Tag }),
		managed.Enum(3, Trap, Inform, func(r *Notify) *Type { return &r.Type }),
		managed.Storage(4, (*Notify).storage),
		managed.Status(5, (*Notify).status),
	}
	return tb
}

func (t *Targets) filterProfileTable(keep func() error) mib.Table[FilterProfile] {
	tb := managed.Table(oidFilterProfileEntry, &t.profiles, (*FilterProfile).managed, func(r *FilterProfile) bool { return managed.IsName(r.Params, 1) }, keep)
	tb.Columns = []mib.Column[FilterProfile]{
		managed.RequiredText(1, managed.CheckName(1), func(r *FilterProfile) *string { return &r.ProfileName }),
		managed.Storage(2, (*FilterProfile).storage),
		managed.Status(3, (*FilterProfile).status),
	}
	return tb
}

func (t *Targets) filterTable(keep func() error) mib.Table[Filter] {
	tb := managed.Table(oidFilterEntry, &t.filters, (*Filter).managed, func(r *Filter) bool { return managed.IsName(r.ProfileName, 1) && managed.IsSubtree(r.Subtree) }, keep)
	tb.Columns = []mib.Column[Filter]{
		managed.Text(2, mib.Size(0, managed.MaxMask), func(r *Filter) *string { return &r.Mask }),
		managed.Enum(3, Included, Excluded, func(r *Filter) *FilterType { return &r.Type }),
		managed.Storage(4, (*Filter).storage),
		managed.Status(5, (*Filter).status),
	}
	return tb
}

// checkText refuses what has more than 255 octets, or is not ok.
func checkText(ok func(string) bool) func(*mib.Request, pdu.Value) error {
	return func(_ *mib.Request, v pdu.Value) error {
		switch {
		case len(v.Octets()) > maxText:
			return pdu.WrongLength
		case !ok(v.Octets()):
			return pdu.WrongValue
		}
		return nil
	}
}
