package usm

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
)

// Users are the users of one engine. Its methods are safe for concurrent use.
type Users struct {
	engine   EngineID
	provider Provider

	mu        sync.Mutex // held by who changes the directory
	directory *directory
}

// NewUsers returns an empty table of users at an engine.
func NewUsers(engine EngineID, p Provider) *Users {
	return &Users{engine: engine, provider: p, directory: newDirectory()}
}

// Engine returns the engine that the users are at.
func (us *Users) Engine() EngineID { return us.engine }

// Add adds a user, or replaces the one with that name. Passwords are turned into
// keys here, which takes milliseconds for each: it is HashUser and AddHashed, and has
// the errors of both.
func (us *Users) Add(u User) error {
	h, err := HashUser(us.provider, u, nil)
	if err != nil {
		return err
	}
	defer h.Wipe()
	return us.AddHashed(h)
}

// AddHashed adds a user, or replaces the one with that name. The keys are
// localized to the engine here, which is quick, but where a key has to be
// extended as Reeder does it: that is a password hashed once more.
func (us *Users) AddHashed(h *HashedUser) error {
	defer runtime.KeepAlive(h)
	if h.name == "" {
		return fmt.Errorf("usm: %w", errUserName) // a HashedUser that was wiped, or that HashUser has not made
	}
	made, err := newUser(us.provider.impl(), h, us.engine)
	if err != nil {
		return fmt.Errorf("usm: user %q: %w", h.name, err)
	}
	us.mu.Lock()
	defer us.mu.Unlock()
	us.directory.put(made)
	return nil
}

// Remove removes a user and reports whether there was one. Answers to requests
// that are under way are still sent: the keys are cleared after the last of them.
func (us *Users) Remove(name string) bool {
	us.mu.Lock()
	defer us.mu.Unlock()
	return us.directory.remove(name)
}

// Clear removes all users, as Remove does.
func (us *Users) Clear() {
	us.mu.Lock()
	defer us.mu.Unlock()
	us.directory.clear()
}

// Names returns the names of the users, sorted.
func (us *Users) Names() []string {
	us.mu.Lock()
	defer us.mu.Unlock()
	var names []string
	for u := range us.directory.all() {
		names = append(names, u.name)
	}
	slices.Sort(names)
	return names
}

// lookup returns the user called name, nil if there is none. The empty name is
// never a user.
func (us *Users) lookup(name []byte) *user {
	if len(name) == 0 {
		return nil
	}
	return us.directory.find(name)
}
