package targetconf

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"snmpstack/agent/notify"
	"snmpstack/ber"
	"snmpstack/cmd/internal/accessconf"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// The lines that stand for rows.
const (
	targetAddr         = "targetAddr"
	targetParams       = "targetParams"
	notifyTable        = "snmpNotifyTable"
	filterProfileTable = "snmpNotifyFilterProfileTable"
	filterTable        = "snmpNotifyFilterTable"
)

// ManagedDirectives are the names of the lines that stand for rows of managers, in the
// order of the tables.
var ManagedDirectives = []string{targetAddr, targetParams, notifyTable, filterProfileTable, filterTable}

// A Directive is one that is understood.
type Directive struct {
	Name string
	Help string // its arguments
	// Apply carries a line out. managers says that it stands in the persistent file,
	// where what managers have made is kept.
	Apply func(r *Rules, d snmpdconf.Directive, managers bool) error
}

// Directives are those that are understood.
var Directives = []Directive{
	{targetAddr, "NAME TDOMAIN TADDRESS TIMEOUT RETRIES TAGLIST PARAMS STORAGE STATUS [TMASK MMS]", apply},
	{targetParams, "NAME MPMODEL SECMODEL SECNAME LEVEL STORAGE STATUS", apply},
	{notifyTable, "NAME TAG TYPE STORAGE STATUS", apply},
	{filterProfileTable, "PARAMS PROFILE STORAGE STATUS", apply},
	{filterTable, ".INDEX 2:MASK 3:TYPE 4:STORAGE 5:STATUS $", apply},
	{"notificationFilter", "PROFILE OID MASK included|excluded", applyFilter},
}

// The numbers of managers' columns that differ from package notify's.
const (
	hundredth   = 10 * time.Millisecond // of TIMEOUT (RFC 2579 §2, TimeInterval)
	defaultMMS  = 484                   // of a manager's row (RFC 3584 §5.3)
	noMaximum   = 0
	extraFields = 9 // of targetAddr, before TMASK
)

// Format returns the directive and the arguments of the line that stands for a row that
// notify.Targets.Kept has returned, and a key that no other row of its table has.
func Format(s notify.Statement) (directive, key, arguments string) {
	key = keyOf(s)
	directive, _, _ = strings.Cut(key, " ")
	octets := snmpdconf.QuoteOctets
	switch s := s.(type) {
	case notify.TargetAddr:
		arguments = fmt.Sprintf("%s .%v 0x%x %d %d %s %s %d %d", octets(s.Name), s.TDomain, s.TAddress,
			s.Timeout/hundredth, s.RetryCount, octets(s.TagList), octets(s.Params), s.Storage, s.Status)
		if s.TMask != "" || s.MMS != defaultMMS {
			arguments += fmt.Sprintf(" 0x%x %d", s.TMask, s.MMS)
		}
	case notify.TargetParams:
		arguments = fmt.Sprintf("%s %d %d %s %d %d %d", octets(s.Name), s.MPModel, s.SecurityModel, octets(s.SecurityName),
			snmpdconf.LevelNumber(s.SecurityLevel), s.Storage, s.Status)
	case notify.Notify:
		arguments = fmt.Sprintf("%s %s %d %d %d", octets(s.Name), octets(s.Tag), s.Type, s.Storage, s.Status)
	case notify.FilterProfile:
		arguments = fmt.Sprintf("%s %s %d %d", octets(s.Params), octets(s.ProfileName), s.Storage, s.Status)
	case notify.Filter:
		arguments = fmt.Sprintf("%s 2:0x%x 3:%d 4:%d 5:%d $", filterIndex(&s), s.Mask, s.Type, s.Storage, s.Status)
	}
	return directive, key, arguments
}

// filterIndex is the index of a row of snmpNotifyFilterTable, as it is in the names of
// its objects.
func filterIndex(s *notify.Filter) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".%d", len(s.ProfileName))
	for _, c := range []byte(s.ProfileName) {
		fmt.Fprintf(&b, ".%d", c)
	}
	fmt.Fprintf(&b, ".%v", s.Subtree)
	return b.String()
}

// Key returns the key that Format has for the row that a line stands for, and false if
// it stands for none.
func Key(d snmpdconf.Directive) (key string, ok bool) {
	s, err := parse(d, true)
	if err != nil {
		return "", false
	}
	return keyOf(s), true
}

// apply adds the row of a line.
func apply(r *Rules, d snmpdconf.Directive, managers bool) error {
	s, err := parse(d, managers)
	if err != nil {
		if managers && d.Is(filterTable) && strings.Contains(d.Rest, " 4:0 ") {
			return d.Warnf("snmpd has it for a notificationFilter of another file; %s", noEffect)
		}
		return fmt.Errorf("%w; %s", err, noEffect)
	}
	if managers {
		return r.addManaged(d, s)
	}
	return r.Add(d, s)
}

// parse returns the row of a line. Where the line leaves out what a manager's row has by
// default, one of managers is as they would have made it.
func parse(d snmpdconf.Directive, managers bool) (notify.Statement, error) {
	f := snmpdconf.NewFields(d)
	row := func(n int) notify.Row {
		return rowWith(d, managers, f.Number(n, int32(mib.NonVolatile), int32(mib.ReadOnly)), f.Number(n+1, int32(mib.Active), int32(mib.NotInService)))
	}
	var s notify.Statement
	fields := 0
	switch {
	case d.Is(targetAddr):
		domain, err := accessconf.ResolveOID(f.Word(1))
		if err != nil && f.Err() == nil {
			return nil, err
		}
		addr := notify.TargetAddr{
			Name: f.Octets(0), TDomain: domain, TAddress: f.Octets(2),
			Timeout: time.Duration(f.Number(3, 0, math.MaxInt32)) * hundredth, RetryCount: int(f.Number(4, 0, 255)),
			TagList: f.Octets(5), Params: f.Octets(6), Row: row(7),
		}
		if managers {
			addr.MMS = defaultMMS
		}
		if fields = extraFields; f.Len() > extraFields {
			addr.TMask, addr.MMS = f.Octets(9), int(f.Number(10, noMaximum, math.MaxInt32))
			fields += 2
		}
		s = addr
	case d.Is(targetParams):
		s = notify.TargetParams{
			Name: f.Octets(0), MPModel: pdu.Version(f.Number(1, int32(pdu.V1), int32(pdu.V3))),
			SecurityModel: pdu.SecurityModel(f.Number(2, int32(pdu.SecurityModelV1), int32(pdu.SecurityModelUSM))), SecurityName: f.Octets(3),
			SecurityLevel: f.Level(4), Row: row(5),
		}
		fields = 7
	case d.Is(notifyTable):
		s = notify.Notify{Name: f.Octets(0), Tag: f.Octets(1), Type: notify.Type(f.Number(2, int32(notify.Trap), int32(notify.Inform))), Row: row(3)}
		fields = 5
	case d.Is(filterProfileTable):
		s = notify.FilterProfile{Params: f.Octets(0), ProfileName: f.Octets(1), Row: row(2)}
		fields = 4
	default:
		return parseFilter(d, managers)
	}
	if f.Err() == nil && f.Len() > fields {
		return nil, fmt.Errorf("%d words are more than there should be", f.Len())
	}
	return s, f.Err()
}

// rowWith returns the Row of a line with a STORAGE and a STATUS. The first one counts in
// the lines of managers.
func rowWith(d snmpdconf.Directive, managers bool, storage, status int32) notify.Row {
	row := notify.Row{Storage: mib.StorageType(storage)}
	if !managers {
		row = RowOf(d)
	}
	row.Status = mib.RowStatus(status)
	return row
}

var errFilterLine = errors.New("expected .INDEX 2:MASK 3:TYPE 4:STORAGE 5:STATUS $")

// parseFilter reads a line of snmpNotifyFilterTable.
func parseFilter(d snmpdconf.Directive, managers bool) (row notify.Statement, wrong error) {
	words := d.Words()
	if len(words) != 6 || words[5] != "$" {
		return nil, errFilterLine
	}
	index, err := ber.ParseOID(words[0])
	if err != nil || index.Len() < 2 || int64(index.Len()-1) <= int64(index.At(0)) {
		return nil, errFilterLine
	}
	var s notify.Filter
	n := int(index.At(0))
	for i := range n {
		if index.At(i+1) > 255 {
			return nil, errFilterLine
		}
		s.ProfileName += string([]byte{byte(index.At(i + 1))})
	}
	for i := n + 1; i < index.Len(); i++ {
		s.Subtree = s.Subtree.Append(index.At(i))
	}
	mask, ok := strings.CutPrefix(words[1], "2:0x")
	octets, err := hex.DecodeString(mask)
	if !ok || err != nil {
		return nil, errFilterLine
	}
	s.Mask = string(octets)
	column := func(n int, least, most int32) int32 {
		text, ok := strings.CutPrefix(words[n], fmt.Sprintf("%d:", n+1))
		v, err := strconv.ParseInt(text, 10, 32)
		if !ok || err != nil || int32(v) < least || int32(v) > most {
			wrong = errFilterLine
		}
		return int32(v)
	}
	s.Type = notify.FilterType(column(2, int32(notify.Included), int32(notify.Excluded)))
	s.Row = rowWith(d, managers, column(3, int32(mib.NonVolatile), int32(mib.ReadOnly)), column(4, int32(mib.Active), int32(mib.NotInService)))
	return s, wrong
}

// applyFilter reads a notificationFilter. A MASK of zeros is none, as snmpd has it: in
// all examples it is there for want of one.
func applyFilter(r *Rules, d snmpdconf.Directive, _ bool) error {
	words := d.Words()
	if len(words) != 4 {
		return fmt.Errorf("%d words, expected PROFILE OID MASK included|excluded; %s", len(words), noEffect)
	}
	s := notify.Filter{ProfileName: words[0], Row: RowOf(d)}
	var err error
	if s.Subtree, err = accessconf.ResolveOID(words[1]); err != nil {
		return fmt.Errorf("%w; %s", err, noEffect)
	}
	mask, err := hex.DecodeString(strings.NewReplacer(":", "", ".", "").Replace(strings.TrimPrefix(words[2], "0x")))
	if err != nil {
		return fmt.Errorf("the mask is not in hexadecimal digits, two for each octet; %s", noEffect)
	}
	if strings.Trim(string(mask), "\x00") != "" {
		s.Mask = string(mask)
	}
	switch strings.ToLower(words[3]) {
	case "included":
		s.Type = notify.Included
	case "excluded":
		s.Type = notify.Excluded
	default:
		return fmt.Errorf("the fourth word is neither included nor excluded; %s", noEffect)
	}
	return cmp.Or(r.Add(d, s), d.WarnOpenQuote())
}
