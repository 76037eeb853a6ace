package can

import (
	"errors"
	"fmt"
	"net/netip"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/cmd/internal/accessconf"
	"snmpstack/cmd/internal/getopt"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/pdu"
)

// Usage is what the arguments mean.
const Usage = `  --config FILE[,FILE]   read the configuration from FILE instead of the files that the
                         daemon finds; may be repeated
  -C                     do not look for a configuration in $SNMPCONFPATH

  -u USER                an SNMPv3 user
  -l LEVEL               with messages of noAuthNoPriv, authNoPriv or authPriv; the
                         highest level that there are keys for
  -n CONTEXT             in a context; the default one
  -c COMMUNITY           a community
  -v 1|2c                with SNMPv1 or SNMPv2c, which is the default
  --from ADDRESS         from an address; 127.0.0.1

  get|set|notify OID     may it read, write, be notified of this object? yes or no
  get|set|notify         what may it read, write, be notified of?

The exit code is 0 for yes, 1 for no, 2 where the question is none.
`

// A question is what the arguments ask.
type question struct {
	vacm.Question
	files    []snmpdconf.File // to read the configuration from
	noSearch bool
	isUser   bool
	hasLevel bool
	types    []vacm.ViewType
}

var verbs = map[string]vacm.ViewType{"get": vacm.ReadView, "set": vacm.WriteView, "notify": vacm.NotifyView}

// errHelp asks for the usage.
var errHelp = errors.New("help")

func parse(args []string) (q question, err error) {
	q.SecurityModel = pdu.SecurityModelV2c
	q.Source = netip.MustParseAddr("127.0.0.1")
	version, isCommunity := "", false
	p := getopt.New(args, "Chu:c:l:n:v:", "help", "from=", "config=")
	for p.Next() && err == nil {
		switch p.Name {
		case "h", "help":
			return q, errHelp
		case "config":
			files, _ := snmpdconf.OptionFiles(p.Value)
			q.files = append(q.files, files...)
		case "C":
			q.noSearch = true
		case "u":
			q.SecurityName, q.isUser = p.Value, true
		case "c":
			q.Community, isCommunity = []byte(p.Value), true
		case "l":
			if q.SecurityLevel, q.hasLevel = accessconf.Level(p.Value); !q.hasLevel {
				err = fmt.Errorf("-l: %q is no security level, expected noAuthNoPriv, authNoPriv or authPriv", p.Value)
			}
		case "n":
			q.ContextName = p.Value
		case "v":
			version = p.Value
		case "from":
			if q.Source, err = netip.ParseAddr(p.Value); err != nil {
				err = fmt.Errorf("--from: %q is no address", p.Value)
			}
		}
	}
	if err == nil {
		err = p.Err()
	}
	if err == nil {
		err = q.settle(version, isCommunity, p.Operands())
	}
	return q, err
}

// settle checks what only all arguments together say.
func (q *question) settle(version string, isCommunity bool, operands []string) (err error) {
	switch {
	case q.isUser == isCommunity:
		return errors.New("expected either -u USER or -c COMMUNITY")
	case isCommunity && (q.hasLevel || q.ContextName != ""):
		return errors.New("-l and -n are for users: the configuration says which context a community is for")
	}
	switch version {
	case "":
	case "1", "2c":
		if q.isUser {
			return errors.New("-v: a user is one of SNMPv3")
		}
		if version == "1" {
			q.SecurityModel = pdu.SecurityModelV1
		}
	case "3":
		if isCommunity {
			return errors.New("-v: a community is one of SNMPv1 and SNMPv2c")
		}
	default:
		return fmt.Errorf("-v: %q is no version, expected 1, 2c or 3", version)
	}
	if q.isUser {
		q.SecurityModel = pdu.SecurityModelUSM
	}
	q.types = []vacm.ViewType{vacm.ReadView, vacm.WriteView, vacm.NotifyView}
	if len(operands) == 0 {
		return nil
	}
	t, ok := verbs[operands[0]]
	if !ok {
		return fmt.Errorf("%q is not get, set or notify", operands[0])
	}
	q.ViewType, q.types = t, []vacm.ViewType{t}
	switch len(operands) {
	case 1:
		return nil
	case 2:
		q.Name, err = accessconf.ResolveOID(operands[1])
		return err
	}
	return errors.New("expected one OID")
}

// named reports whether there is an instance in the question.
func (q *question) named() bool { return q.Name != ber.OID("") }
