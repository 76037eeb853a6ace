package snmpdconf

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The bounds of one Load, beside MaxFile.
const (
	maxDepth = 16
	maxFiles = 4096
	maxTotal = 64 << 20
)

// A File is a configuration file to read.
type File struct {
	Path    string
	Section string // the section its first line is in; "" means "snmpd"
	// Required makes it an error that there is no such file. The files of a search path are not required.
	Required bool
}

// A Config is what Load read.
type Config struct {
	// Directives of all files, in the order of reading; those of an included file stand where the include stood.
	Directives []Directive
	// Errors in the order they were met.
	Errors []*Error
	// Files are the paths of the files that were read, in order, a file read twice listed twice.
	Files []string
}

// A Loader reads files and what they include. The zero Loader reads this machine's files.
type Loader struct {
	// Sections are the sections that lines may switch to; nil means "snmpd", "snmp" and "agentx".
	Sections []string
	// SearchPath lists the directories that includeSearch looks in.
	SearchPath []string
	// NoIncludes makes lines that include other files errors: for what is written by
	// somebody who may have less rights than the program.
	NoIncludes bool
	// Open opens a file and ReadDir lists the names in a directory; nil means the file system.
	Open    func(path string) (io.ReadCloser, error)
	ReadDir func(dir string) ([]string, error)
}

// Load reads the files in order with everything they include. It reads as much as it can: what cannot be read is among the
// errors.
func (l *Loader) Load(files ...File) *Config {
	ld := &load{Loader: *l, conf: &Config{}}
	if ld.Sections == nil {
		ld.Sections = agentSections
	}
	if ld.Open == nil {
		ld.Open = func(path string) (io.ReadCloser, error) { return os.Open(path) }
	}
	if ld.ReadDir == nil {
		ld.ReadDir = readDir
	}
	for _, f := range files {
		if f.Section == "" {
			f.Section = SectionAgent
		}
		err := ld.file(f.Path, f.Section)
		if err != nil && (f.Required || !notThere(err)) {
			ld.conf.Errors = append(ld.conf.Errors, &Error{File: f.Path, Msg: cause(err) + ", expected a configuration file", Err: err})
		}
	}
	return ld.conf
}

// load is the state of one Load.
type load struct {
	Loader
	conf  *Config
	stack []string // the files being read, outermost first
	total int      // octets read
}

// file reads one file. The error says why the file could not be opened; whatever is wrong inside goes to the Config.
func (ld *load) file(path, section string) error {
	clean := filepath.Clean(path)
	switch {
	case slices.Contains(ld.stack, clean):
		return fmt.Errorf("includes itself: %s", strings.Join(append(ld.stack[slices.Index(ld.stack, clean):], clean), " -> "))
	case len(ld.stack) > maxDepth:
		return fmt.Errorf("the includes are more than %d deep", maxDepth)
	case len(ld.conf.Files) >= maxFiles:
		return fmt.Errorf("more than %d files", maxFiles)
	case ld.total >= maxTotal:
		return fmt.Errorf("the files before it had %d MiB already", maxTotal>>20)
	}
	f, err := ld.Open(path)
	if err != nil {
		return err
	}
	ld.conf.Files = append(ld.conf.Files, path)
	ld.stack = append(ld.stack, clean)
	defer func() { ld.stack = ld.stack[:len(ld.stack)-1] }()

	p := &parser{file: path, section: section, known: ld.Sections, report: ld.report}
	p.directive = func(d Directive, include bool) {
		if include {
			ld.include(d)
		} else {
			ld.conf.Directives = append(ld.conf.Directives, d)
		}
	}
	text := p.read(f)
	// Closed before the first include is opened: nesting holds no files open.
	f.Close()
	ld.total += len(text)
	p.parse(text)
	return nil
}

func (ld *load) report(e *Error) { ld.conf.Errors = append(ld.conf.Errors, e) }

// include reads what an including directive names. The files begin in the section the directive stands in.
func (ld *load) include(d Directive) {
	name := includeName(d)
	switch {
	case ld.NoIncludes:
		ld.report(d.Errorf("this file cannot include others, the line has no effect"))
		return
	case name == "":
		ld.report(d.Errorf("the name is empty, expected a path"))
		return
	}
	switch d.Key() {
	case "includefile":
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(d.File), name)
		}
		ld.included(d, name)
	case "includedir":
		names, err := ld.ReadDir(name)
		if err != nil {
			ld.report(d.Errorf("%q cannot be read, expected a directory of .conf files: %w", name, bare(err)))
			return
		}
		slices.Sort(names)
		for _, n := range names {
			// A dot file is a back-up of some editor's, or hidden on purpose.
			if strings.HasSuffix(n, ".conf") && !strings.HasPrefix(n, ".") {
				ld.included(d, filepath.Join(name, n))
			}
		}
	case "includesearch":
		read := len(ld.conf.Files)
		for _, f := range searchFiles(ld.SearchPath, strings.TrimSuffix(name, ".conf"), d.Section) {
			if err := ld.file(f.Path, f.Section); err != nil && !notThere(err) {
				ld.report(d.Errorf("%q: %w", f.Path, bare(err)))
			}
		}
		if len(ld.conf.Files) == read {
			ld.report(d.Errorf("%q is in no directory of the search path %q", name, ld.SearchPath))
		}
	}
}

func (ld *load) included(d Directive, path string) {
	if err := ld.file(path, d.Section); err != nil {
		ld.report(d.Errorf("%q cannot be read: %w", path, bare(err)))
	}
}

// bareError is an error without the operation and the path that the message around it gives already.
type bareError struct{ error }

func bare(err error) error        { return bareError{err} }
func (b bareError) Error() string { return cause(b.error) }
func (b bareError) Unwrap() error { return b.error }

// notThere reports whether a file of a search path is simply absent.
func notThere(err error) bool { return errors.Is(err, fs.ErrNotExist) }

func readDir(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}
