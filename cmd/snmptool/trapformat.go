package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/cmd/internal/format"
	"snmpstack/mib/smi"
	"snmpstack/pdu"
)

// A trapFormat is a format of snmptrapd's -F, taken apart.
type trapFormat []trapPart

// A trapPart is text, or a sequence that stands for something of a notification.
type trapPart struct {
	text     string
	sequence byte // 0: text
	minus    bool
	zero     bool
	other    bool // #
	width    int
	digits   int // the precision, −1 for none
}

// trapSequences are those that are understood. Those of snmptrapd that take sysUpTime
// apart (%H %J %K %L %M %Y) and %S are not.
const trapSequences = "aAbBEhjklmNPqstTuvVwWy%"

func parseTrapFormat(text string) (f trapFormat, err error) {
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			f = append(f, trapPart{text: plain.String()})
			plain.Reset()
		}
	}
	for rest := text; rest != ""; {
		c := rest[0]
		rest = rest[1:]
		switch {
		case c == '\\' && rest != "":
			plain.WriteString(escaped(rest[0]))
			rest = rest[1:]
		case c != '%':
			plain.WriteByte(c)
		default:
			flush()
			part := trapPart{digits: -1}
			if part, rest, err = parseTrapPart(rest); err != nil {
				return nil, err
			}
			if part.sequence == 'V' { // its separator goes up to the next %
				end := strings.IndexByte(rest, '%')
				if end < 0 {
					end = len(rest)
				}
				if part.text, rest = unescape(rest[:end]), rest[end:]; part.text == "" {
					return nil, fmt.Errorf("-F: there is no separator behind %%V")
				}
			}
			f = append(f, part)
		}
	}
	flush()
	return f, nil
}

func mustTrapFormat(text string) trapFormat {
	f, err := parseTrapFormat(text)
	if err != nil {
		panic(err)
	}
	return f
}

func parseTrapPart(rest string) (part trapPart, left string, err error) {
	part.digits = -1
	for ; rest != "" && strings.IndexByte("-0#", rest[0]) >= 0; rest = rest[1:] {
		switch rest[0] {
		case '-':
			part.minus = true
		case '0':
			part.zero = true
		case '#':
			part.other = true
		}
	}
	number := func() int {
		digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
		rest = rest[len(digits):]
		n, _ := strconv.ParseUint(digits, 10, 8) // "" is 0
		return int(min(n, 99))
	}
	part.width = number()
	if strings.HasPrefix(rest, ".") {
		rest = rest[1:]
		part.digits = number()
	}
	if rest == "" || strings.IndexByte(trapSequences, rest[0]) < 0 {
		return part, "", fmt.Errorf("-F: %%%.1s is not understood, expected one of %s behind %%", rest, trapSequences)
	}
	part.sequence = rest[0]
	return part, rest[1:], nil
}

func escaped(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 't':
		return "\t"
	}
	return string(c)
}

func unescape(s string) string {
	var b strings.Builder
	for ; s != ""; s = s[1:] {
		if s[0] == '\\' && len(s) > 1 {
			s = s[1:]
			b.WriteString(escaped(s[0]))
			continue
		}
		b.WriteByte(s[0])
	}
	return b.String()
}

// write writes a notification.
func (f trapFormat) write(c *call, n *manager.Notification, now time.Time) string {
	var b strings.Builder
	separator := ""
	for i := range f {
		part := &f[i]
		switch part.sequence {
		case 0:
			b.WriteString(part.text)
		case 'V':
			separator = part.text
		default:
			b.WriteString(part.pad(part.value(c, n, now, separator)))
		}
	}
	return b.String()
}

// value returns what a sequence stands for.
func (part *trapPart) value(c *call, n *manager.Notification, now time.Time, separator string) string {
	if part.other {
		now = now.UTC()
	}
	generic, specific, enterprise := trapNumbers(n)
	switch part.sequence {
	case '%':
		return "%"
	case 'a', 'A':
		if n.Trap == nil {
			return "0.0.0.0"
		}
		return n.Trap.AgentAddr.String()
	case 'b', 'B':
		return "UDP: " + endpoint(n.Source) + "->" + endpoint(n.Destination)
	case 'E':
		return n.ContextEngineID.String()
	case 'h':
		return part.number(now.Hour())
	case 'j':
		return part.number(now.Minute())
	case 'k':
		return part.number(now.Second())
	case 'l':
		return part.number(now.Day())
	case 'm':
		return part.number(int(now.Month()))
	case 'y':
		return part.number(now.Year())
	case 'N':
		return c.oid(enterprise)
	case 'P':
		return c.who(n)
	case 'u':
		if n.Version == pdu.V3 {
			return n.User
		}
		return c.shownCommunity(n)
	case 'q':
		return part.number(int(specific))
	case 'w':
		return part.number(int(generic))
	case 's':
		return part.number(int(n.Version))
	case 't':
		return strconv.FormatInt(now.Unix(), 10)
	case 'T':
		if part.other {
			return ticksText(n.UpTime)
		}
		return strconv.FormatUint(uint64(n.UpTime/100), 10)
	case 'W':
		return genericNames[generic]
	}
	return c.variables(n, part.other, separator) // v
}

// number writes a number with as many digits as the precision asks for.
func (part *trapPart) number(n int) string { return fmt.Sprintf("%0*d", max(part.digits, 1), n) }

func (part *trapPart) pad(s string) string {
	switch {
	case len(s) >= part.width:
		return s
	case part.minus:
		return fmt.Sprintf("%-*s", part.width, s)
	case part.zero:
		return strings.Repeat("0", part.width-len(s)) + s
	}
	return fmt.Sprintf("%*s", part.width, s)
}

// endpoint writes an address as Net-SNMP does.
func endpoint(a netip.AddrPort) string {
	if !a.Addr().IsValid() {
		return fmt.Sprintf("[0.0.0.0]:%d", a.Port())
	}
	return fmt.Sprintf("[%v]:%d", a.Addr(), a.Port())
}

// trapNumbers returns what SNMPv1 has for a notification: of another one, what its
// translation has (RFC 3584 §3.2).
func trapNumbers(n *manager.Notification) (generic, specific int32, enterprise ber.OID) {
	t := n.Trap
	if t == nil {
		translated, err := pdu.TrapOf(pdu.NotificationVarBinds(n.UpTime, n.OID), netip.Addr{})
		if err != nil {
			return pdu.GenericEnterpriseSpecific, 0, n.OID
		}
		t = &translated
	}
	generic = t.GenericTrap
	if generic < 0 || generic > pdu.GenericEnterpriseSpecific {
		generic = pdu.GenericEnterpriseSpecific
	}
	return generic, t.SpecificTrap, t.Enterprise
}

// genericNames are Net-SNMP's for generic-trap.
var genericNames = [...]string{"Cold Start", "Warm Start", "Link Down", "Link Up", "Authentication Failure", "EGP Neighbor Loss", "Enterprise Specific"}

// who says who has sent a notification.
func (c *call) who(n *manager.Notification) string {
	switch {
	case n.Version != pdu.V3:
		kind := "TRAP2"
		if n.Kind == pdu.TrapV1 {
			kind = "TRAP"
		} else if n.Kind == pdu.InformRequest {
			kind = "INFORM"
		}
		return fmt.Sprintf("%s, %v, community %s", kind, n.Version, c.shownCommunity(n))
	case n.Kind == pdu.InformRequest:
		return fmt.Sprintf("INFORM, SNMP v3, user %s, context %s", n.User, n.ContextName)
	}
	return fmt.Sprintf("TRAP2, SNMP v3, user %s, context %s", n.User, n.ContextName)
}

// shownCommunity is a notification's community, which is shown to who asks for it.
func (c *call) shownCommunity(n *manager.Notification) string {
	if c.showSecrets {
		return string(n.Community)
	}
	return n.Community.String()
}

// variables writes the varbinds: of SNMPv1's trap its own, else all.
func (c *call) variables(n *manager.Notification, comma bool, separator string) string {
	list := n.VarBinds
	lead := ""
	if n.Trap != nil {
		list, lead = n.Trap.VarBinds, "\t"
	}
	if len(list) == 0 {
		return ""
	}
	if separator == "" {
		separator = "\t"
		if comma {
			separator = ", "
		}
	} else {
		lead = ""
	}
	var lines []string
	for _, vb := range list {
		lines = append(lines, string(c.out.AppendLine(nil, c.names, vb)))
	}
	return lead + strings.Join(lines, separator)
}

// ticksText writes a time as it is printed behind a number of TimeTicks.
func ticksText(ticks uint32) string {
	text := string((&format.Options{}).AppendValue(nil, smi.New(), pdu.SysUpTime, pdu.TimeTicks(ticks)))
	_, text, _ = strings.Cut(text, ") ")
	return text
}
