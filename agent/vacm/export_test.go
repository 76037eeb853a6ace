package vacm

import "snmpstack/ber"

// MaxSeek is maxSeek.
const MaxSeek = maxSeek

// SeekWork returns how many groups of families Seek looks at.
func SeekWork(v View, from ber.OID) int {
	s := seeker{view: v.(*view)}
	s.seek(from)
	return s.visited
}
