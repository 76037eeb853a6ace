package ber

// Close ends an encoding that is made by appending: its contents are all of b from at on,
// and before them are its identifier and one octet for its length, which is filled in.
//
//	b = append(b, byte(ber.OctetString), 0)
//	at := len(b)
//	b = append(b, contents...)
//	b = ber.Close(b, at)
//
// If the length takes more than one octet, the contents are moved.
func Close(b []byte, at int) []byte {
	if len(b)-at > 0x7F {
		return closeLong(b, at)
	}
	b[at-1] = byte(len(b) - at)
	return b
}

// closeLong is Close for the long form (X.690 §8.1.3.5).
func closeLong(b []byte, at int) []byte {
	n := len(b) - at
	more := SizeHeader(n) - 2
	b = append(b, make([]byte, more)...)
	copy(b[at+more:], b[at:])
	b[at-1] = 0x80 | byte(more)
	for i := at + more - 1; i >= at; i-- {
		b[i] = byte(n)
		n >>= 8
	}
	return b
}

// AppendOID appends an OBJECT IDENTIFIER. Like Writer.OID it panics if o cannot be
// encoded.
func AppendOID(b []byte, t Tag, o OID) []byte {
	o.mustBeEncodable()
	b = append(b, byte(t), 0)
	at := len(b)
	b = appendSubIdentifier(b, 40*uint64(o.At(0))+uint64(o.At(1)))
	return Close(AppendSubIdentifiers(b, o.Slice(2, o.Len())), at)
}

// AppendSubIdentifiers appends all sub-identifiers of o as in the contents of an OBJECT
// IDENTIFIER that begins with others, two at least.
func AppendSubIdentifiers(b []byte, o OID) []byte {
	for i := range o.Len() {
		if arc := o.At(i); arc < 0x80 { // most are
			b = append(b, byte(arc))
		} else {
			b = appendSubIdentifier(b, uint64(arc))
		}
	}
	return b
}

// appendSubIdentifier appends v, seven bits an octet.
func appendSubIdentifier(b []byte, v uint64) []byte {
	for n := sizeSubIdentifier(v) - 1; n > 0; n-- {
		b = append(b, byte(v>>(7*n))|0x80)
	}
	return append(b, byte(v&0x7F))
}
