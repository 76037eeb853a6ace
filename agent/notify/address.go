package notify

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"snmpstack/ber"
)

// The transport domains of UDP (RFC 3417 §2, RFC 3419 §4).
var (
	SnmpUDPDomain          = ber.MustOID("1.3.6.1.6.1.1")       // IPv4: 4 octets, and 2 of the port
	TransportDomainUDPIPv4 = ber.MustOID("1.3.6.1.2.1.100.1.1") // the same
	TransportDomainUDPIPv6 = ber.MustOID("1.3.6.1.2.1.100.1.2") // 16 octets, and 2 of the port
	// TransportDomainUDPIPv6z has 4 octets in between, the number of the interface.
	TransportDomainUDPIPv6z = ber.MustOID("1.3.6.1.2.1.100.1.4")
	// TransportDomainUDPDNS has a host's name, a colon and the port, all in ASCII.
	TransportDomainUDPDNS = ber.MustOID("1.3.6.1.2.1.100.1.14")
)

// isDomain reports whether messages can be sent over a transport domain.
func isDomain(domain ber.OID) bool {
	switch domain {
	case SnmpUDPDomain, TransportDomainUDPIPv4, TransportDomainUDPIPv6, TransportDomainUDPIPv6z, TransportDomainUDPDNS:
		return true
	}
	return false
}

var (
	errDomain   = errors.New("the transport domain is none that messages are sent over here")
	errTAddress = errors.New("the transport address is none of the transport domain's, or has no port")
)

// endpoint returns a transport address as text, with a port: what agent.Target has.
func endpoint(domain ber.OID, address string) (string, error) {
	b := []byte(address)
	zone := ""
	switch domain {
	case SnmpUDPDomain, TransportDomainUDPIPv4:
		if len(b) != 6 {
			return "", errTAddress
		}
	case TransportDomainUDPIPv6:
		if len(b) != 18 {
			return "", errTAddress
		}
	case TransportDomainUDPIPv6z:
		if len(b) != 22 {
			return "", errTAddress
		}
		zone = strconv.FormatUint(uint64(binary.BigEndian.Uint32(b[16:])), 10)
		b = append(b[:16:16], b[20:]...)
	case TransportDomainUDPDNS:
		return endpointDNS(address)
	default:
		return "", errDomain
	}
	ip, _ := netip.AddrFromSlice(b[:len(b)-2])
	port := binary.BigEndian.Uint16(b[len(b)-2:])
	if port == 0 {
		return "", errTAddress
	}
	return netip.AddrPortFrom(ip.WithZone(zone), port).String(), nil
}

// endpointDNS checks a TransportAddressDns (RFC 3419 §4).
func endpointDNS(address string) (string, error) {
	host, port, ok := strings.Cut(address, ":")
	if n, err := strconv.ParseUint(port, 10, 16); !ok || err != nil || n == 0 || len(address) > maxText || !isHost(host) {
		return "", errTAddress
	}
	return address, nil
}

// isHost reports whether s may be the name of a host: letters, digits, hyphens,
// underscores and dots, and not an address.
func isHost(s string) bool {
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	_, err := netip.ParseAddr(s)
	return s != "" && err != nil
}

// defaultPort is that of those who receive notifications (RFC 3417 §3.2).
const defaultPort = 162

// transportOf returns the transport domain and address of what an Address says.
func transportOf(text string) (domain ber.OID, address string, err error) {
	host, port := text, uint64(defaultPort)
	if inner, ok := strings.CutPrefix(text, "["); ok && strings.HasSuffix(inner, "]") {
		host = inner[:len(inner)-1]
	} else if _, err := netip.ParseAddr(text); err != nil && strings.Contains(text, ":") {
		service := ""
		if host, service, err = net.SplitHostPort(text); err == nil {
			port, err = strconv.ParseUint(service, 10, 16)
		}
		if err != nil || port == 0 {
			return "", "", fmt.Errorf("address %q: expected HOST, HOST:PORT or [IPv6]:PORT with a port from 1 to 65535", text)
		}
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		address = fmt.Sprintf("%s:%d", host, port)
		if _, err := endpointDNS(address); err != nil {
			return "", "", fmt.Errorf("address %q: neither an IP address nor the name of a host", text)
		}
		return TransportDomainUDPDNS, address, nil
	}
	ip = ip.Unmap()
	b := ip.AsSlice()
	domain = TransportDomainUDPIPv6
	switch {
	case ip.Is4():
		domain = SnmpUDPDomain
	case ip.Zone() != "":
		n, err := interfaceNumber(ip.Zone())
		if err != nil {
			return "", "", fmt.Errorf("address %q: %w", text, err)
		}
		domain, b = TransportDomainUDPIPv6z, binary.BigEndian.AppendUint32(b, n)
	}
	return domain, string(binary.BigEndian.AppendUint16(b, uint16(port))), nil
}

// interfaceNumber returns the number of the interface that a zone is.
func interfaceNumber(zone string) (uint32, error) {
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n), nil
	}
	i, err := net.InterfaceByName(zone)
	if err != nil {
		return 0, err
	}
	return uint32(i.Index), nil
}

// Endpoint returns where the row says that somebody is as text: an address or a name,
// and a port, "" if the row says nothing of the kind.
func (r *TargetAddr) Endpoint() string {
	text, _ := endpoint(r.TDomain, r.TAddress)
	return text
}
