// Package proc is what the commands that measure know of processes and processors. It
// needs Linux.
package proc

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Processors returns the processors for the program under test and for the
// generator: the two that were given, or the first two of those that this process
// may use.
func Processors(given string) (underTest, generator string, err error) {
	list := strings.Split(given, ",")
	if given == "" {
		if list, err = Allowed(); err != nil {
			return "", "", err
		}
	}
	if len(list) < 2 || list[0] == list[1] {
		return "", "", fmt.Errorf("two processors are needed, there are: %s", strings.Join(list, ","))
	}
	return list[0], list[1], nil
}

// Allowed returns the numbers of the processors that this process may use.
func Allowed() (list []string, err error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil, fmt.Errorf("this measurement needs Linux: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if ranges, ok := strings.CutPrefix(line, "Cpus_allowed_list:"); ok {
			return expand(strings.TrimSpace(ranges))
		}
	}
	return nil, errors.New("/proc/self/status does not tell the processors")
}

// expand makes "0-2,5" the list 0, 1, 2, 5.
func expand(ranges string) (list []string, err error) {
	for r := range strings.SplitSeq(ranges, ",") {
		from, to, isRange := strings.Cut(r, "-")
		if !isRange {
			to = from
		}
		first, err1 := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		for n := first; n <= last; n++ {
			list = append(list, strconv.Itoa(n))
		}
	}
	return list, nil
}

// CPU returns the time that all threads of a process have had of the processor, the
// kernel's work for them included.
func CPU(pid int) (sum time.Duration, err error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		return 0, errors.Join(fmt.Errorf("the kernel does not tell the time of process %d", pid), err)
	}
	for _, t := range threads {
		text, err := os.ReadFile(t)
		if err != nil {
			return 0, err
		}
		first, _, _ := strings.Cut(string(text), " ")
		n, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", t, err)
		}
		sum += time.Duration(n)
	}
	return sum, nil
}
