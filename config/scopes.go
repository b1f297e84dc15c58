package config

import (
	"fmt"
	"slices"
	"strings"
)

// checkScopes holds the scopes that a target's token asks for against what the pipelines
// do there: a token that may not write would be refused in the midst of the first run.
func (f *File) checkScopes() {
	for name, p := range f.Pipelines.All() {
		t := f.Targets.Get(p.To)
		if t == nil || t.Type != "zendesk" || t.Auth == nil || len(t.Auth.Scopes) == 0 {
			continue
		}
		var lacks []string
		for _, need := range scopesOf(p) {
			if !granted(t.Auth.Scopes, need) {
				lacks = append(lacks, need)
			}
		}
		if len(lacks) > 0 {
			f.doc.Report("targets."+p.To+".auth.scopes", fmt.Sprintf("are too few for the pipeline %s, which needs %s", name, strings.Join(lacks, ", ")),
				"name those, or read and write for all; a pipeline with mode: observe needs read only")
		}
	}
}

// scopesOf are the scopes without which a pipeline cannot do what it does. Which of them
// covers memberships is not documented, so none is asked for.
func scopesOf(p *Pipeline) []string {
	out := []string{"organizations:read", "users:read"}
	if p.Mode == "observe" {
		return out
	}
	if out = append(out, "organizations:write"); p.Members != nil {
		out = append(out, "users:write")
	}
	return out
}

// granted reports whether scopes cover one: by itself, or as read and write for all.
func granted(scopes []string, need string) bool {
	_, access, _ := strings.Cut(need, ":")
	return slices.Contains(scopes, need) || slices.Contains(scopes, access)
}
