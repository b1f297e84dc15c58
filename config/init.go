package config

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/template"
)

//go:embed starter.yaml.tmpl
var starter string

// Question is something that the first file must say and that nobody can guess.
type Question struct {
	Key     string   // of Answers; also a good name for a flag
	Ask     string   // the question in words
	Choices []string // nothing else will do; none: any text
	Suggest string   // what most people answer
}

// Answers are the answers to Questions, by key. What is left out is answered as
// suggested, and stands in the file for all to see.
type Answers map[string]string

// Questions lists what Init wants to know, in a good order to ask.
func Questions() []Question {
	policy := []string{"hold", "correct"}
	gone := []string{"hold", "mark", "delete"}
	return []Question{
		{"dir", "Which folder holds the CRM's export (accounts.csv, contacts.csv, subscriptions.csv)?", nil, "./crm"},
		{"complete", "What proves that an export is whole: a manifest beside the files, or your word for it?", []string{"manifest", "declared"}, "manifest"},
		{"database", "Which database is the helpdesk store?", nil, "sqlite:support.db"},
		{"journal", "Which database keeps desksync's own records?", nil, "sqlite:desksync.db"},
		{"currency", "In which currency are sums made?", nil, "USD"},
		{"on_found", "Someone else set a field that desksync never wrote. Keep it until someone decides (hold), or write what the CRM says (correct)?", policy, "hold"},
		{"on_drift", "Someone edited a field that desksync wrote. Keep it until someone decides (hold), or write it again (correct)?", policy, "hold"},
		{"on_clash", "Someone edited it, and the CRM moved too. Keep it until someone decides (hold), or write what the CRM says (correct)?", policy, "hold"},
		{"lost", "An account is missing from a complete export. Do nothing until someone decides (hold), mark its organization, or delete it?", gone, "hold"},
		{"left", "An account is there and no rule wants it any more. Hold, mark or delete?", gone, "mark"},
		{"deleted", "The CRM says that an account was deleted. Hold, mark or delete?", gone, "mark"},
	}
}

// Init writes a commented file to begin with, every policy spelled out. It
// refuses answers that the file could not hold.
func Init(w io.Writer, answers Answers) error {
	given := map[string]string{}
	for _, q := range Questions() {
		a := answers[q.Key]
		if a == "" {
			a = q.Suggest
		}
		if len(q.Choices) > 0 && !slices.Contains(q.Choices, a) {
			return fmt.Errorf("%s: %q is not a choice; write %s", q.Key, a, strings.Join(q.Choices, " or "))
		}
		given[q.Key] = a
	}
	for key := range answers {
		if _, ok := given[key]; !ok {
			return fmt.Errorf("there is no question %q", key)
		}
	}
	return render(w, given)
}

// render fills the starter in, and reads it back: what desksync writes it must
// also take.
func render(w io.Writer, given map[string]string) error {
	var b strings.Builder
	t := template.Must(template.New("starter").Funcs(template.FuncMap{"quote": quote}).Parse(starter))
	if err := t.Execute(&b, given); err != nil {
		return err
	}
	if _, err := Parse("desksync.yaml", []byte(b.String())); err != nil {
		return err
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// quote writes a text so that YAML reads it back as it is.
func quote(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./_-") == "" {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(s) + `"`
}
