//go:build !purego

#include "textflag.h"

// SHA-256 with the SHA extensions (Intel 64 and IA-32 Architectures Software
// Developer's Manual, volume 2: SHA256RNDS2, SHA256MSG1, SHA256MSG2). The names are
// those of FIPS 180-4 §6.2.2, and the numbers those of its steps.
//
// A vector register holds four words of 32 bits; they are listed here from the
// lowest to the highest. The working variables are spread over two of them in the
// order in which SHA256RNDS2 has them.
//
//	DI   the hash value H0 to H7, in memory
//	SI   what is left of the message, DX how many octets that are
//	AX   the constants K, those of compress.go
//	X0   W[t]+K[t], W[t+1]+K[t+1], …; SHA256RNDS2 takes it from nowhere else
//	X1   f e b a
//	X2   h g d c
//	X3   W[t] to W[t+3], for t a multiple of 16; the 16 words of the message
//	X4   W[t] to W[t+3], for t four behind      schedule that are still needed
//	X5   for t eight behind
//	X6   for t twelve behind
//	X7   for the time being
//	X8   f e b a before the block
//	X9   h g d c before the block
//	X10  the order of octets that makes words of them

// The first octet of a word is its highest (FIPS 180-4 §3.1).
DATA  octets<>+0(SB)/8, $0x0405060700010203
DATA  octets<>+8(SB)/8, $0x0c0d0e0f08090a0b
GLOBL octets<>(SB), RODATA|NOPTR, $16

// LOAD is step 1 for t below 16: w is four words of the block.
#define LOAD(at, w) \
	MOVOU  at(SI), w; \
	PSHUFB X10, w

// SCHEDULE is step 1 for four t from 16 on:
// W[t] = σ1(W[t-2]) + W[t-7] + σ0(W[t-15]) + W[t-16].
// w16 holds W[t-16] to W[t-13] and gets W[t] to W[t+3]; the next four words are in
// w12, and so on.
#define SCHEDULE(w16, w12, w8, w4) \
	SHA256MSG1 w12, w16;    \ // W[t-16] + σ0(W[t-15])
	MOVO       w4, X7;      \
	PALIGNR    $4, w8, X7;  \ // W[t-7]
	PADDL      X7, w16;     \
	SHA256MSG2 w4, w16        // + σ1(W[t-2])

// ROUNDS is step 3 for four t. SHA256RNDS2 does two of them and puts the new a, b, e
// and f where c, d, g and h were: the old a, b, e and f, which are the new c, d, g
// and h, stay in their place. After two of these the names are right again.
#define ROUNDS(t, w) \
	MOVOU       (4*t)(AX), X0;  \
	PADDL       w, X0;          \
	SHA256RNDS2 X0, X1, X2;     \
	PSHUFD      $0x0e, X0, X0;  \ // the upper two words come next
	SHA256RNDS2 X0, X2, X1

// func compressHardware(hash *[8]uint32, p []byte)
TEXT ·compressHardware(SB), NOSPLIT, $0-32
	MOVQ  hash+0(FP), DI
	MOVQ  p_base+8(FP), SI
	MOVQ  p_len+16(FP), DX
	LEAQ  ·k(SB), AX
	MOVOU octets<>(SB), X10

	// 2. The working variables, of a b c d and e f g h.
	MOVOU      0(DI), X1
	MOVOU      16(DI), X7
	MOVO       X1, X2
	PUNPCKLQDQ X7, X1          // a b e f
	PUNPCKHQDQ X7, X2          // c d g h
	PSHUFD     $0x1b, X1, X1   // f e b a
	PSHUFD     $0x1b, X2, X2   // h g d c

block:
	SUBQ $64, DX
	JB   done
	MOVO X1, X8
	MOVO X2, X9

	LOAD(0, X3)
	ROUNDS(0, X3)
	LOAD(16, X4)
	ROUNDS(4, X4)
	LOAD(32, X5)
	ROUNDS(8, X5)
	LOAD(48, X6)
	ROUNDS(12, X6)
	SCHEDULE(X3, X4, X5, X6)
	ROUNDS(16, X3)
	SCHEDULE(X4, X5, X6, X3)
	ROUNDS(20, X4)
	SCHEDULE(X5, X6, X3, X4)
	ROUNDS(24, X5)
	SCHEDULE(X6, X3, X4, X5)
	ROUNDS(28, X6)
	SCHEDULE(X3, X4, X5, X6)
	ROUNDS(32, X3)
	SCHEDULE(X4, X5, X6, X3)
	ROUNDS(36, X4)
	SCHEDULE(X5, X6, X3, X4)
	ROUNDS(40, X5)
	SCHEDULE(X6, X3, X4, X5)
	ROUNDS(44, X6)
	SCHEDULE(X3, X4, X5, X6)
	ROUNDS(48, X3)
	SCHEDULE(X4, X5, X6, X3)
	ROUNDS(52, X4)
	SCHEDULE(X5, X6, X3, X4)
	ROUNDS(56, X5)
	SCHEDULE(X6, X3, X4, X5)
	ROUNDS(60, X6)

	// 4. The next hash value.
	PADDL X8, X1
	PADDL X9, X2
	ADDQ  $64, SI
	JMP   block

done:
	PSHUFD     $0x1b, X1, X1   // a b e f
	PSHUFD     $0x1b, X2, X2   // c d g h
	MOVO       X1, X7
	PUNPCKLQDQ X2, X1          // a b c d
	PUNPCKHQDQ X2, X7          // e f g h
	MOVOU      X1, 0(DI)
	MOVOU      X7, 16(DI)

	// Nothing of message and hash value stays in a register.
	PXOR X0, X0
	PXOR X1, X1
	PXOR X2, X2
	PXOR X3, X3
	PXOR X4, X4
	PXOR X5, X5
	PXOR X6, X6
	PXOR X7, X7
	PXOR X8, X8
	PXOR X9, X9
	RET
