//go:build !purego

#include "textflag.h"

// SHA-1 with the instructions of FEAT_SHA1 (Arm Architecture Reference Manual:
// SHA1C, SHA1P, SHA1M, SHA1H, SHA1SU0, SHA1SU1). The names are those of FIPS 180-4
// §6.1.2, and the numbers those of its steps.
//
// A vector register holds four words of 32 bits; they are listed here from the
// lowest to the highest.
//
//	R0       the hash value H0 to H4, in memory
//	R1       what is left of the message, R2 how many octets that are
//	R3       where the constants K are loaded from, those of compress.go
//	V0       a b c d
//	V1       e, and nothing else
//	V2       the same, in turns with V1
//	V3       W[t]+K[t] to W[t+3]+K[t+3]
//	V4–V7    the 16 words of the message schedule that are still needed
//	V8, V9   a b c d and e before the block
//	V16–V19  the four constants, each four times

// SCHEDULE is step 1 for four t from 16 on:
// W[t] = ROTL1(W[t-3] ⊕ W[t-8] ⊕ W[t-14] ⊕ W[t-16]).
// w16 holds W[t-16] to W[t-13] and gets W[t] to W[t+3]; the next four words are in
// w12, and so on.
#define SCHEDULE(w16, w12, w8, w4) \
	SHA1SU0 w8.S4, w12.S4, w16.S4;  \ // W[t-16] ⊕ W[t-14] ⊕ W[t-8]
	SHA1SU1 w4.S4, w16.S4             // ⊕ W[t-3], and rotated

// ROUNDS is step 3 for four t: op is SHA1C for Ch, SHA1P for Parity and SHA1M for
// Maj, k the constant. Four rounds after it was a, a word is e, rotated by 30 bits on
// its way through c: that is SHA1H, which makes the next e.
#define ROUNDS(op, k, w, e, next) \
	VADD  w.S4, k.S4, V3.S4;  \
	SHA1H V0, next;           \
	op    V3.S4, e, V0

// func compressHardware(hash *[5]uint32, p []byte)
TEXT ·compressHardware(SB), NOSPLIT, $0-32
	MOVD hash+0(FP), R0
	MOVD p_base+8(FP), R1
	MOVD p_len+16(FP), R2

	MOVD    $·k(SB), R3
	VLD1R.P 4(R3), [V16.S4]
	VLD1R.P 4(R3), [V17.S4]
	VLD1R.P 4(R3), [V18.S4]
	VLD1R   (R3), [V19.S4]

	// 2. The working variables.
	VLD1  (R0), [V0.S4]
	FMOVS 16(R0), F1       // F1 is the lowest word of V1

block:
	SUBS $64, R2, R2
	BLO  done
	VMOV V0.B16, V8.B16
	VMOV V1.B16, V9.B16

	// 1. The message schedule for t below 16: the first octet of a word is its
	// highest (FIPS 180-4 §3.1).
	VLD1.P 64(R1), [V4.B16, V5.B16, V6.B16, V7.B16]
	VREV32 V4.B16, V4.B16
	VREV32 V5.B16, V5.B16
	VREV32 V6.B16, V6.B16
	VREV32 V7.B16, V7.B16

	ROUNDS(SHA1C, V16, V4, V1, V2)
	ROUNDS(SHA1C, V16, V5, V2, V1)
	ROUNDS(SHA1C, V16, V6, V1, V2)
	ROUNDS(SHA1C, V16, V7, V2, V1)
	SCHEDULE(V4, V5, V6, V7)
	ROUNDS(SHA1C, V16, V4, V1, V2)
	SCHEDULE(V5, V6, V7, V4)
	ROUNDS(SHA1P, V17, V5, V2, V1)
	SCHEDULE(V6, V7, V4, V5)
	ROUNDS(SHA1P, V17, V6, V1, V2)
	SCHEDULE(V7, V4, V5, V6)
	ROUNDS(SHA1P, V17, V7, V2, V1)
	SCHEDULE(V4, V5, V6, V7)
	ROUNDS(SHA1P, V17, V4, V1, V2)
	SCHEDULE(V5, V6, V7, V4)
	ROUNDS(SHA1P, V17, V5, V2, V1)
	SCHEDULE(V6, V7, V4, V5)
	ROUNDS(SHA1M, V18, V6, V1, V2)
	SCHEDULE(V7, V4, V5, V6)
	ROUNDS(SHA1M, V18, V7, V2, V1)
	SCHEDULE(V4, V5, V6, V7)
	ROUNDS(SHA1M, V18, V4, V1, V2)
	SCHEDULE(V5, V6, V7, V4)
	ROUNDS(SHA1M, V18, V5, V2, V1)
	SCHEDULE(V6, V7, V4, V5)
	ROUNDS(SHA1M, V18, V6, V1, V2)
	SCHEDULE(V7, V4, V5, V6)
	ROUNDS(SHA1P, V19, V7, V2, V1)
	SCHEDULE(V4, V5, V6, V7)
	ROUNDS(SHA1P, V19, V4, V1, V2)
	SCHEDULE(V5, V6, V7, V4)
	ROUNDS(SHA1P, V19, V5, V2, V1)
	SCHEDULE(V6, V7, V4, V5)
	ROUNDS(SHA1P, V19, V6, V1, V2)
	SCHEDULE(V7, V4, V5, V6)
	ROUNDS(SHA1P, V19, V7, V2, V1)

	// 4. The next hash value.
	VADD V8.S4, V0.S4, V0.S4
	VADD V9.S4, V1.S4, V1.S4
	B    block

done:
	VST1  [V0.S4], (R0)
	FMOVS F1, 16(R0)

	// Nothing of message and hash value stays in a register.
	VEOR V0.B16, V0.B16, V0.B16
	VEOR V1.B16, V1.B16, V1.B16
	VEOR V2.B16, V2.B16, V2.B16
	VEOR V3.B16, V3.B16, V3.B16
	VEOR V4.B16, V4.B16, V4.B16
	VEOR V5.B16, V5.B16, V5.B16
	VEOR V6.B16, V6.B16, V6.B16
	VEOR V7.B16, V7.B16, V7.B16
	VEOR V8.B16, V8.B16, V8.B16
	VEOR V9.B16, V9.B16, V9.B16
	RET
