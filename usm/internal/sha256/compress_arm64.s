//go:build !purego

#include "textflag.h"

// SHA-256 with the instructions of FEAT_SHA256 (Arm Architecture Reference Manual:
// SHA256H, SHA256H2, SHA256SU0, SHA256SU1). The names are those of FIPS 180-4
// §6.2.2, and the numbers those of its steps.
//
// A vector register holds four words of 32 bits; they are listed here from the
// lowest to the highest.
//
//	R0       the hash value H0 to H7, in memory
//	R1       what is left of the message, R2 how many octets that are
//	R3       the constants K, those of compress.go
//	V0       a b c d
//	V1       e f g h
//	V2       a b c d before the last four rounds
//	V3       W[t]+K[t] to W[t+3]+K[t+3]
//	V4–V7    the 16 words of the message schedule that are still needed
//	V8, V9   a b c d and e f g h before the block
//	V16–V31  K[0] to K[63], four in each

// SCHEDULE is step 1 for four t from 16 on:
// W[t] = σ1(W[t-2]) + W[t-7] + σ0(W[t-15]) + W[t-16].
// w16 holds W[t-16] to W[t-13] and gets W[t] to W[t+3]; the next four words are in
// w12, and so on.
#define SCHEDULE(w16, w12, w8, w4) \
	SHA256SU0 w12.S4, w16.S4;       \ // W[t-16] + σ0(W[t-15])
	SHA256SU1 w4.S4, w8.S4, w16.S4    // + W[t-7] + σ1(W[t-2])

// ROUNDS is step 3 for four t, of which k holds the constants: SHA256H gives the new
// a b c d, SHA256H2 of the old ones the new e f g h.
#define ROUNDS(k, w) \
	VADD     w.S4, k.S4, V3.S4;  \
	VMOV     V0.B16, V2.B16;     \
	SHA256H  V3.S4, V1, V0;      \
	SHA256H2 V3.S4, V2, V1

// func compressHardware(hash *[8]uint32, p []byte)
TEXT ·compressHardware(SB), NOSPLIT, $0-32
	MOVD hash+0(FP), R0
	MOVD p_base+8(FP), R1
	MOVD p_len+16(FP), R2
	MOVD $·k(SB), R3

	VLD1.P 64(R3), [V16.S4, V17.S4, V18.S4, V19.S4]
	VLD1.P 64(R3), [V20.S4, V21.S4, V22.S4, V23.S4]
	VLD1.P 64(R3), [V24.S4, V25.S4, V26.S4, V27.S4]
	VLD1   (R3), [V28.S4, V29.S4, V30.S4, V31.S4]

	// 2. The working variables.
	VLD1 (R0), [V0.S4, V1.S4]

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

	ROUNDS(V16, V4)
	ROUNDS(V17, V5)
	ROUNDS(V18, V6)
	ROUNDS(V19, V7)
	SCHEDULE(V4, V5, V6, V7)
	ROUNDS(V20, V4)
	SCHEDULE(V5, V6, V7, V4)
	ROUNDS(V21, V5)
	SCHEDULE(V6, V7, V4, V5)
	ROUNDS(V22, V6)
	SCHEDULE(V7, V4, V5, V6)
	ROUNDS(V23, V7)
	SCHEDULE(V4, V5, V6, V7)
	ROUNDS(V24, V4)
	SCHEDULE(V5, V6, V7, V4)
	ROUNDS(V25, V5)
	SCHEDULE(V6, V7, V4, V5)
	ROUNDS(V26, V6)
	SCHEDULE(V7, V4, V5, V6)
	ROUNDS(V27, V7)
	SCHEDULE(V4, V5, V6, V7)
	ROUNDS(V28, V4)
	SCHEDULE(V5, V6, V7, V4)
	ROUNDS(V29, V5)
	SCHEDULE(V6, V7, V4, V5)
	ROUNDS(V30, V6)
	SCHEDULE(V7, V4, V5, V6)
	ROUNDS(V31, V7)

	// 4. The next hash value.
	VADD V8.S4, V0.S4, V0.S4
	VADD V9.S4, V1.S4, V1.S4
	B    block

done:
	VST1 [V0.S4, V1.S4], (R0)

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
