// Package cryptotest is what a primitive has to pass, whoever wrote it: the
// packages beside it and those of the standard library run through the same
// tests. It serves tests only.
//
// [Hash], [Block] and [MAC] check the documented rules of an interface and
// compare with another implementation, the oracle, on random input. The functions
// whose names end in Vectors check known answers: those of testdata/vectors in
// the repository, and the larger sets beside it where they are present.
package cryptotest
