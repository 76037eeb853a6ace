package format

// The types that are carried in an Opaque (draft-perkins-opaque-01): a BER
// encoding whose tag has the two octets 0x9F and one of these.
const (
	opaqueCounter64  = 0x76
	opaqueFloat      = 0x78
	opaqueDouble     = 0x79
	opaqueInteger64  = 0x7A
	opaqueUnsigned64 = 0x7B
)

// An opaqueValue is what is inside an Opaque of one of these types.
type opaqueValue struct {
	tag      byte
	contents string
}

// openOpaque returns what is in an Opaque, false if it is none of the types
// above or not of their size.
func openOpaque(octets string) (v opaqueValue, ok bool) {
	if len(octets) < 4 || octets[0] != 0x9F || int(octets[2]) != len(octets)-3 {
		return v, false
	}
	v = opaqueValue{octets[1], octets[3:]}
	switch v.tag {
	case opaqueFloat:
		return v, len(v.contents) == 4
	case opaqueDouble:
		return v, len(v.contents) == 8
	case opaqueCounter64, opaqueUnsigned64: // a zero octet in front keeps the sign bit clear
		return v, len(v.contents) <= 8 || len(v.contents) == 9 && v.contents[0] == 0
	case opaqueInteger64:
		return v, len(v.contents) <= 8
	}
	return v, false
}

// is64 reports whether v is a 64-bit number.
func (v opaqueValue) is64() bool {
	return v.tag == opaqueCounter64 || v.tag == opaqueInteger64 || v.tag == opaqueUnsigned64
}

func (v opaqueValue) signed() int64 {
	n := int64(int8(v.contents[0]))
	for i := 1; i < len(v.contents); i++ {
		n = n<<8 | int64(v.contents[i])
	}
	return n
}

// unsigned takes what has its first bit set as unsigned all the same: agents
// that forget the zero octet mean that.
func (v opaqueValue) unsigned() (n uint64) {
	for i := range len(v.contents) {
		n = n<<8 | uint64(v.contents[i])
	}
	return n
}
