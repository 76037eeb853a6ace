package usmmib

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"snmpstack/mib"
	"snmpstack/mib/mibtest"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// The table keeps the rules that there are for handlers.
func TestConformance(t *testing.T) {
	r := newRig(t)
	h, err := r.handler()
	if err != nil {
		t.Fatal(err)
	}
	mibtest.Run(t, h, oidEntry, mibtest.Options{Table: true, Sets: [][]pdu.VarBind{
		{cloneFrom("new", "both"), status("new", mib.CreateAndWait)},
		{cloneFrom("new", "both"), rekey(colAuthKeyChange, "new", 40), rekey(colPrivKeyChange, "new", 32), status("new", mib.CreateAndGo)},
		{public("both", "x"), rekey(colAuthKeyChange, "both", 40)},
		{protocol(colPrivProtocol, "both", noPriv), status("auth", mib.NotInService)},
		{status("nobody", mib.Destroy)},
	}})
}

// RFC 3414 §2.1: a walk of the whole table shows no key, nor what one was made of.
func TestNoKeyIsRead(t *testing.T) {
	r := newRig(t)
	r.do(cloneFrom("new", "both"), rekey(colAuthKeyChange, "new", 40), rekey(colPrivKeyChange, "new", 32), status("new", mib.CreateAndGo))
	instances := 0
	for name := oidEntry; ; instances++ {
		var vbs [1]pdu.VarBind
		n, err := r.tree.Next(new(mib.Request), name.Append(0), vbs[:])
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 || !vbs[0].Name.HasPrefix(oidEntry) {
			break
		}
		name = vbs[0].Name.Clone()
		column, _ := split(name)
		v := vbs[0].Value
		switch v.Syntax() {
		case pdu.TypeOctetString:
			if want := column == colSecurityName; (v.Octets() != "") != want {
				t.Errorf("%v is %v", name, v)
			}
		case pdu.TypeObjectIdentifier, pdu.TypeInteger:
		default:
			t.Errorf("%v is %v", name, v)
		}
	}
	if want := 7 * 11; instances != want {
		t.Errorf("%d instances, want %d", instances, want)
	}
}

// What the program does between the two phases of a SET is not lost, and what the
// manager gets is what the users are then.
func TestProgramMeanwhile(t *testing.T) {
	other := func(t *testing.T) *usm.HashedUser {
		return hashed(t, usm.User{Name: "both", Auth: usm.SHA256, AuthKey: key(66, 32), Localized: true})
	}
	for _, tt := range []struct {
		name      string
		set       pdu.VarBind
		meanwhile func(*rig) error
		fails     bool
		auth      string // the key that he has then; "" if he is gone
	}{
		{"another user", public("both", "x"), func(r *rig) error { return r.Add(User{Name: "more", Keys: hashed(t, usm.User{Name: "more"})}) }, false, string(key(0, 20))},
		{"replaced, and something else is set", public("both", "x"), func(r *rig) error { return r.Add(User{Name: "both", Keys: other(t)}) }, false, string(key(66, 32))},
		{"replaced, and the former key is changed", rekey(colAuthKeyChange, "both", 40), func(r *rig) error { return r.Add(User{Name: "both", Keys: other(t)}) }, true, string(key(66, 32))},
		{"removed", public("both", "x"), func(r *rig) error { r.Remove("both"); return nil }, true, ""},
		{"all removed", rekey(colAuthKeyChange, "both", 40), func(r *rig) error { r.Clear(); return nil }, true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			h, err := r.handler()
			if err != nil {
				t.Fatal(err)
			}
			c, err := h.Test(as("manager"), []pdu.VarBind{tt.set})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if err := tt.meanwhile(r); err != nil {
				t.Fatal(err)
			}
			if err := c.Commit(as("manager")); (err != nil) != tt.fails {
				t.Errorf("the SET ends with %v", err)
			}
			if auth, _ := r.keysOf("both"); auth != tt.auth || r.isActive("both") != (tt.auth != "") {
				t.Errorf("his key is %x, messages are accepted: %v", auth, r.isActive("both"))
			}
		})
	}
}

// A SET that is undone, or whose rows cannot be kept, leaves no trace: neither in the
// table nor in what messages are accepted.
func TestUndo(t *testing.T) {
	sets := map[string][]pdu.VarBind{
		"create":  {cloneFrom("new", "none"), status("new", mib.CreateAndGo)},
		"change":  {rekey(colAuthKeyChange, "both", 40), public("both", "x")},
		"disable": {status("both", mib.NotInService)},
		"enable":  {status("off", mib.Active)},
		"destroy": {status("made", mib.Destroy)},
	}
	for name, vbs := range sets {
		for _, how := range []string{"undone", "not kept"} {
			t.Run(name+" "+how, func(t *testing.T) {
				full := errors.New("no space left on device")
				failing := false
				r := newRig(t, func(t *Table) {
					t.Keep = func() error {
						if failing {
							return full
						}
						return nil
					}
				})
				r.do(cloneFrom("made", "none"), status("made", mib.CreateAndGo))
				before, users := r.All(), r.active.Load().Names()
				h, err := r.handler()
				if err != nil {
					t.Fatal(err)
				}
				c, err := h.Test(as("manager"), vbs)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				failing = how == "not kept"
				switch err := c.Commit(as("manager")); {
				case failing && !errors.Is(err, full):
					t.Errorf("what cannot be kept: %v", err)
				case !failing && err != nil:
					t.Fatal(err)
				case !failing:
					if err := c.Undo(as("manager")); err != nil {
						t.Error(err)
					}
				}
				if !slices.Equal(before, r.All()) || !slices.Equal(users, r.active.Load().Names()) {
					t.Errorf("the users are %v, active %v", r.All(), r.active.Load().Names())
				}
			})
		}
	}
}

// Users are there again when the agent is activated with another engine, and rows
// have its ID.
func TestAnotherEngine(t *testing.T) {
	r := newRig(t)
	const other usm.EngineID = "\x80\x00\x7e\xd9\x05another"
	users, err := r.Activate(other, usm.Internal)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"any", "auth", "both", "long", "none"}; !slices.Equal(users.Names(), want) {
		t.Errorf("users %v, want %v", users.Names(), want)
	}
	if r.get(colStatus, "both") != pdu.NoSuchInstance {
		t.Error("there is a row of the former engine's")
	}
	if all := r.All(); len(all) != 6 || all[0].engine != other {
		t.Errorf("rows %v", all)
	}
	if got, _ := r.set(as("manager"), status("new", mib.CreateAndWait)); got != pdu.NoCreation {
		t.Errorf("a row of the former engine's is created: %v", got)
	}
	if !r.Remove("both") || slices.Contains(users.Names(), "both") {
		t.Error("he is still there")
	}
}

// Before the first activation users come and go as they do after it.
func TestBeforeActivation(t *testing.T) {
	names := func(table *Table) (list []string) {
		for _, u := range table.All() {
			list = append(list, u.Name)
		}
		return list
	}
	for _, mixed := range []bool{false, true} { // with those who wait taken into the rows in between
		table := new(Table)
		add := func(name string, auth usm.AuthProtocol) *usm.HashedUser {
			t.Helper()
			h := hashed(t, usm.User{Name: name, Auth: auth, AuthKey: key(1, auth.KeyLen())})
			if err := table.Add(User{Name: name, Keys: h}); err != nil {
				t.Fatal(err)
			}
			if mixed {
				table.All()
			}
			return h
		}
		add("cleared", usm.MD5)
		table.Clear()
		former := add("a", usm.MD5)
		add("b", usm.MD5)
		add("c", usm.MD5)
		add("a", usm.SHA1) // in the place of the other one
		if err := table.Rekey("a", former, hashed(t, usm.User{Name: "a"}), nil); err != nil {
			t.Fatal(err)
		}
		former = add("c", usm.SHA256)
		if err := table.Rekey("c", former, hashed(t, usm.User{Name: "c", Auth: usm.SHA512, AuthKey: key(1, 64)}), nil); err != nil {
			t.Fatal(err)
		}
		if !table.Has("b") || !table.Remove("b") || table.Remove("b") || table.Has("b") {
			t.Error("b is there and is not")
		}
		if got := names(table); !slices.Equal(got, []string{"a", "c"}) {
			t.Errorf("users %v", got)
		}
		users, err := table.Activate(testEngine, usm.System)
		if err != nil || !slices.Equal(users.Names(), []string{"a", "c"}) || !slices.Equal(names(table), []string{"a", "c"}) {
			t.Errorf("users %v and %v, %v", users.Names(), names(table), err)
		}
		for name, want := range map[string]usm.AuthProtocol{"a": usm.SHA1, "c": usm.SHA512} {
			if got, _ := table.get(name).Protocols(); got != want {
				t.Errorf("%s has %v, want %v", name, got, want)
			}
		}
	}
}

// Managers and the program change users at once, while others read: the race
// detector's, and messages are accepted of whom the table says in the end.
func TestAtOnce(t *testing.T) {
	r := newRig(t)
	names := []string{"a", "b", "both", "auth"}
	var all sync.WaitGroup
	for worker := range uint64(4) {
		all.Go(func() {
			random := rand.New(rand.NewPCG(worker, 1))
			for range 300 {
				name := names[random.IntN(len(names))]
				var vbs []pdu.VarBind
				switch random.IntN(6) {
				case 0:
					vbs = []pdu.VarBind{cloneFrom(name, "none"), status(name, mib.CreateAndGo)}
				case 1:
					vbs = []pdu.VarBind{status(name, mib.Destroy)}
				case 2:
					vbs = []pdu.VarBind{status(name, mib.NotInService), rekey(colAuthKeyChange, name, 40)}
				case 3:
					vbs = []pdu.VarBind{status(name, mib.Active)}
				case 4:
					r.Remove(name)
				case 5:
					keys := hashed(t, usm.User{Name: name, Auth: usm.SHA1, AuthKey: key(byte(worker), 20), Localized: true})
					if err := r.Add(User{Name: name, Keys: keys, Storage: mib.NonVolatile}); err != nil {
						t.Error(err)
					}
				}
				if vbs != nil {
					r.tree.Set(as("manager"), vbs)
				}
				r.All()
			}
		})
	}
	all.Wait()
	for _, u := range r.All() {
		if r.isActive(u.Name) != (u.Status == mib.Active) {
			t.Errorf("%s is %v, messages are accepted: %v", u.Name, u.Status, r.isActive(u.Name))
		}
	}
	if n := len(r.active.Load().Names()); n > len(r.All()) {
		t.Errorf("%d active users, %d rows", n, len(r.All()))
	}
	// Who is in the table has the keys that it says.
	for _, u := range r.All() {
		if auth, _ := r.keysOf(u.Name); u.Name != "any" && (auth == "") != (u.auth == noAuth) {
			t.Errorf("%s: %v with a key of %d octets", u.Name, u.auth, len(auth))
		}
	}
}

// Reading a large table takes no memory.
func TestLargeTable(t *testing.T) {
	r := newRig(t)
	for i := range 10_000 {
		if err := r.Add(User{Name: fmt.Sprint("user", i), Keys: hashed(t, usm.User{Name: fmt.Sprint("user", i)})}); err != nil {
			t.Fatal(err)
		}
	}
	name := status("user7777", 0).Name
	request := new(mib.Request)
	if n := testing.AllocsPerRun(100, func() {
		if v, err := r.tree.Get(request, name); err != nil || v != pdu.Integer(int32(mib.Active)) {
			t.Fatal(v, err)
		}
	}); n != 0 {
		t.Errorf("a GET takes %v allocations", n)
	}
	r.do(cloneFrom("new", "both"), rekey(colAuthKeyChange, "new", 40), rekey(colPrivKeyChange, "new", 32), status("new", mib.CreateAndGo))
	r.do(status("new", mib.Destroy))
}

// TestMaxManaged: a manager cannot fill the memory, or the persistent file, and the
// program's users, however many there are, do not take his room.
func TestMaxManaged(t *testing.T) {
	r := newRig(t)
	all := r.All()
	for i := range 2 * maxManaged {
		u := User{Name: fmt.Sprint("user", i), Status: mib.NotReady, Storage: mib.NonVolatile}
		if i >= maxManaged {
			u = User{Name: u.Name, Storage: mib.Permanent}
		}
		u.settle(testEngine)
		all = append(all, u)
	}
	if err := r.rows.Store(all); err != nil {
		t.Fatal(err)
	}
	one := status("new", mib.CreateAndWait)
	if got, at := r.set(as("manager"), one); got != pdu.ResourceUnavailable || at != 1 {
		t.Errorf("%v at %d, want %v (RFC 3416 §4.2.5 (11))", got, at, pdu.ResourceUnavailable)
	}
	r.do(status("user1", mib.Destroy))
	r.do(one)
}
