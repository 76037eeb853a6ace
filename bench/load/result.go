package main

import (
	"fmt"
	"math/bits"
	"strings"
	"time"
)

// A Result is what became of a measurement's requests.
type Result struct {
	Work     string
	Sent     uint64
	Answered uint64
	Lost     uint64  // requests without an answer in time
	Wrong    uint64  // datagrams that are no answer, or a wrong one
	Late     uint64  // answers to requests that had been answered, or given up
	Why      string  // what is wrong with the first wrong one
	Seconds  float64 // from the first request to the last answer

	// Means, of a request and its answer.
	RequestOctets, AnswerOctets, VarBinds float64

	// Microseconds.
	P50, P90, P99, P999, Max float64

	latency histogram
}

// add counts what a source has seen.
func (r *Result) add(s *source) {
	r.Sent += s.sent
	r.Answered += s.answered
	r.Lost += s.lost
	r.Wrong += s.wrong
	r.Late += s.late
	r.RequestOctets += float64(s.requestOctets)
	r.AnswerOctets += float64(s.answerOctets)
	r.VarBinds += float64(s.varBinds)
	if r.Why == "" && s.why != nil {
		r.Why = s.why.Error()
	}
	for i, n := range s.latency {
		r.latency[i] += n
	}
}

// finish makes means and percentiles of what was counted since start.
func (r *Result) finish(start time.Time) {
	r.Seconds = time.Since(start).Seconds()
	r.RequestOctets /= float64(max(r.Sent, 1))
	r.AnswerOctets /= float64(max(r.Answered, 1))
	r.VarBinds /= float64(max(r.Answered, 1))
	for _, p := range []struct {
		field *float64
		part  float64
	}{{&r.P50, 0.5}, {&r.P90, 0.9}, {&r.P99, 0.99}, {&r.P999, 0.999}, {&r.Max, 1}} {
		*p.field = float64(r.latency.percentile(p.part).Nanoseconds()) / 1000
	}
}

func (r *Result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %.0f answers a second, %d requests, %d answers, %d lost, %d wrong, %d late\n",
		r.Work, float64(r.Answered)/r.Seconds, r.Sent, r.Answered, r.Lost, r.Wrong, r.Late)
	fmt.Fprintf(&b, "%.0f octets a request, %.0f octets and %.1f varbinds an answer\n", r.RequestOctets, r.AnswerOctets, r.VarBinds)
	fmt.Fprintf(&b, "latency in µs: median %.0f, 90 %% %.0f, 99 %% %.0f, 99.9 %% %.0f, most %.0f", r.P50, r.P90, r.P99, r.P999, r.Max)
	if r.Why != "" {
		fmt.Fprintf(&b, "\nwrong: %s", r.Why)
	}
	return b.String()
}

// A histogram counts times in buckets that are an eighth of their value wide.
type histogram [8 * 64]uint64

func (h *histogram) add(d time.Duration) { h[bucket(d)]++ }

// bucket returns the place of a time: its first bit, and the three behind it.
func bucket(d time.Duration) int {
	n := uint64(max(d, 0))
	if n < 8 {
		return int(n)
	}
	first := bits.Len64(n) - 1
	return (first-2)*8 + int(n>>(first-3)&7)
}

// percentile returns a time that this part of all is not longer than: the upper
// end of its bucket.
func (h *histogram) percentile(part float64) time.Duration {
	total := uint64(0)
	for _, n := range h {
		total += n
	}
	want, seen := uint64(part*float64(total)), uint64(0)
	for i, n := range h {
		seen += n
		if seen >= want && seen > 0 {
			if i < 8 {
				return time.Duration(i)
			}
			first := i/8 + 2
			return time.Duration((uint64(8+i%8+1) << (first - 3)) - 1)
		}
	}
	return 0
}
