package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"snmpstack/ber/bertest"
)

const module = "snmpstack"

// A sourceFile is one Go file of the module.
type sourceFile struct {
	path string // from the module's root, with slashes
	dir  string // its directory: the package's import path without the module
	test bool   // a _test.go file, or one of a package that serves tests
	ast  *ast.File
	fset *token.FileSet
}

// isTestSupport reports whether a package only serves tests: bertest, mibtest,
// and the language of the command's test scripts.
func isTestSupport(dir string) bool {
	return strings.HasSuffix(path.Base(dir), "test") || dir == "cmd/internal/script"
}

var (
	parseOnce sync.Once
	parsed    []sourceFile
	parseErr  error
)

// sources returns every Go file of the module, whatever system it is for.
func sources(t *testing.T) []sourceFile {
	t.Helper()
	parseOnce.Do(func() { parsed, parseErr = parseTree(bertest.Root(t)) })
	files, err := parsed, parseErr
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("found only %d Go files", len(files))
	}
	return files
}

func parseTree(root string) (files []sourceFile, err error) {
	fset := token.NewFileSet()
	err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		if entry.IsDir() {
			if name != root && (base == "testdata" || base[0] == '.' || base[0] == '_') {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") {
			return nil
		}
		// What does not parse does not compile either, and is the compiler's to
		// complain of: it may be half written.
		parsed, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		dir := path.Dir(relative)
		files = append(files, sourceFile{relative, dir, strings.HasSuffix(base, "_test.go") || isTestSupport(dir), parsed, fset})
		return nil
	})
	return files, err
}

// imports returns the import paths of the file.
func (f *sourceFile) imports() (paths []string) {
	for _, spec := range f.ast.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			panic(err) // the parser accepted it
		}
		paths = append(paths, p)
	}
	return paths
}

// below reports whether dir is one of the roots, or lies below one.
func below(dir string, roots ...string) bool {
	for _, root := range roots {
		if dir == root || strings.HasPrefix(dir, root+"/") {
			return true
		}
	}
	return false
}
