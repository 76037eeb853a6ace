package notify

import (
	"errors"
	"math"
	"time"
	"unicode/utf8"

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

// maxManaged is how many rows managers can create in each table.
const maxManaged = 10000

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
	var err error
	for _, table := range t.tables {
		err = errors.Join(err, tree.Register(table.prefix, table.handler))
	}
	return err
}

var errNotMade = errors.New("notify: New makes Targets")

// A served is an object or a table. All trees get the same handler: that is where SETs
// wait for each other.
type served struct {
	prefix  ber.OID
	handler mib.Handler
}

func (t *Targets) newTables() []served {
	must := func(h mib.Handler, err error) mib.Handler {
		if err != nil {
			panic(err) // of what is below: there is none
		}
		return h
	}
	return []served{
		{oidTargetSpinLock, mib.NewTestAndIncr(oidTargetSpinLock).Handler()},
		{oidTargetAddrEntry, must(t.targetAddrTable().Handler())},
		{oidTargetParamsEntry, must(t.targetParamsTable().Handler())},
		{oidNotifyEntry, must(t.notifyTable().Handler())},
		{oidFilterProfileEntry, must(t.filterProfileTable().Handler())},
		{oidFilterEntry, must(t.filterTable().Handler())},
		{oidTargetAddrExtEntry, must(t.targetAddrExtTable().Handler())},
	}
}

// table returns what the tables have in common. begin begins a row that a manager
// makes, and reports whether there can be one with its index.
func table[R any, P row[R]](t *Targets, entry ber.OID, rows *mib.Rows[R], begin func(*R) bool) mib.Table[R] {
	return mib.Table[R]{
		Entry: entry, Rows: rows,
		New: func(_ *mib.Request, r *R) error {
			if !begin(r) {
				return pdu.NoCreation // it "could not ever be created" (RFC 3416 §4.2.5 (7))
			}
			return nil
		},
		MaxRows: maxManaged,
		Counts:  func(r *R) bool { return P(r).common().managed() },
		Keep:    t.keep,
	}
}

func (t *Targets) keep() error {
	if t.Keep == nil {
		return nil
	}
	t.keeping.Lock() // the list that is made first is not to be written last
	defer t.keeping.Unlock()
	return t.Keep()
}

func (t *Targets) targetAddrTable() mib.Table[TargetAddr] {
	tb := table(t, oidTargetAddrEntry, &t.addrs, func(r *TargetAddr) bool {
		r.MMS = minMMS // snmpTargetAddrMMS, DEFVAL (RFC 3584 §5.3)
		return isName(r.Name)
	})
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
		textColumn(3, mib.Size(1, maxText), func(r *TargetAddr) *string { return &r.TAddress }),
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
		{
			Arc:    6, // snmpTargetAddrTagList
			Get:    func(r *TargetAddr) pdu.Value { return pdu.OctetString(r.TagList) },
			Set:    func(r *TargetAddr, v pdu.Value) error { r.TagList = v.Octets(); return nil },
			Syntax: pdu.TypeOctetString,
			Check:  checkText(isTagList),
		},
		textColumn(7, checkName, func(r *TargetAddr) *string { return &r.Params }),
		storageColumn[TargetAddr](8),
		statusColumn[TargetAddr](9),
	}
	tb.Columns[1].NotWhileActive = true // snmpTargetAddrTAddress
	return tb
}

// targetAddrExtTable AUGMENTS snmpTargetAddrTable.
func (t *Targets) targetAddrExtTable() mib.Table[TargetAddr] {
	tb := table(t, oidTargetAddrExtEntry, &t.addrs, func(r *TargetAddr) bool { return isName(r.Name) })
	tb.RowStatus = func(r *TargetAddr) *mib.RowStatus { return &r.Status }
	tb.StorageType = func(r *TargetAddr) *mib.StorageType { return &r.Storage }
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

func (t *Targets) targetParamsTable() mib.Table[TargetParams] {
	tb := table(t, oidTargetParamsEntry, &t.params, func(r *TargetParams) bool {
		r.missing = paramsColumns
		return isName(r.Name)
	})
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
		paramsColumn(5, hasSecurityLevel, pdu.TypeInteger, mib.Range(noAuthNoPriv, noAuthNoPriv+int64(pdu.AuthPriv)),
			func(r *TargetParams) pdu.Value { return pdu.Integer(int32(r.SecurityLevel) + noAuthNoPriv) },
			func(r *TargetParams, v pdu.Value) error {
				r.SecurityLevel = pdu.SecurityLevel(v.Int() - noAuthNoPriv)
				return nil
			}),
		storageColumn[TargetParams](6),
		statusColumn[TargetParams](7),
	}
	return tb
}

// noAuthNoPriv is SnmpSecurityLevel's value for it (RFC 3411 §5).
const noAuthNoPriv = 1

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

func (t *Targets) notifyTable() mib.Table[Notify] {
	tb := table(t, oidNotifyEntry, &t.notifies, func(r *Notify) bool { return isName(r.Name) })
	tb.Columns = []mib.Column[Notify]{
		{
			Arc:    2, // snmpNotifyTag
			Get:    func(r *Notify) pdu.Value { return pdu.OctetString(r.Tag) },
			Set:    func(r *Notify, v pdu.Value) error { r.Tag = v.Octets(); return nil },
			Syntax: pdu.TypeOctetString,
			Check:  checkText(isTag),
		},
		enumColumn(3, Trap, Inform, func(r *Notify) *Type { return &r.Type }),
		storageColumn[Notify](4),
		statusColumn[Notify](5),
	}
	return tb
}

func (t *Targets) filterProfileTable() mib.Table[FilterProfile] {
	tb := table(t, oidFilterProfileEntry, &t.profiles, func(r *FilterProfile) bool { return isName(r.Params) })
	tb.Columns = []mib.Column[FilterProfile]{
		textColumn(1, checkName, func(r *FilterProfile) *string { return &r.ProfileName }),
		storageColumn[FilterProfile](2),
		statusColumn[FilterProfile](3),
	}
	return tb
}

func (t *Targets) filterTable() mib.Table[Filter] {
	tb := table(t, oidFilterEntry, &t.filters, func(r *Filter) bool { return isName(r.ProfileName) && isSubtree(r.Subtree) })
	tb.Columns = []mib.Column[Filter]{
		{
			Arc:    2, // snmpNotifyFilterMask
			Get:    func(r *Filter) pdu.Value { return pdu.OctetString(r.Mask) },
			Set:    func(r *Filter, v pdu.Value) error { r.Mask = v.Octets(); return nil },
			Syntax: pdu.TypeOctetString,
			Check:  mib.Size(0, maxMask),
		},
		enumColumn(3, Included, Excluded, func(r *Filter) *FilterType { return &r.Type }),
		storageColumn[Filter](4),
		statusColumn[Filter](5),
	}
	return tb
}

// isName reports whether name is an SnmpAdminString (RFC 3411 §5) of 1 to 32 octets.
func isName(name string) bool {
	return len(name) >= 1 && len(name) <= maxName && utf8.ValidString(name)
}

// checkName refuses what is no SnmpAdminString of 1 to 32 octets.
func checkName(r *mib.Request, v pdu.Value) error {
	if err := mib.Size(1, maxName)(r, v); err != nil {
		return err
	}
	return mib.AdminString(r, v)
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

// textColumn is a string without a DEFVAL that is never empty.
func textColumn[R any](arc uint32, check func(*mib.Request, pdu.Value) error, field func(*R) *string) mib.Column[R] {
	return mib.Column[R]{
		Arc: arc,
		Get: func(r *R) pdu.Value {
			if *field(r) == "" {
				return pdu.Value{}
			}
			return pdu.OctetString(*field(r))
		},
		Set:      func(r *R, v pdu.Value) error { *field(r) = v.Octets(); return nil },
		Syntax:   pdu.TypeOctetString,
		Check:    check,
		Required: true,
	}
}

// enumColumn is an INTEGER that is one or other; one is its DEFVAL.
func enumColumn[R any, E ~int32](arc uint32, one, other E, field func(*R) *E) mib.Column[R] {
	return mib.Column[R]{
		Arc:     arc,
		Get:     func(r *R) pdu.Value { return pdu.Integer(int32(*field(r))) },
		Set:     func(r *R, v pdu.Value) error { *field(r) = E(v.Int()); return nil },
		Syntax:  pdu.TypeInteger,
		Check:   mib.Enumeration(int32(one), int32(other)),
		Default: pdu.Integer(int32(one)),
	}
}

func storageColumn[R any, P row[R]](arc uint32) mib.Column[R] {
	return mib.Column[R]{
		Arc:         arc,
		StorageType: func(r *R) *mib.StorageType { return &P(r).common().Storage },
		Default:     pdu.Integer(int32(mib.NonVolatile)),
	}
}

func statusColumn[R any, P row[R]](arc uint32) mib.Column[R] {
	return mib.Column[R]{Arc: arc, RowStatus: func(r *R) *mib.RowStatus { return &P(r).common().Status }}
}
