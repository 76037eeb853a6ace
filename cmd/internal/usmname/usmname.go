// Package usmname reads the names that Net-SNMP's tools and configuration files
// have for the protocols of the user-based security model.
package usmname

import (
	"strings"

	"snmpstack/usm"
)

// Auth returns the authentication protocol called name. Case and hyphens do not
// count: SHA-256 and sha256 are the same.
func Auth(name string) (usm.AuthProtocol, bool) {
	p, ok := auths[plain(name)]
	return p, ok
}

var auths = map[string]usm.AuthProtocol{
	"MD5":    usm.MD5,
	"SHA":    usm.SHA1,
	"SHA1":   usm.SHA1,
	"SHA224": usm.SHA224,
	"SHA256": usm.SHA256,
	"SHA384": usm.SHA384,
	"SHA512": usm.SHA512,
}

// Priv returns the privacy protocol called name and how its key is extended.
// AES-192 and AES-256 are Blumenthal's, as Net-SNMP has them, and with a C behind
// them Reeder's, as Cisco has them. 3DES, which Net-SNMP lacks, is Reeder's only.
func Priv(name string) (usm.PrivProtocol, usm.KeyExtension, bool) {
	row, ok := privs[plain(name)]
	return row.protocol, row.extension, ok
}

var privs = map[string]struct {
	protocol  usm.PrivProtocol
	extension usm.KeyExtension
}{
	"DES":     {usm.DES, usm.AutoExtension},
	"3DES":    {usm.TripleDES, usm.Reeder},
	"3DESEDE": {usm.TripleDES, usm.Reeder},
	"AES":     {usm.AES128, usm.AutoExtension},
	"AES128":  {usm.AES128, usm.AutoExtension},
	"AES192":  {usm.AES192, usm.Blumenthal},
	"AES256":  {usm.AES256, usm.Blumenthal},
	"AES192C": {usm.AES192, usm.Reeder},
	"AES256C": {usm.AES256, usm.Reeder},
}

func plain(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "")) }
