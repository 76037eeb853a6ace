//go:build purego || (!amd64 && !(arm64 && (linux || darwin)))

package cpu

// detect: nothing here would use them, or there is no certain way to ask. Windows
// on arm64 is one of the latter without package syscall, which this layer does not
// import.
func detect() features { return features{} }
