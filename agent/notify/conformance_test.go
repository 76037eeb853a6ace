package notify

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/mib/smi"
	"snmpstack/pdu"
)

// tableColumns are the columns of a table by the MIB.
func tableColumns(names *smi.Names, entry ber.OID) (columns []*smi.Object) {
	for o := range names.All() {
		if o.Kind == smi.Column && o.OID.HasPrefix(entry) {
			columns = append(columns, o)
		}
	}
	return columns
}

// entries are the tables, each with the index of a row and the RowStatus column of its table, or
// that of the table it augments.
var entries = []struct {
	entry, index ber.OID
	status       ber.OID
}{
	{oidTargetAddrEntry, ber.NewOID('r'), oidTargetAddrEntry.Append(9)},
	{oidTargetParamsEntry, ber.NewOID('r'), oidTargetParamsEntry.Append(7)},
	{oidNotifyEntry, ber.NewOID('r'), oidNotifyEntry.Append(5)},
	{oidFilterProfileEntry, ber.NewOID('r'), oidFilterProfileEntry.Append(3)},
	{oidFilterEntry, ber.NewOID(1, 'r', 1, 3), oidFilterEntry.Append(5)},
	{oidTargetAddrExtEntry, ber.NewOID('r'), oidTargetAddrEntry.Append(9)},
}

func below(o, index ber.OID) ber.OID {
	for arc := range index.Arcs() {
		o = o.Append(arc)
	}
	return o
}

// TestAgainstMIB holds the tables against RFC 3413 §4 and RFC 3584 §5.3 as tools read
// them: each object is there and takes what its SYNTAX has, no more.
func TestAgainstMIB(t *testing.T) {
	names, seen := smi.Core(), 0
	for _, e := range entries {
		for _, o := range tableColumns(names, e.entry) {
			seen++
			t.Run(o.Name, func(t *testing.T) {
				tree := serve(t, MustNew())
				apply(t, tree, []pdu.VarBind{status(below(e.status, e.index), mib.CreateAndWait)})
				name := below(o.OID, e.index)
				try := func(v pdu.Value) pdu.ErrorStatus {
					return statusOf(tree.Set(new(mib.Request), []pdu.VarBind{{Name: name, Value: v}}))
				}
				if o.Access == smi.NotAccessible {
					if got := try(pdu.Integer(1)); got != pdu.NotWritable || get(t, tree, name) != pdu.NoSuchObject {
						t.Errorf("it is there: %v, %v", get(t, tree, name), got)
					}
					return
				}
				wrong, other := pdu.OctetString("x"), pdu.Integer(1)
				if o.Type.Base == pdu.TypeOctetString {
					wrong, other = other, wrong
				}
				if got := try(wrong); got != pdu.WrongType {
					t.Errorf("another type is %v", got)
				}
				if got := try(pdu.Counter32(1)); got != pdu.WrongType {
					t.Errorf("a counter is %v", got)
				}
				for _, r := range o.Type.Ranges {
					for _, edge := range []struct {
						n  int64
						ok bool
					}{{r.Min - 1, false}, {r.Min, true}, {r.Max, true}, {r.Max + 1, false}} {
						v, bad := pdu.Integer(int32(edge.n)), pdu.WrongValue
						if o.Type.Base == pdu.TypeOctetString {
							if edge.n < 0 || edge.n > 1000 {
								continue
							}
							v, bad = pdu.OctetString(strings.Repeat("x", int(edge.n))), pdu.WrongLength
						} else if int64(int32(edge.n)) != edge.n || edge.n == 1 && o.Name == "snmpTargetAddrMMS" {
							continue
						}
						if got := try(v); (got == bad) == edge.ok {
							t.Errorf("%v is %v", v, got)
						}
					}
				}
				for n := int32(-1); n < 9 && len(o.Type.Enum) > 0; n++ {
					_, named := o.Type.Label(int64(n))
					if got := try(pdu.Integer(n)); !named && got != pdu.WrongValue {
						t.Errorf("%d is %v", n, got)
					}
				}
			})
		}
	}
	if seen != 31 {
		t.Errorf("%d objects were looked at", seen)
	}
}

// TestDefaults: a row has the DEFVALs of its objects at first, and nothing in the place
// of the others, without which it is not ready.
func TestDefaults(t *testing.T) {
	defval := regexp.MustCompile(`(?s)^(\w+) OBJECT-TYPE\n.*?(?:DEFVAL\s*\{ (\S+) \}\s*)?::= `)
	defaults := map[string]string{}
	for _, module := range []string{"SNMP-TARGET-MIB", "SNMP-NOTIFICATION-MIB", "SNMP-COMMUNITY-MIB"} {
		source, err := os.ReadFile(filepath.Join("../../../shared/mibs", module+".txt"))
		if err != nil {
			t.Skipf("the modules are not here: %v", err)
		}
		for _, definition := range regexp.MustCompile(`(?m)^\w+ OBJECT-TYPE$`).FindAllIndex(source, -1) {
			if m := defval.FindSubmatch(source[definition[0]:]); m != nil {
				defaults[string(m[1])] = string(m[2])
			}
		}
	}
	names := smi.Core()
	seen := 0
	for _, e := range entries {
		tree := serve(t, MustNew())
		apply(t, tree, []pdu.VarBind{status(below(e.status, e.index), mib.CreateAndWait)})
		ready := true
		for _, o := range tableColumns(names, e.entry) {
			text, known := defaults[o.Name]
			if !known {
				t.Fatalf("%s is in no module", o.Name)
			}
			got := get(t, tree, below(o.OID, e.index))
			if o.Access == smi.NotAccessible || below(o.OID, e.index) == below(e.status, e.index) {
				continue
			}
			seen++
			want := pdu.NoSuchInstance
			switch n, isEnum := o.Type.Value(text); {
			case text == "":
				ready = false
			case text == `""`, text == "''H":
				want = pdu.OctetString("")
			case isEnum:
				want = pdu.Integer(int32(n))
			default:
				var n int32
				fmt.Sscan(text, &n)
				want = pdu.Integer(n)
			}
			if got != want {
				t.Errorf("%s is %v at first, want %v", o.Name, got, want)
			}
		}
		if e.entry == oidTargetAddrExtEntry {
			continue // the other table's columns count
		}
		state := mib.NotReady
		if ready {
			state = mib.NotInService
		}
		if got := get(t, tree, below(e.status, e.index)); got != pdu.Integer(int32(state)) {
			t.Errorf("%v is %v at first, want %v", e.entry, got, state)
		}
	}
	if seen != 22 {
		t.Errorf("%d objects were looked at", seen)
	}
}
