package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"

	"snmpstack/agent"
	"snmpstack/agent/notify"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/mib/host"
	"snmpstack/pdu"
	"snmpstack/transport"
)

// A daemon is the agent with what it serves.
type daemon struct {
	opts   *options
	log    *slog.Logger
	agent  *agent.Agent
	policy *vacm.Policy
	// targets are those who are told; notify tells them.
	targets *notify.Targets
	notify  *notifier
	system  *agent.System
	keeper  *keeper
	host    *host.Host
	failed  chan error // when a socket is of no more use

	started *configuration // what the agent was started with
	conf    *configuration // what it goes by since the last SIGHUP
}

// resources are the rows of sysORTable for what the host serves.
var resources = []struct {
	id    ber.OID
	descr string
}{
	{ber.MustOID("1.3.6.1.2.1.31"), "IF-MIB: the network interfaces of this host"}, // ifMIB
	{ber.MustOID("1.3.6.1.2.1.4"), "IP-MIB: the IPv4 addresses of this host"},      // ip
}

// newDaemon opens the sockets of an agent, which may take root's rights. Nothing is
// served before it is set up and activated.
func newDaemon(ctx context.Context, conf *configuration, opts *options, log *slog.Logger) (d *daemon, err error) {
	d = &daemon{
		opts: opts, started: conf, conf: conf, log: log, agent: agent.New(), system: conf.system,
		failed: make(chan error, 1),
	}
	a := d.agent
	if err := opts.applySettings(a); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	for _, addr := range conf.addresses {
		c, err := conf.listen(ctx, addr, addr.port, a.Transport)
		if err != nil {
			return d, err
		}
		a.Conns = append(a.Conns, c)
	}
	return d, nil
}

// setUp puts the agent together.
func (d *daemon) setUp() (err error) {
	conf, a, log := d.conf, d.agent, d.log
	if d.policy, err = vacm.New(conf.Access.Statements()...); err != nil {
		return err
	}
	if d.targets, err = notify.New(); err != nil {
		return err
	}
	a.Targets = d.targets
	d.notify = newNotifier(a, d.system, d.targets, log)
	a.Logger = log
	a.Access = access{d.policy}
	a.OnBadPacket = d.notify.badPacket
	a.TrapAgentAddress = conf.trapAddress
	d.notify.links.Store(conf.linkUpDown)
	a.Contexts = conf.Access.Contexts()
	a.DisableV1 = conf.disables(pdu.SecurityModelV1)
	a.DisableV2c = conf.disables(pdu.SecurityModelV2c)
	a.DisableV3 = conf.disables(pdu.SecurityModelUSM)
	a.OnError = d.onError
	if err := d.restore(); err != nil {
		return err
	}
	return d.register()
}

// restore opens the state directory, and has the agent go by what is kept there: its
// engine, and what managers have made beside what the configuration says.
func (d *daemon) restore() (err error) {
	conf, a, log := d.conf, d.agent, d.log
	if d.system.State, a.Engine, err = openEngine(conf, a); err != nil {
		return err
	}
	if othersMayWrite(conf.StateDir) {
		log.Warn("others than its owner may write into the state directory, and so add users and set snmpEngineBoots back", "dir", conf.StateDir)
	}
	notes, err := conf.settleUsers(a.SecurityProvider, a.Engine.ID(), d.system.State)
	for _, note := range notes {
		log.Warn(note.Error())
	}
	if err != nil {
		return err
	}
	d.keeper = &keeper{state: d.system.State, path: conf.PersistentPath(), tables: slices.Concat(d.accessTables(), d.targetTables(), []keptTable{d.userTable()})}
	if err := d.restoreAccess(); err != nil {
		log.Warn("what managers made of the access rules is not there as a whole", "err", err)
	}
	if err := d.restoreTargets(); err != nil {
		log.Warn("what managers made of the tables of targets is not there as a whole", "err", err)
	}
	d.learnUsers(conf.users)
	if err := d.addUsers(conf.users, nil, nil); err != nil {
		return err
	}
	if d.system.State != nil {
		d.system.Keep = d.keeper.keep
	}
	return nil
}

// register puts what the agent serves into its tree.
func (d *daemon) register() (err error) {
	a := d.agent
	a.MIB = mib.NewTree()
	d.system.CloneAndGo = true // as snmpd
	if err := a.RegisterObjects(a.MIB, d.system); err != nil {
		return err
	}
	if err := a.RegisterAccess(a.MIB, d.system, d.policy); err != nil {
		return err
	}
	if err := a.RegisterTargets(a.MIB, d.system, d.targets); err != nil {
		return err
	}
	if d.host, err = host.New(host.Options{Uptime: a.SysUpTime, OnLinkChange: d.notify.linkChange}); err != nil {
		return err
	}
	if err := d.host.Register(a.MIB); err != nil {
		return err
	}
	for _, r := range resources {
		if _, err := d.system.AddResource(r.id, r.descr); err != nil {
			return err
		}
	}
	return nil
}

// onError ends the daemon when a socket has failed; other errors are in the log.
func (d *daemon) onError(e *agent.ErrorEvent) {
	if transport.Classify(e.Err) != transport.ClassFatal {
		return
	}
	var op *net.OpError
	if errors.As(e.Err, &op) {
		select {
		case d.failed <- e.Err:
		default:
		}
	}
}

func (d *daemon) close() {
	if d.host != nil {
		d.host.Close()
	}
	for _, c := range d.agent.Conns {
		c.Close()
	}
	if d.system.State != nil {
		d.system.State.Close()
	}
}
