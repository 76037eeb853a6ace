package snmpdconf

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree is a file system in a map. A name that ends in / is a directory.
type tree map[string]string

func (tr tree) loader(search ...string) *Loader {
	return &Loader{
		SearchPath: search,
		Open: func(path string) (io.ReadCloser, error) {
			text, ok := tr[filepath.ToSlash(filepath.Clean(path))]
			switch {
			case !ok:
				return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
			case text == "denied":
				return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
			}
			return io.NopCloser(strings.NewReader(text)), nil
		},
		ReadDir: func(dir string) ([]string, error) {
			var names []string
			for path := range tr {
				if d, name := filepath.Split(path); filepath.Clean(d) == filepath.Clean(dir) {
					names = append(names, name)
				}
			}
			if names == nil {
				return nil, &fs.PathError{Op: "open", Path: dir, Err: fs.ErrNotExist}
			}
			// The order of a directory is any order.
			slices.Sort(names)
			slices.Reverse(names)
			return names, nil
		},
	}
}

func showFiles(ds []Directive) []string {
	var out []string
	for _, d := range ds {
		out = append(out, filepath.ToSlash(d.File)+":"+show(d))
	}
	return out
}

// A file that is not to include others does not, whatever it says.
func TestNoIncludes(t *testing.T) {
	l := tree{"/a.conf": "includeFile b.conf\nincludeDir /d\nincludeSearch b\nsysName x\n", "/b.conf": "one x\n", "/d/c.conf": "two x\n"}.loader("/")
	l.NoIncludes = true
	got := l.Load(File{Path: "/a.conf", Required: true})
	if want := []string{"/a.conf"}; !slices.Equal(got.Files, want) || len(got.Directives) != 1 || len(got.Errors) != 3 {
		t.Errorf("files %q, directives %q, errors %v", got.Files, showFiles(got.Directives), got.Errors)
	}
}

func TestLoad(t *testing.T) {
	tests := []struct {
		name string
		tree tree
		want []string
		errs []string
	}{
		{"included where the include stands", tree{"c/a": "load 1\nincludeFile b\nload 3\n", "c/b": "load 2\n"},
			[]string{`c/a:1 [snmpd] load ["1"]`, `c/b:1 [snmpd] load ["2"]`, `c/a:3 [snmpd] load ["3"]`}, nil},
		{"relative to the including file", tree{"c/a": "includeFile d/b\nincludeFile ../e\n", "c/d/b": "includeFile x\n", "c/d/x": "load 2\n", "e": "load 3\n"},
			[]string{`c/d/x:1 [snmpd] load ["2"]`, `e:1 [snmpd] load ["3"]`}, nil},
		{"absolute", tree{"c/a": "includeFile /etc/b\n", "/etc/b": "load 2\n"}, []string{`/etc/b:1 [snmpd] load ["2"]`}, nil},
		{"names with spaces, quotes, comments", tree{"c/a": "includeFile my file\nincludeFile \"my file\" # x\nincludeFile b#1 # 'x\n", "c/my file": "load 2\n", "c/b#1": "load 3\n"},
			[]string{`c/my file:1 [snmpd] load ["2"]`, `c/my file:1 [snmpd] load ["2"]`, `c/b#1:1 [snmpd] load ["3"]`}, nil},
		{"includeDir takes .conf files in order", tree{"c/a": "includeDir d\n", "d/b.conf": "load 2\n", "d/a.conf": "load 1\n", "d/.x.conf": "load 9\n",
			"d/.conf": "load 9\n", "d/c.conf~": "load 9\n", "d/README": "load 9\n", "d/c.local.conf": "load 3\n"},
			[]string{`d/a.conf:1 [snmpd] load ["1"]`, `d/b.conf:1 [snmpd] load ["2"]`, `d/c.local.conf:1 [snmpd] load ["3"]`}, nil},
		{"includeSearch", tree{"c/a": "includeSearch x\nincludeSearch y.conf\nincludeSearch z\n", "s1/x.conf": "load 1\n", "s2/x.local.conf": "load 2\n", "s2/y.conf": "load 3\n"},
			[]string{`s1/x.conf:1 [snmpd] load ["1"]`, `s2/x.local.conf:1 [snmpd] load ["2"]`, `s2/y.conf:1 [snmpd] load ["3"]`},
			[]string{`c/a:3: includeSearch: "z" is in no directory of the search path ["s1" "s2"]`}},
		{"section goes into the included file and not out of it", tree{"c/a": "[snmp]\nincludeFile b\nx 2\n[snmpd]\nincludeFile b\n", "c/b": "x 1\n[agentx]\nx 3\n"},
			[]string{`c/b:1 [snmp] x ["1"]`, `c/b:3 [agentx] x ["3"]`, `c/a:3 [snmp] x ["2"]`, `c/b:1 [snmpd] x ["1"]`, `c/b:3 [agentx] x ["3"]`}, nil},
		{"missing", tree{"c/a": "includeFile b\nincludeDir d\nload 3\nincludeFile \"\"\n"}, []string{`c/a:3 [snmpd] load ["3"]`}, []string{
			`c/a:1: includeFile: "c/b" cannot be read: file does not exist`,
			`c/a:2: includeDir: "d" cannot be read, expected a directory of .conf files: file does not exist`,
			`c/a:4: includeFile: the name is empty, expected a path`}},
		{"denied", tree{"c/a": "includeFile b\nincludeSearch s\n", "c/b": "denied", "s1/s.conf": "denied", "s2/s.conf": "load 1\n"},
			[]string{`s2/s.conf:1 [snmpd] load ["1"]`}, []string{
				`c/a:1: includeFile: "c/b" cannot be read: permission denied`,
				`c/a:2: includeSearch: "s1/s.conf": permission denied`}},
		{"includes itself", tree{"c/a": "load 1\nincludeFile ../c/a\nload 3\n"}, []string{`c/a:1 [snmpd] load ["1"]`, `c/a:3 [snmpd] load ["3"]`},
			[]string{`c/a:2: includeFile: "c/a" cannot be read: includes itself: c/a -> c/a`}},
		{"includes itself through others", tree{"c/a": "includeFile b\n", "c/b": "includeDir d\n", "d/x.conf": "load 1\nincludeFile ../c/a\n"},
			[]string{`d/x.conf:1 [snmpd] load ["1"]`},
			[]string{`d/x.conf:2: includeFile: "c/a" cannot be read: includes itself: c/a -> c/b -> d/x.conf -> c/a`}},
		{"twice is not a loop", tree{"c/a": "includeFile b\nincludeFile b\n", "c/b": "load 1\n"}, []string{`c/b:1 [snmpd] load ["1"]`, `c/b:1 [snmpd] load ["1"]`}, nil},
		{"errors in order", tree{"c/a": "x\nincludeFile b\ny\n", "c/b": "z\n"}, nil, []string{
			"c/a:1: x: nothing follows the name, expected an argument; the line is not read",
			"c/b:1: z: nothing follows the name, expected an argument; the line is not read",
			"c/a:3: y: nothing follows the name, expected an argument; the line is not read"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			conf := tt.tree.loader("s1", "s2").Load(File{Path: "c/a", Required: true})
			if got := showFiles(conf.Directives); !slices.Equal(got, tt.want) {
				t.Errorf("directives:\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(tt.want, "\n     "))
			}
			if got := messages(conf.Errors); !slices.Equal(slashes(got), tt.errs) {
				t.Errorf("errors:\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(tt.errs, "\n     "))
			}
		})
	}
}

func slashes(msgs []string) []string {
	for i, m := range msgs {
		msgs[i] = strings.ReplaceAll(strings.ReplaceAll(m, `\\`, "/"), `\`, "/")
	}
	return msgs
}

func TestLoadSeveral(t *testing.T) {
	tr := tree{"a": "load 1\n", "b": "clientaddr x\n", "d": "denied"}
	conf := tr.loader().Load(File{Path: "a"}, File{Path: "b", Section: SectionLibrary}, File{Path: "none"}, File{Path: "none", Required: true}, File{Path: "d"})
	if got, want := showFiles(conf.Directives), []string{`a:1 [snmpd] load ["1"]`, `b:1 [snmp] clientaddr ["x"]`}; !slices.Equal(got, want) {
		t.Errorf("directives = %s, want %s", got, want)
	}
	if got, want := messages(conf.Errors), []string{"none: file does not exist, expected a configuration file", "d: permission denied, expected a configuration file"}; !slices.Equal(got, want) {
		t.Errorf("errors = %q, want %q", got, want)
	}
	if !slices.Equal(conf.Files, []string{"a", "b"}) {
		t.Errorf("files = %q", conf.Files)
	}
}

func TestLoadDepth(t *testing.T) {
	tr := tree{}
	for i := range 30 {
		tr[fmt.Sprint("f", i)] = fmt.Sprintf("load %d\nincludeFile f%d\n", i, i+1)
	}
	conf := tr.loader().Load(File{Path: "f0"})
	if n := len(conf.Directives); n != maxDepth+1 {
		t.Errorf("%d files were read, want %d", n, maxDepth+1)
	}
	if got, want := messages(conf.Errors), []string{`f16:2: includeFile: "f17" cannot be read: the includes are more than 16 deep`}; !slices.Equal(got, want) {
		t.Errorf("errors = %q, want %q", got, want)
	}
}

// TestLoadFileCount has every file include the next twice: 2^n files, were they not counted.
func TestLoadFileCount(t *testing.T) {
	tr := tree{}
	for i := range 16 {
		tr[fmt.Sprint("f", i)] = fmt.Sprintf("includeFile f%d\nincludeFile f%d\n", i+1, i+1)
	}
	tr["f16"] = "load 1\n"
	conf := tr.loader().Load(File{Path: "f0"})
	if len(conf.Files) != maxFiles || len(conf.Errors) == 0 || !strings.HasSuffix(conf.Errors[0].Msg, "more than 4096 files") {
		t.Errorf("%d files read, %d errors", len(conf.Files), len(conf.Errors))
	}
}

func TestLoadTotal(t *testing.T) {
	tr := tree{"a": strings.Repeat("includeFile b\n", 10), "b": strings.Repeat("#", 10<<20)}
	conf := tr.loader().Load(File{Path: "a"})
	if len(conf.Files) != 1+7 || len(conf.Errors) != 3 || !strings.HasSuffix(conf.Errors[0].Msg, "the files before it had 64 MiB already") {
		t.Errorf("%d files read, errors %v", len(conf.Files), conf.Errors)
	}
}

// TestLoadFromDisk reads real files: what the map above stands for.
func TestLoadFromDisk(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	main := write("snmpd.conf", "includeFile extra.conf\nincludeDir "+filepath.Join(dir, "conf.d")+"\r\nincludeDir "+filepath.Join(dir, "none")+"\nincludeFile conf.d\n")
	write("extra.conf", "load 1\n")
	write("conf.d/20.conf", "load 3\n")
	write("conf.d/10.conf", "load 2\n")
	var loader Loader
	conf := loader.Load(AgentFiles([]string{filepath.Join(dir, "none"), dir})...)
	var got []string
	for _, d := range conf.Directives {
		got = append(got, d.Rest)
	}
	if !slices.Equal(got, []string{"1", "2", "3"}) {
		t.Errorf("directives = %v", conf.Directives)
	}
	if len(conf.Errors) != 2 || conf.Errors[0].Line != 3 || conf.Errors[0].File != main {
		t.Errorf("errors = %v", conf.Errors)
	}
}
