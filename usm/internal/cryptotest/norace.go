//go:build !race

package cryptotest

// RaceEnabled says whether the race detector runs: it makes sync.Pool and others allocate.
const RaceEnabled = false
