package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const shared = "../../../shared"

// readJSON reads a file of the test data that are not part of the repository.
func readJSON(t *testing.T, name string, v any) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(shared, name))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("no test data here: %v", err)
	}
	if err == nil {
		err = json.Unmarshal(content, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A knownUser is a user of the test data.
type knownUser struct {
	User, Auth, Priv, Extension string
	AuthPassphrase              string `json:"auth_passphrase"`
	PrivPassphrase              string `json:"priv_passphrase"`
}

// options returns the command line's options for the user.
func (u knownUser) options() []string {
	args := []string{"-u", u.User}
	if u.Auth != "" {
		args = append(args, "-a", u.Auth, "-A", u.AuthPassphrase)
	}
	if u.Priv != "" {
		if u.Extension == "reeder" && u.Priv != "3DES" {
			u.Priv += "-C"
		}
		args = append(args, "-x", u.Priv, "-X", u.PrivPassphrase)
	}
	return args
}

// decodeLines runs decode with all the messages and returns what it shows of each.
func decodeLines[M any](t *testing.T, options []string, list []M, payload func(M) string) []string {
	t.Helper()
	var in, stdout, stderr strings.Builder
	for _, m := range list {
		in.WriteString(payload(m) + "\n")
	}
	run(t.Context(), append([]string{"snmptool", "decode", "-l"}, options...), strings.NewReader(in.String()), &stdout, &stderr)
	shown := strings.Split(stdout.String(), "\n\n")
	if stderr.Len() > 0 || len(shown) != len(list) {
		t.Fatalf("%q: %d messages of %d are shown, error output %q", options, len(shown), len(list), stderr.String())
	}
	return shown
}

// TestDecodeSecure verifies and decrypts every message of the captures of SNMPv3
// whose user is known: decode says as much of it as those who captured it found
// out, and refuses exactly those that they call wrong.
func TestDecodeSecure(t *testing.T) {
	var index struct {
		Doc struct {
			Users []knownUser
		}
	}
	readJSON(t, "packets/index.json", &index)
	options := map[string][]string{}
	for _, u := range index.Doc.Users {
		options[u.User] = u.options()
	}
	type message struct {
		Payload string
		Decoded struct {
			Flags int
			User  string
			PDU   *json.RawMessage // null: nobody could decrypt it
		}
	}
	byUser := map[string][]message{}
	for _, name := range []string{"v3-netsnmp", "v3-reports", "v3-notifications", "v3-3des", "v3-gosnmp", "v3-node"} {
		var list []message
		readJSON(t, "packets/decoded/"+name+".json", &list)
		for _, m := range list {
			user, err := hex.DecodeString(m.Decoded.User)
			if err != nil {
				t.Fatal(err)
			}
			if m.Decoded.Flags&3 != 0 && options[string(user)] != nil {
				byUser[string(user)] = append(byUser[string(user)], m)
			}
		}
	}
	var verified, decrypted, refused int
	for user, list := range byUser {
		shown := decodeLines(t, options[user], list, func(m message) string { return m.Payload })
		for i, m := range list {
			good := m.Decoded.PDU != nil
			if good != strings.Contains(shown[i], "request-id INTEGER") || good == strings.Contains(shown[i], ": refused, ") {
				t.Errorf("%s:\n%s", user, shown[i])
			}
			switch {
			case !good:
				refused++
			case m.Decoded.Flags&3 == 3:
				decrypted++
			default:
				verified++
			}
		}
	}
	if verified == 0 || decrypted == 0 || refused == 0 {
		t.Errorf("%d messages verified, %d decrypted as well, %d refused", verified, decrypted, refused)
	}
	t.Logf("%d messages verified, %d decrypted as well, %d refused", verified, decrypted, refused)
}

// TestDecodeAltered refuses altered messages at the step of which a receiver sends
// the Report that the RFCs ask for. What takes the receiver's engine ID, its users or
// its contexts is not decode's.
func TestDecodeAltered(t *testing.T) {
	type receiver struct {
		knownUser
		Boots int `json:"local_boots"`
		Time  int `json:"local_time"`
	}
	type vector struct {
		receiver
		Name, Message, Expect string
	}
	var file struct{ Vectors []vector }
	readJSON(t, "vectors/usm_judge.json", &file)
	byReceiver := map[receiver][]vector{}
	for _, v := range file.Vectors {
		if v.User == "" {
			v.User = "noauth_user"
		}
		byReceiver[v.receiver] = append(byReceiver[v.receiver], v)
	}
	// What decode says, as a regular expression.
	wants := map[string]string{
		"accept":                                `SEQUENCE`,
		"report usmStatsWrongDigests":           `(?m)^RFC 3414 §3\.2 \(6\): refused, .*usmStatsWrongDigests`,
		"report usmStatsDecryptionErrors":       `(?m)^RFC 3414 §3\.2 \(8\): refused, .*usmStatsDecryptionErrors`,
		"report usmStatsUnsupportedSecLevels":   `(?m)^RFC 3414 §3\.2 \(5\): refused, .*usmStatsUnsupportedSecLevels`,
		"report usmStatsUnknownUserNames":       `(?m)^RFC 3414 §3\.2 \(4\): the message is not of user`,
		"report usmStatsNotInTimeWindows":       `(?m)^RFC 3414 §3\.2 \(7\): refused, .*usmStatsNotInTimeWindows`,
		"no answer (snmpInvalidMsgs)":           `(?m)^RFC 3412 §7\.2 \(5\): refused, .*snmpInvalidMsgs`,
		"no answer (snmpUnknownSecurityModels)": `(?m)^RFC 3412 §7\.2 \(4\): refused, .*snmpUnknownSecurityModels`,
		"no answer (snmpInASNParseErrs)":        `(?m)^\^ .* malformed: `,
		"no answer (snmpInBadVersions)":         `(?m)^\^ .* malformed: version`,
	}
	seen := map[string]int{}
	for r, list := range byReceiver {
		options := append(r.options(), "-Z", fmt.Sprintf("%d,%d", r.Boots, r.Time))
		shown := decodeLines(t, options, list, func(v vector) string { return v.Message })
		for i, v := range list {
			want, ok := wants[v.Expect]
			if !ok {
				continue
			}
			seen[v.Expect]++
			if !regexp.MustCompile(want).MatchString(shown[i]) || v.Expect == "accept" && regexp.MustCompile("refused|malformed").MatchString(shown[i]) {
				t.Errorf("%s, %s: expected %s\n%s", r.User, v.Name, v.Expect, shown[i])
			}
		}
	}
	if len(seen) != len(wants) {
		t.Errorf("seen are %v, expected all of %d kinds", seen, len(wants))
	}
}
