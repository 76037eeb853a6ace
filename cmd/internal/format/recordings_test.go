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

// TestRecordings compares walks of recorded devices, with all modules loaded.
func TestRecordings(t *testing.T) {
	dirs := netSNMP(t)[:1]
	files, err := filepath.Glob(filepath.Join(filepath.Dir(dirs[0]), "recordings", "*.snmprec"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings beside %s", dirs[0])
	}
	names := smi.New()
	// One of them imports from a module that nobody has any more.
	if err := names.LoadAll(dirs); err != nil && !errors.Is(err, smi.ErrNotFound) {
		t.Fatal(err)
	}
	for _, file := range files {
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
