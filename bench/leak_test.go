package bench

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"snmpstack/pdu"
	"snmpstack/usm"
)

// How long an operation takes must not tell what its secrets are. These benchmarks
// look for that in the manner of dudect (Reparaz, Balasch, Verbauwhede: "Dude, is my
// code constant time?", 2017): an operation is timed with inputs of two classes in
// random order, one of which has always the same secret and the other a random one,
// and Welch's t-test says whether the two means differ. Since the longest times are
// the machine's own doing, the test is made again with what lies above a percentile
// left out, for many percentiles, and the largest |t| of them is reported:
//
//	go test -run '^$' -bench Leak -benchtime 5s ./bench
//
// A |t| below 4.5 is no evidence of a leak, one above 10 that stays when the run is
// repeated is. leaky-compare is the control, which has to show: a comparison that
// ends at the first octet that differs. There is no proof in this, and a loaded
// machine makes noise; so nothing fails.

// A subject is an operation to be timed. prepare gets it ready for the i-th secret of
// a class, in the same memory for all of them, so that caches tell nothing apart.
type subject struct {
	name string
	make func(testing.TB) (prepare func(class, i int), run func())
}

// variants is how many secrets there are in each class; those of class 0 are the same.
const variants = 256

type preparation = func(class, i int)

// Internal is the processor's instructions, where it has them, and portable is not.
var subjects = []subject{
	{"leaky-compare", leakyCompare},
	{"HMAC-verify/internal", func(tb testing.TB) (preparation, func()) { return verify(tb, usm.Internal) }},
	{"HMAC-verify/portable", func(tb testing.TB) (preparation, func()) { return verify(tb, usm.Portable) }},
	{"HMAC-verify/system", func(tb testing.TB) (preparation, func()) { return verify(tb, usm.System) }},
	{"SHA-1-keys/internal", func(tb testing.TB) (preparation, func()) { return sign(tb, usm.Internal, usm.SHA1, usm.NoPriv) }},
	{"SHA-1-keys/portable", func(tb testing.TB) (preparation, func()) { return sign(tb, usm.Portable, usm.SHA1, usm.NoPriv) }},
	{"SHA-256-keys/internal", func(tb testing.TB) (preparation, func()) { return sign(tb, usm.Internal, usm.SHA256, usm.NoPriv) }},
	{"SHA-256-keys/portable", func(tb testing.TB) (preparation, func()) { return sign(tb, usm.Portable, usm.SHA256, usm.NoPriv) }},
	{"SHA-256-keys/system", func(tb testing.TB) (preparation, func()) { return sign(tb, usm.System, usm.SHA256, usm.NoPriv) }},
	{"AES-128-keys/internal", func(tb testing.TB) (preparation, func()) { return sign(tb, usm.Internal, usm.SHA1, usm.AES128) }},
	{"AES-256-keys/internal", func(tb testing.TB) (preparation, func()) { return sign(tb, usm.Internal, usm.SHA1, usm.AES256) }},
	{"AES-128-keys/portable", func(tb testing.TB) (preparation, func()) { return sign(tb, usm.Portable, usm.SHA1, usm.AES128) }},
	{"AES-256-keys/portable", func(tb testing.TB) (preparation, func()) { return sign(tb, usm.Portable, usm.SHA1, usm.AES256) }},
	{"AES-128-keys/system", func(tb testing.TB) (preparation, func()) { return sign(tb, usm.System, usm.SHA1, usm.AES128) }},
	{"AES-128-text/internal", func(tb testing.TB) (preparation, func()) { return decrypt(tb, usm.Internal, usm.AES128) }},
	{"AES-128-text/portable", func(tb testing.TB) (preparation, func()) { return decrypt(tb, usm.Portable, usm.AES128) }},
	{"DES-keys/internal", func(tb testing.TB) (preparation, func()) { return sign(tb, usm.Internal, usm.SHA1, usm.DES) }},
	{"DES-keys/system", func(tb testing.TB) (preparation, func()) { return sign(tb, usm.System, usm.SHA1, usm.DES) }},
}

// leakyCompare is how a MAC must not be compared.
func leakyCompare(testing.TB) (preparation, func()) {
	var secret, input [512]byte
	inputs := classes(len(secret))
	return func(class, i int) { copy(input[:], inputs[class][i]) }, func() {
		for j, b := range input {
			if equal = b == secret[j]; !equal {
				return
			}
		}
	}
}

// equal is where leakyCompare's result goes, so that it has to be computed.
var equal bool

// classes returns n octets for each secret: zeros in class 0, random ones in class 1.
func classes(n int) (inputs [2][variants][]byte) {
	random := rand.NewChaCha8([32]byte{})
	for i := range variants {
		inputs[0][i], inputs[1][i] = make([]byte, n), make([]byte, n)
		random.Read(inputs[1][i])
	}
	return inputs
}

// verify refuses messages: in class 0 all of the MAC but its last octet is right, in
// class 1 it is random.
func verify(tb testing.TB, p usm.Provider) (preparation, func()) {
	const macLen = 24
	m := newModel(tb, p, newUser("ops", usm.SHA256, usm.NoPriv, 1))
	w := m.NewWorker()
	r := &usm.Request{MsgID: 1, MaxSize: 484, User: "ops", Level: pdu.AuthNoPriv}
	message, err := m.GenerateRequest(w, make([]byte, 1000), r, get(tb, m, r, 150))
	if err != nil {
		tb.Fatal(err)
	}
	header, err := pdu.ReadHeader3(message, true)
	if err != nil {
		tb.Fatal(err)
	}
	end := header.SecurityOffset + len(header.SecurityParameters) - 2 // behind the MAC there is no salt
	mac := message[end-macLen : end]
	macs := classes(macLen)
	for i := range variants {
		copy(macs[0][i], mac)
		macs[0][i][macLen-1] ^= 1
	}
	m.SetTimeWindow(math.MaxInt32)
	return func(class, i int) { copy(mac, macs[class][i]) }, func() {
		if _, err := m.ProcessIncoming(w, message, header, true); err == nil {
			tb.Error("accepted")
		}
	}
}

// sign signs messages, and encrypts them if there is privacy: in class 0 with the
// same keys always, in class 1 with random ones.
func sign(tb testing.TB, p usm.Provider, auth usm.AuthProtocol, priv usm.PrivProtocol) (preparation, func()) {
	keys := classes(auth.KeyLen() + priv.KeyLen())
	u, r := newUser("ops", auth, priv, 0), &usm.Request{MsgID: 1, MaxSize: 484, User: "ops", Level: pdu.AuthNoPriv}
	if priv != usm.NoPriv {
		r.Level = pdu.AuthPriv
	}
	m := newModel(tb, p)
	s := &pdu.ScopedPDU{ContextName: "sixty-four octets of a context's name to have something to encrypt", PDU: pdu.PDU{Kind: pdu.GetRequest}}
	w, buf := m.NewWorker(), make([]byte, 1000)
	prepare := func(class, i int) {
		u.AuthKey, u.PrivKey = keys[class][i][:auth.KeyLen()], keys[class][i][auth.KeyLen():]
		if err := m.Users().Add(u); err != nil {
			tb.Fatal(err)
		}
	}
	return prepare, func() {
		if _, err := m.GenerateRequest(w, buf, r, s); err != nil {
			tb.Error(err)
		}
	}
}

// decrypt verifies and decrypts messages: in class 0 with the same plaintext always,
// in class 1 with a random one.
func decrypt(tb testing.TB, p usm.Provider, priv usm.PrivProtocol) (preparation, func()) {
	m := newModel(tb, p, newUser("ops", usm.SHA1, priv, 1))
	w := m.NewWorker()
	r := &usm.Request{MsgID: 1, MaxSize: 484, User: "ops", Level: pdu.AuthPriv}
	var messages [2][variants][]byte
	for class, names := range classes(64) {
		for i, name := range names {
			s := pdu.ScopedPDU{ContextName: string(name), PDU: pdu.PDU{Kind: pdu.GetRequest, RequestID: 0x12345678}}
			b, err := m.GenerateRequest(w, make([]byte, 1000), r, &s)
			if err != nil {
				tb.Fatal(err)
			}
			messages[class][i] = b
		}
	}
	message := make([]byte, len(messages[0][0]))
	var header pdu.Header3
	m.SetTimeWindow(math.MaxInt32)
	prepare := func(class, i int) {
		var err error
		copy(message, messages[class][i])
		if header, err = pdu.ReadHeader3(message, true); err != nil {
			tb.Fatal(err)
		}
	}
	return prepare, func() {
		if _, err := m.ProcessIncoming(w, message, header, true); err != nil {
			tb.Error(err)
		}
	}
}

func BenchmarkLeak(b *testing.B) {
	for _, s := range subjects {
		b.Run(s.name, func(b *testing.B) {
			prepare, run := s.make(b)
			random := rand.New(rand.NewPCG(1, 2))
			times := [2][]float64{make([]float64, 0, 1<<20), make([]float64, 0, 1<<20)}
			for range 1000 { // until caches and predictors have settled
				prepare(random.IntN(2), random.IntN(variants))
				run()
			}
			for b.Loop() {
				class, i := random.IntN(2), random.IntN(variants)
				prepare(class, i)
				start := time.Now()
				run()
				times[class] = append(times[class], float64(time.Since(start)))
			}
			b.ReportMetric(largestT(times[0], times[1]), "|t|")
		})
	}
}

// largestT is the largest |t| of two samples, whole and cropped.
func largestT(x, y []float64) float64 {
	all := slices.Sorted(func(yield func(float64) bool) {
		for _, list := range [][]float64{x, y} {
			for _, v := range list {
				if !yield(v) {
					return
				}
			}
		}
	})
	if len(all) == 0 {
		return 0
	}
	largest := math.Abs(welch(x, y, math.Inf(1)))
	for i := range 100 {
		// Percentiles that lie closer together towards the longest times.
		percentile := 1 - math.Pow(0.5, 10*float64(i+1)/100)
		largest = max(largest, math.Abs(welch(x, y, all[int(percentile*float64(len(all)-1))])))
	}
	return largest
}

// welch is Welch's t of what lies below limit: the difference of the means by its
// standard error, 0 if there is too little to tell.
func welch(x, y []float64, limit float64) float64 {
	var n, mean, squares [2]float64
	for class, list := range [2][]float64{x, y} {
		for _, v := range list {
			if v < limit { // Welford's way to sum up
				n[class]++
				delta := v - mean[class]
				mean[class] += delta / n[class]
				squares[class] += delta * (v - mean[class])
			}
		}
	}
	if n[0] < 100 || n[1] < 100 {
		return 0
	}
	variance := squares[0]/(n[0]-1)/n[0] + squares[1]/(n[1]-1)/n[1]
	if variance == 0 {
		return 0
	}
	return (mean[0] - mean[1]) / math.Sqrt(variance)
}

// The statistics tell samples apart that differ, and no others.
func TestWelch(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	sample := func(mean float64) (list []float64) {
		for range 20000 {
			v := mean + 10*random.NormFloat64()
			if random.IntN(100) == 0 {
				v += 1000 * random.Float64() // the machine's own doing
			}
			list = append(list, v)
		}
		return list
	}
	if got := largestT(sample(1000), sample(1000)); got > 4.5 {
		t.Errorf("|t| = %.1f for samples of one kind", got)
	}
	if got := largestT(sample(1000), sample(1002)); got < 10 {
		t.Errorf("|t| = %.1f for samples that differ", got)
	}
	// Two samples by hand: means 2 and 4, variances 1 and 4, three of each, often
	// enough that there is something to tell.
	var x, y []float64
	for range 50 {
		x, y = append(x, 1, 2, 3), append(y, 2, 4, 6)
	}
	n := float64(len(x))
	want := -2 / math.Sqrt((100/(n-1)+400/(n-1))/n)
	if got := welch(x, y, math.Inf(1)); math.Abs(got-want) > 1e-9 {
		t.Errorf("t = %v, want %v", got, want)
	}
	if welch(x[:10], y, math.Inf(1)) != 0 || largestT(nil, nil) != 0 {
		t.Error("too little to tell, and yet told")
	}
}
