package provider_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"snmpstack/usm/internal/cfb"
	"snmpstack/usm/internal/hmac"
	"snmpstack/usm/internal/provider"
)

// A task is something that each provider can do.
type task struct {
	name string
	of   func(testing.TB, *provider.Provider) func()
}

func newAES(tb testing.TB, p *provider.Provider, key []byte) provider.Block {
	b, err := p.NewAES(key)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func tasks() (all []task) {
	for _, bits := range []int{128, 192, 256} {
		key := make([]byte, bits/8)
		all = append(all,
			task{fmt.Sprintf("AES-%d/key", bits), func(tb testing.TB, p *provider.Provider) func() {
				return func() { newAES(tb, p, key) }
			}},
			task{fmt.Sprintf("AES-%d/block", bits), func(tb testing.TB, p *provider.Provider) func() {
				b, block := newAES(tb, p, key), make([]byte, 16)
				return func() { b.Encrypt(block, block) }
			}},
			task{fmt.Sprintf("AES-%d/CFB-encrypt-100", bits), func(tb testing.TB, p *provider.Provider) func() {
				b, iv, message := newAES(tb, p, key), new([16]byte), make([]byte, 100)
				return func() { cfb.Encrypt(b, iv, message, message) }
			}},
			task{fmt.Sprintf("AES-%d/CFB-decrypt-100", bits), func(tb testing.TB, p *provider.Provider) func() {
				b, iv, message := newAES(tb, p, key), new([16]byte), make([]byte, 100)
				return func() { cfb.Decrypt(b, iv, message, message) }
			}},
		)
	}
	for _, h := range []provider.Hash{provider.SHA1, provider.SHA224, provider.SHA256} {
		for _, n := range []int{64, 512, 8192} {
			all = append(all, task{fmt.Sprintf("%v/hash-%d", h, n), func(tb testing.TB, p *provider.Provider) func() {
				d, message, sum := p.Hash(h)(), make([]byte, n), make([]byte, 0, provider.MaxSize)
				return func() {
					d.Reset()
					d.Write(message)
					d.Sum(sum)
				}
			}})
		}
		all = append(all, task{fmt.Sprintf("%v/HMAC-150", h), func(tb testing.TB, p *provider.Provider) func() {
			w, key := hmac.NewWorker(p.Hash(h)), hmac.New(p.Hash(h), make([]byte, h.Size()))
			message, mac := make([]byte, 150), make([]byte, 0, provider.MaxSize)
			return func() { w.MAC(key, mac, message) }
		}})
	}
	return all
}

// BenchmarkRatio is what the internal and the portable provider take, by what the
// system's takes: the median of pairs, of which each is measured within some tens of
// microseconds, so that whatever else the machine does troubles both alike or one
// pair alone.
func BenchmarkRatio(b *testing.B) {
	for _, task := range tasks() {
		for _, p := range []*provider.Provider{provider.Internal, provider.Portable} {
			b.Run(fmt.Sprintf("%s/provider=%v", task.name, p), func(b *testing.B) {
				ours, system := task.of(b, p), task.of(b, provider.System)
				for range 100 { // until caches and predictors have settled
					ours()
					system()
				}
				var ratios, times []float64
				for b.Loop() {
					x, y := timed(ours), timed(system)
					ratios, times = append(ratios, x/y), append(times, x)
				}
				slices.Sort(ratios)
				slices.Sort(times)
				b.ReportMetric(ratios[len(ratios)/2], "×system")
				b.ReportMetric(times[len(times)/2], "median-ns")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// timed is how long run takes, in nanoseconds.
func timed(run func()) float64 {
	const times = 64
	start := time.Now()
	for range times {
		run()
	}
	return float64(time.Since(start).Nanoseconds()) / times
}
