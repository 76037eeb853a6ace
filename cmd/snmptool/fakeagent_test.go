package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"

	"snmpstack/ber"
	"snmpstack/mib/smi"
	"snmpstack/pdu"
)

// fakeAgent is a program for the scripts: an agent without any code of package
// agent. It serves the objects of the file that is its argument, a line each of
// OID, TYPE and VALUE as set has them, where W in front of the OID stands for an
// object that can be set. The community is public for reading and private for
// writing too; others are not answered. Of SNMPv3 fakeSecurity knows more; a second
// argument makes it silent.
func fakeAgent() int {
	objects, err := readObjects(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	security, err := newFakeSecurity(len(os.Args) > 2)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("listening on", conn.LocalAddr())
	objects.serve(conn, security)
	return 0
}

// serve answers what comes until the socket is closed.
func (list objects) serve(conn net.PacketConn, security *fakeSecurity) {
	b := make([]byte, 65536)
	for {
		n, from, err := conn.ReadFrom(b)
		if err != nil {
			return
		}
		m, err := pdu.ParseMessage(b[:n])
		if errors.Is(err, pdu.ErrVersion) {
			if answer := security.answer(list, b[:n]); answer != nil {
				conn.WriteTo(answer, from)
			}
			continue
		}
		if err != nil || string(m.Community) != "public" && string(m.Community) != "private" {
			continue
		}
		m.PDU = list.answer(m)
		conn.WriteTo(m.Append(nil), from)
	}
}

type object struct {
	pdu.VarBind
	writable bool
}

type objects []object

func readObjects(path string) (list objects, err error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c := &call{names: smi.Core()}
	c.unchecked, c.noHints = true, true
	lines := bufio.NewScanner(bytes.NewReader(content))
	for n := 1; lines.Scan(); n++ {
		text, writable := strings.CutPrefix(lines.Text(), "W ")
		if text == "" || text[0] == '#' {
			continue
		}
		words := strings.SplitN(text, " ", 3)
		if len(words) != 3 {
			return nil, fmt.Errorf("%s:%d: expected OID TYPE VALUE", path, n)
		}
		o := object{writable: writable}
		if o.Name, err = c.names.Resolve(words[0]); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		if o.Value, err = c.parseValue(c.attribute(o.Name), words[1], words[2]); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		list = append(list, o)
	}
	// A stable order keeps what a script puts out of order on purpose.
	if !strings.Contains(path, "unsorted") {
		slices.SortStableFunc(list, func(a, b object) int { return cmp.Compare(a.Name, b.Name) })
	}
	return list, nil
}

// at returns the object with a name, or the exception that RFC 3416 §4.2.1 asks
// for.
func (list objects) at(name ber.OID) (*object, pdu.Value) {
	exception := pdu.NoSuchObject
	for i := range list {
		if list[i].Name == name {
			return &list[i], pdu.Value{}
		}
		if list[i].Name.Slice(0, list[i].Name.Len()-1) == name.Slice(0, max(name.Len()-1, 0)) {
			exception = pdu.NoSuchInstance
		}
	}
	return nil, exception
}

// after returns the varbind that follows a name. In a list that is not sorted it
// is the one behind it.
func (list objects) after(name ber.OID) pdu.VarBind {
	for i := range list {
		if list[i].Name == name && i+1 < len(list) {
			return list[i+1].VarBind
		}
	}
	for i := range list {
		if list[i].Name > name {
			return list[i].VarBind
		}
	}
	return pdu.VarBind{Name: name, Value: pdu.EndOfMibView}
}

func (list objects) answer(m *pdu.Message) pdu.PDU {
	asked := m.PDU
	answer := pdu.PDU{Kind: pdu.Response, RequestID: asked.RequestID}
	fail := func(i int, s pdu.ErrorStatus) pdu.PDU {
		if m.Version == pdu.V1 {
			s = s.V1()
		}
		answer.ErrorStatus, answer.ErrorIndex, answer.VarBinds = s, int32(i+1), asked.VarBinds
		return answer
	}
	switch asked.Kind {
	case pdu.GetRequest, pdu.GetNextRequest:
		for i, vb := range asked.VarBinds {
			if asked.Kind == pdu.GetNextRequest {
				vb = list.after(vb.Name)
			} else if o, exception := list.at(vb.Name); o != nil {
				vb = o.VarBind
			} else {
				vb.Value = exception
			}
			if vb.Value.IsException() && m.Version == pdu.V1 {
				return fail(i, pdu.NoSuchName)
			}
			answer.VarBinds = append(answer.VarBinds, vb)
		}
	case pdu.GetBulkRequest:
		n := min(int(asked.NonRepeaters), len(asked.VarBinds))
		for _, vb := range asked.VarBinds[:n] {
			answer.VarBinds = append(answer.VarBinds, list.after(vb.Name))
		}
		row := slices.Clone(asked.VarBinds[n:])
		for range asked.MaxRepetitions {
			for i := range row {
				row[i] = list.after(row[i].Name)
			}
			answer.VarBinds = append(answer.VarBinds, row...)
			// RFC 3416 §4.2.3 lets an agent end where nothing follows.
			if !slices.ContainsFunc(row, func(vb pdu.VarBind) bool { return !vb.Value.IsException() }) {
				break
			}
		}
	case pdu.SetRequest:
		for i, vb := range asked.VarBinds {
			switch o, _ := list.at(vb.Name); {
			case string(m.Community) != "private":
				return fail(i, pdu.NoAccess)
			case o == nil || !o.writable:
				return fail(i, pdu.NotWritable)
			case o.Value.Syntax() != vb.Value.Syntax():
				return fail(i, pdu.WrongType)
			}
		}
		for _, vb := range asked.VarBinds {
			o, _ := list.at(vb.Name)
			o.Value = vb.Value.Clone()
		}
		answer.VarBinds = asked.VarBinds
	}
	return answer
}
