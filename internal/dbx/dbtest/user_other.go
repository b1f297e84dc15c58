//go:build !unix

package dbtest

import "os/exec"

// credential is our own user: only unix has another to become.
type credential struct{}

func unprivileged() credential { return credential{} }

func (credential) own(string) error { return nil }
func (credential) become(*exec.Cmd) {}
func (credential) detach(*exec.Cmd) {}
