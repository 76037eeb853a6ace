package arch

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The files that a package's documentation names are there: in its directory or, with a
// path, in the module. What it gives as an order to read them in leaves none out.
func TestFilesInDocs(t *testing.T) {
	files := make(map[string][]string) // by directory
	for _, f := range sources(t) {
		files[f.dir] = append(files[f.dir], path.Base(f.path))
	}
	checked := 0
	for _, f := range sources(t) {
		if f.ast.Doc == nil || f.test {
			continue
		}
		text := f.ast.Doc.Text()
		for _, name := range regexp.MustCompile(`[a-z0-9_/.]*[a-z0-9_]\.go\b`).FindAllString(text, -1) {
			checked++
			dir, base := path.Split(name)
			if dir = strings.TrimSuffix(dir, "/"); dir == "" {
				dir = f.dir
			}
			if !slices.Contains(files[dir], base) {
				t.Errorf("%s names %s, which is not there", f.path, name)
			}
		}
		_, order, ok := strings.Cut(text, "# The files\n")
		if !ok {
			continue
		}
		for _, base := range files[f.dir] {
			if base != path.Base(f.path) && !strings.Contains(order, base) && !notOnItsOwn(base) {
				t.Errorf("%s has an order in which to read the files, and %s is not in it: put it there", f.path, base)
			}
		}
	}
	if checked < 100 {
		t.Errorf("the documentation names only %d files", checked)
	}
}

// notOnItsOwn reports whether a file is a test, or by its name for some systems alone.
func notOnItsOwn(base string) bool {
	return regexp.MustCompile(`_(test|linux|windows|unix|other|old|amd64|arm64|386)`).MatchString(base)
}
