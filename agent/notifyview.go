package agent

import (
	"context"
	"fmt"

	"snmpstack/agent/vacm"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// mayNotify asks the access policy whether each instance in the notification, and
// what it is called, may go to the target (RFC 3413 §3.3 (2) and (3)).
func (r *run) mayNotify(ctx context.Context, o *outgoing) (err error) {
	defer mib.Recovered(&err)
	to := &o.to
	q := mib.Request{Context: ctx, Version: to.Version, SecurityModel: pdu.SecurityModelUSM, SecurityLevel: to.Level, SecurityName: to.User.Name}
	if to.Version != pdu.V3 {
		q.SecurityModel, q.SecurityLevel, q.SecurityName = pdu.SecurityModelV2c, pdu.NoAuthNoPriv, to.SecurityName
		if to.Version == pdu.V1 {
			q.SecurityModel = pdu.SecurityModelV1
		}
		if to.SecurityName == "" {
			who := r.Access.Community([]byte(to.Community), o.remote.Addr())
			if who == nil {
				return &Error{CodeNotAuthenticated, fmt.Errorf("Access does not know the community at %v", o.remote.Addr())}
			}
			q.SecurityName, q.ContextName, q.Rights = who.SecurityName, who.ContextName, who
		}
	}
	if o.n.ContextName != "" {
		q.ContextName = o.n.ContextName
	}
	view, err := r.Access.View(&q, vacm.NotifyView)
	if err != nil {
		return &Error{CodeNotPermitted, fmt.Errorf("there is no notify view for %s: %w", whoIs(&q), err)}
	}
	for i := range o.list {
		if name := o.list[i].Name; !view.Contains(name) {
			return &Error{CodeNotPermitted, fmt.Errorf("%v is not in the notify view of %s: %w", name, whoIs(&q), pdu.AuthorizationError)}
		}
	}
	if _, oid, ok := pdu.ReadNotification(o.list); ok && !view.Contains(oid) {
		return &Error{CodeNotPermitted, fmt.Errorf("the notification %v is not in the notify view of %s: %w", oid, whoIs(&q), pdu.AuthorizationError)}
	}
	return nil
}

// whoIs names whom a view is for, with the level and context that it is for.
func whoIs(q *mib.Request) string {
	who := fmt.Sprintf("%q", q.SecurityName)
	if q.SecurityModel == pdu.SecurityModelUSM {
		who = fmt.Sprintf("user %q at %v", q.SecurityName, q.SecurityLevel)
	}
	if q.ContextName == "" {
		return who + " in the default context"
	}
	return fmt.Sprintf("%s in context %q", who, q.ContextName)
}
