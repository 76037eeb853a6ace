// Package fuzz holds the fuzz targets, one file for each subject. They use what
// the packages export and nothing else; the doc comment of a target states the
// invariants that it asserts. Seeds are the annotated packets in
// testdata/packets, and an input that once failed is kept in testdata/fuzz.
//
//	go test ./fuzz -fuzz FuzzMessage -fuzztime 2m
//
// Without -fuzz the seeds run as tests.
package fuzz
