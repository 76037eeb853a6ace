package accessconf

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"snmpstack/cmd/internal/snmpdconf"
)

// lookUpTimeout bounds how long a host name may take.
const lookUpTimeout = 5 * time.Second

// over says by which network a community comes in.
type over struct {
	family, network string
	all             []netip.Prefix
}

var (
	overIPv4 = over{"IPv4", "ip4", []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}}
	overIPv6 = over{"IPv6", "ip6", []netip.Prefix{netip.MustParsePrefix("::/0")}}
	overBoth = over{"IPv4 or IPv6", "ip", append(overIPv4.all[:1:1], overIPv6.all...)}
)

// has reports whether addresses of this length are of the network.
func (o over) has(addr netip.Addr) bool {
	return o.network == "ip" || addr.Is4() == (o.network == "ip4")
}

// A source is where a community is good, or is not.
type source struct {
	prefixes []netip.Prefix
	denied   bool
}

// parse reads a SOURCE: default, an address, NETWORK/BITS, NETWORK/NETMASK or a host
// name. A ! in front denies where it is otherwise allowed by the lines below. A name
// is looked up here, once, unless it may be a community: others, the words beside it,
// tell.
func (o over) parse(ctx context.Context, text string, find lookUp, others ...string) (s source, err error) {
	if text == "" || strings.ToLower(text) == "default" {
		return source{prefixes: o.all}, nil
	}
	text, s.denied = strings.CutPrefix(text, "!")
	s.prefixes, err = o.parsePrefixes(ctx, text, find, others)
	return s, err
}

func (o over) parsePrefixes(ctx context.Context, text string, find lookUp, others []string) ([]netip.Prefix, error) {
	host, mask, hasMask := strings.Cut(text, "/")
	addr, err := netip.ParseAddr(host)
	if err != nil {
		switch {
		case hasMask || !IsHostName(host):
			return nil, errNoSource
		case slices.ContainsFunc(others, isNoHostName):
			return nil, errSwapped
		}
		return find.prefixes(ctx, o.network, host)
	}
	switch {
	case addr.Is4In6(): // no message comes from one, so that a ! would deny nobody
		return nil, fmt.Errorf("source %q is an IPv4 address in the form of IPv6, expected %s", text, addr.Unmap())
	case !o.has(addr):
		return nil, fmt.Errorf("source %q is not %s", text, o.family)
	}
	bits := addr.BitLen()
	if hasMask {
		if bits, err = maskBits(mask, addr); err != nil {
			return nil, fmt.Errorf("source %q: %w", text, err)
		}
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return nil, fmt.Errorf("source %q: %w", text, err)
	}
	if p.Addr() != addr.WithZone("") {
		return nil, fmt.Errorf("source %q: the address has bits set behind the mask, expected %s", text, p)
	}
	return []netip.Prefix{p}, nil
}

// maskBits reads what follows the slash: a number of bits or a netmask.
func maskBits(mask string, addr netip.Addr) (bits int, err error) {
	if n, err := strconv.Atoi(mask); err == nil && n >= 0 && n <= addr.BitLen() {
		return n, nil
	}
	m, err := netip.ParseAddr(mask)
	if err != nil || m.BitLen() != addr.BitLen() {
		return 0, fmt.Errorf("%q is neither a number of bits nor a netmask", mask)
	}
	bits, _ = net.IPMask(m.AsSlice()).Size()
	if bits == 0 && !m.IsUnspecified() {
		return 0, fmt.Errorf("netmask %s is not a run of ones", mask)
	}
	return bits, nil
}

// What stands in a source's place and is none may be a community, or a part of one, so
// that it is not shown.
var (
	errNoSource   = errors.New("the source is none (it is not shown: it may be a community), expected default, an address, NETWORK/BITS, NETWORK/NETMASK or a host name")
	errSwapped    = errors.New("the source is none, but another word is (neither is shown: they may be communities), expected them in another order; nobody was asked for an address")
	errUnresolved = errors.New("the source is neither an address nor a host name that can be resolved (it is not shown: it may be a community)")
)

// IsHostName reports whether a word can be the name of a host (RFC 1123 §2.1): letters,
// digits and hyphens between dots, and no number at the end. Underscores are taken as
// well. A source that
// cannot is perhaps a community, and is not sent to a name server.
func IsHostName(word string) bool {
	labels := strings.Split(strings.TrimSuffix(word, "."), ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") || strings.Trim(label, hostNameCharacters) != "" {
			return false
		}
	}
	return len(word) <= 253 && strings.Trim(labels[len(labels)-1], "0123456789") != ""
}

const hostNameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// isNoHostName reports whether a word is a source of another kind.
func isNoHostName(word string) bool {
	host, _, _ := strings.Cut(strings.TrimPrefix(word, "!"), "/")
	_, err := netip.ParseAddr(host)
	return err == nil || strings.ToLower(word) == "default"
}

// lookUp is how host names are looked up: net.DefaultResolver.LookupNetIP.
type lookUp func(ctx context.Context, network, host string) ([]netip.Addr, error)

func (l lookUp) prefixes(ctx context.Context, network, host string) ([]netip.Prefix, error) {
	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	addrs, err := l(ctx, network, host)
	if err != nil || len(addrs) == 0 {
		return nil, errUnresolved
	}
	var prefixes []netip.Prefix
	for _, a := range addrs {
		a = a.Unmap().WithZone("")
		prefixes = append(prefixes, netip.PrefixFrom(a, a.BitLen()))
	}
	return prefixes, nil
}

// A denial is a community with a source that it is not good from, whatever the lines
// below say.
type denial struct {
	community string
	from      []netip.Prefix
}

func (r *Rules) deny(d snmpdconf.Directive, community string, from []netip.Prefix) {
	r.entries = append(r.entries, entry{line: d, denied: &denial{community, from}})
}

// badSource is for a SOURCE that is wrong: where it was to deny, nobody is let in.
func (r *Rules) badSource(d snmpdconf.Directive, community, text string, err error) error {
	if strings.HasPrefix(text, "!") {
		r.deny(d, community, overBoth.all)
		return fmt.Errorf("%w; the lines below let nobody in with this community", err)
	}
	return err
}

var errDenied = errors.New("every source of it is denied by the lines above, the line has no effect")

// without returns the part of some networks that does not lie in others.
func without(networks, others []netip.Prefix) []netip.Prefix {
	for _, o := range others {
		var rest []netip.Prefix
		for _, n := range networks {
			rest = appendWithout(rest, n, o)
		}
		networks = rest
	}
	return networks
}

// appendWithout appends what is left of network without other: itself, nothing, or
// of each half on the way down to other the one that other is not in.
func appendWithout(list []netip.Prefix, network, other netip.Prefix) []netip.Prefix {
	switch {
	case !network.Overlaps(other):
		return append(list, network)
	case other.Bits() <= network.Bits():
		return list
	}
	for bits := network.Bits() + 1; bits <= other.Bits(); bits++ {
		half := netip.PrefixFrom(other.Addr(), bits).Masked()
		list = append(list, netip.PrefixFrom(flipped(half.Addr(), bits-1), bits))
	}
	return list
}

// flipped returns an address with one bit changed, 0 being the first one.
func flipped(a netip.Addr, bit int) netip.Addr {
	octets := a.AsSlice()
	octets[bit/8] ^= 0x80 >> (bit % 8)
	a, _ = netip.AddrFromSlice(octets)
	return a
}
