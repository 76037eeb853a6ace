package figures

import "testing"

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		list []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{3, 1}, 2}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := Median(test.list); got != test.want {
			t.Errorf("of %v: %v, want %v", test.list, got, test.want)
		}
	}
}

func TestNanoseconds(t *testing.T) {
	for n, want := range map[float64]string{0: "0 ns", 999: "999 ns", 1234: "1.23 µs", 12345: "12.3 µs", 123456: "123 µs", 1234567: "1.2 ms"} {
		if got := Nanoseconds(n); got != want {
			t.Errorf("%v is %q, want %q", n, got, want)
		}
	}
}

func TestMachine(t *testing.T) {
	for _, line := range Machine() {
		if line == "" {
			t.Errorf("an empty line in %q", Machine())
		}
	}
}
