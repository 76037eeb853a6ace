package ber

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// What each of the three types makes of the same contents; "-" is an error. A
// row that is padded is one for all of them in strict mode.
func TestReaderInteger(t *testing.T) {
	tests := []struct {
		name     string
		contents string
		int32    string
		uint32   string
		uint64   string
		padded   bool
	}{
		{"0", "00", "0", "0", "0", false}, // X.690 §8.3
		{"127", "7F", "127", "127", "127", false},
		{"128", "00 80", "128", "128", "128", false},
		{"-1", "FF", "-1", "-", "-", false},
		{"-128", "80", "-128", "-", "-", false},
		{"-129", "FF 7F", "-129", "-", "-", false},
		{"2^31-1", "7F FF FF FF", "2147483647", "2147483647", "2147483647", false}, // RFC 2578 §7.1.1
		{"-2^31", "80 00 00 00", "-2147483648", "-", "-", false},                   // RFC 2578 §7.1.1
		{"2^31", "00 80 00 00 00", "-", "2147483648", "2147483648", false},         // RFC 2578 §7.1.1
		{"-2^31-1", "FF 7F FF FF FF", "-", "-", "-", false},
		{"2^32-1", "00 FF FF FF FF", "-", "4294967295", "4294967295", false}, // RFC 2578 §7.1.6, §7.1.7, §7.1.8
		{"2^32", "01 00 00 00 00", "-", "-", "4294967296", false},
		{"2^32+1 is not 1", "01 00 00 00 01", "-", "-", "4294967297", false},
		{"2^63-1", "7F FF FF FF FF FF FF FF", "-", "-", "9223372036854775807", false},
		{"-2^63", "80 00 00 00 00 00 00 00", "-", "-", "-", false},
		{"2^63", "00 80 00 00 00 00 00 00 00", "-", "-", "9223372036854775808", false},    // RFC 2578 §7.1.10
		{"2^64-1", "00 FF FF FF FF FF FF FF FF", "-", "-", "18446744073709551615", false}, // RFC 2578 §7.1.10
		{"2^64", "01 00 00 00 00 00 00 00 00", "-", "-", "-", false},
		{"2^64+1 is not 1", "01 00 00 00 00 00 00 00 01", "-", "-", "-", false},
		{"2^72", "01 00 00 00 00 00 00 00 00 00", "-", "-", "-", false},
		{"-2^63-1", "FF 7F FF FF FF FF FF FF FF", "-", "-", "-", false},
		{"no contents", "", "-", "-", "-", false}, // X.690 §8.3.1
		{"2^31 without its 00", "80 00 00 00", "-2147483648", "-", "-", false},
		{"80 is not padding", "80 00 00 00 00", "-", "-", "-", false},
		{"padded 0", "00 00", "0", "0", "0", true},            // X.690 §8.3.2
		{"padded 5", "00 00 00 05", "5", "5", "5", true},      // X.690 §8.3.2
		{"padded 128", "00 00 80", "128", "128", "128", true}, // X.690 §8.3.2
		{"padded -1", "FF FF", "-1", "-", "-", true},          // X.690 §8.3.2
		{"2^32-1 without its 00", "FF FF FF FF", "-1", "-", "-", true},
		{"padded -129", "FF FF 7F", "-129", "-", "-", true},
		{"padded beyond eight octets", "00 00 00 00 00 00 00 00 00 00 07", "7", "7", "7", true},
		{"padded 2^64-1", "00 00 FF FF FF FF FF FF FF FF", "-", "-", "18446744073709551615", true},
		{"padded -1 beyond nine octets", "FF FF FF FF FF FF FF FF FF FF", "-1", "-", "-", true},
	}
	reads := []struct {
		name string
		read func(r *Reader) string
	}{
		{"Int32", func(r *Reader) string { return fmt.Sprint(r.Int32(Integer)) }},
		{"Uint32", func(r *Reader) string { return fmt.Sprint(r.Uint32(Integer)) }},
		{"Uint64", func(r *Reader) string { return fmt.Sprint(r.Uint64(Integer)) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			contents := octets(t, tt.contents)
			in := append([]byte{byte(Integer), byte(len(contents))}, contents...)
			for i, want := range []string{tt.int32, tt.uint32, tt.uint64} {
				for _, strict := range []bool{false, true} {
					r := NewReader(in)
					r.Strict = strict
					got := reads[i].read(&r)
					if want == "-" || strict && tt.padded {
						checkError(t, r.Err(), ErrInteger, 0)
						continue
					}
					checkError(t, r.Err(), nil, 0)
					if got != want || r.Offset() != len(in) {
						t.Errorf("%s gives %s and stops at %d, want %s and %d", reads[i].name, got, r.Offset(), want, len(in))
					}
					if (r.Tolerated == 1) != tt.padded {
						t.Errorf("%s counts %d as tolerated", reads[i].name, r.Tolerated)
					}
				}
			}
		})
	}
}

// An error inside a message is at the INTEGER's identifier.
func TestReaderIntegerOffset(t *testing.T) {
	r := NewReader(octets(t, "02 01 01 02 05 01 00 00 00 00"))
	r.Int32(Integer)
	r.Int32(Integer)
	checkError(t, r.Err(), ErrInteger, 3)
}

func TestWriterInteger(t *testing.T) {
	tests := []struct {
		name  string
		write func(w *Writer)
		want  string
	}{
		{"Int32 0", func(w *Writer) { w.Int32(Integer, 0) }, "02 01 00"},
		{"Int32 127", func(w *Writer) { w.Int32(Integer, 127) }, "02 01 7F"},
		{"Int32 128", func(w *Writer) { w.Int32(Integer, 128) }, "02 02 00 80"},
		{"Int32 -128", func(w *Writer) { w.Int32(Integer, -128) }, "02 01 80"},
		{"Int32 -129", func(w *Writer) { w.Int32(Integer, -129) }, "02 02 FF 7F"},
		{"Int32 2^31-1", func(w *Writer) { w.Int32(Integer, math.MaxInt32) }, "02 04 7F FF FF FF"},
		{"Int32 -2^31", func(w *Writer) { w.Int32(Integer, math.MinInt32) }, "02 04 80 00 00 00"},
		{"Uint32 2^31", func(w *Writer) { w.Uint32(0x42, 1<<31) }, "42 05 00 80 00 00 00"},
		{"Uint32 2^32-1", func(w *Writer) { w.Uint32(0x41, math.MaxUint32) }, "41 05 00 FF FF FF FF"},
		{"Uint64 2^32", func(w *Writer) { w.Uint64(0x46, 1<<32) }, "46 05 01 00 00 00 00"},
		{"Uint64 2^63-1", func(w *Writer) { w.Uint64(0x46, math.MaxInt64) }, "46 08 7F FF FF FF FF FF FF FF"},
		{"Uint64 2^63", func(w *Writer) { w.Uint64(0x46, 1<<63) }, "46 09 00 80 00 00 00 00 00 00 00"},
		{"Uint64 2^64-1", func(w *Writer) { w.Uint64(0x46, math.MaxUint64) }, "46 09 00 FF FF FF FF FF FF FF FF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkWritten(t, tt.write, tt.want) })
	}
}

// X.690 §8.3.2: whatever is written is the shortest two's complement form, which
// math/big knows how to make; and it reads as what was written.
func TestWriterIntegerIsShortest(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 3))
	buf := make([]byte, 32)
	for range 20000 {
		v := random.Uint64() >> random.IntN(64)
		w := NewWriter(buf)
		w.Uint64(0x46, v)
		w.Uint32(0x41, uint32(v))
		if want := len(new(big.Int).SetUint64(v).Bytes()); v != 0 && SizeUint64(v) != want && SizeUint64(v) != want+1 {
			t.Fatalf("%d takes %d octets, its magnitude %d", v, SizeUint64(v), want)
		}
		r := NewReader(w.Bytes())
		r.Strict = true
		if got := r.Uint32(0x41); got != uint32(v) {
			t.Fatalf("Uint32 %d reads as %d", uint32(v), got)
		}
		if got := r.Uint64(0x46); got != v || r.Err() != nil || r.More() {
			t.Fatalf("Uint64 %d reads as %d, %v", v, got, r.Err())
		}

		w = NewWriter(buf)
		w.Int32(Integer, int32(v))
		r = NewReader(w.Bytes())
		r.Strict = true
		if got := r.Int32(Integer); got != int32(v) || r.Err() != nil {
			t.Fatalf("Int32 %d reads as %d, %v", int32(v), got, r.Err())
		}
		if want := w.Len() - 2; SizeInt64(int64(int32(v))) != want {
			t.Fatalf("SizeInt64(%d) is %d, written %d", int32(v), SizeInt64(int64(int32(v))), want)
		}
	}
}
