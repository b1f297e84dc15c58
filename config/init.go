package config

import (
	"cmp"
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
	Of      string   // asked only where this was answered, such as source=csv; empty: always
}

// Asked reports whether the question makes sense beside the answers before it.
func (q Question) Asked(answers Answers) bool {
	key, want, only := strings.Cut(q.Of, "=")
	if !only {
		return true
	}
	for _, before := range Questions() {
		if before.Key == key {
			return before.Asked(answers) && cmp.Or(answers[key], before.Suggest) == want
		}
	}
	return false
}

// Check says what is wrong with an answer, if it is not one of the choices.
func (q Question) Check(answer string) error {
	if len(q.Choices) == 0 || slices.Contains(q.Choices, answer) {
		return nil
	}
	return fmt.Errorf("%s: %q is not a choice; write %s", q.Key, answer, strings.Join(q.Choices, " or "))
}

// Answers are the answers to Questions, by key. What is left out is answered as
// suggested, and stands in the file for all to see.
type Answers map[string]string

// Questions lists what Init wants to know, in a good order to ask.
func Questions() []Question {
	policy := []string{"hold", "correct"}
	gone := []string{"hold", "mark", "delete"}
	return []Question{
		{Key: "source", Ask: "Where do accounts come from: files with exports (csv), or Salesforce itself?", Choices: []string{"csv", "salesforce"}, Suggest: "csv"},
		{Key: "dir", Ask: "Which folder holds the CRM's export (accounts.csv, contacts.csv, subscriptions.csv)?", Suggest: "./crm", Of: "source=csv"},
		{Key: "complete", Ask: "What proves that an export is whole: a manifest beside the files, or your word for it?", Choices: []string{"manifest", "declared"}, Suggest: "manifest", Of: "source=csv"},
		{Key: "login_url", Ask: "At which address does your Salesforce organization answer (My Domain)?", Suggest: "https://acme.my.salesforce.com", Of: "source=salesforce"},
		{Key: "login", Ask: "How does desksync log in there: with a signed assertion and a key of its own (jwt), or with the app's secret?", Choices: []string{"jwt", "client_credentials"}, Suggest: "jwt", Of: "source=salesforce"},
		{Key: "username", Ask: "Which user of Salesforce is it?", Suggest: "sync@acme.example", Of: "login=jwt"},
		{Key: "target", Ask: "Which helpdesk is kept: the embedded store (sqldesk), or Zendesk?", Choices: []string{"sqldesk", "zendesk"}, Suggest: "sqldesk"},
		{Key: "database", Ask: "Which database is the helpdesk store?", Suggest: "sqlite:support.db", Of: "target=sqldesk"},
		{Key: "subdomain", Ask: "Which subdomain has your Zendesk account (acme of acme.zendesk.com)?", Suggest: "acme", Of: "target=zendesk"},
		{Key: "journal", Ask: "Which database keeps desksync's own records?", Suggest: "sqlite:desksync.db"},
		{Key: "currency", Ask: "In which currency are sums made?", Suggest: "USD"},
		{Key: "on_found", Ask: "Someone else set a field that desksync never wrote. Keep it until someone decides (hold), or write what the CRM says (correct)?", Choices: policy, Suggest: "hold"},
		{Key: "on_drift", Ask: "Someone edited a field that desksync wrote. Keep it until someone decides (hold), or write it again (correct)?", Choices: policy, Suggest: "hold"},
		{Key: "on_clash", Ask: "Someone edited it, and the CRM moved too. Keep it until someone decides (hold), or write what the CRM says (correct)?", Choices: policy, Suggest: "hold"},
		{Key: "lost", Ask: "An account is missing from a complete read. Do nothing until someone decides (hold), mark its organization, or delete it?", Choices: gone, Suggest: "hold"},
		{Key: "left", Ask: "An account is there and no rule wants it any more. Hold, mark or delete?", Choices: gone, Suggest: "mark"},
		{Key: "deleted", Ask: "The CRM says that an account was deleted. Hold, mark or delete?", Choices: gone, Suggest: "mark"},
	}
}

// Init writes a commented file to begin with, every policy spelled out. It
// refuses answers that the file could not hold.
func Init(w io.Writer, answers Answers) error {
	given, err := settle(answers)
	if err != nil {
		return err
	}
	return render(w, given)
}

// settle answers every question, as suggested where nobody did.
func settle(answers Answers) (map[string]string, error) {
	given := map[string]string{}
	for _, q := range Questions() {
		a := cmp.Or(answers[q.Key], q.Suggest)
		if err := q.Check(a); err != nil {
			return nil, err
		}
		if answers[q.Key] != "" && !q.Asked(answers) {
			return nil, fmt.Errorf("%s is for %s; leave it out", q.Key, strings.Replace(q.Of, "=", ": ", 1))
		}
		given[q.Key] = a
	}
	for key := range answers {
		if _, ok := given[key]; !ok {
			return nil, fmt.Errorf("there is no question %q", key)
		}
	}
	return given, nil
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
