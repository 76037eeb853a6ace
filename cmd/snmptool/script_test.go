package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"snmpstack/cmd/internal/script"
)

var update = flag.Bool("update", false, "write what the program prints into the scripts")

func TestMain(m *testing.M) {
	tool := func() int { return run(context.Background(), os.Args, os.Stdin, os.Stdout, os.Stderr) }
	script.Main(m, map[string]func() int{
		"snmptool":  tool,
		"snmpget":   tool,
		"snmpwalk":  tool,
		"fakeagent": fakeAgent,
	})
}

func TestScripts(t *testing.T) {
	data, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	script.Suite{Files: "testdata/script/*.txt", Env: []string{"DATA=" + data}, Update: *update}.Run(t)
}
