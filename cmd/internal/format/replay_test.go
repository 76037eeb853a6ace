package format

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// readRecording reads varbinds, one a line: OID|TAG|VALUE, the tag in decimal,
// with an x behind it where the value is in hexadecimal.
func readRecording(t testing.TB, path string) (list []pdu.VarBind) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if strings.HasPrefix(lines.Text(), "#") || lines.Text() == "" {
			continue
		}
		fields := strings.SplitN(lines.Text(), "|", 3)
		if len(fields) != 3 {
			t.Fatalf("%s:%d: no OID|TAG|VALUE", path, n)
		}
		value, err := recordedValue(fields[1], fields[2])
		if err != nil {
			t.Fatalf("%s:%d: %v", path, n, err)
		}
		list = append(list, pdu.VarBind{Name: ber.MustOID(fields[0]), Value: value})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func recordedValue(tag, text string) (v pdu.Value, err error) {
	if number, isHex := strings.CutSuffix(tag, "x"); isHex {
		b, err := hex.DecodeString(text)
		if err != nil {
			return v, err
		}
		if number == "64" {
			return pdu.IPAddress(netip.AddrFrom4([4]byte(b))), nil
		}
		tag, text = number, string(b)
	} else { // Latin-1
		b := make([]byte, 0, len(text))
		for _, r := range text {
			b = append(b, byte(r))
		}
		text = string(b)
	}
	number, err := strconv.ParseUint(tag, 10, 8)
	if err != nil {
		return v, err
	}
	unsigned := func() uint64 {
		var n uint64
		n, err = strconv.ParseUint(text, 10, 64)
		return n
	}
	switch s := pdu.Syntax(number); s {
	case pdu.TypeInteger:
		n, err := strconv.ParseInt(text, 10, 32)
		return pdu.Integer(int32(n)), err
	case pdu.TypeOctetString:
		return pdu.OctetString(text), nil
	case pdu.TypeOpaque:
		return pdu.Opaque(text), nil
	case pdu.TypeNSAP:
		return pdu.NSAP(text), nil
	case pdu.TypeObjectIdentifier:
		oid, err := ber.ParseOID(text)
		return pdu.ObjectIdentifier(oid), err
	case pdu.TypeIPAddress:
		a, err := netip.ParseAddr(text)
		return pdu.IPAddress(a), err
	case pdu.TypeCounter32:
		return pdu.Counter32(uint32(unsigned())), err
	case pdu.TypeGauge32:
		return pdu.Gauge32(uint32(unsigned())), err
	case pdu.TypeTimeTicks:
		return pdu.TimeTicks(uint32(unsigned())), err
	case pdu.TypeCounter64:
		return pdu.Counter64(unsigned()), err
	case pdu.TypeUInteger32:
		return pdu.UInteger32(uint32(unsigned())), err
	case pdu.TypeNull:
		return pdu.Null, nil
	case pdu.TypeNoSuchObject:
		return pdu.NoSuchObject, nil
	case pdu.TypeNoSuchInstance:
		return pdu.NoSuchInstance, nil
	case pdu.TypeEndOfMibView:
		return pdu.EndOfMibView, nil
	}
	return v, fmt.Errorf("unknown tag %s", tag)
}

// replay answers requests on loopback with recorded varbinds, until the test
// ends, and returns its address. It is an agent without any rules: the other
// side of a comparison with tools of others.
func replay(t *testing.T, list []pdu.VarBind) string {
	t.Helper()
	// Something behind the end, so that walks end by themselves.
	list = append(slices.Clone(list), pdu.VarBind{Name: ber.MustOID("2.0"), Value: pdu.Null})
	slices.SortFunc(list, func(a, b pdu.VarBind) int { return a.Name.Compare(b.Name) })
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		buf := make([]byte, 65535)
		for {
			n, peer, err := c.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			m, err := pdu.ParseMessage(buf[:n])
			if err != nil {
				continue
			}
			respond(m, list)
			c.WriteToUDPAddrPort(m.Append(nil), peer)
		}
	}()
	return c.LocalAddr().String()
}

func respond(m *pdu.Message, list []pdu.VarBind) {
	find := func(name ber.OID, next bool) pdu.VarBind {
		i, found := slices.BinarySearchFunc(list, name, func(vb pdu.VarBind, name ber.OID) int { return vb.Name.Compare(name) })
		switch {
		case found && !next:
			return list[i]
		case !next:
			return pdu.VarBind{Name: name, Value: pdu.NoSuchInstance}
		case found:
			i++
		}
		if i == len(list) {
			return pdu.VarBind{Name: name, Value: pdu.EndOfMibView}
		}
		return list[i]
	}
	var answer []pdu.VarBind
	repetitions := int32(1)
	if m.PDU.Kind == pdu.GetBulkRequest {
		repetitions = min(m.PDU.MaxRepetitions, 50)
	}
	names := m.PDU.VarBinds
	for range repetitions {
		for i := range names {
			vb := find(names[i].Name, m.PDU.Kind != pdu.GetRequest)
			answer = append(answer, vb)
			names[i].Name = vb.Name
		}
	}
	m.PDU = pdu.PDU{Kind: pdu.Response, RequestID: m.PDU.RequestID, VarBinds: answer}
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }
