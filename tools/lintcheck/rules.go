package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// ruleset is what of .golangci.yml has to be seen to work.
type ruleset struct {
	Linters struct {
		Settings struct {
			Depguard struct {
				Rules map[string]struct{ Files []string }
			}
			Forbidigo struct {
				Forbid []struct{ Pattern, Msg string }
			}
		}
	}
}

func readRules(path string) (ruleset, error) {
	var r ruleset
	body, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	if err := yaml.Unmarshal(body, &r); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	if s := r.Linters.Settings; len(s.Depguard.Rules) == 0 || len(s.Forbidigo.Forbid) == 0 {
		return r, fmt.Errorf("%s: no arrows or no forbidden calls are left in it", path)
	}
	return r, nil
}

// verdict names what was planted and not found: an import, a list of arrows that
// never spoke, a forbidden call.
func verdict(rules ruleset, said []finding) error {
	var errs []error
	for i, a := range arrows {
		file := fmt.Sprintf("%s/offence%02d.go", a.room, i)
		if !slices.ContainsFunc(said, func(f finding) bool { return f.linter == "depguard" && f.file == file }) {
			errs = append(errs, fmt.Errorf("lintcheck: %s may import %s: depguard said nothing", a.room, a.imports))
		}
	}
	for _, list := range slices.Sorted(maps.Keys(rules.Linters.Settings.Depguard.Rules)) {
		if !spoke(said, "depguard", "from list '"+list+"'") {
			errs = append(errs, fmt.Errorf("lintcheck: the depguard list %q found nothing; plant an offence against it in tools/lintcheck/offences.go", list))
		}
	}
	for _, call := range forbidden {
		if !spoke(said, "forbidigo", "`"+call+"`") {
			errs = append(errs, fmt.Errorf("lintcheck: %s was called and not found", call))
		}
	}
	for _, f := range rules.Linters.Settings.Forbidigo.Forbid {
		if !spoke(said, "forbidigo", f.Msg) {
			errs = append(errs, fmt.Errorf("lintcheck: nothing was found for the forbidden %s; plant a call in tools/lintcheck/offences.go", f.Pattern))
		}
	}
	return errors.Join(errs...)
}

func spoke(said []finding, linter, text string) bool {
	return slices.ContainsFunc(said, func(f finding) bool { return f.linter == linter && strings.Contains(f.text, text) })
}

// uncovered names packages to which no arrow applies: a new room has to say what it
// may know.
func uncovered(root string, rules ruleset) error {
	var errs []error
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != "." || d.Name() == "testdata" || name == "cmd" || name == "tools") {
			return fs.SkipDir
		}
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && !covers(rules, name) {
			errs = append(errs, fmt.Errorf("lintcheck: no arrow covers %s: give its folder a depguard list in .golangci.yml", name))
		}
		return nil
	})
	return errors.Join(append(errs, err)...)
}

func covers(rules ruleset, file string) bool {
	for _, list := range rules.Linters.Settings.Depguard.Rules {
		for _, pattern := range list.Files {
			if p, ok := strings.CutPrefix(pattern, "${base-path}/"); ok && within(p, file) {
				return true
			}
		}
	}
	return false
}

// within matches a/** and a/*/** by folder, and a/*.go by file.
func within(pattern, file string) bool {
	if dir, ok := strings.CutSuffix(pattern, "/**"); ok {
		parts := strings.Split(file, "/")
		n := strings.Count(dir, "/") + 1
		if len(parts) <= n {
			return false
		}
		pattern, file = dir, strings.Join(parts[:n], "/")
	}
	ok, err := path.Match(pattern, file)
	return ok && err == nil
}

// trim returns the folder of one of our packages.
func trim(imports string) (string, bool) { return strings.CutPrefix(imports, module) }
