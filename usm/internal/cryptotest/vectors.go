package cryptotest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"snmpstack/ber/bertest"
)

// Octets are written in hexadecimal in the vector files.
type Octets []byte

func (o *Octets) UnmarshalText(text []byte) (err error) {
	*o, err = hex.DecodeString(string(text))
	return err
}

// load reads a file of vectors: a JSON object with its list in "vectors" and
// their number in "count". A key that T does not have is a fatal error, and so is
// a list that is empty or not as long as it says.
func load[T any](tb testing.TB, path string) []T {
	tb.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	var file struct {
		Doc, Tools json.RawMessage
		EngineID   json.RawMessage `json:"engine_id"`
		UsersNote  json.RawMessage `json:"users_note"`
		Count      int
		Vectors    []T
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		tb.Fatalf("%s: %v", path, err)
	}
	if len(file.Vectors) == 0 || len(file.Vectors) != file.Count {
		tb.Fatalf("%s: %d vectors, count says %d", path, len(file.Vectors), file.Count)
	}
	return file.Vectors
}

// Each calls f for the vectors that it takes of a file in testdata of the
// repository, and of the larger file of the same name among the shared corpora, if
// they are there. f returns false for a vector that is not for it; that there is
// none for it is an error.
func Each[T any](t *testing.T, name string, f func(t *testing.T, v T) bool) {
	t.Helper()
	check := func(t *testing.T, path string) {
		taken := 0
		for _, v := range load[T](t, path) {
			if f(t, v) {
				taken++
			}
		}
		if taken == 0 {
			t.Errorf("%s: no vector for this test", path)
		}
	}
	t.Run("testdata", func(t *testing.T) { check(t, filepath.Join(bertest.Root(t), "testdata", filepath.FromSlash(name))) })
	t.Run("shared", func(t *testing.T) { check(t, bertest.Shared(t, name)) })
}

// each is Each for the vectors of a primitive.
func each[T any](t *testing.T, name string, f func(t *testing.T, v T) bool) {
	t.Helper()
	Each(t, "vectors/primitives/"+name, f)
}

// HashVectors checks the known answers for a hash (MD5, SHA1, SHA224 and so on),
// the Monte Carlo test among them.
func HashVectors(t *testing.T, name string, newHash NewHash) {
	t.Helper()
	type vector struct {
		Hash, Source string
		Msg, Digest  Octets
	}
	t.Run("messages", func(t *testing.T) {
		each(t, "hash.json", func(t *testing.T, v vector) bool {
			if v.Hash != name {
				return false
			}
			if got := digest(newHash, v.Msg); !bytes.Equal(got, v.Digest) {
				t.Errorf("%x (%s): %x, want %x", v.Msg, v.Source, got, v.Digest)
			}
			return true
		})
	})
	t.Run("monte carlo", func(t *testing.T) {
		each(t, "hash_monte.json", func(t *testing.T, v struct {
			Hash, Source string
			Seed         Octets
			Checkpoints  []Octets
		}) bool {
			if v.Hash != name {
				return false
			}
			if at, got := monteCarlo(newHash, v.Seed, v.Checkpoints); at >= 0 {
				t.Errorf("checkpoint %d (%s): %x, want %x", at, v.Source, got, v.Checkpoints[at])
			}
			return true
		})
	})
}

// monteCarlo is the pseudorandom test of the Secure Hash Algorithm Validation
// System: chains of 1000 digests, each of the three before it. It returns the
// first checkpoint that it misses, and what came instead, or else -1.
func monteCarlo(newHash NewHash, seed []byte, checkpoints []Octets) (int, []byte) {
	h := newHash()
	for i, want := range checkpoints {
		md := [3][]byte{bytes.Clone(seed), bytes.Clone(seed), bytes.Clone(seed)}
		for range 1000 {
			h.Reset()
			for _, m := range md {
				h.Write(m)
			}
			md = [3][]byte{md[1], md[2], h.Sum(md[0][:0])}
		}
		if seed = md[2]; !bytes.Equal(seed, want) {
			return i, seed
		}
	}
	return -1, nil
}

// A MAC computes the HMAC of a message.
type MAC func(key, message []byte) []byte

// MACVectors checks the known answers for HMAC with a hash.
func MACVectors(t *testing.T, hash string, mac MAC) {
	t.Helper()
	each(t, "hmac.json", func(t *testing.T, v struct {
		Hash, Source, Comment string
		Key, Msg, Mac, Tag    Octets
		TagBits               int `json:"tag_bits"`
		Valid                 *bool
	}) bool {
		if v.Hash != hash {
			return false
		}
		got := mac(v.Key, v.Msg)
		what := fmt.Sprintf("key %x, message %x (%s)", v.Key, v.Msg, v.Source)
		if v.Mac != nil && !bytes.Equal(got, v.Mac) {
			t.Errorf("%s: %x, want %x", what, got, v.Mac)
		}
		if v.Valid != nil {
			if valid := bytes.Equal(got[:v.TagBits/8], v.Tag); valid != *v.Valid {
				t.Errorf("%s: %x for the tag %x, which is valid: %v (%s)", what, got, v.Tag, *v.Valid, v.Comment)
			}
		}
		return true
	})
}
