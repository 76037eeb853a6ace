// Package privilege gives up root's rights, for a daemon that needs them only to open
// its sockets.
package privilege

import "fmt"

// An Identity is whom the process becomes.
type Identity struct {
	User     string // as it was named; "" if the user stays who he is
	UID, GID int    // UID is -1 if the user stays who he is
	Groups   []int  // all of his groups, GID among them
}

// String returns the user, or else the group, for messages.
func (i *Identity) String() string {
	if i.User == "" {
		return fmt.Sprintf("group %d", i.GID)
	}
	return fmt.Sprintf("user %s, group %d", i.User, i.GID)
}
