package cpu

import (
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// On Linux the kernel lists what it has found in /proc/cpuinfo, in words. What this
// package says is the same.
func TestDetect(t *testing.T) {
	if pureGo {
		if has != (features{}) {
			t.Errorf("built with the tag purego, and yet %+v", has)
		}
		return
	}
	lists := map[string]struct{ line, aes, sha1, sha256 string }{
		"amd64": {"flags", "aes", "sha_ni", "sha_ni"},
		"arm64": {"Features", "aes", "sha1", "sha2"},
	}
	list, ok := lists[runtime.GOARCH]
	text, err := os.ReadFile("/proc/cpuinfo")
	line := regexp.MustCompile(`(?m)^` + list.line + `\s*:.*$`).FindString(string(text))
	if !ok || err != nil || runtime.GOOS != "linux" || line == "" {
		t.Skip("this system has no list of the processor's features to compare with")
	}
	words := make(map[string]bool)
	for _, word := range strings.Fields(line) {
		words[word] = true
	}
	if want := (features{words[list.aes], words[list.sha1], words[list.sha256]}); has != want {
		t.Errorf("%+v, and the kernel says %+v", has, want)
	}
	if AES() != has.aes || SHA1() != has.sha1 || SHA256() != has.sha256 {
		t.Errorf("AES %v, SHA-1 %v, SHA-256 %v, of %+v", AES(), SHA1(), SHA256(), has)
	}
}
