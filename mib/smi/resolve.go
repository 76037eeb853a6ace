package smi

import (
	"strconv"
	"strings"

	"snmpstack/ber"
)

// An UnknownError is a name that Resolve does not know.
type UnknownError struct {
	// Text is what was to be resolved.
	Text string
	// Detail says which part is unknown, in the words that scripts know from
	// other tools: "Sub-id not found: (top) -> noSuchName". It may be empty.
	Detail string
}

func (e *UnknownError) Error() string {
	s := e.Text + ": Unknown Object Identifier"
	if e.Detail != "" {
		s += " (" + e.Detail + ")"
	}
	return s
}

// Resolve returns the OID that a text means:
//
//	.1.3.6.1 or 1.3.6.1            numbers; "." is the zero OID
//	.iso.org.dod or iso.3.6        names and numbers from the root
//	sysDescr.0                     the first module that has the name
//	SNMPv2-MIB::sysDescr.0         this module; one colon will do
//	system.sysDescr.0              names below a name
//	ipAdEntNetMask.127.0.0.1       an index in numbers
//	nsExtendResult."test"          a string as index, with its length
//	snmpTargetAddrTAddress.'to1'   one without (IMPLIED, or of fixed size)
//	ipAddressIfIndex.ipv4."::1"    labels, and addresses as strings
//	ifDescr[1]                     an index in brackets
//
// The error is an *UnknownError. Whether numbers of an index are within the
// ranges of their types is not checked: that is the agent's business.
func (n *Names) Resolve(text string) (ber.OID, error) {
	module, path := splitModule(text)
	absolute := strings.HasPrefix(path, ".")
	parts := splitPath(strings.TrimPrefix(path, "."))
	r := resolver{names: n, text: text}
	if path == "." {
		return "", nil
	}
	if module != "" && (absolute || isNumber(parts[0].text)) {
		r.fail("") // a module says where a name is from, and no more
	}
	for len(parts) > 0 && !r.failed && r.oid.Len() <= ber.MaxArcs {
		if row := r.row(); row != nil {
			r.index(row, parts)
			break
		}
		if r.oid == "" && !absolute && !isNumber(parts[0].text) {
			r.first(module, parts[0].text)
		} else {
			r.below(parts)
		}
		parts = parts[1:]
	}
	if r.oid.Len() > ber.MaxArcs {
		r.fail("it has more than " + strconv.Itoa(ber.MaxArcs) + " sub-identifiers")
	}
	if r.failed {
		return "", &UnknownError{text, r.detail}
	}
	return r.oid, nil
}

type resolver struct {
	names  *Names
	text   string
	oid    ber.OID
	failed bool
	detail string
}

func (r *resolver) fail(detail string) {
	if !r.failed {
		r.failed, r.detail = true, detail
	}
}

// first begins with a name from anywhere in the tree.
func (r *resolver) first(module, name string) {
	o := r.names.Find(module, name)
	if o != nil {
		r.oid = o.OID
		return
	}
	if module != "" {
		r.fail("")
		return
	}
	r.fail("Sub-id not found: (top) -> " + name)
}

// below goes one step down, by number or by name.
func (r *resolver) below(parts []part) {
	text := parts[0].text
	if isNumber(text) {
		if arc, err := strconv.ParseUint(text, 10, 32); err == nil {
			r.oid = r.oid.Append(uint32(arc))
			return
		}
		r.fail(text + " is more than 4294967295")
		return
	}
	for _, o := range r.names.byName[text] {
		if o.OID.Len() == r.oid.Len()+1 && o.OID.HasPrefix(r.oid) {
			r.oid = o.OID
			return
		}
	}
	at, rest := r.names.Lookup(r.oid)
	switch {
	case at == nil:
		r.fail("Sub-id not found: (top) -> " + text)
	case at.Kind == Scalar || rest != "":
		r.fail(r.text[len(r.text)-parts[0].fromEnd:])
	default:
		r.fail("Sub-id not found: " + at.Name + " -> " + text)
	}
}

// row returns the row if the OID has come to a column of it, a known one or not.
func (r *resolver) row() *Object {
	o, rest := r.names.Lookup(r.oid)
	switch {
	case o == nil:
		return nil
	case rest == "" && o.Kind == Column:
		return r.names.RowOf(o)
	case rest.Len() == 1 && o.Kind == Row:
		return o
	}
	return nil
}

// index reads the rest of the text as the index of a row.
func (r *resolver) index(row *Object, parts []part) {
	x := indexReader{names: r.names, index: row.Index}
	for _, p := range parts {
		if !x.add(p.text) && !(p.bracket && x.addBracketed(p.text)) {
			name := "none"
			if x.at < len(x.index) {
				name = x.index[x.at].Name
			}
			r.fail("Index out of range: " + p.text + " (" + name + ")")
			return
		}
		if x.oid.Len() > ber.MaxArcs {
			break
		}
	}
	r.oid += x.oid
}

// splitModule cuts `Module::` off.
func splitModule(text string) (module, path string) {
	for i := range len(text) {
		switch c := text[i]; {
		case c == ':':
			return text[:i], strings.TrimPrefix(text[i+1:], ":")
		case !isWord(c):
			return "", text
		}
	}
	return "", text
}

// A part is one element of a name.
type part struct {
	text    string
	fromEnd int  // where it begins, in octets before the end of the whole text
	bracket bool // it was in [ ]
}

// splitPath splits at dots and brackets that are not in quotes.
func splitPath(path string) (parts []part) {
	for {
		end, bracket := 0, false
		if strings.HasPrefix(path, "[") {
			bracket = true
			path = path[1:]
		}
		var quote byte
	scan:
		for ; end < len(path); end++ {
			switch c := path[end]; {
			case quote != 0 && c == '\\':
				end++
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case bracket && c == ']' || !bracket && (c == '.' || c == '['):
				break scan
			}
		}
		end = min(end, len(path))
		parts = append(parts, part{text: path[:end], fromEnd: len(path), bracket: bracket})
		path = path[end:]
		if bracket {
			path = strings.TrimPrefix(path, "]")
		}
		if path == "" {
			return parts
		}
		if !strings.HasPrefix(path, "[") {
			path = strings.TrimPrefix(path, ".")
		}
	}
}

func isNumber(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}
