package usmname

import (
	"testing"

	"snmpstack/usm"
)

func TestAuth(t *testing.T) {
	tests := map[string]usm.AuthProtocol{
		"MD5": usm.MD5, "SHA": usm.SHA1, "sha-1": usm.SHA1, "SHA-224": usm.SHA224, "SHA224": usm.SHA224,
		"SHA-256": usm.SHA256, "SHA-384": usm.SHA384, "sha512": usm.SHA512,
	}
	for name, want := range tests {
		if got, ok := Auth(name); got != want || !ok {
			t.Errorf("%s is %v, %v, want %v", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "any", "HMAC-SHA", "SHA-999", "DES"} {
		if got, ok := Auth(name); ok {
			t.Errorf("%q is %v", name, got)
		}
	}
}

func TestPriv(t *testing.T) {
	tests := map[string]struct {
		protocol  usm.PrivProtocol
		extension usm.KeyExtension
	}{
		"DES": {usm.DES, usm.AutoExtension}, "3des": {usm.TripleDES, usm.Reeder}, "3DES-EDE": {usm.TripleDES, usm.Reeder},
		"AES": {usm.AES128, usm.AutoExtension}, "AES-128": {usm.AES128, usm.AutoExtension},
		"AES-192": {usm.AES192, usm.Blumenthal}, "AES256": {usm.AES256, usm.Blumenthal},
		"AES-192-C": {usm.AES192, usm.Reeder}, "aes256c": {usm.AES256, usm.Reeder},
	}
	for name, want := range tests {
		if got, extension, ok := Priv(name); got != want.protocol || extension != want.extension || !ok {
			t.Errorf("%s is %v, %v, %v, want %v", name, got, extension, ok, want)
		}
	}
	for _, name := range []string{"", "none", "AES-512", "MD5"} {
		if got, _, ok := Priv(name); ok {
			t.Errorf("%q is %v", name, got)
		}
	}
}
