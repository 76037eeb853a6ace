package ber

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// checkWritten runs write on a buffer that is large enough, on one that fits
// exactly, and on every one that is too small.
func checkWritten(t *testing.T, write func(w *Writer), want string) {
	t.Helper()
	expected := octets(t, want)
	for size := range len(expected) + 8 {
		memory := bytes.Repeat([]byte{0xEE}, size+20)
		w := NewWriter(memory[10 : 10+size : 10+size])
		write(&w)
		if size < len(expected) {
			if !errors.Is(w.Err(), ErrShortBuffer) {
				t.Errorf("buffer of %d octets for %d: error %v, want ErrShortBuffer", size, len(expected), w.Err())
			}
			continue
		}
		if w.Err() != nil || !bytes.Equal(w.Bytes(), expected) {
			t.Errorf("buffer of %d octets: % X, %v, want % X", size, w.Bytes(), w.Err(), expected)
		}
		if w.Len() != len(expected) {
			t.Errorf("Len is %d, want %d", w.Len(), len(expected))
		}
		if guard := bytes.Repeat([]byte{0xEE}, 10); !bytes.HasPrefix(memory, guard) || !bytes.HasSuffix(memory, guard) {
			t.Errorf("written outside of the buffer: % X", memory)
		}
	}
}

func TestWriter(t *testing.T) {
	long := bytes.Repeat([]byte{0x61}, 300)
	tests := []struct {
		name  string
		write func(w *Writer)
		want  string
	}{
		{"nothing", func(w *Writer) {}, ""},
		{"empty OCTET STRING", func(w *Writer) { w.Octets(OctetString, nil) }, "04 00"}, // X.690 §8.7
		{"OCTET STRING", func(w *Writer) { w.Octets(OctetString, []byte("ab")) }, "04 02 61 62"},
		{"Text", func(w *Writer) { w.Text(0x44, "ab") }, "44 02 61 62"},
		{"127 octets", func(w *Writer) { w.Octets(OctetString, long[:127]) }, "04 7F" + strings.Repeat("61", 127)},    // X.690 §8.1.3.4
		{"128 octets", func(w *Writer) { w.Octets(OctetString, long[:128]) }, "04 81 80" + strings.Repeat("61", 128)}, // X.690 §8.1.3.5
		{"255 octets", func(w *Writer) { w.Octets(OctetString, long[:255]) }, "04 81 FF" + strings.Repeat("61", 255)},
		{"256 octets", func(w *Writer) { w.Octets(OctetString, long[:256]) }, "04 82 01 00" + strings.Repeat("61", 256)},
		{"NULL", func(w *Writer) { w.Null(Null) }, "05 00"}, // X.690 §8.8.2
		{"exception", func(w *Writer) { w.Null(0x82) }, "82 00"},
		{"empty SEQUENCE", func(w *Writer) { w.Wrap(Sequence, w.Mark()) }, "30 00"}, // X.690 §8.9.1
		{"SEQUENCE of two, bottom-up", func(w *Writer) {
			end := w.Mark()
			w.Octets(OctetString, []byte("b"))
			w.Int32(Integer, 1)
			w.Wrap(Sequence, end)
		}, "30 06 02 01 01 04 01 62"},
		{"nested, with something behind", func(w *Writer) {
			outer := w.Mark()
			w.Null(Null)
			inner := w.Mark()
			w.Null(0x80)
			w.Wrap(Sequence, inner)
			w.Wrap(0xA0, outer)
		}, "A0 06 30 02 80 00 05 00"},
		{"SEQUENCE of 128 octets", func(w *Writer) {
			end := w.Mark()
			w.Octets(OctetString, long[:126])
			w.Wrap(Sequence, end)
		}, "30 81 80 04 7E" + strings.Repeat("61", 126)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkWritten(t, tt.write, tt.want) })
	}
}

// Once something did not fit, nothing more is written, even if it would fit.
func TestWriterFirstErrorSticks(t *testing.T) {
	w := NewWriter(make([]byte, 4))
	w.Octets(OctetString, []byte("12345"))
	before := w.Len()
	w.Null(Null)
	w.Int32(Integer, 1)
	w.OID(ObjectIdentifier, NewOID(1, 3))
	w.Wrap(Sequence, w.Mark())
	if w.Len() != before || !errors.Is(w.Err(), ErrShortBuffer) {
		t.Errorf("wrote %d octets more, error %v", w.Len()-before, w.Err())
	}
	var zero Writer
	if zero.Null(Null); !errors.Is(zero.Err(), ErrShortBuffer) {
		t.Errorf("the zero Writer's error is %v", zero.Err())
	}
}

func TestSizeHeader(t *testing.T) {
	tests := []struct{ contents, want int }{
		{0, 2}, {127, 2}, {128, 3}, {255, 3}, {256, 4}, {65535, 4}, {65536, 5}, {1<<24 - 1, 5}, {1 << 24, 6}, {maxLength, 6},
	}
	for _, tt := range tests {
		if got := SizeHeader(tt.contents); got != tt.want {
			t.Errorf("SizeHeader(%d) = %d, want %d", tt.contents, got, tt.want)
		}
		if got := SizeTLV(tt.contents); got != tt.want+tt.contents {
			t.Errorf("SizeTLV(%d) = %d, want %d", tt.contents, got, tt.want+tt.contents)
		}
		if tt.contents > 1<<17 {
			continue
		}
		w := NewWriter(make([]byte, tt.contents+8))
		if w.Octets(OctetString, make([]byte, tt.contents)); w.Len() != tt.want+tt.contents {
			t.Errorf("%d octets are written as %d, want %d", tt.contents, w.Len(), tt.want+tt.contents)
		}
	}
}
