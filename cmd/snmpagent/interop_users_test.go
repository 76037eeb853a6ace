// Every client asks as users of SNMPv3, with every algorithm that it has.

package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"snmpstack/cmd/internal/interoptest"
	"snmpstack/usm"
)

const (
	authPass = "auth-passphrase"
	privPass = "priv-passphrase"
)

// An algorithm is a line of algorithms.txt.
type algorithm struct {
	name, extension string
	octets          int
	of              map[string]string // its name in each column
}

// A combination is what one client asks with. Of a user without privacy the name of that is empty.
type combination struct {
	client     string
	auth, priv *algorithm
}

// user names the user that the agent has for these algorithms.
func (c combination) user() string {
	if c.priv.name == "" {
		return c.auth.name
	}
	return c.auth.name + "_" + c.priv.name
}

// extended says that a key is longer than the digest that it comes from.
func (c combination) extended() bool { return c.priv.octets > c.auth.octets }

// line is the combination for a script, in the words of a column.
func (c combination) line(column string) string {
	return fmt.Sprintln(c.user(), c.auth.of[column], c.priv.of[column])
}

// directives are the combination in snmpd.conf. Who has a privacy key has to use it.
func (c combination) directives() string {
	if c.priv.name == "" {
		return fmt.Sprintf("createUser %s %s %s\nrwuser %[1]s auth\n", c.user(), c.auth.name, authPass)
	}
	return fmt.Sprintf("createUser %s %s %s %s %s\nrwuser %[1]s priv\n", c.user(), c.auth.name, authPass, c.priv.name, privPass)
}

// combinations reads algorithms.txt and gives all that the clients can ask with, client by client.
func combinations(t *testing.T) []combination {
	t.Helper()
	path := filepath.Join(clientDir, "algorithms.txt")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	auths, privs := []*algorithm{}, []*algorithm{{of: map[string]string{}}}
	for number, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) > 2 && words[0] == "#" && words[1] == "name":
			columns = words[4:]
			for _, c := range columns {
				privs[0].of[c] = "-"
			}
			continue
		case len(words) == 0 || words[0] == "#":
			continue
		case len(words) != 4+len(columns):
			t.Fatalf("%s:%d: %d words, not %d", path, number+1, len(words), 4+len(columns))
		}
		a := &algorithm{name: words[1], extension: words[3], of: map[string]string{}}
		if a.octets, err = strconv.Atoi(words[2]); err != nil {
			t.Fatalf("%s:%d: %v", path, number+1, err)
		}
		for i, c := range columns {
			if words[4+i] != "-" {
				a.of[c] = words[4+i]
			}
		}
		if words[0] == "auth" {
			auths = append(auths, a)
		} else {
			privs = append(privs, a)
		}
	}
	var all []combination
	for _, c := range columns {
		if c == "snmpd" || c == "tshark" {
			continue
		}
		for _, priv := range privs {
			for _, auth := range auths {
				if auth.of[c] != "" && priv.of[c] != "" {
					all = append(all, combination{c, auth, priv})
				}
			}
		}
	}
	return all
}

// pairs are what a combination shows: that client with each algorithm, with privacy whose key is extended or is not, and the
// one algorithm with the other.
func (c combination) pairs() [3][2]any {
	type privacy struct {
		*algorithm
		extended bool
	}
	return [3][2]any{{c.client, c.auth}, {c.client, privacy{c.priv, c.extended()}}, {c.auth, c.priv}}
}

// pairwise selects combinations that together show every pair. Each time it takes the one that shows the most new ones.
func pairwise(all []combination) []combination {
	shown := map[[2]any]bool{}
	fresh := func(c combination) (n int) {
		for _, p := range c.pairs() {
			if !shown[p] {
				n++
			}
		}
		return n
	}
	var selected []combination
	for {
		best, most := combination{}, 0
		for _, c := range all {
			if n := fresh(c); n > most {
				best, most = c, n
			}
		}
		if most == 0 {
			return selected
		}
		selected = append(selected, best)
		for _, p := range best.pairs() {
			shown[p] = true
		}
	}
}

// TestAlgorithms looks for an algorithm that there is here and that nobody asks with.
func TestAlgorithms(t *testing.T) {
	asked := map[string]bool{}
	for _, c := range combinations(t) {
		asked[c.auth.name], asked[c.priv.name] = true, true
	}
	var all []string
	for p := usm.MD5; p.OID() != ""; p++ {
		all = append(all, p.String())
	}
	for p := usm.DES; p.OID() != ""; p++ {
		all = append(all, p.String())
	}
	// createUser's names for Reeder's extension.
	for _, name := range append(all, usm.AES192.String()+"-C", usm.AES256.String()+"-C") {
		if !asked[name] {
			t.Errorf("no client asks with %s", name)
		}
	}
}

// TestPairwise holds the selection that is asked with everywhere against all that there is to ask with.
func TestPairwise(t *testing.T) {
	all := combinations(t)
	selected := pairwise(all)
	shown := map[[2]any]bool{}
	for _, c := range selected {
		for _, p := range c.pairs() {
			shown[p] = true
		}
	}
	for _, c := range all {
		for _, p := range c.pairs() {
			if !shown[p] {
				t.Errorf("%s with %s: nothing selected shows a part of it", c.client, c.user())
			}
		}
	}
	t.Logf("%d combinations of %d", len(selected), len(all))
	if len(selected) > len(all)/3 {
		t.Errorf("%d combinations of %d were selected: that is hardly a selection", len(selected), len(all))
	}
}

// askAsUsers has the clients get, walk and set with right and wrong passwords: in all combinations that
// SNMPSTACK_INTEROP_ALL asks for, else in the pairwise selection.
func askAsUsers(t *testing.T, program string, clients map[string]*client) {
	asked := combinations(t)
	if os.Getenv("SNMPSTACK_INTEROP_ALL") == "" {
		asked = pairwise(asked)
	}
	if os.Getenv("SNMPSTACK_INTEROP_AGENT") != "" {
		asked = slices.DeleteFunc(asked, func(c combination) bool { return c.priv.of["snmpd"] == "" })
	}
	askWith(t, clients, asked, interoptest.Start(t, program, usersConfig(asked)))
}

// askAtEpoch has every client ask an agent that has nowhere to keep its boots: they are 0, and its time is that of the world.
func askAtEpoch(t *testing.T, program string, clients map[string]*client) {
	if os.Getenv("SNMPSTACK_INTEROP_AGENT") != "" {
		t.Skip("snmpd always has somewhere to keep its boots")
	}
	asked := plainUsers(t)
	daemon := interoptest.StartIn(t, program, usersConfig(asked), "")
	if boots := engineBoots(t, daemon); boots != 0 {
		t.Errorf("snmpEngineBoots is %d without a state directory", boots)
	}
	askWith(t, clients, asked, daemon)
}

// plainUsers are a user with privacy and one without for each client.
func plainUsers(t *testing.T) []combination {
	t.Helper()
	return slices.DeleteFunc(combinations(t), func(c combination) bool {
		return c.auth.name != "SHA" || c.priv.name != "" && c.priv.name != "AES"
	})
}

// usersConfig makes the users that are asked as.
func usersConfig(asked []combination) string {
	config := interopConfig
	for _, c := range asked {
		if directives := c.directives(); !strings.Contains(config, directives) {
			config += directives
		}
	}
	return config
}

// askWith runs the clients one after the other, since all of them set sysLocation, and then dissects what was said.
func askWith(t *testing.T, clients map[string]*client, asked []combination, daemon *interoptest.Daemon) {
	stop, capture := record(t, daemon.Port)
	environment := append(scriptEnvironment(daemon), "SNMP_AUTH_PASS="+authPass, "SNMP_PRIV_PASS="+privPass)
	for _, name := range v3Clients {
		t.Run(name, func(t *testing.T) {
			clients[name].run(t, append(environment, "SNMP_USERS="+userList(t, asked, name)))
		})
	}
	t.Run("tshark", func(t *testing.T) {
		stop(t)
		clients["tshark"].run(t, append(environment, "SNMP_USERS="+userList(t, asked, "tshark")), capture)
	})
}

// userList writes the file that tells a script which users there are for it. tshark can be told of all whose keys it can
// make: of those that have to be extended it knows Reeder's.
func userList(t *testing.T, asked []combination, column string) string {
	t.Helper()
	var lines []string
	for _, c := range asked {
		ours := c.client == column
		if column == "tshark" {
			ours = c.priv.of[column] != "" && (!c.extended() || c.priv.extension == "Reeder")
		}
		if line := c.line(column); ours && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	path := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
