package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/config"
)

func (a *app) initCommand() *cobra.Command {
	answers := map[string]*string{}
	var yes bool
	c := &cobra.Command{
		Use: "init", Short: "Write a commented configuration to begin with", Args: cobra.NoArgs,
		Long: "Asks what it cannot know and writes a commented file. Every question is also a flag; with --yes, what is not given takes its default.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			given := config.Answers{}
			for key, value := range answers {
				if cmd.Flags().Changed(flagOf(key)) {
					given[key] = *value
				}
			}
			return a.init(given, yes)
		},
	}
	for _, q := range config.Questions() {
		answers[q.Key] = c.Flags().String(flagOf(q.Key), q.Suggest, q.Ask)
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "ask nothing")
	return c
}

func flagOf(key string) string { return strings.ReplaceAll(key, "_", "-") }

func (a *app) init(given config.Answers, yes bool) error {
	if _, err := os.Stat(a.config); err == nil {
		return usage("%s is there already; name another file with --config, or remove it", a.config)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if f, ok := a.in.(*os.File); ok && isTerminal(f) && !yes && !a.json {
		a.ask(given)
	}
	var text bytes.Buffer
	if err := config.Init(&text, given); err != nil {
		return &exitError{exitUsage, err}
	}
	if err := os.WriteFile(a.config, text.Bytes(), 0o600); err != nil {
		return fmt.Errorf("%s cannot be written: %w", a.config, err)
	}
	if a.json {
		a.printJSON(map[string]any{"file": a.config})
		return nil
	}
	a.say("wrote %s", a.config)
	for _, name := range needed(text.String()) {
		a.hint("set %s in the environment, or write file:PATH in its place", name)
	}
	a.hint("look through it, then: desksync validate --online, and desksync diff")
	return nil
}

// ask asks for every answer that no flag gave; an empty line takes the default.
func (a *app) ask(given config.Answers) {
	lines := bufio.NewScanner(a.in)
	for _, q := range config.Questions() {
		if given[q.Key] != "" || !q.Asked(given) {
			continue
		}
		choices := ""
		if len(q.Choices) > 0 {
			choices = " (" + strings.Join(q.Choices, ", ") + ")"
		}
		fmt.Fprintf(a.out, "%s%s [%s] ", q.Ask, choices, q.Suggest)
		if !lines.Scan() {
			return
		}
		if answer := strings.TrimSpace(lines.Text()); answer != "" {
			given[q.Key] = answer
		}
	}
}

var variable = regexp.MustCompile(`\$\{(\w+)\}`)

var commentLine = regexp.MustCompile(`(?m)^\s*#.*$`)

// needed lists the variables of the environment that a file names, once each. Those of
// lines that are comments are not needed yet.
func needed(text string) (names []string) {
	for _, m := range variable.FindAllStringSubmatch(commentLine.ReplaceAllString(text, ""), -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	return names
}
