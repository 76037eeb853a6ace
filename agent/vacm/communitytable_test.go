package vacm_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

var communityTable = ber.MustOID("1.3.6.1.6.3.18.1.1.1")

func networks(list ...string) (prefixes []netip.Prefix) {
	for _, text := range list {
		prefixes = append(prefixes, netip.MustParsePrefix(text))
	}
	return prefixes
}

// TestCommunityTable shows snmpCommunityTable (RFC 3584 §5.3), in the order in which
// its rows are tried, and what becomes of it when there are other communities.
func TestCommunityTable(t *testing.T) {
	p := vacm.MustNew(
		vacm.Community{Community: "s3cret", Sources: networks("192.0.2.0/24", "2001:db8::/32"), SecurityName: "noc", ContextName: "blue"},
		vacm.CommunityRule{Community: "s3cret", Writable: true},
	)
	tree := served(t, p)
	encrypted := &mib.Request{SecurityLevel: pdu.AuthPriv}
	got := walk(t, encrypted, tree, communityTable)
	for i, line := range got {
		got[i] = strings.TrimPrefix(line, communityTable.String()+".")
	}
	first, second := ".48.48.48.48.48.49 = ", ".48.48.48.48.48.50 = "
	want := []string{
		"2" + first + `OCTET STRING "s3cret"`, "2" + second + `OCTET STRING "s3cret"`,
		"3" + first + `OCTET STRING "noc"`, "3" + second + `OCTET STRING "community-rule-1"`,
		"4" + first + pdu.OctetString(engine.EngineID()).String(), "4" + second + pdu.OctetString(engine.EngineID()).String(),
		"5" + first + `OCTET STRING "blue"`, "5" + second + `OCTET STRING ""`,
		"6" + first + `OCTET STRING "192.0.2.0/24,2001:db8::/32"`, "6" + second + `OCTET STRING ""`,
		"7" + first + "INTEGER 5", "7" + second + "INTEGER 5",
		"8" + first + "INTEGER 1", "8" + second + "INTEGER 1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	name := communityTable.Append(2, 48, 48, 48, 48, 48, 49)
	if err := tree.Set(encrypted, []pdu.VarBind{octetsOf(name, "other")}); statusOf(err).Status != pdu.NotWritable {
		t.Errorf("snmpCommunityName is set: %v", err)
	}
	if err := p.Replace(vacm.CommunityRule{Community: "new"}); err != nil {
		t.Fatal(err)
	}
	if v, err := tree.Get(encrypted, name); err != nil || v != pdu.OctetString("new") {
		t.Errorf("after a Replace %v, %v", v, err)
	}
	if got := walk(t, encrypted, tree, communityTable); len(got) != 7 {
		t.Errorf("after a Replace there are %q", got)
	}
}

// TestCommunityTableLevel: the communities are secrets, and there at authPriv only
// (RFC 3584 §8).
func TestCommunityTableLevel(t *testing.T) {
	tree := served(t, vacm.MustNew(vacm.CommunityRule{Community: "s3cret"}))
	for level, want := range map[pdu.SecurityLevel]int{pdu.NoAuthNoPriv: 0, pdu.AuthNoPriv: 0, pdu.AuthPriv: 7} {
		r := &mib.Request{SecurityLevel: level}
		if got := walk(t, r, tree, communityTable); len(got) != want {
			t.Errorf("at %v: %q", level, got)
		}
		v, err := tree.Get(r, communityTable.Append(2, 48, 48, 48, 48, 48, 49))
		if err != nil || (v == pdu.OctetString("s3cret")) != (want > 0) || want == 0 && v != pdu.NoSuchInstance {
			t.Errorf("at %v: %v, %v", level, v, err)
		}
	}
}

// TestTransportTag: a snmpCommunityTransportTag is a SnmpTagValue, which has neither
// delimiters nor more than 255 octets (RFC 3413 §4.1.2).
func TestTransportTag(t *testing.T) {
	long := "2001:db8:1111:2222:3333:4444:5555:6666/128" // 42 octets
	for n, want := range map[int]string{
		0: "",
		1: long,
		2: long + "," + long,
		5: strings.Repeat(long+",", 4) + long,
		6: strings.Repeat(long+",", 5) + "...",
		9: strings.Repeat(long+",", 5) + "...",
	} {
		tree := served(t, vacm.MustNew(vacm.CommunityRule{Community: "s3cret", Sources: networks(slices.Repeat([]string{long}, n)...)}))
		got, err := tree.Get(&mib.Request{SecurityLevel: pdu.AuthPriv}, communityTable.Append(6, 48, 48, 48, 48, 48, 49))
		if err != nil || got != pdu.OctetString(want) {
			t.Errorf("of %d sources: %v, %v; want %q", n, got, err, want)
		}
	}
	full := "192.0.2.0/24" // twenty of twelve octets need 259 with the commas, nineteen 246
	tree := served(t, vacm.MustNew(vacm.CommunityRule{Community: "s3cret", Sources: networks(slices.Repeat([]string{full}, 20)...)}))
	got, _ := tree.Get(&mib.Request{SecurityLevel: pdu.AuthPriv}, communityTable.Append(6, 48, 48, 48, 48, 48, 49))
	if want := strings.Repeat(full+",", 19) + "..."; got != pdu.OctetString(want) || len(want) > 255 {
		t.Errorf("of twenty sources: %v, want %q", got, want)
	}
}
