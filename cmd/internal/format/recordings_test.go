package format

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"snmpstack/mib/smi"
	"snmpstack/pdu"
)

// recordings returns the files with recorded devices beside the modules.
func recordings(t *testing.T, modules string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(filepath.Dir(modules), "recordings", "*.snmprec"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings beside %s", modules)
	}
	return files
}

// TestCoreAgainstNetSNMP compares walks of recorded devices, with the core table
// here and the files of its modules there.
func TestCoreAgainstNetSNMP(t *testing.T) {
	dirs := netSNMP(t)[:1]
	names := smi.Core()
	// Net-SNMP prefers the module that was loaded last, and so would name much
	// after the one that was replaced by the others.
	replaced := func(module string) bool { return module == "RFC1213-MIB" || module == "RFC1155-SMI" }
	modules := strings.Join(slices.DeleteFunc(names.Modules(), replaced), ":")
	for _, file := range recordings(t, dirs[0]) {
		list := slices.DeleteFunc(readRecording(t, file), func(vb pdu.VarBind) bool {
			object, _ := names.Lookup(vb.Name)
			return replaced(object.Module)
		})
		slices.SortFunc(list, func(a, b pdu.VarBind) int { return a.Name.Compare(b.Name) })
		agent := replay(t, list)
		t.Run(strings.TrimSuffix(filepath.Base(file), ".snmprec"), func(t *testing.T) {
			compare(t, &Options{}, names, list, walk(t, dirs, modules, "", agent, ".1"), deviatingLine)
		})
	}
}

// TestRecordings compares walks of recorded devices, with all modules loaded.
func TestRecordings(t *testing.T) {
	dirs := netSNMP(t)[:1]
	names := smi.New()
	// One of them imports from a module that nobody has any more.
	if err := names.LoadAll(dirs); err != nil && !errors.Is(err, smi.ErrNotFound) {
		t.Fatal(err)
	}
	for _, file := range recordings(t, dirs[0]) {
		list := readRecording(t, file)
		slices.SortFunc(list, func(a, b pdu.VarBind) int { return a.Name.Compare(b.Name) })
		agent := replay(t, list)
		for _, letters := range []string{"s", "sX", "sqe", "f"} {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".snmprec")+"/"+letters, func(t *testing.T) {
				var o Options
				if err := o.Set(letters); err != nil {
					t.Fatal(err)
				}
				want := walk(t, dirs, "ALL", letters, agent, ".1")
				compare(t, &o, names, list, want, deviatingLine)
			})
		}
	}
}
