// Package notify says whom notifications go to, and which.
package notify
