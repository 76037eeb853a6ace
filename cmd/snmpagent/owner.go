package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"snmpstack/cmd/internal/privilege"
	"snmpstack/cmd/internal/snmpdconf"
)

// An owner is whom the agent is to belong to once its sockets are open, in the words of
// -u and -g or of agentUser and agentGroup. "" leaves it as it is.
type owner struct{ user, group string }

func applyAgentUser(_ context.Context, c *configuration, d snmpdconf.Directive) error {
	return c.setOwner(&c.owner.user, d)
}

func applyAgentGroup(_ context.Context, c *configuration, d snmpdconf.Directive) error {
	return c.setOwner(&c.owner.group, d)
}

func (c *configuration) setOwner(name *string, d snmpdconf.Directive) error {
	if *name = d.Words()[0]; *name == "" {
		return errors.New("the name is empty")
	}
	return nil
}

// isAboutOwner reports whether what is wrong with a line is that it names nobody to
// become: one that says agentUser #UID, for example, of which a comment is all that is
// left.
func isAboutOwner(problem error) bool {
	var placed *snmpdconf.Error
	if !errors.As(problem, &placed) || placed.Warning {
		return false
	}
	name, _, _ := strings.Cut(lower(placed.Msg), ":")
	return name == "agentuser" || name == "agentgroup"
}

// settleOwner finds out who the agent becomes. The command line goes before the
// configuration, as with snmpd. Whom nobody knows is an error that keeps the agent from
// starting: it must not stay root instead.
func (c *configuration) settleOwner(commandLine owner) {
	if commandLine.user != "" {
		c.owner.user, c.badOwner = commandLine.user, nil
	}
	if commandLine.group != "" {
		c.owner.group = commandLine.group
	}
	if c.badOwner == nil && c.owner != (owner{}) {
		c.become, c.badOwner = privilege.Lookup(c.owner.user, c.owner.group)
	}
}

// giveUpRoot makes the state directory, and the agent a process of the user whom the
// command line or the configuration names. What the agent has made so far and needs
// later is given to him. What he could have put a link in the place of is not made or
// opened before he is who does it.
func (d *daemon) giveUpRoot(logTo *logFile) error {
	become, dir := d.conf.become, d.conf.StateDir
	late := become.MayDivert(dir)
	if !late {
		if err := makeStateDir(dir); err != nil {
			return err
		}
	}
	if become == nil {
		return nil
	}
	if become.LosesRoot() && !late && dir != "" {
		if err := handOver(become, dir); err != nil {
			return fmt.Errorf("state directory: %w", err)
		}
	}
	if err := logTo.handOver(become); err != nil {
		return err
	}
	err := become.Become()
	if errors.Is(err, os.ErrPermission) && d.opts.noRoot && os.Geteuid() != 0 {
		d.log.Warn("the agent stays who it is (-r)", "err", err)
		return nil
	}
	if err != nil {
		return err
	}
	if err := logTo.openLate(become); err != nil {
		return err
	}
	if late {
		if err := makeStateDir(dir); err != nil {
			return err
		}
	}
	return d.checkReadable()
}

// handOver gives the state directory to whom the agent becomes.
func handOver(become *privilege.Identity, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return become.HandOver(root, statePrefix)
}

// statePrefix is how the names of all files begin that the agent has in its state
// directory.
const statePrefix = "snmpagent."

// makeStateDir makes the state directory, unless it is there or there is to be none.
func makeStateDir(dir string) error {
	if dir == "" {
		return nil
	}
	err := os.MkdirAll(filepath.Dir(dir), 0o755)
	if err == nil {
		err = os.Mkdir(dir, 0o700)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("state directory: %w", err)
	}
	return nil
}

// checkReadable warns of files of the configuration that only root could read: SIGHUP
// cannot read them again. The persistent file is read whenever something is kept, so
// that it is an error there.
func (d *daemon) checkReadable() error {
	for _, path := range d.conf.Files {
		f, err := os.Open(path)
		switch {
		case err == nil:
			f.Close()
		case path == d.conf.PersistentPath():
			return fmt.Errorf("%w (it has to belong to %v)", err, d.conf.become)
		default:
			d.log.Warn("SIGHUP will not be able to read this file again", "err", err, "as", d.conf.become)
		}
	}
	return nil
}
