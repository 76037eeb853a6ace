//go:build !purego

#include "textflag.h"

// SHA-1 with the SHA extensions (Intel 64 and IA-32 Architectures Software
// Developer's Manual, volume 2: SHA1RNDS4, SHA1NEXTE, SHA1MSG1, SHA1MSG2). The
// names are those of FIPS 180-4 §6.1.2, and the numbers those of its steps.
//
// A vector register holds four words of 32 bits; they are listed here from the
// highest to the lowest, since these instructions begin with the highest.
//
//	DI   the hash value H0 to H4, in memory
//	SI   what is left of the message, DX how many octets that are
//	X0   a b c d
//	X1   e and three words of no meaning, or e + W[t], W[t+1], W[t+2], W[t+3]
//	X2   the same, in turns with X1
//	X3   W[t] to W[t+3], for t a multiple of 16; the 16 words of the message
//	X4   W[t] to W[t+3], for t four behind      schedule that are still needed
//	X5   for t eight behind
//	X6   for t twelve behind
//	X8   a b c d before the block
//	X9   e 0 0 0 before the block
//	X10  the order of octets that makes words of them, the first the highest

// The first octet of a word is its highest (FIPS 180-4 §3.1).
DATA  octets<>+0(SB)/8, $0x08090a0b0c0d0e0f
DATA  octets<>+8(SB)/8, $0x0001020304050607
GLOBL octets<>(SB), RODATA|NOPTR, $16

// LOAD is step 1 for t below 16: w is four words of the block.
#define LOAD(at, w) \
	MOVOU  at(SI), w; \
	PSHUFB X10, w

// SCHEDULE is step 1 for four t from 16 on:
// W[t] = ROTL1(W[t-3] ⊕ W[t-8] ⊕ W[t-14] ⊕ W[t-16]).
// w16 holds W[t-16] to W[t-13] and gets W[t] to W[t+3]; the next four words are in
// w12, and so on.
#define SCHEDULE(w16, w12, w8, w4) \
	SHA1MSG1 w12, w16;  \ // W[t-16] ⊕ W[t-14]
	PXOR     w8, w16;   \ // ⊕ W[t-8]
	SHA1MSG2 w4, w16      // ⊕ W[t-3], and rotated

// ROUNDS is step 3 for four t; f is which of the four functions and constants,
// t / 20. Four rounds after it was a, a word is e, rotated by 30 bits on its way
// through c: SHA1NEXTE rotates the a that e holds, and adds it to W[t]. What then is
// a becomes the next e.
#define ROUNDS(f, w, e, next) \
	SHA1NEXTE w, e;     \
	MOVO      X0, next; \
	SHA1RNDS4 $f, e, X0

// func compressHardware(hash *[5]uint32, p []byte)
TEXT ·compressHardware(SB), NOSPLIT, $0-32
	MOVQ  hash+0(FP), DI
	MOVQ  p_base+8(FP), SI
	MOVQ  p_len+16(FP), DX
	MOVOU octets<>(SB), X10

	// 2. The working variables.
	MOVOU  0(DI), X0
	PSHUFD $0x1b, X0, X0   // a b c d
	MOVL   16(DI), X1
	PSLLDQ $12, X1         // e 0 0 0

block:
	SUBQ $64, DX
	JB   done
	MOVO X0, X8
	MOVO X1, X9

	LOAD(0, X3)
	PADDL     X3, X1       // e is not a rotated here
	MOVO      X0, X2
	SHA1RNDS4 $0, X1, X0
	LOAD(16, X4)
	ROUNDS(0, X4, X2, X1)
	LOAD(32, X5)
	ROUNDS(0, X5, X1, X2)
	LOAD(48, X6)
	ROUNDS(0, X6, X2, X1)
	SCHEDULE(X3, X4, X5, X6)
	ROUNDS(0, X3, X1, X2)
	SCHEDULE(X4, X5, X6, X3)
	ROUNDS(1, X4, X2, X1)
	SCHEDULE(X5, X6, X3, X4)
	ROUNDS(1, X5, X1, X2)
	SCHEDULE(X6, X3, X4, X5)
	ROUNDS(1, X6, X2, X1)
	SCHEDULE(X3, X4, X5, X6)
	ROUNDS(1, X3, X1, X2)
	SCHEDULE(X4, X5, X6, X3)
	ROUNDS(1, X4, X2, X1)
	SCHEDULE(X5, X6, X3, X4)
	ROUNDS(2, X5, X1, X2)
	SCHEDULE(X6, X3, X4, X5)
	ROUNDS(2, X6, X2, X1)
	SCHEDULE(X3, X4, X5, X6)
	ROUNDS(2, X3, X1, X2)
	SCHEDULE(X4, X5, X6, X3)
	ROUNDS(2, X4, X2, X1)
	SCHEDULE(X5, X6, X3, X4)
	ROUNDS(2, X5, X1, X2)
	SCHEDULE(X6, X3, X4, X5)
	ROUNDS(3, X6, X2, X1)
	SCHEDULE(X3, X4, X5, X6)
	ROUNDS(3, X3, X1, X2)
	SCHEDULE(X4, X5, X6, X3)
	ROUNDS(3, X4, X2, X1)
	SCHEDULE(X5, X6, X3, X4)
	ROUNDS(3, X5, X1, X2)
	SCHEDULE(X6, X3, X4, X5)
	ROUNDS(3, X6, X2, X1)

	// 4. The next hash value.
	PADDL     X8, X0
	SHA1NEXTE X9, X1       // e 0 0 0, of the a before the last four rounds
	ADDQ      $64, SI
	JMP       block

done:
	PSHUFD $0x1b, X0, X0
	MOVOU  X0, 0(DI)
	PSRLDQ $12, X1
	MOVL   X1, 16(DI)

	// Nothing of message and hash value stays in a register.
	PXOR X0, X0
	PXOR X1, X1
	PXOR X2, X2
	PXOR X3, X3
	PXOR X4, X4
	PXOR X5, X5
	PXOR X6, X6
	PXOR X8, X8
	PXOR X9, X9
	RET
