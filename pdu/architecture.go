package pdu

import (
	"strconv"
	"strings"
)

// A Version is the version of a message as its first field has it.
type Version int32

const (
	V1  Version = 0 // RFC 1157
	V2c Version = 1 // RFC 1901
	V3  Version = 3 // RFC 3412
)

func (v Version) String() string {
	switch v {
	case V1:
		return "SNMPv1"
	case V2c:
		return "SNMPv2c"
	case V3:
		return "SNMPv3"
	}
	return "SNMP version field " + strconv.Itoa(int(v))
}

// A SecurityModel says by which rules a message was found authentic (RFC 3411
// §3.3.1, SnmpSecurityModel).
type SecurityModel int32

const (
	SecurityModelAny SecurityModel = 0
	SecurityModelV1  SecurityModel = 1
	SecurityModelV2c SecurityModel = 2
	SecurityModelUSM SecurityModel = 3 // RFC 3414
)

// securityModelNames are those that snmpd.conf and Net-SNMP's tools have.
var securityModelNames = [...]string{SecurityModelAny: "any", SecurityModelV1: "v1", SecurityModelV2c: "v2c", SecurityModelUSM: "usm"}

// String returns the name that Net-SNMP has for a model: any, v1, v2c or usm. Of
// others it is the number.
func (m SecurityModel) String() string {
	if m >= 0 && int(m) < len(securityModelNames) {
		return securityModelNames[m]
	}
	return strconv.Itoa(int(m))
}

// ParseSecurityModel returns the model that String has a name for, in upper or lower
// case, and false if there is none.
func ParseSecurityModel(name string) (SecurityModel, bool) {
	for m, known := range securityModelNames {
		if strings.EqualFold(name, known) {
			return SecurityModel(m), true
		}
	}
	return 0, false
}

// A SecurityLevel says what protected a message (RFC 3411 §3.4.3). The zero
// value is noAuthNoPriv; SnmpSecurityLevel in MIBs counts one higher.
type SecurityLevel int

const (
	NoAuthNoPriv SecurityLevel = 0
	AuthNoPriv   SecurityLevel = 1
	AuthPriv     SecurityLevel = 2
)

func (l SecurityLevel) String() string {
	switch l {
	case NoAuthNoPriv:
		return "noAuthNoPriv"
	case AuthNoPriv:
		return "authNoPriv"
	case AuthPriv:
		return "authPriv"
	}
	return "securityLevel " + strconv.Itoa(int(l))
}
