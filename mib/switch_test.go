package mib

import (
	"strconv"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// The objects of the system group, ifNumber, and the snmp group (RFC 3418, RFC 2863),
// whose values are their sub-identifiers.
var (
	mib2       = ber.MustOID("1.3.6.1.2.1")
	systemArcs = []uint32{1, 2, 3, 4, 5, 6, 7, 8}
	snmpArcs   = []uint32{1, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 30, 31, 32}
)

// switchObjects is what a Tree has of them.
func switchObjects(tb testing.TB) (tree *Tree, instances []ber.OID) {
	tree = NewTree()
	add := func(group, arc uint32) {
		object := mib2.Append(group, arc)
		if err := (Scalar{Object: object, Get: switchValues[group][arc]}).Register(tree); err != nil {
			tb.Fatal(err)
		}
		instances = append(instances, object.Append(0))
	}
	for _, arc := range systemArcs {
		add(1, arc)
	}
	add(2, 1)
	for _, arc := range snmpArcs {
		add(11, arc)
	}
	return tree, instances
}

// switchValues are the functions that have the values, by group and object.
var switchValues = func() (all [12][33]func(*Request) (pdu.Value, error)) {
	for group := range all {
		for arc := range all[group] {
			all[group][arc] = Value(func() pdu.Value { return pdu.Gauge32(uint32(arc)) })
		}
	}
	return all
}()

// bySwitch is what somebody would write by hand for these objects and no others, who
// checks what Tree.Get checks.
func bySwitch(r *Request, name ber.OID) (v pdu.Value, err error) {
	defer Recovered(&err)
	rest, ok := strings.CutPrefix(string(name), string(mib2))
	if o := ber.OID(rest); ok && o.Len() >= 2 {
		group, arc := o.At(0), o.At(1)
		switch group {
		case 1:
			switch arc {
			case 1, 2, 3, 4, 5, 6, 7, 8:
			default:
				return pdu.NoSuchObject, nil
			}
		case 2:
			if arc != 1 {
				return pdu.NoSuchObject, nil
			}
		case 11:
			switch arc {
			case 1, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 30, 31, 32:
			default:
				return pdu.NoSuchObject, nil
			}
		default:
			return pdu.NoSuchObject, nil
		}
		if o.Len() != 3 || o.At(2) != 0 {
			return pdu.NoSuchInstance, nil
		}
		v, err = switchValues[group][arc](r)
		if err == nil && !sendable(v) && v != pdu.NoSuchInstance && v != pdu.NoSuchObject {
			err = ErrNoValue
		}
		return v, err
	}
	return pdu.NoSuchObject, nil
}

// A Tree of the objects answers as the switch does.
func TestSwitch(t *testing.T) {
	tree, instances := switchObjects(t)
	names := append([]ber.OID{"", mib2, mib2.Append(1), mib2.Append(3, 1, 0), mib2.Append(11, 2, 0), mib2.Append(11, 33), mib2.Append(12)}, instances...)
	for _, o := range instances {
		names = append(names, o.Slice(0, o.Len()-1), o.Append(0), o.Slice(0, o.Len()-1).Append(1))
	}
	for _, name := range names {
		got, err := tree.Get(&Request{}, name)
		want, failed := bySwitch(&Request{}, name)
		if got != want || err != nil || failed != nil {
			t.Errorf("%v: %v %v, want %v %v", name, got, err, want, failed)
		}
	}
}

// BenchmarkSwitch is a look-up in a Tree beside one by a switch on the sub-identifiers.
func BenchmarkSwitch(b *testing.B) {
	tree, instances := switchObjects(b)
	many := len(instances)
	for _, by := range []struct {
		name string
		get  func(*Request, ber.OID) (pdu.Value, error)
	}{{"tree", tree.Get}, {"switch", bySwitch}} {
		b.Run("by="+by.name+"/objects="+strconv.Itoa(many), func(b *testing.B) {
			r, i := &Request{Inline: true}, 0
			b.ReportAllocs()
			for b.Loop() {
				if i += 7; i >= many {
					i -= many
				}
				if v, err := by.get(r, instances[i]); v.Syntax() != pdu.TypeGauge32 || err != nil {
					b.Fatal(v, err)
				}
			}
		})
	}
}
