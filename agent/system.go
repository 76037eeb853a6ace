package agent

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"sync"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// A System is what SNMPv2-MIB's system group says of the entity that the agent
// manages (RFC 3418). Set the fields, then hand it to Agent.RegisterObjects.
type System struct {
	Descr    string  // sysDescr: hardware, operating system, software; up to 255 octets
	ObjectID ber.OID // sysObjectID: what management systems recognise the product by; "" means 0.0
	Services int32   // sysServices, 0 to 127: RFC 3418 tells how to compute it

	// Contact, Name and Location are writable: these are what they are before
	// the first SET.
	Contact, Name, Location string

	// EnableAuthenTraps is whether snmpEnableAuthenTraps, which is writable too, is
	// enabled before the first SET. Who sends these notifications asks
	// AuthenTrapsEnabled.
	EnableAuthenTraps bool

	// State keeps what is set over a restart; nil keeps it for as long as the
	// process lives. A value that was set stays until the field here is another
	// one than it was then: who edits a configuration wants it to be heard.
	State *State

	// Keep, if it is set, is called when a SET has changed rows that are to survive a
	// restart, before it is answered; Agent.KeptUsers has those of usmUserTable, and
	// vacm.Policy.Kept those of a policy that RegisterAccess was told of, and
	// notify.Targets.Kept those of Targets that RegisterTargets was. An error
	// makes the SET fail, and is for the log. It is called from several goroutines, one
	// at a time, and may take its time: SETs that change such rows wait for each other.
	//
	// AppendUsers, vacm.AppendRows and notify.AppendRows make octets of them, for
	// State.WriteFile. The next run has the same engine ID, for which the users' keys are
	// good alone: Engine first. Then it adds the program's own users and, in their place
	// where managers have changed them, those of ParseUsers with AddKeptUsers; makes the
	// policy and the Targets, and calls Restore with what their ParseRows returns before
	// RegisterAccess and RegisterTargets. All that comes before Activate: see the package's
	// documentation, "Over a restart".
	// Who has localized keys, as everybody whose keys a manager has changed, can be sent
	// traps but no informs.
	Keep func() error
	// CloneAndGo lets a SET that clones an SNMPv3 user make him active too, with the
	// keys of the one he is cloned from and none of his own: see package usmmib.
	CloneAndGo bool

	keeping     sync.Mutex // held while Keep is called
	agent       *Agent
	setSerialNo int32
	values      map[string]*systemValue
	resources   mib.Rows[resource]

	mu         sync.Mutex // guards what follows
	lastChange uint32     // sysORLastChange
	lastIndex  int32
}

// serialKeep returns Keep for all who are to call it, which they do one after the other:
// of two that overlap, the list that was made first might be written last. It is nil
// if Keep is.
func (s *System) serialKeep() func() error {
	if s.Keep == nil {
		return nil
	}
	return func() error {
		s.keeping.Lock()
		defer s.keeping.Unlock()
		return s.Keep()
	}
}

// The keys under which values that were set are kept.
const (
	keyContact           = "sysContact"
	keyName              = "sysName"
	keyLocation          = "sysLocation"
	keyEnableAuthenTraps = "snmpEnableAuthenTraps"
)

// configuredSuffix makes the key of the field that a value was set in the place
// of.
const configuredSuffix = ".configured"

var (
	oidSystem   = ber.MustOID("1.3.6.1.2.1.1")
	zeroDotZero = ber.NewOID(0, 0)
)

// systemValue is the value of a writable scalar.
type systemValue struct {
	mu                sync.Mutex
	configured, value string
}

func (v *systemValue) get() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.value
}

// configure makes a configured value that is another one than before the value.
func (v *systemValue) configure(configured string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.configured != configured {
		v.configured, v.value = configured, configured
	}
}

// check returns an error if a field is not what its object can be.
func (s *System) check() error {
	for _, field := range []struct{ name, text string }{
		{"Descr", s.Descr}, {"Contact", s.Contact}, {"Name", s.Name}, {"Location", s.Location},
	} {
		// Who configures an umlaut gets it, as from other agents; a SET is held to
		// what a DisplayString is.
		if len(field.text) > maxDisplayString {
			return fmt.Errorf("agent: System.%s has %d octets, expected at most %d (DisplayString, RFC 2579 §2)", field.name, len(field.text), maxDisplayString)
		}
	}
	if s.Services < 0 || s.Services > 127 {
		return fmt.Errorf("agent: System.Services is %d, expected 0 to 127", s.Services)
	}
	if s.ObjectID != "" && s.ObjectID.CheckEncodable() != nil {
		return fmt.Errorf("agent: System.ObjectID: %w", s.ObjectID.CheckEncodable())
	}
	return nil
}

// register adds the system group and sysORTable to tree (RFC 3418).
func (s *System) register(tree *mib.Tree, a *Agent) (err error) {
	if err := s.check(); err != nil {
		return err
	}
	s.agent = a
	s.setSerialNo = rand.Int32() // RFC 2579, TestAndIncr: the value before the restart is not known
	objectID := s.ObjectID
	if objectID == "" {
		objectID = zeroDotZero
	}
	add := func(sc mib.Scalar) { err = errors.Join(err, sc.Register(tree)) }
	s.values = make(map[string]*systemValue)
	for key, configured := range map[string]string{
		keyContact: s.Contact, keyName: s.Name, keyLocation: s.Location,
		keyEnableAuthenTraps: authenTrapsValue(s.EnableAuthenTraps),
	} {
		s.values[key] = &systemValue{configured: configured, value: s.restore(key, configured)}
	}
	add(mib.Scalar{Object: oidSystem.Append(1), Get: mib.Constant(pdu.OctetString(s.Descr))})
	add(mib.Scalar{Object: oidSystem.Append(2), Get: mib.Constant(pdu.ObjectIdentifier(objectID))})
	add(mib.Scalar{Object: oidSystem.Append(3), Get: mib.Value(func() pdu.Value { return pdu.TimeTicks(a.SysUpTime()) })})
	add(s.text(oidSystem.Append(4), keyContact))
	add(s.text(oidSystem.Append(5), keyName))
	add(s.text(oidSystem.Append(6), keyLocation))
	add(mib.Scalar{Object: oidSystem.Append(7), Get: mib.Constant(pdu.Integer(s.Services))})
	return errors.Join(err, s.registerResources(tree))
}

// restore returns what was set in an earlier run, if that still stands.
func (s *System) restore(key, configured string) string {
	if s.State == nil {
		return configured
	}
	value, ok := s.State.Get(key)
	if before, _ := s.State.Get(key + configuredSuffix); !ok || before != configured {
		return configured
	}
	return value
}

// Reconfigure makes other values of the fields Contact, Name and Location, after a
// configuration was read again: one that has not changed leaves the object as it
// is. The System has been registered before.
func (s *System) Reconfigure(contact, name, location string) error {
	other := System{Contact: contact, Name: name, Location: location}
	if s.agent == nil {
		return errors.New("agent: Reconfigure before RegisterObjects")
	}
	if err := other.check(); err != nil {
		return err
	}
	s.values[keyContact].configure(contact)
	s.values[keyName].configure(name)
	s.values[keyLocation].configure(location)
	return nil
}

// store sets a value, first in the state and then here.
func (s *System) store(key, value string) error {
	v := s.values[key]
	v.mu.Lock()
	configured := v.configured
	v.mu.Unlock()
	if s.State != nil {
		if err := s.State.Set(map[string]string{key: value, key + configuredSuffix: configured}); err != nil {
			return err
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.value = value
	return nil
}

// text returns a scalar that is a DisplayString.
func (s *System) text(object ber.OID, key string) mib.Scalar {
	v := s.values[key]
	return mib.Scalar{
		Object:    object,
		Get:       mib.Value(func() pdu.Value { return pdu.OctetString(v.get()) }),
		Syntax:    pdu.TypeOctetString,
		Check:     checkDisplayString,
		Set:       func(_ *mib.Request, new pdu.Value) error { return s.store(key, new.Octets()) },
		SetBlocks: s.State != nil,
	}
}

func authenTrapsValue(enabled bool) string {
	if enabled {
		return strconv.Itoa(authenTrapsEnabled)
	}
	return strconv.Itoa(authenTrapsDisabled)
}

// AuthenTrapsEnabled reports whether snmpEnableAuthenTraps is enabled now: whether
// authenticationFailure is to be sent (RFC 3418). It is not before RegisterObjects.
func (s *System) AuthenTrapsEnabled() bool {
	v := s.values[keyEnableAuthenTraps]
	return v != nil && v.get() == authenTrapsValue(true)
}

// ConfigureAuthenTraps makes another value of the field EnableAuthenTraps, as
// Reconfigure does of the texts.
func (s *System) ConfigureAuthenTraps(enabled bool) {
	if v := s.values[keyEnableAuthenTraps]; v != nil {
		v.configure(authenTrapsValue(enabled))
	}
}

// authenTraps returns the scalar snmpEnableAuthenTraps (RFC 3418).
func (s *System) authenTraps(object ber.OID) mib.Scalar {
	v := s.values[keyEnableAuthenTraps]
	return mib.Scalar{
		Object: object,
		Get: mib.Value(func() pdu.Value {
			n, _ := strconv.Atoi(v.get())
			return pdu.Integer(int32(n))
		}),
		Syntax: pdu.TypeInteger,
		Check: func(_ *mib.Request, v pdu.Value) error {
			if n := v.Int(); n != authenTrapsEnabled && n != authenTrapsDisabled {
				return pdu.WrongValue
			}
			return nil
		},
		Set: func(_ *mib.Request, new pdu.Value) error {
			return s.store(keyEnableAuthenTraps, strconv.Itoa(int(new.Int())))
		},
		SetBlocks: s.State != nil,
	}
}

const maxDisplayString = 255

// checkDisplayString checks a DisplayString (RFC 2579 §2): up to 255 octets of
// NVT ASCII.
func checkDisplayString(_ *mib.Request, v pdu.Value) error {
	text := v.Octets()
	if len(text) > maxDisplayString {
		return pdu.WrongLength
	}
	for i := range len(text) {
		if text[i] > 127 {
			return pdu.WrongValue
		}
	}
	return nil
}

// serialNo returns the scalar snmpSetSerialNo, a TestAndIncr (RFC 2579 §2): a SET
// has to carry the present value, and the object then counts one up, from
// 2147483647 to 0. Scalars undo a SET by setting the former value, which is then
// not the present one.
func (s *System) serialNo(object ber.OID) mib.Scalar {
	var mu sync.Mutex
	load := func() int32 {
		mu.Lock()
		defer mu.Unlock()
		return s.setSerialNo
	}
	return mib.Scalar{
		Object: object,
		Get:    mib.Value(func() pdu.Value { return pdu.Integer(load()) }),
		Syntax: pdu.TypeInteger,
		Check: func(_ *mib.Request, v pdu.Value) error {
			switch {
			case v.Int() < 0:
				return pdu.WrongValue
			case v.Int() != load():
				return pdu.InconsistentValue
			}
			return nil
		},
		Set: func(_ *mib.Request, v pdu.Value) error {
			mu.Lock()
			defer mu.Unlock()
			switch {
			case v.Int() != s.setSerialNo: // undo
				s.setSerialNo = v.Int()
			case v.Int() == math.MaxInt32:
				s.setSerialNo = 0
			default:
				s.setSerialNo++
			}
			return nil
		},
	}
}

// A resource is a row of sysORTable: a capability of the agent.
type resource struct {
	index  int32
	id     ber.OID
	descr  string
	upTime uint32
}

// registerResources adds sysORLastChange and sysORTable to tree (RFC 3418).
func (s *System) registerResources(tree *mib.Tree) error {
	s.resources.Index = func(x *mib.Index, r *resource) { x.Int32(&r.index) }
	err := mib.Scalar{
		Object: oidSystem.Append(8),
		Get: mib.Value(func() pdu.Value {
			s.mu.Lock()
			defer s.mu.Unlock()
			return pdu.TimeTicks(s.lastChange)
		}),
	}.Register(tree)
	return errors.Join(err, mib.Table[resource]{
		Entry: oidSystem.Append(9, 1),
		Rows:  &s.resources,
		Columns: []mib.Column[resource]{ // sysORIndex (1) is not accessible
			{Arc: 2, Get: func(r *resource) pdu.Value { return pdu.ObjectIdentifier(r.id) }},
			{Arc: 3, Get: func(r *resource) pdu.Value { return pdu.OctetString(r.descr) }},
			{Arc: 4, Get: func(r *resource) pdu.Value { return pdu.TimeTicks(r.upTime) }},
		},
	}.Register(tree))
}

// AddResource adds a row to sysORTable: the OID of a capability statement or of a
// conformance group that the agent implements, and what it is. It returns the
// row's index, for RemoveResource. The System has been registered before.
func (s *System) AddResource(id ber.OID, descr string) (index int32, err error) {
	if s.agent == nil {
		return 0, errors.New("agent: AddResource before RegisterObjects")
	}
	if err := id.CheckEncodable(); err != nil {
		return 0, err
	}
	if len(descr) > maxDisplayString {
		return 0, fmt.Errorf("agent: sysORDescr has %d octets, expected at most %d", len(descr), maxDisplayString)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.agent.SysUpTime()
	if err := s.resources.Insert(resource{s.lastIndex + 1, id.Clone(), descr, now}); err != nil {
		return 0, err
	}
	s.lastIndex++
	s.lastChange = now
	return s.lastIndex, nil
}

// RemoveResource removes a row from sysORTable and reports whether it was there.
func (s *System) RemoveResource(index int32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.resources.Delete(ber.NewOID(uint32(index))) {
		return false
	}
	s.lastChange = s.agent.SysUpTime()
	return true
}
