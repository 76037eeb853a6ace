package usmmib

import (
	"errors"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// A handler is the table's Handler, with what depends on who asks, and with what
// has to happen beside the rows.
type handler struct {
	mib.Handler
	table mib.Setter
	t     *Table
}

// Inline says that a SET may block: a key may have to be extended, rows may have to
// be kept.
func (h *handler) Inline(op mib.Operation) bool { return op == mib.Read }

// Test adds to the table's checks those that take more than a row.
func (h *handler) Test(r *mib.Request, vbs []pdu.VarBind) (mib.Change, error) {
	refused := h.refuse(r, vbs)
	c, err := h.table.Test(r, vbs)
	if refused != nil {
		if err == nil {
			c.Close()
		}
		if status := (*pdu.StatusError)(nil); err == nil || !errors.As(err, &status) || status.Index >= refused.Index {
			err = refused
		}
	}
	if err != nil {
		return nil, err
	}
	return &change{Change: c, t: h.t, keys: keysOf(vbs)}, nil
}

// refuse returns the first varbind that nobody, or not this one, may set so.
func (h *handler) refuse(r *mib.Request, vbs []pdu.VarBind) *pdu.StatusError {
	for i := range vbs {
		switch column, key := split(vbs[i].Name); column {
		case colOwnAuthKeyChange, colOwnPrivKeyChange:
			if !h.isOwn(r, key) {
				return &pdu.StatusError{Status: pdu.NoAccess, Index: i + 1}
			}
		case colStorageType:
			if vbs[i].Value == pdu.Integer(int32(mib.ReadOnly)) && h.isNewWithKeys(key, vbs) {
				return &pdu.StatusError{Status: pdu.InconsistentValue, Index: i + 1}
			}
		}
	}
	return nil
}

// isOwn reports whether the one who asks is the user at key (RFC 3414 §5,
// usmUserOwnAuthKeyChange).
func (h *handler) isOwn(r *mib.Request, key ber.OID) bool {
	users := h.t.active.Load()
	if users == nil || r.SecurityModel != pdu.SecurityModelUSM {
		return false
	}
	if asking, err := h.t.rows.Key(&User{Name: r.SecurityName, engine: users.Engine()}); err != nil || asking != key {
		return false
	}
	u := h.t.rows.Load().Get(key)
	return u == nil || u.auth == usm.NoAuthProtocol || r.SecurityLevel >= pdu.AuthNoPriv
}

// isNewWithKeys reports whether a SET creates a user who employs authentication: one
// cannot be readOnly (RFC 3414 §5, usmUserStorageType).
func (h *handler) isNewWithKeys(key ber.OID, vbs []pdu.VarBind) bool {
	if h.t.rows.Load().Get(key) != nil {
		return false
	}
	for i := range vbs {
		column, of := split(vbs[i].Name)
		if of != key || vbs[i].Value.Syntax() != pdu.TypeObjectIdentifier {
			continue
		}
		switch value := vbs[i].Value.OID(); column {
		case colCloneFrom:
			if u := h.t.template(value); u != nil && u.auth != usm.NoAuthProtocol {
				return true
			}
		case colAuthProtocol:
			if value != usm.NoAuthProtocol {
				return true
			}
		}
	}
	return false
}

// split splits the name of an instance into column and index. The column is 0 if it
// is the name of none.
func split(name ber.OID) (column uint32, key ber.OID) {
	rest := name[len(oidEntry):]
	if rest == "" {
		return 0, ""
	}
	return rest.At(0), rest.Slice(1, rest.Len())
}

// keysOf returns the indexes of the rows that varbinds are about.
func keysOf(vbs []pdu.VarBind) map[ber.OID]bool {
	keys := make(map[ber.OID]bool)
	for i := range vbs {
		_, key := split(vbs[i].Name)
		keys[key.Clone()] = true
	}
	return keys
}

// A change is the table's Change; the active users follow it.
type change struct {
	mib.Change
	t    *Table
	keys map[ber.OID]bool
}

// Commit changes the rows, the active users and what survives a restart, or nothing.
func (c *change) Commit(r *mib.Request) error {
	kept, done, err := c.carryOut(r, c.Change.Commit)
	if err == nil && kept && c.t.Keep != nil {
		err = c.t.Keep()
	}
	if err != nil && done {
		if _, _, undo := c.carryOut(r, c.Change.Undo); undo != nil {
			return errors.Join(pdu.UndoFailed, undo, err)
		}
	}
	return err
}

// Undo takes it all back.
func (c *change) Undo(r *mib.Request) error {
	kept, _, err := c.carryOut(r, c.Change.Undo)
	if kept && c.t.Keep != nil {
		err = errors.Join(err, c.t.Keep())
	}
	return err
}

// carryOut changes rows, which it reports when it is done, and has the active users
// follow. It reports too whether one of the rows is to survive a restart, or was.
func (c *change) carryOut(r *mib.Request, step func(*mib.Request) error) (kept, done bool, err error) {
	c.t.mu.Lock()
	defer c.t.mu.Unlock()
	before := c.t.rows.Load()
	if err := step(r); err != nil {
		return false, false, err
	}
	after := c.t.rows.Load()
	for key := range c.keys {
		old, u := before.Get(key), after.Get(key)
		kept = kept || old.survives() || u.survives()
		switch {
		case u.usable() && !(old.usable() && old.Keys == u.Keys):
			err = errors.Join(err, c.t.follow(u.Name, u))
		case old.usable() && !u.usable():
			err = errors.Join(err, c.t.follow(old.Name, nil))
		}
	}
	return kept, true, err
}

// survives reports whether the row is one that a restart leaves.
func (u *User) survives() bool { return u != nil && u.Storage >= mib.NonVolatile }
