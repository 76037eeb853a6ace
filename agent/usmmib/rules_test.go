package usmmib

import (
	"slices"
	"testing"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

var (
	md5, sha   = usm.MD5.OID(), usm.SHA1.OID()
	des, aes   = usm.DES.OID(), usm.AES128.OID()
	noAuth     = usm.NoAuthProtocol
	noPriv     = usm.NoPrivProtocol
	foreign    = ber.MustOID("1.3.6.1.4.1.32473.7")
	hmacAuthOK = pdu.ObjectIdentifier(sha)
)

// TestRules goes through the DESCRIPTION clauses of SNMP-USER-BASED-SM-MIB (RFC 3414
// §5). Each SET comes after those that lead to its row's state, and fails or
// succeeds as a whole; the row "new" is there afterwards or not, and is in a state.
func TestRules(t *testing.T) {
	const ok = pdu.NoError
	type sets = [][]pdu.VarBind
	type vbs = []pdu.VarBind
	var (
		wait      = vbs{status("new", mib.CreateAndWait)}
		cloned    = vbs{cloneFrom("new", "both"), status("new", mib.CreateAndWait)}
		changed   = vbs{cloneFrom("new", "both"), rekey(colAuthKeyChange, "new", 40), rekey(colPrivKeyChange, "new", 32), status("new", mib.CreateAndWait)}
		activated = vbs{cloneFrom("new", "both"), rekey(colAuthKeyChange, "new", 40), rekey(colPrivKeyChange, "new", 32), status("new", mib.CreateAndGo)}
	)
	for _, tt := range []struct {
		name   string
		before sets
		who    *mib.Request
		set    vbs
		want   pdu.ErrorStatus
		blamed int // error-index; 0 if it succeeds
		after  mib.RowStatus
	}{
		// usmUserCloneFrom
		{"clone1: created and cloned", nil, nil, cloned, ok, 0, mib.NotReady},
		{"clone1: cloned after its creation", sets{wait}, nil, vbs{cloneFrom("new", "both")}, ok, 0, mib.NotReady},
		{"clone1: of one without authentication nothing is missing", sets{wait}, nil, vbs{cloneFrom("new", "none")}, ok, 0, mib.NotInService},
		{"clone2: of one who is not there", sets{wait}, nil, vbs{cloneFrom("new", "nobody")}, pdu.InconsistentName, 1, mib.NotReady},
		{"clone2: of one who is not active", sets{wait}, nil, vbs{cloneFrom("new", "off")}, pdu.InconsistentName, 1, mib.NotReady},
		{"clone2: of itself", sets{wait}, nil, vbs{cloneFrom("new", "new")}, pdu.InconsistentName, 1, mib.NotReady},
		{"clone2: of one who comes in the same SET", nil, nil, vbs{status("new", mib.CreateAndWait), cloneFrom("new", "newer"), cloneFrom("newer", "none"), status("newer", mib.CreateAndGo)}, pdu.InconsistentName, 2, 0},
		{"clone2: of one with any protocol", sets{wait}, nil, vbs{cloneFrom("new", "any")}, pdu.InconsistentName, 1, mib.NotReady},
		{"clone2: no RowPointer, RFC 2579 §2: another column", sets{wait}, nil, vbs{protocol(colCloneFrom, "new", oidEntry.Append(colStatus)+at("both"))}, pdu.InconsistentName, 1, mib.NotReady},
		{"clone2: no RowPointer: another table", sets{wait}, nil, vbs{protocol(colCloneFrom, "new", foreign)}, pdu.InconsistentName, 1, mib.NotReady},
		{"clone2: no RowPointer: 0.0", sets{wait}, nil, vbs{protocol(colCloneFrom, "new", ber.NewOID(0, 0))}, pdu.InconsistentName, 1, mib.NotReady},
		{"clone3: again, of another one", sets{cloned}, nil, vbs{cloneFrom("new", "none")}, ok, 0, mib.NotReady},
		{"clone3: again, of one who is not there", sets{cloned}, nil, vbs{cloneFrom("new", "nobody")}, ok, 0, mib.NotReady},
		{"clone4: not an OID", sets{wait}, nil, vbs{cell(colCloneFrom, "new", pdu.OctetString("both"))}, pdu.WrongType, 1, mib.NotReady},

		// usmUserAuthProtocol, usmUserPrivProtocol
		{"prot1: at creation", nil, nil, vbs{status("new", mib.CreateAndWait), protocol(colAuthProtocol, "new", md5), protocol(colPrivProtocol, "new", des)}, ok, 0, mib.NotReady},
		{"prot1: unknown authentication at creation", nil, nil, vbs{status("new", mib.CreateAndWait), protocol(colAuthProtocol, "new", foreign)}, pdu.WrongValue, 2, 0},
		{"prot1: a privacy protocol for authentication at creation", nil, nil, vbs{protocol(colAuthProtocol, "new", aes), status("new", mib.CreateAndWait)}, pdu.WrongValue, 1, 0},
		{"prot1: unknown privacy at creation", nil, nil, vbs{protocol(colAuthProtocol, "new", sha), protocol(colPrivProtocol, "new", foreign), status("new", mib.CreateAndWait)}, pdu.WrongValue, 2, 0},
		{"prot1: unknown, and cloned at once", nil, nil, vbs{cloneFrom("new", "both"), protocol(colPrivProtocol, "new", foreign), status("new", mib.CreateAndWait)}, pdu.WrongValue, 2, 0},
		{"prot1: another one, and cloned at once, which overwrites it", nil, nil, vbs{cloneFrom("new", "both"), protocol(colAuthProtocol, "new", md5), status("new", mib.CreateAndWait)}, ok, 0, mib.NotReady},
		{"prot2: SHA to MD5", sets{cloned}, nil, vbs{protocol(colAuthProtocol, "new", md5)}, pdu.InconsistentValue, 1, mib.NotReady},
		{"prot2: AES to DES", sets{cloned}, nil, vbs{protocol(colPrivProtocol, "new", des)}, pdu.InconsistentValue, 1, mib.NotReady},
		{"prot2: to an unknown one", sets{cloned}, nil, vbs{protocol(colAuthProtocol, "new", foreign)}, pdu.InconsistentValue, 1, mib.NotReady},
		{"prot2: none to SHA", sets{wait}, nil, vbs{protocol(colAuthProtocol, "new", sha)}, pdu.InconsistentValue, 1, mib.NotReady},
		{"prot2: the same", sets{cloned}, nil, vbs{protocol(colAuthProtocol, "new", sha), protocol(colPrivProtocol, "new", aes)}, ok, 0, mib.NotReady},
		{"prot2: privacy dropped", sets{cloned}, nil, vbs{protocol(colPrivProtocol, "new", noPriv)}, ok, 0, mib.NotReady},
		{"prot2: both dropped at once", sets{cloned}, nil, vbs{protocol(colAuthProtocol, "new", noAuth), protocol(colPrivProtocol, "new", noPriv)}, ok, 0, mib.NotInService},
		{"prot2: both dropped while active", sets{activated}, nil, vbs{protocol(colAuthProtocol, "new", noAuth), protocol(colPrivProtocol, "new", noPriv)}, ok, 0, mib.Active},
		{"prot2: dropped and cloned at once", nil, nil, vbs{cloneFrom("new", "both"), protocol(colPrivProtocol, "new", noPriv), rekey(colAuthKeyChange, "new", 40), status("new", mib.CreateAndGo)}, ok, 0, mib.Active},
		{"prot3: authentication dropped before privacy", sets{cloned}, nil, vbs{protocol(colAuthProtocol, "new", noAuth)}, pdu.InconsistentValue, 1, mib.NotReady},
		{"prot3: privacy alone at creation", nil, nil, vbs{protocol(colPrivProtocol, "new", des), status("new", mib.CreateAndWait)}, pdu.InconsistentValue, 2, 0},

		// usmUserAuthKeyChange, usmUserPrivKeyChange
		{"kc1: one octet less", sets{cloned}, nil, vbs{rekey(colAuthKeyChange, "new", 39)}, pdu.WrongLength, 1, mib.NotReady},
		{"kc1: one octet more", sets{cloned}, nil, vbs{rekey(colPrivKeyChange, "new", 33)}, pdu.WrongLength, 1, mib.NotReady},
		{"kc1: the length of another protocol's", sets{cloned}, nil, vbs{rekey(colAuthKeyChange, "new", 32)}, pdu.WrongLength, 1, mib.NotReady},
		{"kc1: as long as SHA-256 and AES-256 ask for", nil, nil, vbs{cloneFrom("new", "long"), rekey(colAuthKeyChange, "new", 64), rekey(colPrivKeyChange, "new", 64), status("new", mib.CreateAndGo)}, ok, 0, mib.Active},
		{"kc4: not octets", sets{cloned}, nil, vbs{cell(colAuthKeyChange, "new", pdu.Integer(1))}, pdu.WrongType, 1, mib.NotReady},
		{"kc5: before cloning", sets{wait}, nil, vbs{rekey(colAuthKeyChange, "new", 40)}, pdu.InconsistentName, 1, mib.NotReady},
		{"kc5: privacy before cloning", sets{wait}, nil, vbs{rekey(colPrivKeyChange, "new", 32)}, pdu.InconsistentName, 1, mib.NotReady},
		{"kc5: created without cloning", nil, nil, vbs{rekey(colAuthKeyChange, "new", 40), status("new", mib.CreateAndWait)}, pdu.InconsistentName, 1, 0},
		{"kc5: concurrently, in any order", sets{wait}, nil, vbs{rekey(colAuthKeyChange, "new", 40), cloneFrom("new", "both")}, ok, 0, mib.NotReady},
		{"kc6: without authentication", sets{{cloneFrom("new", "none"), status("new", mib.CreateAndWait)}}, nil, vbs{rekey(colAuthKeyChange, "new", 40), rekey(colPrivKeyChange, "new", 1)}, ok, 0, mib.NotInService},
		{"kc6: without privacy", sets{{cloneFrom("new", "auth"), status("new", mib.CreateAndWait)}}, nil, vbs{rekey(colPrivKeyChange, "new", 32)}, ok, 0, mib.NotReady},
		{"kc7: the empty string is no change", sets{cloned}, nil, vbs{rekey(colAuthKeyChange, "new", 0), rekey(colPrivKeyChange, "new", 0)}, ok, 0, mib.NotReady},
		{"kc8: of a user with any protocol", nil, nil, vbs{rekey(colAuthKeyChange, "any", 40)}, pdu.InconsistentValue, 1, 0},

		// usmUserOwnAuthKeyChange, usmUserOwnPrivKeyChange
		{"own1: another user's", sets{activated}, as("both"), vbs{rekey(colOwnAuthKeyChange, "new", 40)}, pdu.NoAccess, 1, mib.Active},
		{"own1: another user's privacy key", sets{activated}, as("both"), vbs{rekey(colOwnPrivKeyChange, "new", 32)}, pdu.NoAccess, 1, mib.Active},
		{"own1: by a community of that name", sets{activated}, &mib.Request{SecurityModel: pdu.SecurityModelV2c, SecurityLevel: pdu.NoAuthNoPriv, SecurityName: "new"}, vbs{rekey(colOwnAuthKeyChange, "new", 40)}, pdu.NoAccess, 1, mib.Active},
		{"own1: behind another varbind", sets{activated}, as("both"), vbs{public("new", "x"), rekey(colOwnAuthKeyChange, "new", 40)}, pdu.NoAccess, 2, mib.Active},
		{"own1: one that could not be set anyway", sets{activated}, as("both"), vbs{rekey(colOwnAuthKeyChange, "new", 1)}, pdu.NoAccess, 1, mib.Active},
		{"own1: the varbind before it fails first", sets{activated}, as("both"), vbs{public("new", "a text of more than thirty-two octets"), rekey(colOwnAuthKeyChange, "new", 40)}, pdu.WrongLength, 1, mib.Active},
		{"own1: of a row that is not there", nil, as("both"), vbs{rekey(colOwnAuthKeyChange, "new", 40)}, pdu.NoAccess, 1, 0},
		{"own1: his", sets{activated}, as("new"), vbs{rekey(colOwnAuthKeyChange, "new", 40), rekey(colOwnPrivKeyChange, "new", 32)}, ok, 0, mib.Active},
		{"own1: his, without authentication", sets{activated}, &mib.Request{SecurityModel: pdu.SecurityModelUSM, SecurityName: "new"}, vbs{rekey(colOwnAuthKeyChange, "new", 40)}, pdu.NoAccess, 1, mib.Active},
		{"own1: his, who has no authentication", nil, &mib.Request{SecurityModel: pdu.SecurityModelUSM, SecurityName: "none"}, vbs{rekey(colOwnAuthKeyChange, "none", 40)}, ok, 0, 0},
		{"own2: not ready", sets{cloned}, as("new"), vbs{rekey(colOwnAuthKeyChange, "new", 40)}, pdu.InconsistentValue, 1, mib.NotReady},
		{"own2: not in service", sets{changed}, as("new"), vbs{rekey(colOwnPrivKeyChange, "new", 32)}, pdu.InconsistentValue, 1, mib.NotInService},
		{"own2: the other ones are not limited by the status", sets{changed}, as("new"), vbs{rekey(colPrivKeyChange, "new", 32)}, ok, 0, mib.NotInService},

		// usmUserPublic, usmUserSecurityName
		{"public: 32 octets", sets{wait}, nil, vbs{public("new", "thirty-two octets of public text")}, ok, 0, mib.NotReady},
		{"public: 33 octets", sets{wait}, nil, vbs{public("new", "thirty-two octets of public text!")}, pdu.WrongLength, 1, mib.NotReady},
		{"name: is read-only", sets{wait}, nil, vbs{cell(colSecurityName, "new", pdu.OctetString("new"))}, pdu.NotWritable, 1, mib.NotReady},

		// usmUserStorageType
		{"store1: readOnly with authentication", nil, nil, vbs{cloneFrom("new", "auth"), storage("new", mib.ReadOnly), status("new", mib.CreateAndWait)}, pdu.InconsistentValue, 2, 0},
		{"store1: readOnly with a protocol", nil, nil, vbs{storage("new", mib.ReadOnly), protocol(colAuthProtocol, "new", sha), status("new", mib.CreateAndWait)}, pdu.InconsistentValue, 1, 0},
		{"store1: readOnly without", nil, nil, vbs{cloneFrom("new", "none"), storage("new", mib.ReadOnly), status("new", mib.CreateAndWait)}, pdu.WrongValue, 2, 0},
		{"store2: a permanent row's key", nil, nil, vbs{rekey(colAuthKeyChange, "both", 40), rekey(colPrivKeyChange, "both", 32), public("both", "x")}, ok, 0, 0},
		{"store2: a permanent row is not destroyed", nil, nil, vbs{status("both", mib.Destroy)}, pdu.InconsistentValue, 1, 0},
		{"store2: a permanent row is taken out of service", nil, nil, vbs{status("both", mib.NotInService)}, ok, 0, 0},
		{"store3: permanent to volatile, RFC 2579 §2 StorageType", nil, nil, vbs{storage("both", mib.Volatile)}, pdu.WrongValue, 1, 0},
		{"store3: to permanent", sets{wait}, nil, vbs{storage("new", mib.Permanent)}, pdu.WrongValue, 1, mib.NotReady},
		{"store3: to readOnly", sets{wait}, nil, vbs{storage("new", mib.ReadOnly)}, pdu.WrongValue, 1, mib.NotReady},
		{"store3: to volatile", sets{wait}, nil, vbs{storage("new", mib.Volatile)}, ok, 0, mib.NotReady},
		{"store3: volatile at creation", nil, nil, vbs{storage("new", mib.Volatile), status("new", mib.CreateAndWait)}, ok, 0, mib.NotReady},

		// usmUserStatus
		{"row1: not cloned", sets{wait}, nil, vbs{status("new", mib.Active)}, pdu.InconsistentValue, 1, mib.NotReady},
		{"row1: no key changed", sets{cloned}, nil, vbs{status("new", mib.Active)}, pdu.InconsistentValue, 1, mib.NotReady},
		{"row1: the authentication key not changed", sets{cloned, {rekey(colPrivKeyChange, "new", 32)}}, nil, vbs{status("new", mib.Active)}, pdu.InconsistentValue, 1, mib.NotReady},
		{"row1: the privacy key not changed", sets{cloned, {rekey(colAuthKeyChange, "new", 40)}}, nil, vbs{status("new", mib.Active)}, pdu.InconsistentValue, 1, mib.NotReady},
		{"row1: both changed", sets{cloned, {rekey(colAuthKeyChange, "new", 40)}, {rekey(colPrivKeyChange, "new", 32)}}, nil, vbs{status("new", mib.Active)}, ok, 0, mib.Active},
		{"row1: changed in the same SET", sets{cloned}, nil, vbs{status("new", mib.Active), rekey(colPrivKeyChange, "new", 32), rekey(colAuthKeyChange, "new", 40)}, ok, 0, mib.Active},
		{"row1: one changed, the other protocol dropped", sets{cloned, {rekey(colAuthKeyChange, "new", 40)}}, nil, vbs{status("new", mib.Active), protocol(colPrivProtocol, "new", noPriv)}, ok, 0, mib.Active},
		{"row1: all dropped", sets{cloned}, nil, vbs{protocol(colAuthProtocol, "new", noAuth), status("new", mib.Active), protocol(colPrivProtocol, "new", noPriv)}, ok, 0, mib.Active},
		{"row1: an empty change is none", sets{cloned, {rekey(colAuthKeyChange, "new", 0), rekey(colPrivKeyChange, "new", 0)}}, nil, vbs{status("new", mib.Active)}, pdu.InconsistentValue, 1, mib.NotReady},
		{"row2: createAndGo with all", nil, nil, activated, ok, 0, mib.Active},
		{"row2: createAndGo without changed keys", nil, nil, vbs{cloneFrom("new", "both"), status("new", mib.CreateAndGo)}, pdu.InconsistentValue, 2, 0},
		{"row2: createAndGo without cloning", nil, nil, vbs{status("new", mib.CreateAndGo)}, pdu.InconsistentValue, 1, 0},
		{"row2: createAndGo of one without authentication", nil, nil, vbs{cloneFrom("new", "none"), status("new", mib.CreateAndGo)}, ok, 0, mib.Active},
		{"row2: createAndGo again", sets{activated}, nil, vbs{status("new", mib.CreateAndGo)}, pdu.InconsistentValue, 1, mib.Active},
		{"row2: createAndWait again", sets{wait}, nil, vbs{status("new", mib.CreateAndWait)}, pdu.InconsistentValue, 1, mib.NotReady},
		{"row2: destroyed", sets{activated}, nil, vbs{status("new", mib.Destroy)}, ok, 0, 0},
		{"row2: destroyed before he was ready", sets{cloned}, nil, vbs{status("new", mib.Destroy)}, ok, 0, 0},
		{"row2: destroyed, who never was", nil, nil, vbs{status("new", mib.Destroy)}, ok, 0, 0},
		{"row3: out of service", sets{activated}, nil, vbs{status("new", mib.NotInService)}, ok, 0, mib.NotInService},
		{"row3: and in again", sets{activated, {status("new", mib.NotInService)}}, nil, vbs{status("new", mib.Active)}, ok, 0, mib.Active},
		{"row4: without a status", nil, nil, vbs{cloneFrom("new", "both")}, pdu.InconsistentName, 1, 0},

		// usmUserEngineID, usmUserName
		{"index: another engine", nil, nil, vbs{{Name: oidEntry.Append(colStatus, 5, 128, 0, 0, 0, 1, 3, 'n', 'e', 'w'), Value: pdu.Integer(5)}}, pdu.NoCreation, 1, 0},
		{"index: no name", nil, nil, vbs{status("", mib.CreateAndWait)}, pdu.NoCreation, 1, 0},
		{"index: a name of 33 octets", nil, nil, vbs{status("thirty-two octets of public text!", mib.CreateAndWait)}, pdu.NoCreation, 1, 0},
		{"index: something left over", nil, nil, vbs{{Name: oidEntry.Append(colStatus) + at("new") + ber.NewOID(1), Value: pdu.Integer(5)}}, pdu.NoCreation, 1, 0},
		{"index: too short, own column", nil, as("new"), vbs{{Name: oidEntry.Append(colOwnAuthKeyChange, 11, 1), Value: pdu.OctetString("")}}, pdu.NoAccess, 1, 0},
		{"index: none, own column", nil, as("new"), vbs{{Name: oidEntry.Append(colOwnAuthKeyChange), Value: pdu.OctetString("")}}, pdu.NoAccess, 1, 0},
		{"index: none at all", nil, as("new"), vbs{{Name: oidEntry, Value: pdu.OctetString("")}}, pdu.NotWritable, 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			for _, vbs := range tt.before {
				r.do(vbs...)
			}
			who := tt.who
			if who == nil {
				who = as("manager")
			}
			before, users := r.All(), r.active.Load().Names()
			if got, at := r.set(who, tt.set...); got != tt.want || at != tt.blamed {
				t.Errorf("%v at %d, want %v at %d", got, at, tt.want, tt.blamed)
			}
			if got := r.statusOf("new"); got != tt.after {
				t.Errorf("the row is %v, want %v", got, tt.after)
			}
			if got := r.isActive("new"); got != (tt.after == mib.Active) {
				t.Errorf("his messages are accepted: %v", got)
			}
			if tt.want != ok && (!slices.Equal(before, r.All()) || !slices.Equal(users, r.active.Load().Names())) {
				t.Error("the SET failed, and something has changed")
			}
		})
	}
}

// TestCreation is the procedure that RFC 3414 §5 (usmUserTable) recommends, and what
// can be read at each step.
func TestCreation(t *testing.T) {
	r := newRig(t)
	spin := func() pdu.VarBind {
		v, err := r.tree.Get(new(mib.Request), oidSpinLock.Append(0))
		if err != nil {
			t.Fatal(err)
		}
		return pdu.VarBind{Name: oidSpinLock.Append(0), Value: v}
	}
	oldAuth, oldPriv := r.keysOf("both")
	auth, priv := key(200, 20), key(220, 16)
	value := func(old string, new []byte) pdu.Value {
		v, err := usm.KeyChange(usm.SHA1, []byte(old), new, key(50, len(new)))
		if err != nil {
			t.Fatal(err)
		}
		return pdu.OctetString(string(v))
	}
	check := func(want mib.RowStatus, text string) {
		t.Helper()
		if got := r.statusOf("new"); got != want || r.isActive("new") != (want == mib.Active) {
			t.Errorf("the row is %v, want %v; messages are accepted: %v", got, want, r.isActive("new"))
		}
		for column, want := range map[uint32]pdu.Value{
			colSecurityName: pdu.OctetString("new"), colCloneFrom: pdu.ObjectIdentifier(ber.NewOID(0, 0)),
			colAuthProtocol: hmacAuthOK, colPrivProtocol: pdu.ObjectIdentifier(aes),
			colAuthKeyChange: pdu.OctetString(""), colOwnAuthKeyChange: pdu.OctetString(""),
			colPrivKeyChange: pdu.OctetString(""), colOwnPrivKeyChange: pdu.OctetString(""),
			colPublic: pdu.OctetString(text), colStorageType: pdu.Integer(int32(mib.NonVolatile)),
		} {
			if got := r.get(column, "new"); got != want {
				t.Errorf("column %d is %v, want %v", column, got, want)
			}
		}
	}
	r.do(spin(), cloneFrom("new", "both"), status("new", mib.CreateAndWait)) // 2)
	check(mib.NotReady, "")
	r.do(spin(), cell(colPrivKeyChange, "new", value(oldPriv, priv)), public("new", "one")) // 5)
	check(mib.NotReady, "one")
	r.do(spin(), cell(colAuthKeyChange, "new", value(oldAuth, auth)), public("new", "two")) // 10)
	check(mib.NotInService, "two")
	r.do(status("new", mib.Active)) // 13)
	check(mib.Active, "two")
	if a, p := r.keysOf("new"); a != string(auth) || p != string(priv) {
		t.Errorf("the keys are %x and %x", a, p)
	}
	if a, p := r.keysOf("both"); a != oldAuth || p != oldPriv {
		t.Errorf("the template's keys are %x and %x", a, p)
	}
	// usmUserSpinLock: a value that is not the present one takes all with it.
	stale := spin()
	r.do(stale)
	if got, at := r.set(as("manager"), public("new", "three"), cell(colAuthKeyChange, "new", value(string(auth), key(1, 20))), stale); got != pdu.InconsistentValue || at != 3 {
		t.Errorf("%v at %d", got, at)
	}
	check(mib.Active, "two")
	if a, _ := r.keysOf("new"); a != string(auth) {
		t.Errorf("the key is %x", a)
	}
}

// RFC 3414 §5, usmUserAuthProtocol and usmUserPrivProtocol: what is dropped, or was
// cloned, is what can be read, and what keys there are.
func TestProtocols(t *testing.T) {
	for _, tt := range []struct {
		name       string
		sets       [][]pdu.VarBind
		auth, priv ber.OID
		authLen    int
		privLen    int
	}{
		{"cloned", [][]pdu.VarBind{{cloneFrom("new", "long")}}, usm.SHA256.OID(), usm.AES256.OID(), 32, 32},
		{"cloned twice", [][]pdu.VarBind{{cloneFrom("new", "long")}, {cloneFrom("new", "auth")}}, usm.SHA256.OID(), usm.AES256.OID(), 32, 32},
		{"without privacy", [][]pdu.VarBind{{cloneFrom("new", "long")}, {protocol(colPrivProtocol, "new", noPriv)}}, usm.SHA256.OID(), noPriv, 32, 0},
		{"without both", [][]pdu.VarBind{{cloneFrom("new", "long")}, {protocol(colPrivProtocol, "new", noPriv)}, {protocol(colAuthProtocol, "new", noAuth)}}, noAuth, noPriv, 0, 0},
		{"without both at once", [][]pdu.VarBind{{cloneFrom("new", "long"), protocol(colAuthProtocol, "new", noAuth), protocol(colPrivProtocol, "new", noPriv)}}, noAuth, noPriv, 0, 0},
		{"not cloned", nil, noAuth, noPriv, 0, 0},
	} {
		r := newRig(t)
		r.do(status("new", mib.CreateAndWait))
		for _, vbs := range tt.sets {
			r.do(vbs...)
		}
		auth, priv := r.keysOf("new")
		if r.get(colAuthProtocol, "new") != pdu.ObjectIdentifier(tt.auth) || r.get(colPrivProtocol, "new") != pdu.ObjectIdentifier(tt.priv) || len(auth) != tt.authLen || len(priv) != tt.privLen {
			t.Errorf("%s: %v and %v, keys of %d and %d octets", tt.name, r.get(colAuthProtocol, "new"), r.get(colPrivProtocol, "new"), len(auth), len(priv))
		}
	}
	// A user for whom any protocol will do.
	r := newRig(t)
	if got := r.get(colAuthProtocol, "any"); got != pdu.ObjectIdentifier(ber.NewOID(0, 0)) {
		t.Errorf("any protocol is read as %v", got)
	}
	r.do(protocol(colAuthProtocol, "any", noAuth))
	if got := r.get(colAuthProtocol, "any"); got != pdu.ObjectIdentifier(noAuth) || !r.isActive("any") {
		t.Errorf("%v after it was dropped, active %v", got, r.isActive("any"))
	}
}

// With CloneAndGo a user is active at once who has the keys of another one, if that is
// what the SET that clones him asks for; and is complete from then on.
func TestCloneAndGo(t *testing.T) {
	r := newRig(t, func(t *Table) { t.CloneAndGo = true })
	if got, _ := r.set(as("manager"), status("new", mib.CreateAndGo)); got != pdu.InconsistentValue {
		t.Errorf("one who was not cloned: %v", got)
	}
	r.do(status("new", mib.CreateAndGo), cloneFrom("new", "both"))
	r.do(status("second", mib.CreateAndWait))
	r.do(status("second", mib.Active), cloneFrom("second", "both"))
	for _, name := range []string{"new", "second"} {
		if !r.isActive(name) || r.statusOf(name) != mib.Active {
			t.Errorf("%s is %v", name, r.statusOf(name))
		}
		r.do(status(name, mib.NotInService))
		r.do(status(name, mib.Active))
	}
	// Who waits is held to the letter (RFC 3414 §5, usmUserStatus).
	r.do(status("third", mib.CreateAndWait), cloneFrom("third", "both"))
	for _, vbs := range [][]pdu.VarBind{
		{status("third", mib.Active)}, {status("third", mib.NotInService)},
		{status("third", mib.Active), cloneFrom("third", "none")}, // which is not the first time
	} {
		if got, _ := r.set(as("manager"), vbs...); got != pdu.InconsistentValue || r.statusOf("third") != mib.NotReady {
			t.Errorf("without keys of his own: %v, he is %v", got, r.statusOf("third"))
		}
	}
}
