package aes

// SubBytes (FIPS 197 §5.1.1) replaces an octet by its inverse in GF(2^8), and 0
// by 0, then applies an affine transformation. The inverse is what has to be
// computed, and this file does it in a field with the same structure, in which
// that takes few operations.
//
// GF(2^4) is the polynomials over GF(2) modulo y^4 + y + 1: four bits b0 to b3,
// for b3·y^3 + b2·y^2 + b1·y + b0. GF((2^4)^2) is the polynomials h·z + l, with h
// and l of GF(2^4), modulo z^2 + z + ν. With ν = y^3 that has no root, and so
// this is a field of 256 elements too, and all of those are alike: the element
// 5c of FIPS 197's field can take the part of y, since 5c^4 + 5c + 1 = 0 there,
// and a2 that of z, since a2^2 + a2 + 5c^3 = 0. Going from one field to the other
// is a change of basis, linear in the bits: an octet is
//
//	b7…b0 = l0·01 + l1·5c + l2·e0 + l3·50 + h0·a2 + h1·02 + h2·b8 + h3·db
//
// where 5c^2 = e0, 5c^3 = 50, a2·5c = 02 and so on. Other choices would do as
// well; this one needs the fewest XORs for the two changes of basis.
//
// The inverse of h·z + l: its conjugate, with z+1 (the other root) for z, is h·z +
// (h+l), and the product of the two, the norm, lies in GF(2^4):
//
//	Δ = ν·h^2 + l·(h+l)
//
// So the inverse is the conjugate divided by the norm: (h/Δ)·z + (h+l)/Δ.
//
// Everything is done for all bits of a machine word at once: a uint64 holds one
// bit of each of 64 elements.

// A gf16 is 64 elements of GF(2^4).
type gf16 struct{ b0, b1, b2, b3 uint64 }

// plus returns a + b.
func (a gf16) plus(b gf16) gf16 {
	return gf16{a.b0 ^ b.b0, a.b1 ^ b.b1, a.b2 ^ b.b2, a.b3 ^ b.b3}
}

// times returns a·b: the sum of b0·a, b1·(y·a), b2·(y^2·a) and b3·(y^3·a).
// Multiplying by y moves the bits up, and the topmost one, y^4 = y + 1, is added
// to the lowest two.
func (a gf16) times(b gf16) gf16 {
	a0, a1, a2, a3 := a.b0, a.b1, a.b2, a.b3
	a30, a32, a21 := a0^a3, a3^a2, a2^a1
	return gf16{
		b.b0&a0 ^ b.b1&a3 ^ b.b2&a2 ^ b.b3&a1,
		b.b0&a1 ^ b.b1&a30 ^ b.b2&a32 ^ b.b3&a21,
		b.b0&a2 ^ b.b1&a1 ^ b.b2&a30 ^ b.b3&a32,
		b.b0&a3 ^ b.b1&a2 ^ b.b2&a1 ^ b.b3&a30,
	}
}

// squaredTimesNu returns ν·a^2, which is linear: 1, y, y^2 and y^3 become y^3,
// y^5 = y^2 + y, y^7 = y^3 + y + 1 and y^9 = y^3 + y.
func (a gf16) squaredTimesNu() gf16 {
	t := a.b2 ^ a.b3
	return gf16{a.b2, a.b1 ^ t, a.b1, a.b0 ^ t}
}

// inverse returns 1/a, and 0 for 0. The four functions of four bits are found
// from their table of 16 values; a test compares with it.
func (a gf16) inverse() gf16 {
	b0, b1, b2, b3 := a.b0, a.b1, a.b2, a.b3
	b12 := b1 ^ b2
	b123 := b12 ^ b3
	return gf16{
		b0 ^ b123 ^ b0&b2 ^ b1&b2&^(b0^b3),
		b3 ^ b0&b12 ^ b1&b2 ^ b1&b3&^b0,
		b2 ^ b3 ^ b0&(b1^(b2|b3)),
		b123 ^ b3&(b0^(b1|b2)),
	}
}

// invert returns the inverse of h·z + l, and 0 for 0.
func invert(h, l gf16) (gf16, gf16) {
	conjugate := h.plus(l)
	norm := h.squaredTimesNu().plus(l.times(conjugate))
	inverse := norm.inverse()
	return inverse.times(h), inverse.times(conjugate)
}

// subBytes is SubBytes (FIPS 197 §5.1.1).
func (q *state) subBytes() {
	q0, q1, q2, q3, q4, q5, q6, q7 := q[0], q[1], q[2], q[3], q[4], q[5], q[6], q[7]
	// To the other basis.
	t0 := q5 ^ q7
	t1 := q4 ^ q6
	t2 := t0 ^ q2 ^ q3
	h := gf16{q5 ^ t1, t1 ^ q1 ^ q7, t2, t0}
	l := gf16{q0 ^ t0, q2, t1 ^ t2, q3 ^ q4}
	h, l = invert(h, l)
	// Back, and in the same step b'[i] = b[i] + b[i+4] + b[i+5] + b[i+6] + b[i+7] +
	// c[i], the indices modulo 8, where c is the octet 63: of the bits that it has,
	// the complement.
	u0 := l.b0 ^ h.b1
	u1 := l.b1 ^ l.b2
	u2 := l.b3 ^ u0
	u3 := h.b0 ^ u2
	u4 := h.b2 ^ h.b3
	q[0] = ^(h.b2 ^ l.b0 ^ l.b2)
	q[1] = ^(u1 ^ u3)
	q[2] = h.b2 ^ u2
	q[3] = l.b2 ^ u0
	q[4] = l.b1 ^ u3
	q[5] = ^(l.b3 ^ h.b1 ^ u1 ^ u4)
	q[6] = ^(h.b0 ^ u4)
	q[7] = u1
}

// invSubBytes is InvSubBytes (FIPS 197 §5.3.2): the affine transformation is undone
// before the inverse is taken.
func (q *state) invSubBytes() {
	q0, q1, q2, q3, q4, q5, q6, q7 := q[0], q[1], q[2], q[3], q[4], q[5], q[6], q[7]
	// The inverse of the affine transformation, b[i] = b'[i+2] + b'[i+5] + b'[i+7] +
	// d[i], the indices modulo 8, where d is the octet 05, together with the change
	// to the other basis.
	t0 := q5 ^ q6
	t1 := q0 ^ t0
	t2 := q1 ^ q2
	t3 := q1 ^ q4
	t4 := q4 ^ t1
	t5 := q7 ^ t2
	h := gf16{t4 ^ t5, t0 ^ q3 ^ q4, ^t4, q6 ^ t5}
	l := gf16{^(q1 ^ t0), ^(q7 ^ t3), ^t3, t2 ^ q3 ^ t1}
	h, l = invert(h, l)
	// Back.
	u0 := l.b1 ^ h.b3
	u1 := l.b3 ^ u0
	u2 := h.b2 ^ l.b2 ^ h.b0
	q[0] = l.b0 ^ h.b3
	q[1] = h.b3 ^ h.b0 ^ h.b1
	q[2] = l.b1
	q[3] = h.b2 ^ u0
	q[4] = h.b2 ^ u1
	q[5] = u2
	q[6] = l.b2 ^ u1
	q[7] = h.b3 ^ u2
}
