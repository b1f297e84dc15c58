package config_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/config"
)

func TestInit(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answers config.Answers
		holds   []string // what the file says
	}{
		"as suggested":   {nil, []string{"on_found: hold", "on_drift: hold", "on_clash: hold", "lost: hold", "left: mark", "deleted: mark", "delete_after: never"}},
		"other policies": {config.Answers{"on_drift": "correct", "left": "delete"}, []string{"on_drift: correct", "left: delete", "delete_after: 30d"}},
		"a Salesforce source": {config.Answers{"source": "salesforce", "login_url": "https://x.my.salesforce.com", "username": "me@x.example"}, []string{
			"type: salesforce", `login_url: "https://x.my.salesforce.com"`, `username: "me@x.example"`, "account_owner: account.Owner.Name", "complete read",
		}},
		"the secret of an app": {config.Answers{"source": "salesforce", "login": "client_credentials"}, []string{`client_secret: "${SF_SECRET}"`}},
		"a Zendesk target":     {config.Answers{"target": "zendesk", "subdomain": "x"}, []string{"type: csv", "subdomain: x", "tag: sla_premium"}},
		"both":                 {config.Answers{"source": "salesforce", "target": "zendesk"}, []string{"type: salesforce", "type: zendesk", "Zuora__Quantity__c"}},
		"odd folder names":     {config.Answers{"dir": `C:\my "exports" #1: all`}, []string{`dir: "C:\\my \"exports\" #1: all"`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			if err := config.Init(&b, tt.answers); err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.holds {
				if !strings.Contains(b.String(), want) {
					t.Errorf("the file lacks %q", want)
				}
			}
			f, err := config.Parse("desksync.yaml", []byte(b.String()))
			if err != nil {
				t.Fatal(err)
			}
			if dir := tt.answers["dir"]; dir != "" && string(f.Sources.Get("crm").Dir) != dir {
				t.Errorf("the folder reads as %q, want %q", f.Sources.Get("crm").Dir, dir)
			}
		})
	}
}

func TestInitRefuses(t *testing.T) {
	t.Parallel()
	for want, answers := range map[string]config.Answers{
		`on_found: "maybe" is not a choice; write hold or correct`: {"on_found": "maybe"},
		`there is no question "colour"`:                            {"colour": "red"},
		"is not a currency":                                        {"currency": "dollars"},
		"dir is for source: csv; leave it out":                     {"source": "salesforce", "dir": "./crm"},
		"login is for source: salesforce; leave it out":            {"login": "jwt"},
		"username is for login: jwt; leave it out":                 {"username": "me@x.example"},
		"database is for target: sqldesk; leave it out":            {"target": "zendesk", "database": "sqlite:x.db"},
		"no subdomain": {"target": "zendesk", "subdomain": "https://x"},
		"one database": {"database": "sqlite:desksync.db"},
	} {
		var b strings.Builder
		if err := config.Init(&b, answers); err == nil || !strings.Contains(err.Error(), want) || b.Len() > 0 {
			t.Errorf("Init(%v) = %v and wrote %d bytes; want %q and none", answers, err, b.Len(), want)
		}
	}
}

func TestQuestionsSuggestAChoice(t *testing.T) {
	t.Parallel()
	for _, q := range config.Questions() {
		if q.Ask == "" || len(q.Choices) > 0 && !slices.Contains(q.Choices, q.Suggest) {
			t.Errorf("%+v", q)
		}
	}
}
