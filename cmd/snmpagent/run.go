package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"snmpstack/agent"
	"snmpstack/cmd/internal/can"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/cmd/internal/systemd"
)

// run is the daemon: it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	args, question, asked := cutCommand(args)
	opts, err := parseOptions(args)
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "snmpagent: %v (-h shows the options)\n", err)
		return 1
	case opts.help:
		fmt.Fprint(stdout, usage)
		return 0
	case opts.version:
		fmt.Fprintln(stdout, agent.BuildInfo())
		return 0
	case opts.directives:
		fmt.Fprint(stdout, directiveHelp(), settingHelp())
		return 0
	}
	if asked {
		return can.Run(ctx, "snmpagent can", opts.where(os.LookupEnv), question, stdout, stderr)
	}
	// Before anything that takes its time: SIGHUP must not end an agent that is about to
	// start.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	conf, problems := opts.load(ctx, os.LookupEnv)
	fatal := cmp.Or(conf.check(), opts.checkSettings())
	// What keeps the agent from starting is said last, and once.
	problems = slices.DeleteFunc(problems, func(p error) bool { return p == fatal })
	if opts.check {
		problems = append(problems, conf.tryAddresses(ctx, opts)...)
		sortByPlace(problems, conf.Files)
		return report(problems, fatal, stderr)
	}
	logTo, err := opts.openLog(conf.become, stdout, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "snmpagent: %v\n", err)
		return 1
	}
	for _, p := range problems {
		fmt.Fprintln(logTo, p)
	}
	for _, note := range opts.notes {
		fmt.Fprintln(logTo, "snmpagent:", note)
	}
	err = fatal
	if err == nil {
		err = serve(ctx, conf, opts, hangups, logTo, stdout)
	}
	logTo.Close()
	if err != nil {
		fmt.Fprintf(stderr, "snmpagent: %v\n", err)
		return 1
	}
	return 0
}

// report is -t: it lists what is wrong and returns the exit code, which is 0 if
// there are warnings alone.
func report(problems []error, fatal error, stderr io.Writer) int {
	exit := 0
	for _, p := range problems {
		fmt.Fprintln(stderr, p)
		if isWrong(p) {
			exit = 1
		}
	}
	if fatal != nil {
		fmt.Fprintf(stderr, "snmpagent: %v\n", fatal)
		exit = 1
	}
	return exit
}

// isWrong reports whether a problem is more than a warning.
func isWrong(problem error) bool {
	var placed *snmpdconf.Error
	return !errors.As(problem, &placed) || !placed.Warning
}

// serve runs the agent until ctx ends. Each of hangups makes it read its files again.
func serve(ctx context.Context, conf *configuration, opts *options, hangups <-chan os.Signal, logTo *logFile, stdout io.Writer) error {
	d, err := newDaemon(ctx, conf, opts, slog.New(slog.NewTextHandler(logTo, nil)))
	if err != nil {
		return err
	}
	defer d.close()
	pid := &pidFile{path: opts.pidFile, keep: opts.keepPIDFile}
	defer pid.close()
	if err := d.prepare(pid, logTo); err != nil {
		return err
	}
	// A log whose reader has gone must not end the agent.
	signal.Ignore(syscall.SIGPIPE)

	for _, problem := range d.notify.replace(conf.sinks, conf.targets.Statements()) {
		d.log.Error("a sink is not used", "err", problem)
	}
	if err := d.agent.Activate(); err != nil {
		return err
	}
	defer d.agent.Deactivate()
	d.notify.begin()
	defer d.notify.close()
	d.notify.tell(coldStart)
	defer d.notify.tell(nsNotifyShutdown)
	d.log.Info("started", "version", agent.BuildInfo())
	for _, c := range d.agent.Conns {
		fmt.Fprintf(stdout, "snmpagent: listening on %s\n", showAddress(c.LocalAddr()))
	}
	if conf.BuiltIn {
		fmt.Fprintf(stdout, "try: go run ./cmd/snmptool walk %s\n", d.agent.LocalAddr())
	}
	settleDown()
	return d.heed(ctx, hangups, logTo)
}

// prepare takes everything that the agent needs to itself, its sockets excepted, which it
// has. What other agents may have, too, is changed when nothing can be missing any more.
func (d *daemon) prepare(pid *pidFile, logTo *logFile) error {
	if become := d.conf.become; become.LosesRoot() && !become.MayDivert(pid.path) { // else it can wait until the agent is set up
		if err := pid.open(); err != nil {
			return err
		}
	}
	// What takes root's rights has been done: what is opened from here on belongs to
	// whom the agent becomes.
	if err := d.giveUpRoot(logTo); err != nil {
		return err
	}
	if err := d.setUp(); err != nil {
		return err
	}
	if err := pid.write(); err != nil {
		return err
	}
	return logTo.begin()
}

// heed reads the files again at each of hangups, and returns when ctx ends, or when a
// socket is of no more use. systemd is told of it.
func (d *daemon) heed(ctx context.Context, hangups <-chan os.Signal, logTo *logFile) error {
	tell := func(send func() error) {
		if err := send(); err != nil {
			d.log.Warn("systemd is not told", "err", err)
		}
	}
	supervisor := systemd.Notifier(os.Getenv("NOTIFY_SOCKET"))
	tell(supervisor.Ready)
	defer tell(supervisor.Stopping)
	for {
		select {
		case <-ctx.Done():
			d.log.Info("shutting down")
			return nil
		case err := <-d.failed:
			return err
		case <-hangups:
			tell(supervisor.Reloading)
			if err := logTo.reopen(); err != nil {
				d.log.Error("SIGHUP: the log stays where it was", "err", err)
			}
			d.reload(ctx, logTo)
			tell(supervisor.Ready)
		}
	}
}

// lower returns the lower-case form of a word that is compared without regard to
// case.
func lower(s string) string { return strings.ToLower(s) }
