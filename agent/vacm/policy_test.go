package vacm_test

import (
	"net/netip"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// TestReplaceRules shows that a request which came in by a rule that is replaced
// meanwhile does not get what another rule allows.
func TestReplaceRules(t *testing.T) {
	source := netip.MustParseAddr("192.0.2.9")
	r := vacm.MustNew(vacm.CommunityRule{Community: "reader"}, vacm.UserRule{User: "ops"})
	reader, ok := r.Community([]byte("reader"), source)
	if !ok {
		t.Fatal("reader is not let in")
	}
	r.Replace(vacm.CommunityRule{Community: "writer", Writable: true}, vacm.UserRule{User: "other"})
	if _, ok := r.Community([]byte("reader"), source); ok {
		t.Error("a community whose rule is gone is let in")
	}
	if _, err := r.View(&mib.Request{SecurityModel: pdu.SecurityModelV2c, SecurityName: reader.SecurityName}, vacm.ReadView); err != pdu.AuthorizationError {
		t.Errorf("a request by a former rule: %v, want authorizationError", err)
	}
	writer, ok := r.Community([]byte("writer"), source)
	if !ok {
		t.Fatal("writer is not let in")
	}
	if _, err := r.View(&mib.Request{SecurityModel: pdu.SecurityModelV2c, SecurityName: writer.SecurityName}, vacm.WriteView); err != nil {
		t.Errorf("a request by a new rule: %v", err)
	}
	for user, want := range map[string]error{"ops": pdu.AuthorizationError, "other": nil} {
		if _, err := r.View(&mib.Request{SecurityModel: pdu.SecurityModelUSM, SecurityName: user}, vacm.ReadView); err != want {
			t.Errorf("user %s: %v, want %v", user, err, want)
		}
	}
}
