package usm

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
)

// An EngineID names an SNMP engine, uniquely in its administrative domain: 5 to
// 32 octets in a string (RFC 3411 §5, SnmpEngineID).
type EngineID string

// DocumentationEnterprise is the enterprise number of engine IDs unless told
// otherwise: the one that RFC 5612 sets aside for documentation. A product has a
// number of its own.
const DocumentationEnterprise = 32473

// The format octet of engine IDs that NewEngineID makes (RFC 3411 §5).
const (
	FormatText   = 4 // up to 27 octets of text
	FormatOctets = 5 // up to 27 octets, administratively assigned
)

var errEngineID = errors.New("an engine ID has 5 to 32 octets, not all 00 or FF")

// Check returns an error unless id may be an engine's ID (RFC 3411 §5).
func (id EngineID) Check() error {
	if len(id) < 5 || len(id) > 32 || id.all(0x00) || id.all(0xFF) {
		return fmt.Errorf("usm: engine ID %q: %w", id.String(), errEngineID)
	}
	return nil
}

// all reports whether every octet is b.
func (id EngineID) all(b byte) bool {
	for i := range len(id) {
		if id[i] != b {
			return false
		}
	}
	return true
}

// String returns the octets in hexadecimal, as "0x80007ed9…".
func (id EngineID) String() string { return "0x" + hex.EncodeToString([]byte(id)) }

// NewEngineID puts an engine ID together (RFC 3411 §5): the enterprise number
// with the first bit set, the format octet, then up to 27 octets. enterprise 0, which is
// reserved and nobody's, means DocumentationEnterprise.
func NewEngineID(enterprise uint32, format byte, octets string) (EngineID, error) {
	if enterprise == 0 {
		enterprise = DocumentationEnterprise
	}
	if enterprise >= 1<<31 {
		return "", fmt.Errorf("usm: enterprise number %d does not fit 31 bits", enterprise)
	}
	b := binary.BigEndian.AppendUint32(nil, enterprise|1<<31)
	id := EngineID(append(b, format)) + EngineID(octets)
	return id, id.Check()
}

// DeriveEngineID makes an engine ID from this machine's identity and the name of
// an instance, normally the port: the same after a restart, another one for
// another instance or machine. enterprise 0 means DocumentationEnterprise.
//
// What identifies the machine does not show in the result. Machines that were
// copied with their machine ID get the same engine ID.
func DeriveEngineID(enterprise uint32, instance string) EngineID {
	sum := sha256.Sum256([]byte("SNMP engine ID\x00" + machineID() + "\x00" + instance))
	id, err := NewEngineID(enterprise&(1<<31-1), FormatOctets, string(sum[:12]))
	if err != nil {
		panic(err) // an ID of 17 octets that begins with 80 to FF and 5
	}
	return id
}

// machineID returns what tells this machine from others: its machine ID, or else
// host name and hardware addresses.
func machineID() string {
	for _, file := range []string{"/etc/machine-id", "/var/lib/dbus/machine-id"} {
		if b, err := os.ReadFile(file); err == nil && len(strings.TrimSpace(string(b))) > 0 {
			return strings.TrimSpace(string(b))
		}
	}
	name, _ := os.Hostname()
	parts := []string{name}
	interfaces, _ := net.Interfaces()
	for _, i := range interfaces {
		if len(i.HardwareAddr) > 0 {
			parts = append(parts, i.HardwareAddr.String())
		}
	}
	return strings.Join(parts, " ")
}
