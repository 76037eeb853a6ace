package snmpdconf

import (
	"strconv"
	"strings"
)

// secretNames are the directives with a community, a pass phrase or a key among their arguments, by lower-case name. trapsess
// and proxy carry the options of a command-line tool, so any of them.
var secretNames = map[string]bool{
	"rocommunity": true, "rwcommunity": true, "rocommunity6": true, "rwcommunity6": true,
	"com2sec": true, "com2sec6": true, "com2secunix": true, "authcommunity": true, "pauthcommunity": true,
	"trapcommunity": true, "trapsink": true, "trap2sink": true, "informsink": true, "trapsess": true, "proxy": true,
	"createuser": true, "usmuser": true, "snmpcommunitytable": true, "smuxpeer": true,
	"defcommunity": true, "defpassphrase": true, "defauthpassphrase": true, "defprivpassphrase": true,
	"defauthmasterkey": true, "defprivmasterkey": true, "defauthlocalizedkey": true, "defprivlocalizedkey": true,
	"usersetauthpass": true, "usersetprivpass": true, "usersetauthkey": true, "usersetprivkey": true,
	"usersetauthlocalkey": true, "usersetprivlocalkey": true, "demopass": true,
}

// Secret reports whether the directive's arguments may hold a community, a pass phrase or a key. A misspelt name counts too
// when it still looks like a community's.
func (d Directive) Secret() bool {
	key := d.Key()
	return secretNames[key] || strings.Contains(key, "comm") || strings.Contains(key, "comu") || strings.Contains(key, "passphrase")
}

// Show returns an argument in the form a message may have it: quoted, or "(not shown)" when the directive is Secret. An
// interpreter that knows an argument of a secret directive to be harmless, such as the source of a com2sec, quotes it itself.
func (d Directive) Show(arg string) string {
	if d.Secret() {
		return "(not shown)"
	}
	return strconv.Quote(arg)
}
