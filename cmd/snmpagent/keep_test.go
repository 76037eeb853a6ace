package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/notify"
	"snmpstack/ber"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/mib"
	"snmpstack/usm"
)

// TestKeeper shows what becomes of the persistent file's text when rows have changed.
func TestKeeper(t *testing.T) {
	for _, test := range []struct {
		name   string
		text   string
		known  string // "KEY=ARGUMENTS…", what the agent has read or written last
		rows   string // the same, what is to be kept now
		want   string
		secret string // what must not be in it
	}{
		{"nothing", "", "", "", "", ""},
		{"the first one", "", "", "a=a 1", fileHead + "row a 1\n", ""},
		{"behind what is there", "# mine\nother x", "", "a=a 1;b=b 2", "# mine\nother x\nrow a 1\nrow b 2\n", ""},
		{"behind another section", "[snmp]\nother x\n", "", "a=a 1", "[snmp]\nother x\n[snmpd] row a 1\n", ""},
		{"changed, in its place", "one x\nrow a 1\ntwo x\n", "a=a 1", "a=a 2", "one x\nrow a 2\ntwo x\n", "a 1"},
		{"changed, with a section of its own", "[snmp]\n[snmpd] row a 1\n", "a=a 1", "a=a 2", "[snmp]\n[snmpd] row a 2\n", "a 1"},
		{"gone", "one x\nrow a 1\nrow b 1\n", "a=a 1;b=b 1", "b=b 1", "one x\nrow b 1\n", "a 1"},
		{"all gone", "row a 1\nrow b 1\n", "a=a 1;b=b 1", "", "", "row"},
		{"one that an operator has added", "row a 1\nrow b 1\n", "a=a 1", "a=a 2", "row a 2\nrow b 1\n", ""},
		{"one that an operator has added before it is made", "row b 1\n", "", "b=b 2", "row b 2\n", "b 1"},
		{"one that an operator has changed", "row a 7\nrow b 1\n", "a=a 1;b=b 1", "a=a 1;b=b 2", "row a 7\nrow b 2\n", ""},
		{"one that both have changed", "row a 7\n", "a=a 1", "a=a 2", "row a 2\n", "7"},
		{"one that an operator has removed", "one x\n", "a=a 1", "a=a 1", "one x\n", ""},
		{"one that an operator has removed and that has changed", "one x\n", "a=a 1", "a=a 2", "one x\nrow a 2\n", ""},
		{"twice, the last one counts", "row a 1\none x\nrow a 2\n", "a=a 2", "a=a 3", "one x\nrow a 3\n", "row a 1"},
		{"twice, and none changed", "row a 1\none x\nrow a 2\n", "a=a 2", "a=a 2", "one x\nrow a 2\n", "row a 1"},
		{"twice, and gone", "row a 1\none x\nrow a 2\n", "a=a 2", "", "one x\n", "row"},
		{"another's", "row far 1\n[snmp] row a 1\nrow\nROW a 1\n", "a=a 1", "a=a 2", "row far 1\n[snmp] row a 1\nrow\nrow a 2\n", ""},
		{"lines of all kinds stay as they are", "\xef\xbb\xbf# x\r\n\r\n one  x \r\nrow a 1\r\n", "a=a 1", "a=a 1;b=b 1", "\xef\xbb\xbf# x\r\n\r\n one  x \r\nrow a 1\r\nrow b 1\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			parse := func(text string) (rows []keptRow) {
				for row := range strings.SplitSeq(text, ";") {
					if key, arguments, ok := strings.Cut(row, "="); ok {
						rows = append(rows, keptRow{key, arguments})
					}
				}
				return rows
			}
			k := &keeper{path: "f", tables: []keptTable{{
				directive: "row",
				key: func(d snmpdconf.Directive) (string, bool) {
					key := d.Words()[0]
					return key, key != "far"
				},
				rows: func() ([]keptRow, error) { return parse(test.rows), nil },
			}}}
			known := make(map[string]string)
			for _, row := range parse(test.known) {
				known[row.key] = row.arguments
			}
			k.learn("row", known)
			after, nowKnown, err := k.update([]byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if string(after) != test.want || test.secret != "" && strings.Contains(string(after), test.secret) {
				t.Errorf("%q becomes %q, want %q", test.text, after, test.want)
			}
			k.learn("row", nowKnown["row"])
			again, _, err := k.update(after)
			if err != nil || string(again) != string(after) {
				t.Errorf("once more: %q, %v", again, err)
			}
		})
	}
}

// TestFileHead shows that what the agent's own file begins with are comments, which name no
// section.
func TestFileHead(t *testing.T) {
	for line := range strings.Lines(fileHead) {
		if !strings.HasPrefix(line, "# ") || strings.Contains(line, "[") {
			t.Errorf("%q", line)
		}
	}
}

// TestKeepLimit shows that managers cannot make the file longer than what is read at
// the next start, which would fail, and that they can still take rows away.
func TestKeepLimit(t *testing.T) {
	dir := t.TempDir()
	state, err := agent.OpenState(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	long := keptRow{"a", "a " + strings.Repeat("x", snmpdconf.MaxFile-len(fileHead)-10)}
	var rows []keptRow
	k := &keeper{state: state, path: filepath.Join(dir, persistentFile), tables: []keptTable{{
		directive: "row",
		key:       func(d snmpdconf.Directive) (string, bool) { return d.Words()[0], true },
		rows:      func() ([]keptRow, error) { return rows, nil },
	}}}
	for _, step := range []struct {
		rows []keptRow
		ok   bool
	}{
		{[]keptRow{long}, true},
		{[]keptRow{long, {"b", "b 1"}}, false},
		{[]keptRow{{"b", "b 1"}}, true},
	} {
		rows = step.rows
		if err := k.keep(); (err == nil) != step.ok {
			t.Errorf("%d rows: %v", len(rows), err)
		}
		if info, err := os.Stat(k.path); err != nil || info.Size() > snmpdconf.MaxFile {
			t.Errorf("the file has %d octets, %v", info.Size(), err)
		}
	}
}

// TestKeepRoom shows that who fills the tables of targets leaves room for others' rows,
// and can take his own away, of which there may be more by an operator's doing.
func TestKeepRoom(t *testing.T) {
	dir := t.TempDir()
	state, err := agent.OpenState(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	d := &daemon{targets: notify.MustNew()}
	tables := d.targetTables()
	rows := make(map[string][]keptRow)
	for i, table := range tables {
		tables[i].rows = func() ([]keptRow, error) { return rows[table.directive], nil }
	}
	tables = append(tables, keptTable{
		directive: "other",
		key:       func(d snmpdconf.Directive) (string, bool) { return d.Words()[0], true },
		rows:      func() ([]keptRow, error) { return rows["other"], nil },
	})
	k := &keeper{state: state, path: filepath.Join(dir, persistentFile), tables: tables}
	line := func(name string, octets int) keptRow { return keptRow{name, name + " " + strings.Repeat("x", octets)} }
	for _, table := range tables[:len(tables)-1] {
		rows[table.directive] = []keptRow{line("a", roomOfTargets-100)}
		if err := k.keep(); err != nil {
			t.Error(err)
		}
		rows[table.directive] = []keptRow{line("a", roomOfTargets-100), line("b", 100)}
		if k.keep() == nil {
			t.Errorf("%s has more than its room", table.directive)
		}
		rows[table.directive] = []keptRow{line("a", roomOfTargets-100)}
	}
	rows["other"] = []keptRow{line("a", snmpdconf.MaxFile/4)}
	if err := k.keep(); err != nil {
		t.Errorf("there is no room for others: %v", err)
	}
	long := []keptRow{line("a", 2*roomOfTargets), line("b", 100)}
	rows["other"], rows["targetAddr"] = nil, long
	k.learn("targetAddr", map[string]string{"a": long[0].arguments, "b": long[1].arguments})
	rows["targetAddr"] = long[:1]
	if err := k.keep(); err != nil {
		t.Errorf("nothing can be taken away: %v", err)
	}
}

// settle reads a configuration and a persistent file, and returns its users with the notes
// and what is in the persistent file then.
func settle(t *testing.T, configured, persistent string) (*configuration, string, string) {
	t.Helper()
	dir := t.TempDir()
	state, err := agent.OpenState(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	path := filepath.Join(dir, persistentFile)
	writeFile(t, path, persistent)
	c := newConfiguration()
	c.StateDir = dir
	for _, f := range []struct{ path, text string }{{"snmpd.conf", configured}, {path, persistent}} {
		list, wrong := snmpdconf.Parse(strings.NewReader(f.text), f.path)
		if problems := c.interpret(context.Background(), list); len(wrong)+len(problems) != 0 {
			t.Fatal(wrong, problems)
		}
	}
	notes, err := c.settleUsers(usm.Internal, testEngine, state)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	said := ""
	if err := errors.Join(notes...); err != nil {
		said = err.Error()
	}
	return c, said, string(text)
}

// TestSettleDoubled shows that of the users of the persistent file only those stay who
// count, whether or not there is a password to be replaced.
func TestSettleDoubled(t *testing.T) {
	line := func(name, key string) string {
		return fmt.Sprintf("usmUser 1 3 0x8000000001020304 %q %q NULL .1.3.6.1.6.3.10.1.1.3 0x%s .1.3.6.1.6.3.10.1.2.1 \"\" \"\"\n", name, name, key)
	}
	far := strings.ReplaceAll(line("ops", masterKey), "01020304", "01020305") // another engine's, which may be this agent's again
	for _, test := range []struct{ name, configured, persistent, after, note string }{
		{"no two", "createUser other SHA longenough1", "# mine\n" + line("ops", masterKey) + far, "# mine\n" + line("ops", masterKey) + far, `user "ops" is one of engine`},
		{"twice", "", "# mine\n" + line("ops", snmpdSHA) + "# of mine\n" + line("ops", masterKey), "# mine\n# of mine\n" + line("ops", masterKey), ""},
		{"three times", "", line("ops", snmpdSHA) + line("noc", snmpdSHA) + line("ops", snmpdMaster) + line("ops", masterKey), line("noc", snmpdSHA) + line("ops", masterKey), ""},
		{"in another file too", "createUser ops SHA longenough1", line("noc", snmpdSHA) + line("ops", masterKey), line("noc", snmpdSHA),
			`usmUser: user "ops" is in snmpd.conf:1 too, which counts; this line is taken out`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, note, text := settle(t, test.configured, test.persistent); text != test.after || !strings.Contains(note, test.note) {
				t.Errorf("%s\nthe file is\n%swant\n%s", note, text, test.after)
			}
		})
	}
}

// TestSettleChanged shows when what managers have changed about a user of another file
// counts.
func TestSettleChanged(t *testing.T) {
	const line = `usmUser 1 4 0x8000000001020304 "ops" "ops" NULL .1.3.6.1.6.3.10.1.1.3 0x` + masterKey + ` .1.3.6.1.6.3.10.1.2.1 "" "" `
	c, _, _ := settle(t, "createUser ops SHA longenough1", "")
	of, err := c.ordinary["ops"].fingerprint(usm.Internal, testEngine)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, configured, persistent string
		note                         string
		changed                      bool // the line counts
		kept                         bool // and stays
	}{
		{"as it was", "createUser ops SHA longenough1", line + of, "this line has no effect", true, true},
		{"another password", "createUser ops SHA longenough2", line + of, "has no effect any more: snmpd.conf:1 has changed", false, false},
		{"another protocol", "createUser ops SHA longenough1 AES longenough1", line + of, "has no effect any more", false, false},
		{"no fingerprint", "createUser ops SHA longenough1", line, "has no effect any more", false, false},
		{"no user", "createUser other SHA longenough1", line + of, "he is in no other file", false, true},
		{"one of another engine", "createUser -e 0x8000000001020305 ops SHA longenough1", line + of, "he is in no other file", false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, note, text := settle(t, test.configured, test.persistent+"\n")
			if !strings.Contains(note, test.note) {
				t.Errorf("notes %q, want %q", note, test.note)
			}
			if kept := strings.Contains(text, "usmUser"); kept != test.kept {
				t.Errorf("the file is %q then", text)
			}
			i := slices.IndexFunc(c.users, func(u user) bool { return u.Name == "ops" })
			if i < 0 {
				if test.changed {
					t.Error("he is gone")
				}
				return
			}
			if u := c.users[i]; u.Changed != test.changed || (u.kept == strings.TrimPrefix(test.persistent, "usmUser ")) != test.changed || u.StorageType != mib.Permanent {
				t.Errorf("user %+v, kept %q", u.Changed, u.kept)
			}
		})
	}
}

// usmUserCell is the name of an instance of usmUserTable (RFC 3414 §5).
func usmUserCell(engine usm.EngineID, column uint32, name string) ber.OID {
	o := ber.MustOID("1.3.6.1.6.3.15.1.2.2.1").Append(column, uint32(len(engine)))
	for _, text := range []string{string(engine), name} {
		if text == name {
			o = o.Append(uint32(len(name)))
		}
		for _, c := range []byte(text) {
			o = o.Append(uint32(c))
		}
	}
	return o
}
