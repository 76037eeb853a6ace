package agent_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// Every code has a text of its own, and an Error with it can be told by the code and
// by what is in it.
func TestCodes(t *testing.T) {
	last := agent.Code(0)
	for _, code := range agent.Codes() {
		if code < last { // two errors of the system may have one code
			t.Errorf("%d comes after %d", code, last)
		}
		last = code
		inner := errors.New("more")
		err := fmt.Errorf("around it: %w", &agent.Error{Code: code, Err: inner})
		if !errors.Is(err, &agent.Error{Code: code}) || errors.Is(err, &agent.Error{Code: code + 1}) || !errors.Is(err, inner) {
			t.Errorf("%v is not told by its code", err)
		}
		if !errors.Is(err, code) || errors.Is(err, code+1) || errors.Is(inner, code) {
			t.Errorf("%v is not told by the Code", err)
		}
		text := (&agent.Error{Code: code}).Error()
		if strings.HasPrefix(code.String(), "code ") || !strings.Contains(text, code.String()) || !strings.Contains(text, fmt.Sprint(int(code))) {
			t.Errorf("%d has the text %q", code, text)
		}
	}
	if got := agent.Code(9).String(); got != "code 9" {
		t.Errorf("a code that is none is %q", got)
	}
}

// There is every code of the specification, and no other.
func TestCodesOfTheSpecification(t *testing.T) {
	text, err := os.ReadFile("testdata/specification.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, list, ok := strings.Cut(string(text), "errors: ")
	if !ok {
		t.Fatal("the specification has no errors")
	}
	want := make(map[string]bool)
	for _, code := range strings.Fields(list) {
		want[code] = true
	}
	there := make(map[string]bool)
	for _, code := range agent.Codes() {
		there[fmt.Sprint(int(code))] = true
	}
	if !maps.Equal(there, want) {
		t.Errorf("the codes are %v, want %v", there, want)
	}
}

// Errors of the system and of the resolver get the specification's codes, and stay
// what they are.
func TestSystemErrors(t *testing.T) {
	for _, tt := range []struct {
		err  error
		code agent.Code
	}{
		{&net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}, 10048},
		{&fs.PathError{Op: "open", Err: syscall.EACCES}, 10013},
		{syscall.EPERM, 10013},
		{syscall.EADDRNOTAVAIL, 10049},
		{syscall.EMSGSIZE, 10040},
		{syscall.EINTR, 10004}, {syscall.EBADF, 10009}, {syscall.EFAULT, 10014}, {syscall.EINVAL, 10022}, {syscall.EMFILE, 10024},
		{syscall.EAGAIN, 10035}, {syscall.EINPROGRESS, 10036}, {syscall.EALREADY, 10037}, {syscall.ENOTSOCK, 10038}, {syscall.EDESTADDRREQ, 10039},
		{syscall.EPROTOTYPE, 10041}, {syscall.ENOPROTOOPT, 10042}, {syscall.EPROTONOSUPPORT, 10043}, {syscall.ESOCKTNOSUPPORT, 10044},
		{syscall.EOPNOTSUPP, 10045}, {syscall.EPFNOSUPPORT, 10046}, {syscall.EAFNOSUPPORT, 10047}, {syscall.ENETDOWN, 10050}, {syscall.ENETUNREACH, 10051},
		{syscall.ENETRESET, 10052}, {syscall.ECONNABORTED, 10053}, {syscall.ECONNRESET, 10054}, {syscall.ENOBUFS, 10055}, {syscall.EISCONN, 10056},
		{syscall.ENOTCONN, 10057}, {syscall.ESHUTDOWN, 10058}, {syscall.ETOOMANYREFS, 10059}, {syscall.ETIMEDOUT, 10060}, {syscall.ECONNREFUSED, 10061},
		{syscall.ELOOP, 10062}, {syscall.ENAMETOOLONG, 10063}, {syscall.EHOSTDOWN, 10064}, {syscall.EHOSTUNREACH, 10065}, {syscall.ENOTEMPTY, 10066},
		{syscall.EUSERS, 10068}, {syscall.EDQUOT, 10069}, {syscall.ESTALE, 10070}, {syscall.EREMOTE, 10071},
		{&net.DNSError{IsNotFound: true}, 11001},
		{&net.DNSError{IsTemporary: true}, 11002},
		{&net.DNSError{}, 11003},
		{fmt.Errorf("an option: %w", errors.ErrUnsupported), 10045},
		{&net.OpError{Op: "write", Err: net.ErrClosed}, 109},
		{errors.New("something else"), 10022},
		{fmt.Errorf("one with a code: %w", &agent.Error{Code: 118}), 118},
	} {
		got := agent.SystemError(tt.err)
		if codeOf(got) != tt.code || !errors.Is(got, tt.err) {
			t.Errorf("%v becomes %v, want code %d", tt.err, got, tt.code)
		}
	}
}

// Every error of an Agent's methods has a code.
func TestEveryErrorHasACode(t *testing.T) {
	activate := func(set func(a *agent.Agent)) func(a *agent.Agent) error {
		return func(a *agent.Agent) error { set(a); return a.Activate() }
	}
	object := pdu.VarBind{Name: ber.MustOID("1.3.6.1.2.1.1.1.0"), Value: pdu.Integer(1)}
	coldStart := agent.Notification{OID: pdu.SnmpTraps.Append(1)}
	for name, tt := range map[string]struct {
		call func(a *agent.Agent) error
		code agent.Code
	}{
		"a name that is none":    {activate(func(a *agent.Agent) { a.LocalHost = "a.invalid" }), 0},
		"DSCP":                   {activate(func(a *agent.Agent) { a.Transport.DSCP = 64 }), 10022},
		"InBufferSize":           {activate(func(a *agent.Agent) { a.Transport.InBufferSize = -1 }), 10022},
		"a multicast address":    {activate(func(a *agent.Agent) { a.LocalHost = "224.0.0.1" }), 10022},
		"brackets":               {activate(func(a *agent.Agent) { a.LocalHost = "[::1]" }), 10022},
		"an address with a port": {activate(func(a *agent.Agent) { a.LocalHost = "127.0.0.1:161" }), 0},
		"somebody else's":        {activate(func(a *agent.Agent) { a.LocalHost = "192.0.2.1" }), 10049},
		"LocalPort":              {activate(func(a *agent.Agent) { a.LocalPort = 65536 }), 10022},
		"CompatibilityMode":      {activate(func(a *agent.Agent) { a.CompatibilityMode = 7 }), 10022},
		"SecurityProvider":       {activate(func(a *agent.Agent) { a.SecurityProvider = 9 }), 10022},
		"CodePage":               {activate(func(a *agent.Agent) { a.CodePage = 37 }), 434},
		"MIB without Access":     {activate(func(a *agent.Agent) { a.MIB = mib.NewTree() }), 10022},
		"Contexts":               {activate(func(a *agent.Agent) { a.Contexts = []string{strings.Repeat("x", 33)} }), 10022},
		"an agent not by New":    {func(*agent.Agent) error { return new(agent.Agent).Activate() }, 10022},
		"ListenAndServe":         {func(a *agent.Agent) error { a.LocalPort = -1; return a.ListenAndServe(t.Context()) }, 10022},
		"SendTrap, a port":       {func(a *agent.Agent) error { return a.SendTrap("127.0.0.1:x", "coldStart") }, 10022},
		"SendTrap, a trap":       {func(a *agent.Agent) error { return a.SendTrap("127.0.0.1", "bogus") }, 322},
		"SendTrap, an object":    {func(a *agent.Agent) error { return a.SendTrap("127.0.0.1", "coldStart", pdu.VarBind{}) }, 10022},
		"SendSecureTrap, a user": {func(a *agent.Agent) error {
			return a.SendSecureTrap("127.0.0.1", "coldStart", "", usm.SHA1, "a password", usm.NoPriv, "")
		}, 10022},
		"Notify": {func(a *agent.Agent) error {
			return a.Notify(t.Context(), agent.Target{Address: "127.0.0.1", Version: 2}, coldStart)
		}, 305},
		"Notify, no OID": {func(a *agent.Agent) error {
			return a.Notify(t.Context(), agent.Target{Address: "127.0.0.1"}, agent.Notification{})
		}, 322},
		"NotifyAll":    {func(a *agent.Agent) error { return a.NotifyAll(t.Context(), agent.Notification{}) }, 322},
		"Destinations": {func(a *agent.Agent) error { _, err := a.Destinations(agent.Notification{}); return err }, 322},
		"AddUser":      {func(a *agent.Agent) error { return a.AddUser("u", usm.SHA1, "short", usm.NoPriv, "") }, 10022},
		"AddUserKeys": {func(a *agent.Agent) error {
			return a.AddUserKeys(usm.User{Name: "u", Auth: usm.SHA1, AuthKey: []byte("x")})
		}, 329},
		"AddUserEntry": {func(a *agent.Agent) error {
			return a.AddUserEntry(agent.UserEntry{User: usm.User{Name: "u"}, Status: 99})
		}, 10022},
		"Config":             {func(a *agent.Agent) error { _, err := a.Config("TrapPort=x"); return err }, 10022},
		"Config, no setting": {func(a *agent.Agent) error { _, err := a.Config("Nonsense"); return err }, 10022},
		"SendData":           {func(a *agent.Agent) error { return a.SendData(nil) }, 119},
		"SendData, nobody":   {func(a *agent.Agent) error { return a.SendData([]byte("x")) }, 10039},
		"DoEvents":           {(*agent.Agent).DoEvents, 109},
		"SendResponse":       {func(a *agent.Agent) error { return a.SendResponse(from, 1, pdu.NoError, -1, object) }, 319},
		"SendSecureResponse": {func(a *agent.Agent) error {
			return a.SendSecureResponse(from, 1, 1, pdu.NoError, -1, usm.User{Name: "u"})
		}, 319},
		"Respond": {func(*agent.Agent) error { return new(agent.Deferred).Respond(pdu.NoError, -1) }, 319},
		"Text": {func(a *agent.Agent) error {
			a.CodePage = agent.USASCII
			_, err := a.Text(pdu.OctetString("\xff"))
			return err
		}, 434},
		"Text, no page":   {func(a *agent.Agent) error { a.CodePage = 37; _, err := a.Text(pdu.OctetString("x")); return err }, 434},
		"NewObject":       {func(a *agent.Agent) error { _, err := a.NewObject("1", pdu.TypeInteger, "1"); return err }, 10022},
		"RegisterObjects": {func(a *agent.Agent) error { return a.RegisterObjects(nil, nil) }, 10022},
		"registered twice": {func(a *agent.Agent) error {
			tree := mib.NewTree()
			if err := a.RegisterObjects(tree, new(agent.System)); err != nil {
				return err
			}
			return a.RegisterObjects(tree, new(agent.System))
		}, 10022},
		"RegisterAccess": {func(a *agent.Agent) error { return a.RegisterAccess(mib.NewTree(), new(agent.System), vacm.MustNew()) }, 10022},
		"RegisterTargets": {func(a *agent.Agent) error {
			return a.RegisterTargets(mib.NewTree(), new(agent.System), nil)
		}, 10022},
		"Objects.At":    {func(*agent.Agent) error { _, err := agent.Objects{}.At(0); return err }, 301},
		"Objects.Value": {func(*agent.Agent) error { _, err := agent.Objects{}.Value("1.3"); return err }, 322},
	} {
		a := local()
		err := tt.call(a)
		a.Deactivate()
		if code := codeOf(err); code == 0 || tt.code != 0 && code != tt.code {
			t.Errorf("%s: %v, want an error with code %d", name, err, int(tt.code))
		}
	}
}

// A name that has addresses of the other family alone is error 11004.
func TestNameWithoutAddress(t *testing.T) {
	for _, ipv6 := range []bool{false, true} {
		a := local()
		a.LocalHost, a.UseIPv6 = "localhost", ipv6
		if err := a.Activate(); err != nil && codeOf(err) != agent.CodeNoData && codeOf(err) != agent.CodeAddressUnavailable && codeOf(err) != agent.CodeAddressFamily {
			t.Errorf("UseIPv6 %v: %v", ipv6, err)
		}
		a.Deactivate()
	}
}
