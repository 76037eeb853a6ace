// Package figures is what the commands that measure write down in the same way.
package figures

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Machine says what the figures are of.
func Machine() []string {
	return []string{
		time.Now().UTC().Format("2006-01-02"),
		fmt.Sprintf("%s, %d processors", orUnknown(lineOf("/proc/cpuinfo", "model name")), runtime.NumCPU()),
		"Linux " + orUnknown(lineOf("/proc/sys/kernel/osrelease", "")),
		runtime.Version() + " " + runtime.GOARCH,
	}
}

// lineOf returns what a file's first line with a name says; without a name, its
// first line.
func lineOf(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name == "" {
			return strings.TrimSpace(line)
		}
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

// Median returns the middle one, or the mean of the middle two.
func Median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	n := len(list)
	return (list[(n-1)/2] + list[n/2]) / 2
}

// Nanoseconds writes a time with three digits.
func Nanoseconds(n float64) string {
	switch {
	case n < 1e3:
		return fmt.Sprintf("%.0f ns", n)
	case n < 1e4:
		return fmt.Sprintf("%.2f µs", n/1e3)
	case n < 1e5:
		return fmt.Sprintf("%.1f µs", n/1e3)
	case n < 1e6:
		return fmt.Sprintf("%.0f µs", n/1e3)
	}
	return fmt.Sprintf("%.1f ms", n/1e6)
}
