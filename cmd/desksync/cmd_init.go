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
		Long: "Asks what it cannot know, on a terminal or of the answers on its input, one a line, and writes a commented file.\n" +
			"Every question is also a flag. An empty answer, and with --yes every one that is not given, takes its default.",
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
	if !yes && !a.json {
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

// ask asks for every answer that no flag gave; an empty line takes the default, and so
// does the end of the input. Answers that come from a file or another program are shown
// beside their questions.
func (a *app) ask(given config.Answers) {
	lines := bufio.NewScanner(a.in)
	for _, q := range config.Questions() {
		if given[q.Key] != "" || !q.Asked(given) {
			continue
		}
		answer, more := a.answerTo(q, lines)
		if !more {
			return
		}
		if answer != "" {
			given[q.Key] = answer
		}
	}
}

// answerTo puts one question. On a terminal it is put again until the answer will do.
func (a *app) answerTo(q config.Question, lines *bufio.Scanner) (answer string, more bool) {
	choices := ""
	if len(q.Choices) > 0 {
		choices = " (" + strings.Join(q.Choices, ", ") + ")"
	}
	prompt := fmt.Sprintf("%s%s [%s] ", q.Ask, choices, q.Suggest)
	if !a.asks() {
		if more = lines.Scan(); more {
			answer = strings.TrimSpace(lines.Text())
			a.say("%s%s", prompt, answer)
		}
		return answer, more
	}
	for {
		fmt.Fprint(a.out, prompt)
		if !lines.Scan() {
			return "", false
		}
		answer = strings.TrimSpace(lines.Text())
		err := q.Check(answer)
		if answer == "" || err == nil {
			return answer, true
		}
		a.say("%v", err)
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
