package smi

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrNotFound: no directory has a file for the module.
var ErrNotFound = errors.New("smi: no such module")

// extensions that a module's file may have behind its name.
var extensions = []string{"", ".txt", ".mib", ".my"}

// builtIn are modules that need no file: what they define are macros, base types
// and the top of the tree.
var builtIn = map[string]bool{
	"SNMPv2-SMI": true, "SNMPv2-CONF": true, "RFC1155-SMI": true, "RFC1065-SMI": true,
	"RFC-1212": true, "RFC1212": true, "RFC-1215": true, "RFC1215": true,
}

// Load adds a module, and before it those that it imports from, if they are not
// known yet. Their files are looked for in dirs, in order, under the name of the
// module, bare or with .txt, .mib or .my; if no file is called so, in all files
// that contain a module of that name.
//
// The error joins everything that went wrong: ErrNotFound for the module or for
// ones that it imports from, and a *SyntaxError for every definition that was
// left out. The rest is there nevertheless.
func (n *Names) Load(module string, dirs []string) error {
	l := loader{names: n, dirs: dirs, busy: make(map[string]bool)}
	l.load(module)
	return errors.Join(l.errs...)
}

// LoadAll adds the modules of all files in dirs. The error is as Load's. Files
// without a module, and subdirectories, are passed over.
func (n *Names) LoadAll(dirs []string) error {
	l := loader{names: n, dirs: dirs, busy: make(map[string]bool)}
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			l.errs = append(l.errs, fmt.Errorf("smi: %w", err))
			continue
		}
		for _, e := range entries {
			if !e.IsDir() {
				l.file(filepath.Join(dir, e.Name()))
			}
		}
	}
	return errors.Join(l.errs...)
}

type loader struct {
	names *Names
	dirs  []string
	busy  map[string]bool // modules and files that are being loaded, or were
	errs  []error
}

// load adds a module unless it is known.
func (l *loader) load(module string) {
	if l.names.loaded[module] || l.busy[module] {
		return
	}
	l.busy[module] = true
	path := l.find(module)
	if path == "" {
		if builtIn[module] {
			return
		}
		l.errs = append(l.errs, fmt.Errorf("%w: %s, looked for in %s", ErrNotFound, module, strings.Join(l.dirs, string(filepath.ListSeparator))))
		return
	}
	l.file(path)
}

// file adds the modules of a file, and what they import from.
func (l *loader) file(path string) {
	if l.busy[path] {
		return
	}
	l.busy[path] = true
	src, err := os.ReadFile(path)
	if err != nil {
		l.errs = append(l.errs, fmt.Errorf("smi: %w", err))
		return
	}
	for _, m := range Parse(path, src) {
		l.busy[m.Name] = true
		for _, from := range m.sources {
			l.load(from)
		}
		l.names.Add(path, m)
		for _, p := range m.Problems {
			l.errs = append(l.errs, p)
		}
	}
}

// find returns the file of a module, "" if there is none.
func (l *loader) find(module string) string {
	if strings.ContainsAny(module, `/\`) {
		return ""
	}
	for _, dir := range l.dirs {
		for _, ext := range extensions {
			path := filepath.Join(dir, module+ext)
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				return path
			}
		}
	}
	for _, dir := range l.dirs {
		if path := l.names.indexOf(dir)[module]; path != "" {
			return path
		}
	}
	return ""
}

// indexOf returns the files of a directory by the first module they contain.
func (n *Names) indexOf(dir string) map[string]string {
	if index, done := n.dirIndex[dir]; done {
		return index
	}
	index := make(map[string]string)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil // not remembered: Load says that the module is missing
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if name := firstModule(path); name != "" && index[name] == "" {
			index[name] = path
		}
	}
	if n.dirIndex == nil {
		n.dirIndex = make(map[string]map[string]string)
	}
	n.dirIndex[dir] = index
	return index
}

// headerSize is how much of a file firstModule reads: comments in front of a
// module are seldom longer.
const headerSize = 64 << 10

// firstModule returns the name of the first module in a file, "" if there is
// none.
func firstModule(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	b := make([]byte, headerSize)
	size, _ := f.Read(b)
	p := parser{file: path, tokens: scan(string(b[:size]), true)}
	if !p.toModule() {
		return ""
	}
	return p.peek().text
}
