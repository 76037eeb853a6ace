package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// processors returns the processors for the program under test and for the
// generator: the two that were given, or the first two of those that this process
// may use.
func processors(given string) (underTest, generator string, err error) {
	list := strings.Split(given, ",")
	if given == "" {
		if list, err = allowed(); err != nil {
			return "", "", err
		}
	}
	if len(list) < 2 || list[0] == list[1] {
		return "", "", fmt.Errorf("two processors are needed, there are: %s", strings.Join(list, ","))
	}
	return list[0], list[1], nil
}

// allowed returns the numbers of the processors that this process may use.
func allowed() (list []string, err error) {
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
