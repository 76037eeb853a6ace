package kernel

// A System is what a machine calls itself.
type System struct {
	Name    string // of the operating system, "Linux"
	Node    string // host name
	Release string // "6.1.0-18-amd64", "" where not known
	Version string // build of the release, "" where not known
	Machine string // "x86_64"
}
