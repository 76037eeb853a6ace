package notify

import (
	"iter"
	"strings"
)

// The delimiters of an SnmpTagList (RFC 3413 §4.1.1): space, tab, carriage return and
// line feed.
const delimiters = " \t\r\n"

// isTag reports whether s is an SnmpTagValue (RFC 3413 §4.1.1).
func isTag(s string) bool { return len(s) <= maxText && !strings.ContainsAny(s, delimiters) }

// isTagList reports whether s is an SnmpTagList (RFC 3413 §4.1.1): no delimiter
// leads, trails or follows another one.
func isTagList(s string) bool {
	if len(s) > maxText {
		return false
	}
	between := false // whether a delimiter may come
	for i := range len(s) {
		delimiter := strings.IndexByte(delimiters, s[i]) >= 0
		if delimiter && !between {
			return false
		}
		between = !delimiter
	}
	return between || s == ""
}

// tagsOf returns the tags in an SnmpTagList.
func tagsOf(list string) iter.Seq[string] {
	return strings.FieldsFuncSeq(list, func(c rune) bool { return c < 0x80 && strings.IndexByte(delimiters, byte(c)) >= 0 })
}
