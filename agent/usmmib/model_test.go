package usmmib

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// A modelUser is a row of usmUserTable, and the keys behind it.
type modelUser struct {
	auth, priv                 ber.OID
	authKey, privKey           string
	cloned, authDone, privDone bool
	public                     string
	storage                    mib.StorageType
	status                     mib.RowStatus
}

// A model is usmUserTable as the DESCRIPTION clauses of RFC 3414 §5 have it, slow and
// without regard to how it is done elsewhere.
type model map[string]modelUser

// An assignment is a varbind.
type assignment struct {
	name   string
	column uint32
	value  pdu.Value
}

// set returns what becomes of the table by a SET, and the statuses that it may fail
// with: none if it succeeds.
func (m model) set(who *mib.Request, vbs []assignment) (after model, refused map[pdu.ErrorStatus]bool) {
	refused = make(map[pdu.ErrorStatus]bool)
	after = maps.Clone(m)
	wrong := make(map[string]bool) // rows that are not looked at further
	wanted := make(map[string]map[uint32]pdu.Value)
	for _, a := range vbs {
		if status := m.checkAccess(who, a, vbs); status != pdu.NoError {
			refused[status] = true // or what is wrong with a varbind before it
		}
		if status := checkValue(a); status != pdu.NoError {
			refused[status] = true
			wrong[a.name] = true
		}
		if wanted[a.name] == nil {
			wanted[a.name] = make(map[uint32]pdu.Value)
		}
		wanted[a.name][a.column] = a.value
	}
	for name, values := range wanted {
		if wrong[name] {
			continue
		}
		u, status := m.setRow(name, values)
		switch {
		case status != pdu.NoError:
			refused[status] = true
		case u == nil:
			delete(after, name)
		default:
			after[name] = *u
		}
	}
	if len(refused) > 0 {
		after = m
	}
	return after, refused
}

// checkAccess is who may set a varbind, and whether he may in this SET.
func (m model) checkAccess(who *mib.Request, a assignment, all []assignment) pdu.ErrorStatus {
	u, exists := m[a.name]
	switch a.column {
	case colOwnAuthKeyChange, colOwnPrivKeyChange:
		if who.SecurityModel != pdu.SecurityModelUSM || who.SecurityName != a.name || exists && u.auth != noAuth && who.SecurityLevel == pdu.NoAuthNoPriv {
			return pdu.NoAccess
		}
	case colStorageType:
		if a.value != pdu.Integer(5) || exists {
			break
		}
		for _, other := range all {
			if other.name == a.name && other.value.Syntax() == pdu.TypeObjectIdentifier {
				template, ok := m.template(other.value.OID())
				if other.column == colCloneFrom && ok && template.auth != noAuth || other.column == colAuthProtocol && other.value.OID() != noAuth {
					return pdu.InconsistentValue
				}
			}
		}
	}
	return pdu.NoError
}

// checkValue is what can be said of a value without regard to the row.
func checkValue(a assignment) pdu.ErrorStatus {
	syntax := pdu.TypeOctetString
	switch a.column {
	case colSecurityName:
		return pdu.NotWritable
	case colCloneFrom, colAuthProtocol, colPrivProtocol:
		syntax = pdu.TypeObjectIdentifier
	case colStorageType, colStatus:
		syntax = pdu.TypeInteger
	}
	switch {
	case a.value.Syntax() != syntax:
		return pdu.WrongType
	case a.column == colPublic && len(a.value.Octets()) > 32:
		return pdu.WrongLength
	case a.column == colStorageType && (a.value.Int() < 1 || a.value.Int() > 5):
		return pdu.WrongValue
	case a.column == colStatus && !slices.Contains([]int32{1, 2, 4, 5, 6}, a.value.Int()):
		return pdu.WrongValue
	}
	return pdu.NoError
}

// template returns the active user that a RowPointer names.
func (m model) template(pointer ber.OID) (modelUser, bool) {
	for name, u := range m {
		if pointer == oidEntry.Append(colSecurityName)+at(name) && u.status == mib.Active {
			return u, true
		}
	}
	return modelUser{}, false
}

// setRow returns what becomes of one row; nil is none.
func (m model) setRow(name string, values map[uint32]pdu.Value) (*modelUser, pdu.ErrorStatus) {
	u, exists := m[name]
	action := mib.RowStatus(0)
	if v, ok := values[colStatus]; ok {
		action = mib.RowStatus(v.Int())
	}
	// RFC 2579 §2, RowStatus.
	switch {
	case !exists && action == 0:
		return nil, pdu.InconsistentName
	case !exists && (action == mib.Active || action == mib.NotInService):
		return nil, pdu.InconsistentValue
	case !exists && action == mib.Destroy:
		return nil, pdu.NoError
	case exists && (action == mib.CreateAndGo || action == mib.CreateAndWait):
		return nil, pdu.InconsistentValue
	case action == mib.Destroy && u.storage == mib.Permanent:
		return nil, pdu.InconsistentValue
	case action == mib.Destroy:
		return nil, pdu.NoError
	}
	if !exists {
		u = modelUser{auth: noAuth, priv: noPriv, storage: mib.NonVolatile}
	}
	for column := uint32(colCloneFrom); column < colStatus; column++ {
		v, ok := values[column]
		if !ok {
			continue
		}
		if status := m.assign(&u, exists, column, v); status != pdu.NoError {
			return nil, status
		}
	}
	if u.auth == noAuth && u.priv != noPriv {
		return nil, pdu.InconsistentValue
	}
	if u.auth == noAuth {
		u.authKey = ""
	}
	if u.priv == noPriv {
		u.privKey = ""
	}
	complete := u.cloned && (u.auth == noAuth || u.authDone) && (u.priv == noPriv || u.privDone)
	switch {
	case exists && u.status == mib.Active && action != mib.NotInService:
	case action == mib.Active || action == mib.CreateAndGo || action == mib.NotInService:
		if !complete {
			return nil, pdu.InconsistentValue
		}
		if u.status = mib.Active; action == mib.NotInService {
			u.status = mib.NotInService
		}
	case complete:
		u.status = mib.NotInService
	default:
		u.status = mib.NotReady
	}
	if u.status == mib.Active {
		u.authDone, u.privDone = true, true
	}
	return &u, pdu.NoError
}

func (m model) assign(u *modelUser, exists bool, column uint32, v pdu.Value) pdu.ErrorStatus {
	switch column {
	case colCloneFrom:
		if u.cloned {
			return pdu.NoError
		}
		template, ok := m.template(v.OID())
		if !ok {
			return pdu.InconsistentName
		}
		u.auth, u.priv, u.authKey, u.privKey, u.cloned = template.auth, template.priv, template.authKey, template.privKey, true
	case colAuthProtocol:
		return setModelProtocol(&u.auth, v.OID(), noAuth, exists, u.cloned, []ber.OID{md5, sha, usm.SHA256.OID()})
	case colPrivProtocol:
		return setModelProtocol(&u.priv, v.OID(), noPriv, exists, u.cloned, []ber.OID{des, aes, usm.AES256.OID()})
	case colAuthKeyChange, colOwnAuthKeyChange:
		return u.change(column == colOwnAuthKeyChange, v.Octets(), u.auth == noAuth, &u.authKey, &u.authDone)
	case colPrivKeyChange, colOwnPrivKeyChange:
		return u.change(column == colOwnPrivKeyChange, v.Octets(), u.priv == noPriv, &u.privKey, &u.privDone)
	case colPublic:
		u.public = v.Octets()
	case colStorageType:
		to := mib.StorageType(v.Int())
		if to >= mib.Permanent || exists && u.storage >= mib.Permanent {
			return pdu.WrongValue
		}
		u.storage = to
	}
	return pdu.NoError
}

func setModelProtocol(p *ber.OID, want, none ber.OID, exists, cloned bool, known []ber.OID) pdu.ErrorStatus {
	switch {
	case want == none:
		*p = none
	case exists && want != *p:
		return pdu.InconsistentValue
	case !exists && !slices.Contains(known, want):
		return pdu.WrongValue
	case !exists && !cloned:
		*p = want
	}
	return pdu.NoError
}

func (u *modelUser) change(own bool, value string, none bool, key *string, done *bool) pdu.ErrorStatus {
	switch {
	case own && u.status != mib.Active:
		return pdu.InconsistentValue
	case !u.cloned:
		return pdu.InconsistentName
	case none || value == "":
		return pdu.NoError
	case len(value) != 2*len(*key):
		return pdu.WrongLength
	case u.auth == noAuth:
		return pdu.NoError // there is no privacy without authentication, whatever the key: setRow says so
	}
	protocol, _ := usm.AuthProtocolOf(u.auth)
	changed, err := usm.ChangeKey(protocol, []byte(*key), []byte(value))
	if err != nil {
		panic(err)
	}
	*key, *done = string(changed), true
	return pdu.NoError
}

// The users that a model is about: those of a rig but for the one with any protocol,
// and some who are still to be made.
var modelNames = []string{"n", "new", "both", "auth", "none", "long", "off"}

// live makes SETs that next chooses, of a table and of the model, until it chooses no
// more, and compares what becomes of both. next returns a number below n.
func live(t testing.TB, sets int, next func(n int) int) {
	r := newRig(t)
	m := make(model)
	for _, c := range configured {
		u := modelUser{auth: noAuth, priv: noPriv, storage: mib.Permanent, status: c.status, cloned: true, authDone: true, privDone: true}
		if c.auth != usm.AnyAuth {
			u.auth = c.auth.OID()
		}
		if c.priv != usm.NoPriv {
			u.priv = c.priv.OID()
		}
		u.authKey, u.privKey = r.keysOf(c.name)
		m[c.name] = u
	}
	succeeded := 0
	for range sets {
		name := modelNames[next(len(modelNames))]
		if next(2) == 0 {
			name = modelNames[next(2)] // who is still to be made, or made again
		}
		who := as(name)
		if next(2) == 0 {
			who = as(modelNames[next(len(modelNames))])
		}
		switch next(8) {
		case 0:
			who.SecurityLevel = pdu.NoAuthNoPriv
		case 1:
			who.SecurityModel = pdu.SecurityModelV2c
		}
		var list []assignment
		var vbs []pdu.VarBind
		for range 1 + next(5) {
			if next(6) == 0 {
				name = modelNames[next(len(modelNames))]
			}
			a := assignment{name: name, column: uint32(colSecurityName + next(colStatus-colSecurityName+1))}
			a.value = chooseValue(a.column, next)
			if n := 2 * len(m.keyOf(a)); n > 0 && next(4) > 0 {
				a.value = pdu.OctetString(string(key(byte(next(256)), n)))
			}
			list = append(list, a)
			vbs = append(vbs, cell(a.column, a.name, a.value))
		}
		after, refused := m.set(who, list)
		status, _ := r.set(who, vbs...)
		if ok := len(refused) == 0; status == pdu.NoError && !ok || status != pdu.NoError && !refused[status] {
			t.Fatalf("%s at %v sets %v: %v, want one of %v", who.SecurityName, who.SecurityLevel, vbs, status, refused)
		}
		if status == pdu.NoError {
			succeeded++
		}
		m = after
		compare(t, r, m, vbs)
	}
	useKeys(t, r, m)
	if sets >= 1000 && succeeded < sets/20 {
		t.Errorf("%d of %d SETs have succeeded: that shows little", succeeded, sets)
	}
}

// keyOf returns the key that an assignment to a user who is there changes.
func (m model) keyOf(a assignment) string {
	switch a.column {
	case colAuthKeyChange, colOwnAuthKeyChange:
		return m[a.name].authKey
	case colPrivKeyChange, colOwnPrivKeyChange:
		return m[a.name].privKey
	}
	return ""
}

// chooseValue chooses a value for a column, mostly one that may be good.
func chooseValue(column uint32, next func(n int) int) pdu.Value {
	if next(50) == 0 {
		return pdu.TimeTicks(1)
	}
	oids := func(list ...ber.OID) pdu.Value { return pdu.ObjectIdentifier(list[next(len(list))]) }
	switch column {
	case colCloneFrom:
		return pdu.ObjectIdentifier(oidEntry.Append(colSecurityName) + at(modelNames[next(len(modelNames))]))
	case colAuthProtocol:
		return oids(noAuth, noAuth, md5, sha, usm.SHA256.OID(), foreign, aes)
	case colPrivProtocol:
		return oids(noPriv, noPriv, des, aes, usm.AES256.OID(), foreign, sha)
	case colAuthKeyChange, colOwnAuthKeyChange, colPrivKeyChange, colOwnPrivKeyChange:
		length := []int{32, 40, 64, 32, 40, 64, 0, 31}[next(8)]
		return pdu.OctetString(string(key(byte(next(256)), length)))
	case colStorageType:
		return pdu.Integer(int32([]int{2, 3, 2, 3, 0, 1, 4, 5, 6}[next(9)]))
	case colStatus:
		return pdu.Integer(int32([]int{1, 2, 4, 5, 5, 5, 6, 1, 3, 0}[next(10)]))
	}
	return pdu.OctetString(string(key('a', next(36))))
}

// compare looks for a user who is not what the model has: none may have other keys than
// what was set has made of those that he or his template had.
func compare(t testing.TB, r *rig, m model, vbs []pdu.VarBind) {
	t.Helper()
	for _, name := range modelNames {
		want, exists := m[name]
		if got := r.statusOf(name); got != want.status {
			t.Fatalf("%v: %s is %v, want %v", vbs, name, got, want.status)
		}
		if r.isActive(name) != (want.status == mib.Active) {
			t.Fatalf("%v: %s is %v, messages are accepted: %v", vbs, name, want.status, r.isActive(name))
		}
		if !exists {
			continue
		}
		auth, priv := r.keysOf(name)
		if auth != want.authKey || priv != want.privKey {
			t.Fatalf("%v: %s has the keys %x and %x, want %x and %x", vbs, name, auth, priv, want.authKey, want.privKey)
		}
		for column, value := range map[uint32]pdu.Value{
			colAuthProtocol: pdu.ObjectIdentifier(want.auth), colPrivProtocol: pdu.ObjectIdentifier(want.priv),
			colPublic: pdu.OctetString(want.public), colStorageType: pdu.Integer(int32(want.storage)),
		} {
			if got := r.get(column, name); got != value {
				t.Fatalf("%v: column %d of %s is %v, want %v", vbs, column, name, got, value)
			}
		}
	}
}

// useKeys sends a message as each user that the model has keys for, and sees whether it
// is accepted.
func useKeys(t testing.TB, r *rig, m model) {
	t.Helper()
	engine := usm.NewEngine(testEngine, stoppedClock{})
	agent := usm.NewModel(engine, r.active.Load(), usm.System, nil)
	worker := agent.NewWorker()
	for _, name := range modelNames {
		u, ok := m[name]
		if !ok || u.auth == noAuth || u.authKey == "" {
			continue
		}
		auth, _ := usm.AuthProtocolOf(u.auth)
		priv, hasPriv := usm.PrivProtocolOf(u.priv)
		level := pdu.AuthNoPriv
		if hasPriv {
			level = pdu.AuthPriv
		}
		peer := usm.NewPeer(testEngine, usm.System, time.Now)
		peer.Suppose(stoppedClock{}.BootsTime())
		if err := peer.Users().Add(usm.User{Name: name, Auth: auth, AuthKey: []byte(u.authKey), Priv: priv, PrivKey: []byte(u.privKey), Localized: true}); err != nil {
			t.Fatal(err)
		}
		b, err := peer.GenerateRequest(peer.NewWorker(), make([]byte, 500), &usm.Request{MsgID: 1, MaxSize: 484, User: name, Level: level},
			&pdu.ScopedPDU{ContextEngineID: string(testEngine), PDU: pdu.PDU{Kind: pdu.GetRequest}})
		if err != nil {
			t.Fatal(err)
		}
		header, err := pdu.ReadHeader3(b, true)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := agent.ProcessIncoming(worker, b, header, true); (err == nil) != (u.status == mib.Active) {
			t.Errorf("a message of %s, who is %v: %v", name, u.status, err)
		}
	}
}

type stoppedClock struct{}

func (stoppedClock) BootsTime() (boots, time int32) { return 7, 1000 }

// TestModel compares the table with a model of RFC 3414 §5 in long random lives.
func TestModel(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 3414))
			live(t, 1500, random.IntN)
		})
	}
}

// FuzzSets compares the table with a model of RFC 3414 §5: whatever is set, by whomever,
// no user has other keys than those that the values which were accepted make, nobody
// is good for messages who is not active, and a SET that fails has changed nothing.
func FuzzSets(f *testing.F) {
	for seed := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, 3414))
		data := make([]byte, 600)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 4096 {
			return
		}
		at := 0
		live(t, len(data)/16, func(n int) int {
			if at == len(data) {
				return 0
			}
			at++
			return int(data[at-1]) % n
		})
	})
}
