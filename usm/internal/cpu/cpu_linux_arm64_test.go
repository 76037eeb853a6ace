//go:build !purego

package cpu

import (
	"encoding/binary"
	"testing"
)

func TestHWCAP(t *testing.T) {
	vector := func(words ...uint64) (octets []byte) {
		for _, word := range words {
			octets = binary.NativeEndian.AppendUint64(octets, word)
		}
		return octets
	}
	for _, tt := range []struct {
		name   string
		vector []byte
		want   features
	}{
		{"empty", nil, features{}},
		{"none", vector(3, 0x78, 0, 0), features{}},
		{"AES", vector(3, 0x78, 16, 1<<3, 0, 0), features{aes: true}},
		{"SHA-1", vector(16, 1<<5, 0, 0), features{sha1: true}},
		{"SHA-256", vector(16, 1<<6, 0, 0), features{sha256: true}},
		{"all but these", vector(16, ^uint64(1<<3|1<<5|1<<6)), features{}},
		{"a value that looks like the type", vector(3, 16, 1<<3, 1<<3), features{}},
		{"cut", vector(16, 1<<3)[:15], features{}},
	} {
		if got := fromHWCAP(hwcap(tt.vector)); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
