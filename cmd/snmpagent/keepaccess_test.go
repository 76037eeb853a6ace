package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"snmpstack/agent/manager"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// The rows of SNMP-VIEW-BASED-ACM-MIB that the tests are about (RFC 3415 §4).
func groupCell(column uint32, name string) ber.OID {
	o := ber.MustOID("1.3.6.1.6.3.16.1.2.1").Append(column, uint32(pdu.SecurityModelUSM), uint32(len(name)))
	for _, c := range []byte(name) {
		o = o.Append(uint32(c))
	}
	return o
}

// accessCell is of the row for the group g with authNoPriv.
func accessCell(column uint32) ber.OID {
	return ber.MustOID("1.3.6.1.6.3.16.1.4.1").Append(column, 1, 'g', 0, uint32(pdu.SecurityModelUSM), 2)
}

// familyCell is of the row of the view v for a subtree.
func familyCell(column uint32, subtree string) ber.OID {
	o := ber.MustOID("1.3.6.1.6.3.16.1.5.2.1").Append(column, 1, 'v')
	root := ber.MustOID(subtree)
	o = o.Append(uint32(root.Len()))
	for arc := range root.Arcs() {
		o = o.Append(arc)
	}
	return o
}

func setTo(o ber.OID, n int32) pdu.VarBind          { return pdu.VarBind{Name: o, Value: pdu.Integer(n)} }
func setText(o ber.OID, s string) pdu.VarBind       { return pdu.VarBind{Name: o, Value: pdu.OctetString(s)} }
func setRow(o ber.OID, s mib.RowStatus) pdu.VarBind { return setTo(o, int32(s)) }

const accessConfig = "createUser ops SHA longenough1 AES longenough2\nrwuser ops priv\n" +
	"createUser bob SHA longenough3 AES longenough4\ncreateUser eve SHA longenough3 AES longenough4\nsysName here\nsysLocation there\n"

// sees returns what a user reads in sysName and sysLocation: values, exceptions or
// the error-status.
func (p *agentProcess) sees(name string) string {
	p.t.Helper()
	vbs, err := p.as(name, "longenough3", "longenough4").Get(p.t.Context(), ber.MustOID("1.3.6.1.2.1.1.5.0"), ber.MustOID("1.3.6.1.2.1.1.6.0"))
	var status *pdu.StatusError
	switch {
	case errors.As(err, &status):
		return status.Status.String()
	case err != nil:
		p.t.Fatal(err)
	}
	var values []string
	for _, vb := range vbs {
		values = append(values, vb.Value.String())
	}
	return strings.Join(values, " ")
}

func (p *agentProcess) checkSees(when, name, want string) {
	p.t.Helper()
	if got := p.sees(name); got != want {
		p.t.Errorf("%s %s sees %s, want %s", when, name, got, want)
	}
}

// grantBob has ops give bob sysName, in several SETs, and eve until the agent ends.
func grantBob(p *agentProcess, ops *manager.Client) {
	p.t.Helper()
	p.set(ops, setRow(groupCell(5, "bob"), mib.CreateAndWait))
	p.set(ops, setText(groupCell(3, "bob"), "g"), setRow(groupCell(5, "bob"), mib.Active))
	p.set(ops, setRow(groupCell(5, "eve"), mib.CreateAndGo), setText(groupCell(3, "eve"), "g"), setTo(groupCell(4, "eve"), int32(mib.Volatile)))
	p.set(ops, setRow(accessCell(9), mib.CreateAndGo), setText(accessCell(5), "v"))
	p.set(ops, setRow(familyCell(6, "1.3.6.1.2.1.1.6"), mib.CreateAndGo), setTo(familyCell(4, "1.3.6.1.2.1.1.6"), 2),
		setRow(familyCell(6, "1.3.6.1.2.1.1"), mib.CreateAndGo), setText(familyCell(3, "1.3.6.1.2.1.1"), "\xfe"))
}

const bobSees, seesNothing = `OCTET STRING "here" noSuchObject`, "authorizationError"

// TestProcessKeepsAccess shows that what managers have done to the access tables
// survives the agent, which is killed as soon as it has answered (RFC 2579 §2,
// StorageType).
func TestProcessKeepsAccess(t *testing.T) {
	p := newAgentProcess(t, accessConfig)
	ops := p.as("ops", "longenough1", "longenough2")
	p.checkSees("before that", "bob", seesNothing)
	grantBob(p, ops)
	p.checkSees("then", "bob", bobSees)
	p.checkSees("then", "eve", bobSees)
	path := filepath.Join(p.state, persistentFile)
	text, err := os.ReadFile(path)
	want := "vacmGroup 1 3 3 0x626f6200 0x6700\nvacmAccess 1 3 3 2 1 0x6700 0x00 0x7600 0x00 0x00\n" +
		"vacmView 1 3 1 \"v\" .1.3.6.1.2.1.1 0xfe\nvacmView 1 3 2 \"v\" .1.3.6.1.2.1.1.6 0x\n"
	if err != nil || string(text) != fileHead+want {
		t.Errorf("%s has, %v\n%swant\n%s", persistentFile, err, text, want)
	}
	for _, signal := range []os.Signal{os.Kill, syscall.SIGTERM} {
		if runtime.GOOS == "windows" {
			signal = os.Kill // there is no other
		}
		p.restart(signal)
		p.checkSees("after a restart", "bob", bobSees)
		p.checkSees("after a restart", "eve", seesNothing)
	}
	// The configuration goes before them, and leaves their lines alone.
	p.configure(accessConfig + "group other usm bob\n")
	p.restart(os.Kill)
	p.checkSees("in another group", "bob", seesNothing)
	p.configure(accessConfig)
	p.restart(os.Kill)
	p.checkSees("in that group no more", "bob", bobSees)

	ops = p.as("ops", "longenough1", "longenough2")
	p.set(ops, setRow(familyCell(6, "1.3.6.1.2.1.1.6"), mib.NotInService))
	p.set(ops, setRow(accessCell(9), mib.Destroy))
	p.set(ops, setRow(groupCell(5, "bob"), mib.Destroy))
	p.restart(os.Kill)
	p.checkSees("after the end of it", "bob", seesNothing)
	text, err = os.ReadFile(path)
	want = "vacmView 1 3 1 \"v\" .1.3.6.1.2.1.1 0xfe\nvacmView 2 3 2 \"v\" .1.3.6.1.2.1.1.6 0x\n"
	if err != nil || string(text) != fileHead+want {
		t.Errorf("%s has, %v\n%swant\n%s", persistentFile, err, text, want)
	}
}

// TestProcessReloadsAccess shows that SIGHUP leaves alone what managers have done, but
// for what the configuration is about now.
func TestProcessReloadsAccess(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGHUP on Windows")
	}
	p := newAgentProcess(t, accessConfig)
	ops := p.as("ops", "longenough1", "longenough2")
	grantBob(p, ops)
	for range 2 {
		p.reload()
		p.checkSees("after SIGHUP", "bob", bobSees)
		p.checkSees("after SIGHUP", "eve", bobSees)
	}
	p.set(ops, setTo(familyCell(4, "1.3.6.1.2.1.1.6"), 1))
	p.configure(accessConfig + "group other usm eve\n")
	p.reload()
	p.checkSees("after SIGHUP", "bob", `OCTET STRING "here" OCTET STRING "there"`)
	p.checkSees("in another group", "eve", seesNothing)
	p.configure(accessConfig)
	p.reload()
	p.checkSees("in that group no more, nor in hers", "eve", seesNothing)
	p.set(ops, setRow(groupCell(5, "bob"), mib.Destroy))
	p.reload()
	p.checkSees("without his group", "bob", seesNothing)
}

// TestManagedElsewhere shows that lines of managers' rows have a meaning in the
// persistent file alone: nobody could take them away in another one.
func TestManagedElsewhere(t *testing.T) {
	c, problems := interpret(`vacmGroup 1 3 3 0x626f6200 0x6700`)
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "snmpagent.conf of the state directory only") || c.Access.Len() != 0 {
		t.Errorf("%d rows, %v", c.Access.Len(), problems)
	}
}

// TestStaysWithBrokenView shows that SIGHUP does not take a configuration whose view
// hides nothing any more, for a line is wrong, of what managers have put into it.
func TestStaysWithBrokenView(t *testing.T) {
	for _, tt := range []struct {
		line, view string
		stays      bool
	}{
		{"view v excluded .1.3.6.1.6.three", "v", true},
		{"view v excluded .1.3.6.1.6.three", "w", false},
		{"view v excluded .1.3.6.1.6.3", "v", false},
	} {
		conf, _ := interpret("rouser bob auth -V v\nview v included .1.3.6.1.2\n" + tt.line + "\n")
		for _, storage := range []mib.StorageType{mib.NonVolatile, mib.Permanent} {
			d := &daemon{policy: vacm.MustNew(), started: conf}
			row := vacm.ViewTreeFamily{ViewName: tt.view, Subtree: ber.MustOID("1.3.6"), Type: vacm.Included, Row: vacm.Row{Storage: storage, Status: mib.Active}}
			if err := d.policy.Restore(row); err != nil {
				t.Fatal(err)
			}
			if err := d.staysWith(conf); (err != nil) != tt.stays {
				t.Errorf("%s, with a row of %s: %v", tt.line, tt.view, err)
			}
		}
	}
}
