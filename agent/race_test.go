//go:build race

package agent_test

// raceDetector: a sync.Pool forgets at random what it is given, so that who uses one
// allocates now and then.
const raceDetector = true
