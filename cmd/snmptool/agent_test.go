package main

import (
	"strings"
	"testing"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/cmd/internal/usmname"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// TestOwnAgent asks this repository's agent with every authentication and every
// privacy protocol, and in the ways that it has a Report for. The agent computes
// with the standard library's cryptography, the tool with the repository's own.
func TestOwnAgent(t *testing.T) {
	tree := mib.NewTree()
	if err := (mib.Scalar{
		Object: ber.MustOID("1.3.6.1.4.1.32473.1"),
		Get:    mib.Value(func() pdu.Value { return pdu.OctetString("ours") }),
	}).Register(tree); err != nil {
		t.Fatal(err)
	}
	a := agent.New()
	a.LocalHost, a.LocalPort, a.MIB, a.Access, a.SecurityProvider = "127.0.0.1", 0, tree, agent.InsecureAllowAll, usm.System
	type pair struct{ auth, priv string }
	var pairs []pair
	for _, auth := range snmpdAuths {
		for _, priv := range append(snmpdPrivs, "3DES") {
			name, _ := snmpdUser(auth, priv)
			u := usm.User{Name: name, AuthPassword: usm.NewSecret("auth-passphrase")}
			u.Auth, _ = usmname.Auth(auth)
			if priv != "" {
				u.Priv, u.Extension, _ = usmname.Priv(priv)
				u.PrivPassword = u.AuthPassword
			}
			if err := a.AddUserKeys(u); err != nil {
				t.Fatal(err)
			}
			pairs = append(pairs, pair{auth, priv})
		}
	}
	if err := a.Activate(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Deactivate() })
	get := func(args ...string) (code int, out, errs string) {
		args = append([]string{"get", "-v3", "-A", "auth-passphrase", "-X", "auth-passphrase"}, args...)
		return runTool(t, append(args, a.LocalAddr().String(), "1.3.6.1.4.1.32473.1.0")...)
	}
	for _, p := range pairs {
		user, level := snmpdUser(p.auth, p.priv)
		args := []string{"-u", user, "-l", level, "-a", p.auth}
		if p.priv != "" {
			args = append(args, "-x", p.priv)
		}
		if code, out, errs := get(args...); code != exitAnswered || !strings.HasSuffix(out, " = STRING: \"ours\"\n") {
			t.Errorf("%s: exit code %d, output %q, error output %q", user, code, out, errs)
		}
	}
	for _, test := range []struct{ options, want string }{
		{"-u nobody", "Unknown user name"},
		{"-u SHA_AES -l authPriv -a SHA -A another-one -x AES", "Authentication failure (incorrect password, community or key)"},
		{"-u SHA_AES -l authPriv -a SHA -x AES -X another-one", "Decryption error"},
		{"-u SHA_AES -l authNoPriv -a SHA", "Unsupported security level"},
		{"-u SHA_AES -l authPriv -a SHA -x AES -n elsewhere", "Unknown context"},
		{"-u SHA_AES -l authPriv -a SHA -x AES -E 8000000001020304", "Unknown PDU handler"},
		{"-u SHA_AES -l authPriv -a SHA -x AES -e 8000000001020304", "Unknown engine ID"},
	} {
		code, out, errs := get(append([]string{"-t0.3"}, strings.Fields(test.options)...)...)
		if code != exitFailed || out != "" || !strings.HasPrefix(errs, "snmptool get: "+test.want+"\n") {
			t.Errorf("%s: exit code %d, output %q, error output %q", test.options, code, out, errs)
		}
	}
}
