package agent

func init() {
	// Every test runs with the memory of requests that are done overwritten.
	poisonForTests = true
}

// Codes returns the specification's codes that have a text.
func Codes() []Code {
	list := make([]Code, len(codes))
	for i := range codes {
		list[i] = codes[i].code
	}
	return list
}

// SystemError is systemError.
func SystemError(err error) error { return systemError(err) }

// MaxSteps is maxSteps.
const MaxSteps = maxSteps

// StopPoisoning leaves the memory alone in agents that are activated from now
// on, for tests that measure.
func StopPoisoning() (restart func()) {
	poisonForTests = false
	return func() { poisonForTests = true }
}
