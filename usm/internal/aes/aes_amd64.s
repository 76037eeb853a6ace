//go:build !purego

#include "textflag.h"

// AES with the instructions of AES-NI (Intel 64 and IA-32 Architectures Software
// Developer's Manual, volume 2: AESENC, AESENCLAST, AESDEC, AESDECLAST, AESIMC). The
// names are those of FIPS 197. A vector register holds a state, column after column,
// as the octets of a block lie in memory.
//
// But for the key schedule, the registers are
//
//	AX   the round keys
//	CX   the rounds
//	DI   dst
//	SI   src
//	BX   iv
//	DX   the blocks or groups that are left
//	R8   the round key that comes next
//	R9   the rounds that are left

// SUBWORD is SUBWORD (FIPS 197 §5.2). With temp in each column, ShiftRows changes
// nothing, since a row has the same octet four times, and AddRoundKey with the zeros
// of X1 neither: of the last round SubBytes is left.
#define SUBWORD(temp) \
	MOVL       temp, X0;    \
	PSHUFD     $0, X0, X0;  \
	AESENCLAST X1, X0;      \
	MOVL       X0, temp

// func expandHardware(keys *[15][16]byte, key *byte, nk, words int)
//
// A word is loaded with its first octet lowest, so that nothing has to be turned
// round: RotWord takes the lowest octet to the top, and Rcon is in the lowest.
//
//	BX   Nk
//	CX   the words that are to come
//	DI   where w[i] goes
//	SI   where w[i-Nk] is
//	DX   temp, at first w[i-1]
//	R8   i mod Nk
//	R9   Rcon[i/Nk]
TEXT ·expandHardware(SB), NOSPLIT, $0-32
	MOVQ keys+0(FP), DI
	MOVQ key+8(FP), SI
	MOVQ nk+16(FP), BX
	MOVQ words+24(FP), CX
	SUBQ BX, CX
	PXOR X1, X1

	XORL R8, R8
key:                           // w[0] to w[Nk-1] are the key
	MOVL (SI)(R8*4), DX
	MOVL DX, (DI)(R8*4)
	INCQ R8
	CMPQ R8, BX
	JNE  key

	MOVQ DI, SI
	LEAQ (DI)(BX*4), DI
	MOVL $1, R9            // x^0

first:                         // i mod Nk = 0: temp = SUBWORD(ROTWORD(temp)) ⊕ Rcon[i/Nk]
	XORL R8, R8
	RORL $8, DX
	SUBWORD(DX)
	XORL R9, DX
	SHLL $1, R9
	CMPL R9, $0x100
	JNE  word
	MOVL $0x1b, R9         // x^8

word:                          // w[i] = w[i-Nk] ⊕ temp
	XORL (SI), DX
	MOVL DX, (DI)
	ADDQ $4, SI
	ADDQ $4, DI
	DECQ CX
	JZ   done
	INCQ R8
	CMPQ R8, BX
	JEQ  first
	CMPQ R8, $4
	JNE  word
	CMPQ BX, $6
	JLE  word
	SUBWORD(DX)            // Nk > 6 and i mod Nk = 4: temp = SUBWORD(temp)
	JMP  word

done:
	XORL DX, DX
	PXOR X0, X0
	RET

// func encryptHardware(keys *[15][16]byte, rounds int, dst, src *byte)
TEXT ·encryptHardware(SB), NOSPLIT, $0-32
	MOVQ keys+0(FP), R8
	MOVQ rounds+8(FP), R9
	MOVQ dst+16(FP), DI
	MOVQ src+24(FP), SI

	MOVOU (SI), X0
	MOVOU (R8), X1
	PXOR  X1, X0           // AddRoundKey
	DECQ  R9

round:
	ADDQ   $16, R8
	MOVOU  (R8), X1
	AESENC X1, X0          // ShiftRows, SubBytes, MixColumns, AddRoundKey
	DECQ   R9
	JNZ    round

	MOVOU      16(R8), X1
	AESENCLAST X1, X0      // the same without MixColumns
	MOVOU      X0, (DI)
	PXOR       X0, X0
	PXOR       X1, X1
	RET

// func decryptHardware(keys *[15][16]byte, rounds int, dst, src *byte)
//
// AESDEC is a round of EQINVCIPHER (FIPS 197 §5.3.5), which adds the round key after
// InvMixColumns. Since that is linear, the result is INVCIPHER's if InvMixColumns is
// applied to the round key too: that is AESIMC.
TEXT ·decryptHardware(SB), NOSPLIT, $0-32
	MOVQ keys+0(FP), AX
	MOVQ rounds+8(FP), R9
	MOVQ dst+16(FP), DI
	MOVQ src+24(FP), SI

	MOVQ  R9, R8
	SHLQ  $4, R8
	ADDQ  AX, R8           // the last round key
	MOVOU (SI), X0
	MOVOU (R8), X1
	PXOR  X1, X0           // AddRoundKey
	DECQ  R9

round:
	SUBQ   $16, R8
	MOVOU  (R8), X1
	AESIMC X1, X1
	AESDEC X1, X0          // InvShiftRows, InvSubBytes, InvMixColumns, AddRoundKey
	DECQ   R9
	JNZ    round

	MOVOU      (AX), X1
	AESDECLAST X1, X0      // the same without InvMixColumns
	MOVOU      X0, (DI)
	PXOR       X0, X0
	PXOR       X1, X1
	RET

// ROUND is a round but the last: ShiftRows, SubBytes, MixColumns, AddRoundKey. at is
// where its round key is.
#define ROUND(at) \
	MOVOU  at(AX), X1; \
	AESENC X1, X0

// func encryptCFBHardware(keys *[15][16]byte, rounds int, iv *[16]byte, dst, src *byte, blocks int)
//
// X0 is I_j, O_j and C_j of SP 800-38A §6.3, one after the other, X1 a round key or P_j.
// A block waits for the one before: a loop over the rounds, whose end a processor may
// predict wrongly, would cost more here than elsewhere.
TEXT ·encryptCFBHardware(SB), NOSPLIT, $0-48
	MOVQ keys+0(FP), AX
	MOVQ rounds+8(FP), CX
	MOVQ iv+16(FP), BX
	MOVQ dst+24(FP), DI
	MOVQ src+32(FP), SI
	MOVQ blocks+40(FP), DX
	MOVQ CX, R8
	SHLQ $4, R8
	ADDQ AX, R8            // the last round key
	MOVOU (BX), X0

block:
	MOVOU (AX), X1
	PXOR  X1, X0           // AddRoundKey
	ROUND(16)
	ROUND(32)
	ROUND(48)
	ROUND(64)
	ROUND(80)
	ROUND(96)
	ROUND(112)
	ROUND(128)
	ROUND(144)
	CMPQ  CX, $12
	JLT   last
	ROUND(160)
	ROUND(176)
	JEQ   last
	ROUND(192)
	ROUND(208)

last:
	MOVOU      (R8), X1
	AESENCLAST X1, X0      // the last round has no MixColumns: O_j
	MOVOU      (SI), X1
	PXOR       X1, X0      // C_j = P_j ⊕ O_j, and I_j+1
	MOVOU      X0, (DI)
	ADDQ       $16, SI
	ADDQ       $16, DI
	DECQ       DX
	JNZ        block

	MOVOU X0, (BX)
	PXOR  X0, X0
	PXOR  X1, X1
	RET

// EACH does something with each of the eight states.
#define EACH(op) \
	op X9, X0; \
	op X9, X1; \
	op X9, X2; \
	op X9, X3; \
	op X9, X4; \
	op X9, X5; \
	op X9, X6; \
	op X9, X7

// PLAIN is P_j = C_j ⊕ O_j for one of eight blocks.
#define PLAIN(at, o) \
	MOVOU at(SI), X9; \
	PXOR  X9, o;      \
	MOVOU o, at(DI)

// func decryptCFBHardware(keys *[15][16]byte, rounds int, iv *[16]byte, dst, src *byte, groups int)
//
// X0 to X7 are I_j and O_j of SP 800-38A §6.3 for eight j at a time, X8 is I_j for the
// one after them, X9 a round key or C_j.
TEXT ·decryptCFBHardware(SB), NOSPLIT, $0-48
	MOVQ  keys+0(FP), AX
	MOVQ  rounds+8(FP), CX
	MOVQ  iv+16(FP), BX
	MOVQ  dst+24(FP), DI
	MOVQ  src+32(FP), SI
	MOVQ  groups+40(FP), DX
	DECQ  CX
	MOVOU (BX), X8

group:
	MOVO  X8, X0           // I_j = C_j-1
	MOVOU 0(SI), X1
	MOVOU 16(SI), X2
	MOVOU 32(SI), X3
	MOVOU 48(SI), X4
	MOVOU 64(SI), X5
	MOVOU 80(SI), X6
	MOVOU 96(SI), X7
	MOVOU 112(SI), X8

	MOVQ  AX, R8
	MOVQ  CX, R9
	MOVOU (R8), X9
	EACH(PXOR)             // AddRoundKey

round:
	ADDQ  $16, R8
	MOVOU (R8), X9
	EACH(AESENC)           // ShiftRows, SubBytes, MixColumns, AddRoundKey
	DECQ  R9
	JNZ   round

	MOVOU 16(R8), X9
	EACH(AESENCLAST)       // the same without MixColumns: O_j
	PLAIN(0, X0)
	PLAIN(16, X1)
	PLAIN(32, X2)
	PLAIN(48, X3)
	PLAIN(64, X4)
	PLAIN(80, X5)
	PLAIN(96, X6)
	PLAIN(112, X7)
	ADDQ  $128, SI
	ADDQ  $128, DI
	DECQ  DX
	JNZ   group

	MOVOU X8, (BX)
	PXOR  X9, X9
	EACH(MOVO)             // which leaves zeros
	RET
