// Package arch holds no code of the product, only the tests that keep its shape:
//
//   - imports go strictly down: ber, pdu, usm and mib, agent, transport (layers_test.go);
//   - the product imports the standard library and itself, and what is dangerous
//     or has side effects only where it belongs (imports_test.go);
//   - the module's top level holds what it is meant to hold (imports_test.go);
//   - the programs in the packages' documentation compile (programs_test.go), and the
//     files that it names are there (files_test.go);
//   - clauses.md says which function follows which clause of which RFC, and which
//     test would fail without it (clauses_test.go).
//
// The map is made from the markers in the comments, such as "RFC 3416 §4.2.3",
// and written anew with
//
//	go test ./cmd/internal/arch -run TestClauses -update
//
// New clauses, functions and tests need no update at once: the test fails only
// when a clause that the committed map has lost its last function or test.
package arch
