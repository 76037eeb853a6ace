package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/cmd/internal/accessconf"
	"snmpstack/cmd/internal/script"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// runEnv makes the test binary the daemon, for tests that need more of it than
// scripts can do.
const runEnv = "SNMPAGENT_RUN"

func TestMain(m *testing.M) {
	daemon := func() int {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		return run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	}
	if os.Getenv(runEnv) != "" {
		os.Exit(daemon())
	}
	script.Main(m, map[string]func() int{
		"snmpagent": daemon,
		"ask":       ask,
		"await":     await,
		"hear":      hear,
	})
}

// TestScripts runs the daemon as its users do.
func TestScripts(t *testing.T) {
	script.Suite{Files: "testdata/script/*.txt"}.Run(t)
}

// ask is a manager for the scripts:
//
//	ask ADDRESS WHO get|walk OID
//	ask ADDRESS WHO silence OID
//	ask ADDRESS WHO set OID STRING [OID STRING]…
//
// WHO is a community or USER/LEVEL, a user with SHA and AES whose passwords are
// longenough1 and longenough2.
func ask() int {
	address, who, verb, args := os.Args[1], os.Args[2], os.Args[3], os.Args[4:]
	ctx := context.Background()
	c, err := manager.Dial(ctx, address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer c.Close()
	c.Community = manager.Community(who)
	if name, level, ok := strings.Cut(who, "/"); ok {
		c.Version = pdu.V3
		least, _ := accessconf.Level(level)
		c.Security = manager.Security{Level: least, User: usm.User{
			Name: name,
			Auth: usm.SHA1, AuthPassword: usm.NewSecret("longenough1"),
			Priv: usm.AES128, PrivPassword: usm.NewSecret("longenough2"),
		}}
	}
	c.Timeout, c.Retries = 2*time.Second, 4 // a machine may be busy
	var vbs []pdu.VarBind
	switch verb {
	case "get":
		vbs, err = c.Get(ctx, ber.MustOID(args[0]))
	case "silence":
		c.Timeout, c.Retries = time.Second, 0
		var timeout *manager.TimeoutError
		if _, err = c.Get(ctx, ber.MustOID(args[0])); errors.As(err, &timeout) {
			return 0
		}
		err = fmt.Errorf("expected no answer, got %v", err)
	case "walk":
		for vb, walkErr := range c.Walk(ctx, ber.MustOID(args[0])) {
			if err = walkErr; err != nil {
				break
			}
			vbs = append(vbs, vb.Clone())
		}
	case "set":
		for i := 0; i+1 < len(args); i += 2 {
			vbs = append(vbs, pdu.VarBind{Name: ber.MustOID(args[i]), Value: pdu.OctetString(args[i+1])})
		}
		vbs, err = c.Set(ctx, vbs...)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, strings.ReplaceAll(err.Error(), "\n", " "))
		return 1
	}
	for _, vb := range vbs {
		fmt.Println(vb)
	}
	return 0
}

// await waits until a file has a line that matches: await FILE REGEXP.
func await() int {
	want := regexp.MustCompile(os.Args[2])
	for range 1000 {
		if text, err := os.ReadFile(os.Args[1]); err == nil && want.Match(text) {
			return 0
		}
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Fprintf(os.Stderr, "%s has no match of %s\n", os.Args[1], want)
	return 1
}
