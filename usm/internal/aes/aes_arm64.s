//go:build !purego

#include "textflag.h"

// AES with the instructions of FEAT_AES (Arm Architecture Reference Manual: AESE,
// AESMC, AESD, AESIMC). The names are those of FIPS 197. A vector register holds a
// state, column after column, as the octets of a block lie in memory.
//
// AESE adds a round key first, then applies ShiftRows and SubBytes: it is the end of
// a round and the beginning of the next.
//
// But for the key schedule, the registers are
//
//	R0   the round keys
//	R1   the rounds
//	R2   iv
//	R3   dst
//	R4   src
//	R5   the blocks or groups that are left
//	R6   the round key that comes next
//	R7   the rounds that are left

// SUBWORD is SUBWORD (FIPS 197 §5.2). With temp in each column, ShiftRows changes
// nothing, since a row has the same octet four times, and AddRoundKey with the zeros
// of V1 neither: of AESE SubBytes is left.
#define SUBWORD(temp) \
	VDUP temp, V0.S4;      \
	AESE V1.B16, V0.B16;   \
	VMOV V0.S[0], temp

// func expandHardware(keys *[15][16]byte, key *byte, nk, words int)
//
// A word is loaded with its first octet lowest, so that nothing has to be turned
// round: RotWord takes the lowest octet to the top, and Rcon is in the lowest.
//
//	R0   where w[i] goes
//	R1   where w[i-Nk] is
//	R2   Nk
//	R3   the words that are to come
//	R4   temp, at first w[i-1]
//	R5   i mod Nk
//	R6   Rcon[i/Nk]
//	R7   w[i-Nk]
TEXT ·expandHardware(SB), NOSPLIT, $0-32
	MOVD keys+0(FP), R0
	MOVD key+8(FP), R1
	MOVD nk+16(FP), R2
	MOVD words+24(FP), R3
	SUB  R2, R3, R3
	VEOR V1.B16, V1.B16, V1.B16

	MOVD R0, R7
	MOVD R2, R5
key:                                    // w[0] to w[Nk-1] are the key
	MOVWU.P 4(R1), R4
	MOVW.P  R4, 4(R0)
	SUBS    $1, R5, R5
	BNE     key

	MOVD R7, R1
	MOVD $1, R6                     // x^0

first:                                  // i mod Nk = 0: temp = SUBWORD(ROTWORD(temp)) ⊕ Rcon[i/Nk]
	MOVD ZR, R5
	RORW $8, R4, R4
	SUBWORD(R4)
	EORW R6, R4, R4
	LSL  $1, R6, R6
	CMP  $0x100, R6
	BNE  word
	MOVD $0x1b, R6                  // x^8

word:                                   // w[i] = w[i-Nk] ⊕ temp
	MOVWU.P 4(R1), R7
	EORW    R7, R4, R4
	MOVW.P  R4, 4(R0)
	SUBS    $1, R3, R3
	BEQ     done
	ADD     $1, R5, R5
	CMP     R2, R5
	BEQ     first
	CMP     $4, R5
	BNE     word
	CMP     $6, R2
	BLE     word
	SUBWORD(R4)                     // Nk > 6 and i mod Nk = 4: temp = SUBWORD(temp)
	B       word

done:
	MOVD ZR, R4
	MOVD ZR, R7
	VEOR V0.B16, V0.B16, V0.B16
	RET

// func encryptHardware(keys *[15][16]byte, rounds int, dst, src *byte)
TEXT ·encryptHardware(SB), NOSPLIT, $0-32
	MOVD keys+0(FP), R6
	MOVD rounds+8(FP), R7
	MOVD dst+16(FP), R3
	MOVD src+24(FP), R4

	VLD1 (R4), [V0.B16]
	SUB  $1, R7, R7

round:
	VLD1.P 16(R6), [V1.B16]
	AESE   V1.B16, V0.B16           // AddRoundKey, ShiftRows, SubBytes
	AESMC  V0.B16, V0.B16           // MixColumns
	SUBS   $1, R7, R7
	BNE    round

	VLD1.P 16(R6), [V1.B16]
	AESE   V1.B16, V0.B16           // the last round has no MixColumns
	VLD1   (R6), [V1.B16]
	VEOR   V1.B16, V0.B16, V0.B16   // AddRoundKey
	VST1   [V0.B16], (R3)
	VEOR   V0.B16, V0.B16, V0.B16
	VEOR   V1.B16, V1.B16, V1.B16
	RET

// func decryptHardware(keys *[15][16]byte, rounds int, dst, src *byte)
//
// AESD adds a round key first, then applies InvShiftRows and InvSubBytes. INVCIPHER
// (FIPS 197 §5.3) has InvMixColumns behind AddRoundKey, where there is no instruction
// that has both, so that AESD adds zeros.
TEXT ·decryptHardware(SB), NOSPLIT, $0-32
	MOVD keys+0(FP), R0
	MOVD rounds+8(FP), R7
	MOVD dst+16(FP), R3
	MOVD src+24(FP), R4

	ADD  R7<<4, R0, R6              // the last round key
	VEOR V2.B16, V2.B16, V2.B16
	VLD1 (R4), [V0.B16]
	VLD1 (R6), [V1.B16]
	AESD V1.B16, V0.B16             // AddRoundKey, InvShiftRows, InvSubBytes
	SUB  $1, R7, R7

round:
	SUB    $16, R6, R6
	VLD1   (R6), [V1.B16]
	VEOR   V1.B16, V0.B16, V0.B16   // AddRoundKey
	AESIMC V0.B16, V0.B16           // InvMixColumns
	AESD   V2.B16, V0.B16           // InvShiftRows, InvSubBytes
	SUBS   $1, R7, R7
	BNE    round

	VLD1 (R0), [V1.B16]
	VEOR V1.B16, V0.B16, V0.B16     // AddRoundKey
	VST1 [V0.B16], (R3)
	VEOR V0.B16, V0.B16, V0.B16
	VEOR V1.B16, V1.B16, V1.B16
	RET

// ROUND is a round but the last, and AddRoundKey before it: that at its end comes with
// the next. k is the round key, s the state.
#define ROUND(k, s) \
	AESE  k.B16, s.B16; \ // AddRoundKey, ShiftRows, SubBytes
	AESMC s.B16, s.B16    // MixColumns

#define WIPE(v) \
	VEOR v.B16, v.B16, v.B16

// func encryptCFBHardware(keys *[15][16]byte, rounds int, iv *[16]byte, dst, src *byte, blocks int)
//
// V0 is I_j, O_j and C_j of SP 800-38A §6.3, one after the other, V1 is P_j. The round
// keys stay in registers: the last two in V2 and V3, those before them in V16 to V24,
// V26 or V28. A block waits for the one before: a loop over the rounds, whose end a
// processor may predict wrongly, would cost more here than elsewhere.
TEXT ·encryptCFBHardware(SB), NOSPLIT, $0-48
	MOVD keys+0(FP), R0
	MOVD rounds+8(FP), R1
	MOVD iv+16(FP), R2
	MOVD dst+24(FP), R3
	MOVD src+32(FP), R4
	MOVD blocks+40(FP), R5

	ADD    R1<<4, R0, R6
	SUB    $16, R6, R6
	VLD1   (R6), [V2.B16, V3.B16]
	VLD1.P 64(R0), [V16.B16, V17.B16, V18.B16, V19.B16]
	VLD1.P 64(R0), [V20.B16, V21.B16, V22.B16, V23.B16]
	VLD1.P 64(R0), [V24.B16, V25.B16, V26.B16, V27.B16]
	VLD1   (R0), [V28.B16]
	VLD1   (R2), [V0.B16]

block:
	ROUND(V16, V0)
	ROUND(V17, V0)
	ROUND(V18, V0)
	ROUND(V19, V0)
	ROUND(V20, V0)
	ROUND(V21, V0)
	ROUND(V22, V0)
	ROUND(V23, V0)
	ROUND(V24, V0)
	CMP  $12, R1
	BLT  last
	ROUND(V25, V0)
	ROUND(V26, V0)
	BEQ  last
	ROUND(V27, V0)
	ROUND(V28, V0)

last:
	AESE   V2.B16, V0.B16           // the last round has no MixColumns
	VEOR   V3.B16, V0.B16, V0.B16   // AddRoundKey: O_j
	VLD1.P 16(R4), [V1.B16]
	VEOR   V1.B16, V0.B16, V0.B16   // C_j = P_j ⊕ O_j, and I_j+1
	VST1.P [V0.B16], 16(R3)
	SUBS   $1, R5, R5
	BNE    block

	VST1 [V0.B16], (R2)
	WIPE(V0)
	WIPE(V1)
	WIPE(V2)
	WIPE(V3)
	WIPE(V16)
	WIPE(V17)
	WIPE(V18)
	WIPE(V19)
	WIPE(V20)
	WIPE(V21)
	WIPE(V22)
	WIPE(V23)
	WIPE(V24)
	WIPE(V25)
	WIPE(V26)
	WIPE(V27)
	WIPE(V28)
	RET

// LAST is the last round, and PLAIN its AddRoundKey and P_j = C_j ⊕ O_j, for one
// state.
#define LAST(s) \
	AESE V8.B16, s.B16

#define PLAIN(c, o) \
	VEOR V8.B16, o.B16, o.B16; \
	VEOR c.B16, o.B16, o.B16

// func decryptCFBHardware(keys *[15][16]byte, rounds int, iv *[16]byte, dst, src *byte, groups int)
//
// V0 to V7 are I_j and O_j of SP 800-38A §6.3 for eight j at a time, V16 to V23 are
// C_j, V8 is a round key and V9 the last C_j of the group before.
TEXT ·decryptCFBHardware(SB), NOSPLIT, $0-48
	MOVD keys+0(FP), R0
	MOVD rounds+8(FP), R1
	MOVD iv+16(FP), R2
	MOVD dst+24(FP), R3
	MOVD src+32(FP), R4
	MOVD groups+40(FP), R5
	SUB  $1, R1, R1
	VLD1 (R2), [V9.B16]

group:
	VLD1.P 64(R4), [V16.B16, V17.B16, V18.B16, V19.B16]
	VLD1.P 64(R4), [V20.B16, V21.B16, V22.B16, V23.B16]
	VMOV   V9.B16, V0.B16           // I_j = C_j-1
	VMOV   V16.B16, V1.B16
	VMOV   V17.B16, V2.B16
	VMOV   V18.B16, V3.B16
	VMOV   V19.B16, V4.B16
	VMOV   V20.B16, V5.B16
	VMOV   V21.B16, V6.B16
	VMOV   V22.B16, V7.B16
	VMOV   V23.B16, V9.B16
	MOVD   R0, R6
	MOVD   R1, R7

round:
	VLD1.P 16(R6), [V8.B16]
	ROUND(V8, V0)
	ROUND(V8, V1)
	ROUND(V8, V2)
	ROUND(V8, V3)
	ROUND(V8, V4)
	ROUND(V8, V5)
	ROUND(V8, V6)
	ROUND(V8, V7)
	SUBS   $1, R7, R7
	BNE    round

	VLD1.P 16(R6), [V8.B16]
	LAST(V0)
	LAST(V1)
	LAST(V2)
	LAST(V3)
	LAST(V4)
	LAST(V5)
	LAST(V6)
	LAST(V7)
	VLD1   (R6), [V8.B16]
	PLAIN(V16, V0)
	PLAIN(V17, V1)
	PLAIN(V18, V2)
	PLAIN(V19, V3)
	PLAIN(V20, V4)
	PLAIN(V21, V5)
	PLAIN(V22, V6)
	PLAIN(V23, V7)
	VST1.P [V0.B16, V1.B16, V2.B16, V3.B16], 64(R3)
	VST1.P [V4.B16, V5.B16, V6.B16, V7.B16], 64(R3)
	SUBS   $1, R5, R5
	BNE    group

	VST1 [V9.B16], (R2)
	WIPE(V0)
	WIPE(V1)
	WIPE(V2)
	WIPE(V3)
	WIPE(V4)
	WIPE(V5)
	WIPE(V6)
	WIPE(V7)
	WIPE(V8)
	RET
