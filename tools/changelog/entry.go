package main

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// kinds of change, in the order in which a reader needs them.
var kinds = []string{"Security", "Change", "Enhancement", "Bugfix"}

const longestTitle = 80

type entry struct{ kind, title, text string }

var fileName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*\.md$`)

// read returns the entry of a file, and every fault of its form.
func read(fsys fs.FS, path string) (entry, error) {
	body, err := fs.ReadFile(fsys, path)
	if err != nil {
		return entry{}, err
	}
	e, faults := parse(string(body))
	if name := path[strings.LastIndex(path, "/")+1:]; !fileName.MatchString(name) {
		faults = append(faults, "the name is not small letters and hyphens with .md")
	}
	var errs []error
	for _, f := range faults {
		errs = append(errs, fmt.Errorf("%s: %s", path, f))
	}
	return e, errors.Join(errs...)
}

func parse(body string) (e entry, faults []string) {
	first, text, _ := strings.Cut(body, "\n")
	e.kind, e.title, _ = strings.Cut(first, ": ")
	e.text = strings.Trim(text, "\n") + "\n"
	if !slices.Contains(kinds, e.kind) {
		faults = append(faults, fmt.Sprintf("the first line begins with %q, not with one of %s and a colon", e.kind, strings.Join(kinds, ", ")))
	}
	faults = append(faults, titleFaults(e.title)...)
	if !strings.HasPrefix(text, "\n") {
		faults = append(faults, "a blank line is missing after the first")
	}
	if paragraphs := strings.Count(strings.TrimSpace(text), "\n\n") + 1; paragraphs < 2 {
		faults = append(faults, "the text has one paragraph; write the problem, in the past, and the behaviour, in the present")
	}
	return e, faults
}

// notImperative are the endings of first words such as Added, Adding and Adds.
var notImperative = regexp.MustCompile(`^\S*([^eE]ed|ing|[^s]s)\s`)

func titleFaults(title string) (faults []string) {
	letter, _ := utf8.DecodeRuneInString(title)
	switch {
	case title == "":
		return []string{"the title is missing"}
	case strings.ToUpper(string(letter)) != string(letter):
		faults = append(faults, "the title begins with a small letter")
	}
	if strings.HasSuffix(title, ".") {
		faults = append(faults, "the title ends with a full stop")
	}
	if n := utf8.RuneCountInString(title); n > longestTitle {
		faults = append(faults, fmt.Sprintf("the title has %d characters; at most %d fit", n, longestTitle))
	}
	if notImperative.MatchString(title + " ") {
		faults = append(faults, "the title is not an imperative, such as: Undo a run")
	}
	return faults
}
