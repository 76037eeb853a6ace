package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const packets = "../../../shared/packets"

// readJSON reads a file of the packets' index.
func readJSON(t *testing.T, name string, v any) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(packets, name))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("no captured packets here: %v", err)
	}
	if err == nil {
		err = json.Unmarshal(content, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestDecodeSecure verifies and decrypts every message of the captures of SNMPv3
// whose user is known: decode says as much of it as those who captured it found
// out, and refuses exactly those that they call wrong.
func TestDecodeSecure(t *testing.T) {
	var index struct {
		Doc struct {
			Users []struct {
				User, Auth, Priv, Extension string
				AuthPassphrase              string `json:"auth_passphrase"`
				PrivPassphrase              string `json:"priv_passphrase"`
			}
		}
	}
	readJSON(t, "index.json", &index)
	options := map[string][]string{}
	for _, u := range index.Doc.Users {
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
		options[u.User] = args
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
		readJSON(t, "decoded/"+name+".json", &list)
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
		var text strings.Builder
		for _, m := range list {
			text.WriteString(m.Payload + "\n")
		}
		var stdout, stderr strings.Builder
		run(t.Context(), append([]string{"snmptool", "decode", "-l"}, options[user]...), strings.NewReader(text.String()), &stdout, &stderr)
		shown := strings.Split(stdout.String(), "\n\n")
		if stderr.Len() > 0 || len(shown) != len(list) {
			t.Fatalf("%s: %d messages of %d are shown, error output %q", user, len(shown), len(list), stderr.String())
		}
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
