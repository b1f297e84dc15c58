package main

import (
	"cmp"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/desksync/desksync/internal/near"
)

// flagError says which command a flag is unknown to, or what is wrong with its value.
func flagError(c *cobra.Command, err error) error {
	see := "; see " + c.CommandPath() + " --help"
	if no, ok := errors.AsType[*pflag.NotExistError](err); ok {
		if short := no.GetSpecifiedShortnames(); short != "" {
			return usage("%s has no flag -%s%s", c.CommandPath(), no.GetSpecifiedName(), see)
		}
		return usage("%s has no flag --%s%s", c.CommandPath(), no.GetSpecifiedName(), cmp.Or(near.Meant("--"+no.GetSpecifiedName(), flagsOf(c)), see))
	}
	if no, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return usage("--%s wants a value%s", no.GetFlag().Name, see)
	}
	if no, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		f := no.GetFlag()
		return usage("--%s: %q is not %s%s", f.Name, no.GetValue(), cmp.Or(flagValues[f.Value.Type()], "a "+f.Value.Type()), see)
	}
	return &exitError{exitUsage, err}
}

// flagValues say what a flag takes, by the names of its type.
var flagValues = map[string]string{"bool": "true or false", "int": "a whole number", "int64": "a whole number", "duration": "a time such as 90s"}

func flagsOf(c *cobra.Command) (out []string) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			out = append(out, "--"+f.Name)
		}
	})
	return out
}
