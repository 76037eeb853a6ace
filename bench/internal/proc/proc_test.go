package proc

import (
	"os"
	"slices"
	"testing"
)

func TestProcessors(t *testing.T) {
	for _, test := range []struct{ given, underTest, generator string }{{"3,5", "3", "5"}, {"7,0", "7", "0"}} {
		if a, b, err := Processors(test.given); a != test.underTest || b != test.generator || err != nil {
			t.Errorf("of %q: %s, %s, %v", test.given, a, b, err)
		}
	}
	for _, given := range []string{"0", "2,2"} {
		if _, _, err := Processors(given); err == nil {
			t.Errorf("%q is enough", given)
		}
	}
	for ranges, want := range map[string][]string{"0": {"0"}, "0-2,5": {"0", "1", "2", "5"}, "1,3": {"1", "3"}} {
		if got, err := expand(ranges); !slices.Equal(got, want) || err != nil {
			t.Errorf("%q is %v, %v", ranges, got, err)
		}
	}
	if _, err := expand("x-2"); err == nil {
		t.Error("x is a number")
	}
}

// A process has used more of the processor the more it has done.
func TestCPU(t *testing.T) {
	before, err := CPU(os.Getpid())
	if err != nil {
		t.Skip(err)
	}
	for after := before; after <= before; {
		if after, err = CPU(os.Getpid()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := CPU(-1); err == nil {
		t.Error("nobody's time is told")
	}
}
