package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"snmpstack/cmd/internal/accessconf"
	"snmpstack/pdu"
)

// reload reads the configuration again, as snmpd does at SIGHUP: rules, users, the
// system group's texts, and who is told of what change at once, for everything else
// it takes a new start, and the log says so. A configuration that the agent could not
// start with changes nothing. snmpEngineBoots and sysUpTime go on, and so do the users whom
// managers have made or changed.
func (d *daemon) reload(ctx context.Context, logTo io.Writer) {
	conf, problems := d.loadAgain(ctx)
	defer d.keeper.mu.Unlock()
	for _, p := range problems {
		fmt.Fprintln(logTo, p)
	}
	fatal := cmp.Or(conf.check(), d.staysWith(conf))
	var notes []error
	if fatal == nil {
		notes, fatal = conf.settleUsers(d.agent.SecurityProvider, d.agent.Engine.ID(), d.system.State)
	}
	for _, note := range notes {
		d.log.Warn(note.Error())
	}
	if fatal != nil {
		d.log.Error("SIGHUP: the configuration cannot be used, the former one stays", "err", fatal)
		return
	}
	for _, what := range d.needRestart(conf) {
		d.log.Warn("SIGHUP: the change takes a new start", "of", what)
	}
	// Who is new is added before the rules name him, who is gone loses his rules
	// first.
	former := d.learnUsers(conf.users)
	if err := d.addUsers(conf.users, former, d.conf.users); err != nil {
		d.log.Error("SIGHUP: a user stays as he was", "err", err)
	}
	withdrawn, err := d.withdraw()
	if err != nil {
		d.log.Error("SIGHUP: what an operator has deleted of managers' rows stays", "err", err)
	}
	if err := d.policy.Replace(conf.Access.Statements()...); err != nil {
		d.log.Error("SIGHUP: the access rules stay as they were", "err", err)
	}
	d.removeUsers(conf, former, d.conf.users)
	if err := d.system.Reconfigure(conf.system.Contact, conf.system.Name, conf.system.Location); err != nil {
		d.log.Error("SIGHUP: the system group stays as it was", "err", err)
	}
	d.system.ConfigureAuthenTraps(conf.system.EnableAuthenTraps)
	d.notify.links.Store(conf.linkUpDown)
	for _, problem := range d.notify.replace(conf.sinks, conf.targets.Statements()) {
		d.log.Error("SIGHUP: a sink is not used", "err", problem)
	}
	// RFC 3418: coldStart is told where the agent's "configuration may have been altered",
	// warmStart where it "is unaltered".
	restart := coldStart
	if conf.saysTheSame(d.conf) && maps.Equal(former, d.keeper.known["usmUser"]) && !withdrawn {
		restart = warmStart
	}
	d.conf = conf
	d.notify.tell(restart)
	d.log.Info("SIGHUP: the configuration was read again", "altered", restart == coldStart)
}

// loadAgain reads the configuration, and returns with d.keeper.mu locked since before
// that. SETs that are kept wait for it, so that hosts are looked up before, by reading
// the configuration twice.
func (d *daemon) loadAgain(ctx context.Context) (*configuration, []error) {
	opts := *d.opts
	opts.lookUp = accessconf.LookUpOnce(d.opts.lookUp)
	opts.load(ctx, os.LookupEnv)
	d.keeper.mu.Lock()
	return opts.load(ctx, os.LookupEnv)
}

// staysWith returns why the running agent cannot go over to a configuration that a
// new one could start with.
func (d *daemon) staysWith(conf *configuration) error {
	switch {
	case conf.BuiltIn && !d.started.BuiltIn:
		return errors.New("there is no configuration any more, and the built-in one would let the community public in")
	case conf.StateDir != d.started.StateDir:
		return errors.New("persistentDir is another one, which takes a new start")
	}
	for _, view := range conf.Access.Broken() {
		if d.policy.HasManaged(view) {
			return fmt.Errorf("a line of the view %q is wrong, and managers have made a part of it, which may be what the line was to hide", view)
		}
	}
	return nil
}

// needRestart lists what is other than at the start and does not change while the
// agent runs.
func (d *daemon) needRestart(conf *configuration) (list []string) {
	for _, x := range []struct {
		what    string
		changed bool
	}{
		{"agentAddress", !slices.Equal(conf.addresses, d.started.addresses)},
		{"agentUser or agentGroup", conf.owner != d.started.owner},
		{"disableSNMPv1", conf.disables(pdu.SecurityModelV1) != d.started.disables(pdu.SecurityModelV1)},
		{"disableSNMPv2c", conf.disables(pdu.SecurityModelV2c) != d.started.disables(pdu.SecurityModelV2c)},
		{"disableSNMPv3", conf.disables(pdu.SecurityModelUSM) != d.started.disables(pdu.SecurityModelUSM)},
		{"the contexts", !slices.Equal(conf.Access.Contexts(), d.started.Access.Contexts())},
		{"v1trapaddress", conf.trapAddress != d.started.trapAddress},
		{"the engine ID", conf.engineID != d.started.engineID},
		{"sysDescr", conf.system.Descr != d.started.system.Descr},
		{"sysObjectID", conf.system.ObjectID != d.started.system.ObjectID},
		{"sysServices", conf.system.Services != d.started.system.Services},
	} {
		if x.changed {
			list = append(list, x.what)
		}
	}
	return list
}
