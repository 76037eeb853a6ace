package main

import (
	"encoding/hex"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"snmpstack/agent"
	"snmpstack/cmd/internal/agentconf"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/usm"
)

// testEngine is the engine that snmpd's keys below are localized to.
const testEngine = usm.EngineID("\x80\x00\x00\x00\x01\x02\x03\x04")

// The keys that snmpd 5.9.3 of Debian 12 makes of the passwords longenough1 and
// longenough2 at testEngine, and of the master key 00 01 … 13: from the usmUser
// lines that it wrote.
const (
	snmpdMD5    = "2512f9a67694b02ac613bae813ab6246"
	snmpdSHA    = "6342e62ee598e3daae630cb5784a805286d124eb"
	snmpdSHA224 = "058a84be199b42c12603177478ed5d78eea3aef1a1dc383d3fbbc920"
	snmpdSHA256 = "42d4bc14a6f5191939e02777ef9c7e76f16f5b47fc894c9d0d90d0631747f692"
	snmpdSHA384 = "5b6514ef3e728b36dba2132ea19301af0cba8d0429c89df76c4c82979d4627df266e78f7a1e5909dc71bb5a20bb6ec0f"
	snmpdSHA512 = "a53979d5c8de5d72655ac0bf6b112cc47d767a0d5b647fc840780bd971c196b6a898ae940332b12f922307767f2597e848ebb874bb170da0b15b6aff632bb582"
	snmpdPriv   = "225a7d7eb40dff467a4a4fb6a63f2b1b" // DES and AES-128
	snmpdAES192 = "225a7d7eb40dff467a4a4fb6a63f2b1b00e71d9f6a3ebdf0"
	snmpdAES256 = "225a7d7eb40dff467a4a4fb6a63f2b1b00e71d9f6a3ebdf035c41bc805ca59c3"
	ciscoKey192 = "225a7d7eb40dff467a4a4fb6a63f2b1b00e71d9f30c97626"
	ciscoKey256 = "225a7d7eb40dff467a4a4fb6a63f2b1b00e71d9f30c976260b5e61d6b2a7623d"
	masterKey   = "000102030405060708090a0b0c0d0e0f10111213"
	snmpdMaster = "aeead31c8326ca92d9058e4cc0199b3f90b00387"
	snmpdMas256 = "aeead31c8326ca92d9058e4cc0199b3f90b0038749ac2d9bad30ae7ff432db40" // AES-256
)

func TestCreateUser(t *testing.T) {
	for _, test := range []struct {
		words      string // behind the name
		auth, priv string // the localized keys
	}{
		{"", "", ""},
		{"MD5 longenough1", snmpdMD5, ""},
		{"SHA longenough1", snmpdSHA, ""},
		{"sha1 longenough1", snmpdSHA, ""},
		{"SHA-1 'longenough1'", snmpdSHA, ""},
		{"SHA224 longenough1", snmpdSHA224, ""},
		{"SHA-224 longenough1", snmpdSHA224, ""},
		{"SHA256 longenough1", snmpdSHA256, ""},
		{"sha-256 longenough1", snmpdSHA256, ""},
		{"SHA384 longenough1", snmpdSHA384, ""},
		{"SHA-384 longenough1", snmpdSHA384, ""},
		{"SHA512 longenough1", snmpdSHA512, ""},
		{`SHA-512 "longenough1"`, snmpdSHA512, ""},
		{"SHA longenough1 NOPRIV longenough2", snmpdSHA, ""},
		{"SHA longenough1 DES longenough2", snmpdSHA, snmpdPriv},
		{"SHA longenough1 aes longenough2", snmpdSHA, snmpdPriv},
		{"SHA longenough1 AES128 longenough2", snmpdSHA, snmpdPriv},
		{"SHA longenough1 AES-128 longenough2", snmpdSHA, snmpdPriv},
		{"SHA longenough1 AES192 longenough2", snmpdSHA, snmpdAES192},
		{"SHA longenough1 AES-192 longenough2", snmpdSHA, snmpdAES192},
		{"SHA longenough1 AES256 longenough2", snmpdSHA, snmpdAES256},
		{"SHA longenough1 AES-256 longenough2", snmpdSHA, snmpdAES256},
		{"SHA longenough1 AES192C longenough2", snmpdSHA, ciscoKey192},
		{"SHA longenough1 AES-192-C longenough2", snmpdSHA, ciscoKey192},
		{"SHA longenough1 AES256C longenough2", snmpdSHA, ciscoKey256},
		{"SHA longenough1 AES-256-C longenough2", snmpdSHA, ciscoKey256},
		{"SHA longenough1 3DES longenough2", snmpdSHA, ciscoKey256}, // Reeder's extension too
		{"SHA longenough2 AES", snmpdAES256[:40], snmpdPriv},
		{"SHA -m 0x" + masterKey, snmpdMaster, ""},
		{"SHA -m " + masterKey, snmpdMaster, ""},
		{"SHA -m 0x" + masterKey + " AES-256 -m 0x" + masterKey, snmpdMaster, snmpdMas256},
		{"SHA -l 0x" + masterKey + " AES -l 0x" + masterKey[:32], masterKey, masterKey[:32]},
		{"SHA -l 0x" + masterKey + " AES", masterKey, masterKey[:32]},
		{"SHA -l 0x" + masterKey + " DES longenough1", masterKey, snmpdSHA[:32]},
		{"SHA longenough1 AES -l 0x" + masterKey, snmpdSHA, masterKey[:32]},
	} {
		t.Run(test.words, func(t *testing.T) {
			c, problems := interpret("createUser ops " + test.words)
			if len(problems) != 0 || len(c.configuredUsers()) != 1 {
				t.Fatalf("%d users, problems %v", len(c.configuredUsers()), problems)
			}
			u, err := localized(usm.Internal, c.configuredUsers()[0].User, testEngine)
			if err != nil {
				t.Fatal(err)
			}
			if u.Name != "ops" || hex.EncodeToString(u.AuthKey) != test.auth || hex.EncodeToString(u.PrivKey) != test.priv || !u.AllowLower {
				t.Errorf("user %q, keys %x and %x, expected %s and %s", u.Name, u.AuthKey, u.PrivKey, test.auth, test.priv)
			}

			// What the agent writes about him stands for the same user.
			line := "usmUser " + usmUserArguments(testEngine, &agent.UserEntry{User: u})
			again, problems := interpret(line)
			if len(problems) != 0 || len(again.configuredUsers()) != 1 {
				t.Fatalf("%q: %d users, problems %v", line, len(again.configuredUsers()), problems)
			}
			v := again.configuredUsers()[0]
			if v.engine != testEngine || v.Name != u.Name || v.Auth != u.Auth || v.Priv != u.Priv || !v.Localized || !v.AllowLower ||
				string(v.AuthKey) != string(u.AuthKey) || string(v.PrivKey) != string(u.PrivKey) {
				t.Errorf("%q is another user", line)
			}
		})
	}
}

// TestUserProblems shows what is said of lines that are wrong, and that no message
// holds a word that may be a secret.
func TestUserProblems(t *testing.T) {
	for _, test := range []struct {
		line, err string
	}{
		{"createUser ops secret-1 SHA", "no authentication protocol, expected MD5"},
		{"createUser ops NOAUTH secret-1", "no authentication protocol"},
		{"createUser ops SHA", "authentication: the password is missing"},
		{"createUser ops SHA secret", `user "ops": a password has at least 8 octets`},
		{`createUser ops SHA ""`, "a password has at least 8 octets"},
		{`createUser ops SHA secret-1 AES ''`, "a password has at least 8 octets"},
		{"createUser ops SHA secret-1 AES secret", "a password has at least 8 octets"},
		{"createUser ops SHA secret-1 secret-2 AES", "no privacy protocol, expected DES"},
		{"createUser ops SHA -l", "the key behind -l is none"},
		{"createUser ops SHA -l secret-1", "the key behind -l is none"},
		{"createUser ops SHA -l 0x5ec7e7", "a key of 3 octets for SHA, expected 20"},
		{"createUser ops SHA secret-1 AES -m 0x5ec7e7", "a key of 3 octets for SHA, expected 20"},
		{"createUser ops SHA secret-1 AES-256 -l 0x" + masterKey, "a key of 20 octets for AES-256, expected 32"},
		{"createUser ops SHA -l 0x" + masterKey + " AES -m 0x" + masterKey, "expected two of a kind"},
		{"createUser -e", "expected an engine ID and a user's name"},
		{"createUser -e ops secret-1 SHA", "the engine ID behind -e is none"},
		{"createUser -e 0x8000 ops SHA secret-1", "the engine ID behind -e is none"},
		{`createUser "" SHA secret-1`, "a user's name has 1 to 32 octets"},
		{"usmUser 1 3", "2 words, expected"},
		{`usmUser 0 3 0x8000000001020304 "ops" "ops" NULL .1.3.6.1.6.3.10.1.1.1 "" .1.3.6.1.6.3.10.1.2.1 "" ""`, "no status"},
		{`usmUser 4 3 0x8000000001020304 "ops" "ops" NULL .1.3.6.1.6.3.10.1.1.1 "" .1.3.6.1.6.3.10.1.2.1 "" ""`, "no status"},
		{`usmUser 1 0 0x8000000001020304 "ops" "ops" NULL .1.3.6.1.6.3.10.1.1.1 "" .1.3.6.1.6.3.10.1.2.1 "" ""`, "no storage type"},
		{`usmUser 1 6 0x8000000001020304 "ops" "ops" NULL .1.3.6.1.6.3.10.1.1.1 "" .1.3.6.1.6.3.10.1.2.1 "" ""`, "no storage type"},
		{`usmUser 1 3 0x8000000001020304 "ops" "ops" NULL .1.3.6.1.6.3.10.1.1.1 "" .1.3.6.1.6.3.10.1.2.1 "" 0xzz`, "no usmUserPublic"},
		{`usmUser 1 3 0x8000000001020304 "ops" "ops" NULL .1.3.6.1.6.3.10.1.1.1 "" .1.3.6.1.6.3.10.1.2.1 "" "thirty-two octets of public text!"`, "no usmUserPublic"},
		{`usmUser 1 3 secret-1 "ops" "ops" NULL .1.3.6.1.6.3.10.1.1.1 "" .1.3.6.1.6.3.10.1.2.1 "" ""`, "no engine ID"},
		{`usmUser 1 3 0x8000000001020304 0xzz "ops" NULL .1.3.6.1.6.3.10.1.1.1 "" .1.3.6.1.6.3.10.1.2.1 "" ""`, "no user's name"},
		{`usmUser 1 3 0x8000000001020304 "ops" "ops" NULL secret-1 "" .1.3.6.1.6.3.10.1.2.1 "" ""`, "no OID of an authentication protocol"},
		{`usmUser 1 3 0x8000000001020304 "ops" "ops" NULL .1.3.6.1.6.3.10.1.1.3 "" .1.3.6.1.6.3.10.1.2.1 "" ""`, "the authentication protocol has no key"},
		{`usmUser 1 3 0x8000000001020304 "ops" "ops" NULL .1.3.6.1.6.3.10.1.1.3 0x .1.3.6.1.6.3.10.1.2.1 "" ""`, "the authentication protocol has no key"},
		{`usmUser 1 3 0x8000000001020304 "ops" "ops" NULL .1.3 "" .1.3.6.1.6.3.10.1.2.1 "" ""`, "there is no authentication protocol 1.3"},
		{`usmUser 1 3 0x8000000001020304 "ops" "ops" NULL .1.3.6.1.6.3.10.1.1.3 "" .1.3 "" ""`, "there is no privacy protocol 1.3"},
		{`usmUser 1 3 0x8000000001020304 "ops" "ops" NULL .1.3.6.1.6.3.10.1.1.3 secret-1 .1.3.6.1.6.3.10.1.2.1 "" ""`, "a key is none"},
		{`usmUser 1 3 0x8000000001020304 "ops" "ops" NULL .1.3.6.1.6.3.10.1.1.3 0x5ec7e7 .1.3.6.1.6.3.10.1.2.1 "" ""`, "a key of 3 octets for SHA"},
		{"rouser -s", "expected usm behind -s"},
		{"rouser -s tsm ops", "expected usm behind -s"},
		{"rouser -s usm", "the user is missing"},
		{"rouser ops secure", `"secure" is no security level`},
		{"rwuser ops priv 1.x", "is not an OID"},
		{"rwuser ops priv -V", "the view is missing"},
		{"rwuser ops priv .1.3 ctx all", "1 words too many"},
	} {
		t.Run(test.line, func(t *testing.T) {
			c, problems := interpret(test.line)
			if len(problems) != 1 || !strings.Contains(problems[0].Error(), test.err) || !strings.HasPrefix(problems[0].Error(), "snmpd.conf:1: ") {
				t.Fatalf("problems %v, expected %q", problems, test.err)
			}
			if len(c.configuredUsers())+c.Access.Len() != 0 {
				t.Error("a line that is wrong gives access")
			}
			if text := problems[0].Error(); strings.Contains(text, "secret") || strings.Contains(text, "5ec7e7") || strings.Contains(text, masterKey) {
				t.Errorf("the message shows a secret: %s", text)
			}
		})
	}
}

// TestOpenQuote shows that a quote that is not closed is told, without the words
// that it takes in, and that the line has its effect as with snmpd.
func TestOpenQuote(t *testing.T) {
	for _, line := range []string{`createUser ops SHA "secret1 AES secret2`, `rocommunity "secret1 default`} {
		c, problems := interpret(line)
		if len(c.configuredUsers())+c.Access.Len() != 1 || len(problems) != 1 || !strings.Contains(problems[0].Error(), "a quote is not closed") ||
			strings.Contains(problems[0].Error(), "secret") {
			t.Errorf("%s: %d users, %d rules, problems %v", line, len(c.configuredUsers()), c.Access.Len(), problems)
		}
	}
}

// TestTooManyWords shows that a line with words too many makes the user that it
// makes for snmpd, but not unnoticed.
func TestTooManyWords(t *testing.T) {
	c, problems := interpret("createUser ops SHA longenough1 AES longenough2 secret-3")
	if len(c.configuredUsers()) != 1 || len(problems) != 1 || !strings.Contains(problems[0].Error(), "1 words too many") || strings.Contains(problems[0].Error(), "secret") {
		t.Fatalf("%d users, problems %v", len(c.configuredUsers()), problems)
	}
}

func TestUserNames(t *testing.T) {
	for _, name := range []string{"ops", "a b", "0xab", `quo"te`, `back\slash`, "jürgen", "tab\there", "'"} {
		line := "usmUser " + usmUserArguments(testEngine, &agent.UserEntry{User: usm.User{Name: name}, Public: name})
		c, problems := interpret(line)
		if len(problems) != 0 || len(c.configuredUsers()) != 1 || c.configuredUsers()[0].Name != name || c.configuredUsers()[0].Public != name {
			t.Errorf("%s is read as %v, problems %v", line, c.configuredUsers(), problems)
		}
	}
	// snmpd writes names that are not letters and digits so.
	c, _ := interpret(`usmUser 1 3 0x8000000001020304 0x705f414553 0x705f414553 NULL .1.3.6.1.6.3.10.1.1.1 "" .1.3.6.1.6.3.10.1.2.1 0x ""`)
	if len(c.configuredUsers()) != 1 || c.configuredUsers()[0].Name != "p_AES" {
		t.Errorf("users %v", c.configuredUsers())
	}
	// Its Cisco variants have protocols of their own.
	c, _ = interpret(`usmUser 1 3 0x8000000001020304 "c" "c" NULL .1.3.6.1.6.3.10.1.1.3 0x` + snmpdSHA + ` .1.3.6.1.4.1.9.12.6.1.2 0x` + ciscoKey256 + ` ""`)
	if len(c.configuredUsers()) != 1 || c.configuredUsers()[0].Priv != usm.AES256 || hex.EncodeToString(c.configuredUsers()[0].PrivKey) != ciscoKey256 {
		t.Errorf("users %v", c.configuredUsers())
	}
}

// TestUsersAndRules shows what is said of users and rules that do not fit together,
// and when that lets nobody in.
func TestUsersAndRules(t *testing.T) {
	for _, test := range []struct {
		text     string
		problems string
		nobody   bool
	}{
		{"createUser ops SHA longenough1\nrouser ops", "", false},
		{"createUser ops SHA longenough1", `snmpd.conf:1: createUser: user "ops" may do nothing, expected a rouser, rwuser or group for it`, true},
		{"rouser ops", `snmpd.conf:1: rouser: there is no user "ops", expected a createUser for it; until then whoever may write usmUserTable can make it, and has what the line gives`, true},
		{"rocommunity public\nrouser ops", `snmpd.conf:2: rouser: there is no user "ops", expected a createUser for it; until then whoever may write usmUserTable can make it, and has what the line gives`, false},
		{"createUser ops SHA longenough1\nrouser ops priv", `snmpd.conf:2: rouser: user "ops" has no password for authPriv, the line gives no access`, true},
		{"createUser ops\nrwuser ops", `snmpd.conf:2: rwuser: user "ops" has no password for authNoPriv, the line gives no access`, true},
		{"createUser ops\nrouser ops noauth", "", false},
		{"createUser ops SHA longenough1 AES\nrouser ops priv", "", false},
		{"rocommunity ''", "", true},
	} {
		t.Run(test.text, func(t *testing.T) {
			c, _ := interpret(test.text)
			got := ""
			if err := errors.Join(c.finish()...); err != nil {
				got = err.Error()
			}
			if got != test.problems {
				t.Errorf("problems %s, expected %s", got, test.problems)
			}
			if got := c.check(); (got == errNobody) != test.nobody {
				t.Errorf("check: %v", got)
			}
		})
	}
}

func TestEngineIDs(t *testing.T) {
	prefix := usm.EngineID("\x80\x00\x7e\xd9") // 32473, RFC 5612
	here := machine{
		addresses: func() ([]netip.Addr, error) {
			return []netip.Addr{
				netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1"), netip.MustParseAddr("fe80::1"),
				netip.MustParseAddr("192.0.2.9"), netip.MustParseAddr("2001:db8::9"),
			}, nil
		},
		mac: func(nic string) (net.HardwareAddr, error) {
			switch nic {
			case "eth0":
				return net.HardwareAddr{2, 0, 0, 0, 0, 1}, nil
			case "eth1":
				return net.HardwareAddr{2, 0, 0, 0, 0, 2}, nil
			}
			return nil, errors.New("no such interface")
		},
	}
	for _, test := range []struct {
		text string
		want usm.EngineID
		err  string
	}{
		{"sysName x", "", ""},
		{"exactEngineID 0x8000000001020304", testEngine, ""},
		{"exactEngineID 8000000001020304", testEngine, ""},
		{"engineID agent-7", prefix + "\x04agent-7", ""},
		{`engineID "agent 7"`, prefix + "\x04agent 7", ""},
		{"engineIDType 1", prefix + "\x01\xc0\x00\x02\x09", ""},
		{"engineIDType 2", prefix + "\x02\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x09", ""},
		{"engineIDType 3", prefix + "\x03\x02\x00\x00\x00\x00\x01", ""},
		{"engineIDNic eth1\nengineIDType 3", prefix + "\x03\x02\x00\x00\x00\x00\x02", ""},
		{"engineIDType 1\nengineID agent-7\nexactEngineID 0x8000000001020304", testEngine, ""},
		{"exactEngineID 0x8000000001020304\nengineIDType 1", testEngine, ""},

		{"oldEngineID 0x8000000001020304\nengineBoots 7", "", ""}, // for where nothing is kept

		{"oldEngineID agent-7", "", "oldEngineID: expected 0x"},
		{"engineBoots -1", "", `"-1" is not a number from 0 to 2147483647`},
		{"exactEngineID agent-7", "", "expected 0x and 10 to 64 hexadecimal digits"},
		{"exactEngineID 0x0000000000", "", "not all 0 or f"},
		{"exactEngineID 0x80000000", "", "10 to 64 hexadecimal digits"},
		{"engineID agent 7", "", "expected a text of 1 to 27 octets, in quotes"},
		{"engineID " + strings.Repeat("x", 28), "", "expected a text of 1 to 27 octets"},
		{"engineIDType 4", "", "expected 1 (IPv4 address), 2 (IPv6 address) or 3 (MAC address)"},
		{"engineIDNic ppp0\nengineIDType 3", "", `snmpd.conf:2: engineIDType: there is no interface "ppp0" with a MAC address`},
	} {
		t.Run(test.text, func(t *testing.T) {
			c, problems := interpret(test.text)
			c.machine = here
			problems = append(problems, c.finish()...)
			if c.engineID != test.want {
				t.Errorf("engine ID %v, want %v", c.engineID, test.want)
			}
			switch err := errors.Join(problems...); {
			case err == nil && test.err == "":
			case err == nil || test.err == "" || len(problems) != 1 || !strings.Contains(err.Error(), test.err):
				t.Errorf("problems %v, expected %q", problems, test.err)
			}
		})
	}
}

// TestSettleUsers shows which user counts where several have one name.
func TestSettleUsers(t *testing.T) {
	c, _ := interpret("createUser ops SHA longenough1\ncreateUser ops MD5 longenough1\n" +
		"createUser -e 0x8000000001020305 far SHA longenough1\ncreateUser -e 0x8000000001020304 near SHA longenough1")
	notes, err := c.settleUsers(usm.Internal, testEngine, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := errors.Join(notes...).Error(); len(notes) != 2 ||
		!strings.Contains(got, `snmpd.conf:1: createUser: user "ops" is in snmpd.conf:2 too; this line has no effect`) ||
		!strings.Contains(got, `snmpd.conf:3: createUser: user "far" is one of engine 0x8000000001020305, this agent is 0x8000000001020304`) {
		t.Errorf("notes: %s", got)
	}
	if len(c.users) != 2 || c.users[0].Auth != usm.MD5 || c.users[1].Name != "near" {
		t.Errorf("users: %v", c.users)
	}
}

func TestReplaceLines(t *testing.T) {
	lines := map[int]newLine{
		2: {snmpdconf.Directive{File: "f", Line: 2, Name: "two", Rest: "2"}, "TWO"},
		3: {snmpdconf.Directive{File: "f", Line: 3, Name: "three", Rest: "3"}, ""},
	}
	for _, test := range []struct{ text, want, err string }{
		{"one\ntwo 2\nthree 3\nfour\n", "one\nTWO\nfour\n", ""},
		{"one\r\ntwo 2\r\nthree 3\r\nfour", "one\r\nTWO\nfour", ""},
		{"one\n [snmpd] two 2\nthree 3", "one\n[snmpd] TWO\n", ""},
		{"one\ntwo 2\nanother\nthree 3", "", "f:3: three: the file was changed while it was read"},
		{"one\ntwo 2", "", "the persistent file was changed while it was read"},
		{"", "", "the persistent file was changed while it was read"},
	} {
		got, err := replaceLines([]byte(test.text), lines)
		if string(got) != test.want || (err == nil) != (test.err == "") || err != nil && err.Error() != test.err {
			t.Errorf("%q becomes %q, %v, want %q, %s", test.text, got, err, test.want, test.err)
		}
	}
}

// TestEngineGivesStateBack shows that a start that fails leaves the state directory
// to the next one.
func TestEngineGivesStateBack(t *testing.T) {
	dir := t.TempDir()
	state, err := agent.OpenState(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := state.Set(map[string]string{"engineBoots": "many"}); err != nil {
		t.Fatal(err)
	}
	state.Close()
	if _, _, err := openEngine(&configuration{Config: agentconf.Config{StateDir: dir}, engineID: testEngine}, agent.New()); err == nil || !strings.Contains(err.Error(), "engineBoots") {
		t.Fatalf("error %v, expected one about engineBoots", err)
	}
	state, err = agent.OpenState(dir)
	if err != nil {
		t.Fatal(err)
	}
	state.Close()
}

// TestStateDirIsPrivate shows that a state directory that the agent makes, which will
// hold keys, is its own.
func TestStateDirIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "state")
	if err := makeStateDir(dir); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if othersMayWrite(dir) || othersMayWrite("") {
		t.Error("others may write, it says")
	}
	for _, mode := range []os.FileMode{0o720, 0o702} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && !othersMayWrite(dir) {
			t.Errorf("mode %v is not noticed", mode)
		}
	}
}
