package config_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/strict"
)

var update = flag.Bool("update", false, "rewrite testdata/bad-day.txt, for a human to read")

// good is a small file without fault, for tests to spoil.
const good = `version: 1
journal: sqlite:desksync.db
sources:
  crm: {type: csv, dir: ./crm}
targets:
  support:
    type: sqldesk
    database: sqlite:support.db
    fields:
      level: {type: dropdown, options: [gold, starter, expired]}
      mark: {type: checkbox}
      vip: {type: checkbox, tag: vip}
plans:
  - {plan: gold, sla: Priority, products: [Gold]}
  - {plan: starter, sla: Standard, products: [Starter]}
  - {plan: expired, sla: none}
sla_policies: [Priority, Standard]
subscriptions: {product: Product__c, end: End__c}
pipelines:
  customers:
    from: crm
    to: support
    organizations:
      name: account.Name
      fields:
        level: plan.name
      tags: {from: sla.tags, owned: [expired]}
    policy:
      on_found: hold
      on_drift: correct
      on_clash: hold
      on_gone: {lost: hold, left: mark, deleted: mark}
    mark: {field: mark}
`

func TestGoodFile(t *testing.T) {
	t.Parallel()
	f, err := config.Parse("desksync.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	p := f.Pipelines.Get("customers")
	want := config.Expr{Text: "plan.name", Path: "organizations.fields.level", Line: 26, Column: 16}
	if diff := cmp.Diff(want, p.Organizations.Fields.Get("level").Value); diff != "" {
		t.Error(diff)
	}
	if p.Mode != "write" || p.TimeZone != "UTC" || !p.Mark.DeleteAfter.Never || p.Organizations.Domains.Tie != "nobody" {
		t.Errorf("the defaults are %q, %q, %v, %q", p.Mode, p.TimeZone, p.Mark.DeleteAfter, p.Organizations.Domains.Tie)
	}
	if p.Accounts.Subscriptions == nil || p.Accounts.Subscriptions.Product != "Product__c" {
		t.Errorf("the pipeline does not follow the subscriptions of the whole file: %+v", p.Accounts.Subscriptions)
	}
	if notes := p.Organizations.Notes; notes.Owner != "" {
		t.Errorf("a rule that is not there has an owner: %+v", notes)
	}
	if line, column := f.Locate("pipelines.customers.accounts.subscriptions.end"); line != 18 || column != 43 {
		t.Errorf("inherited columns are located at %d:%d, want 18:43", line, column)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ old, with, want string }{
		"no policy at all": {
			"    policy:\n      on_found: hold\n      on_drift: correct\n      on_clash: hold\n      on_gone: {lost: hold, left: mark, deleted: mark}\n", "",
			"20:3: pipelines.customers: policy is required; write on_found, on_drift, on_clash and on_gone: there is no default, because either choice overwrites or keeps what a person did",
		},
		"one policy missing":                   {"      on_drift: correct\n", "", "28:5: policy: on_drift is required; say whether an edit in the helpdesk is overwritten (correct) or kept until someone decides (hold); desksync does not choose for you"},
		"one cause of absence missing":         {"lost: hold, ", "", "32:7: policy.on_gone: lost is required; write hold, mark or delete for accounts that a complete read no longer shows"},
		"a policy that is none":                {"on_found: hold", "on_found: maybe", `29:17: policy.on_found: "maybe" is not a choice; write correct or hold`},
		"an unknown key":                       {"on_found: hold", "on_fund: hold", `29:7: policy.on_fund: unknown key "on_fund"; did you mean on_found?`},
		"a file from the future":               {"version: 1", "version: 2\nnew_key: 3", "1:10: version: this file is of format 2 and this desksync reads format 1; install a newer desksync, or take the file back to version 1"},
		"a login missing":                      {"type: csv, dir: ./crm", "type: salesforce, login_url: x", "4:3: sources.crm: auth is required; write auth: {type: jwt, client_id: …, username: …, private_key: file:…}"},
		"a key of the wrong login":             {"type: csv, dir: ./crm", "type: salesforce, login_url: x, auth: {client_id: a, username: b, private_key: c, client_secret: d}", "4:91: sources.crm.auth.client_secret: is not used for type: jwt; remove it"},
		"a login without its key":              {"type: csv, dir: ./crm", "type: salesforce, auth: {client_id: a, username: b}", "4:27: sources.crm.auth: private_key is required for type: jwt; write file:PATH of the key whose certificate the app knows"},
		"client credentials at the login host": {"type: csv, dir: ./crm", "type: salesforce, auth: {type: client_credentials, client_id: a, client_secret: b}", "4:27: sources.crm.auth: login.salesforce.com takes no client credentials; write login_url with the organization's My Domain, such as https://acme.my.salesforce.com"},
		"a key of another source":              {"type: csv, dir: ./crm", "type: csv, dir: ./crm, daily_share: 20%", "4:32: sources.crm.daily_share: is for type: salesforce; remove it, or write type: salesforce"},
		"a folder of an organization":          {"type: csv, dir: ./crm", "type: salesforce, dir: x, auth: {client_id: a, username: b, private_key: c}", "4:27: sources.crm.dir: is for type: csv; remove it, or write type: csv"},
		"a share of nothing":                   {"type: csv, dir: ./crm", "type: salesforce, daily_share: 0%, auth: {client_id: a, username: b, private_key: c}", "4:40: sources.crm.daily_share: allows no call at all; write a share above 0%, such as 20%"},
		"a lookback of more than half a day":   {"type: csv, dir: ./crm", "type: salesforce, overlap: 13h, auth: {client_id: a, username: b, private_key: c}", `4:36: sources.crm.overlap: 13h is out of range; write 1m to 12h`},
		"a full read each fortnight":           {"type: csv, dir: ./crm", "type: salesforce, full_every: 336h, auth: {client_id: a, username: b, private_key: c}", `4:39: sources.crm.full_every: 336h is out of range; write 1m to 168h`},
		"a lookback of days":                   {"type: csv, dir: ./crm", "type: salesforce, overlap: 1d, auth: {client_id: a, username: b, private_key: c}", `4:36: sources.crm.overlap: "1d" is not a number of minutes or hours; write one such as 10m or 2h`},
		"a condition beside a statement":       {"type: csv, dir: ./crm", "type: salesforce, auth: {client_id: a, username: b, private_key: c}, objects: {accounts: {soql: SELECT Id FROM Account, where: Name != null}}", "4:136: sources.crm.objects.accounts.where: stands beside a whole statement; put the condition into soql"},
		"a parent of contacts":                 {"type: csv, dir: ./crm", "type: salesforce, auth: {client_id: a, username: b, private_key: c}, objects: {contacts: {parent: X}}", "4:99: sources.crm.objects.contacts.parent: only accounts have parents; remove it"},
		"a target that is not built":           {"type: sqldesk", "type: jsm", "7:11: targets.support.type: this desksync has no jsm adapter; use type: sqldesk, the embedded helpdesk store, or zendesk"},
		"a folder missing":                     {", dir: ./crm", "", "4:3: sources.crm: dir is required; name the folder with the exported files, such as dir: ./crm"},
		"a source that is not there":           {"from: crm", "from: cmr", `21:11: from: there is no source "cmr"; did you mean crm?`},
		"a target that is not there":           {"to: support", "to: zzz", `22:9: to: there is no target "zzz"; define it under targets; defined are: support`},
		"a product listed twice":               {"products: [Starter]", "products: [Gold]", `15:47: plans[1].products[0]: the product "Gold" is listed twice, first on line 14; keep it in one row: a product grants one plan`},
		"traces to no address":                 {"version: 1", "version: 1\nserve: {traces: collector}", `2:17: serve.traces: "collector" is no address of a collector; write http://HOST:4318 or https://HOST, without /v1/traces`},
		"a plan listed twice":                  {"plan: starter,", "plan: gold,", "15:12: plans[1].plan: the plan gold is listed twice, first on line 14; keep one row and give it all products"},
		"an SLA that is no policy":             {"sla: Standard,", "sla: Standrad,", "15:26: plans[1].sla: the plan starter has the SLA Standrad, which is no policy; did you mean Standard?"},
		"a policy listed twice":                {"[Priority, Standard]", "[Priority, Standard, Priority]", "17:36: sla_policies[2]: the policy Priority is listed twice, first on line 17; keep the first; the first that matches wins"},
		"a policy named none":                  {"[Priority, Standard]", "[Priority, Standard, none]", "17:36: sla_policies[2]: no policy can be named none; none says that a plan has no policy; choose another name"},
		"a plan's tag and an option's":         {"options: [gold, starter, expired]", "options: [{value: gold, tag: gold}, starter, expired]", "14:12: plans[0].plan: the option gold of the dropdown level brings the tag gold too (line 10); give the plan another tag, or take the tag from the field: otherwise each undoes the other"},
		"an owned tag and a checkbox's":        {"owned: [expired]", "owned: [vip]", "27:38: organizations.tags.owned[0]: the checkbox vip brings the tag vip too (line 12); give the plan another tag, or take the tag from the field: otherwise each undoes the other"},
		"journal and store in one":             {"sqlite:support.db", "sqlite:desksync.db", "8:15: targets.support.database: the helpdesk store and the journal are one database; give each a database of its own"},
		"a database that is none":              {"sqlite:support.db", "support.db", "8:15: targets.support.database: names no database; write sqlite:FILE or postgres://USER@HOST/DATABASE?sslmode=verify-full"},
		"encryption left open":                 {"sqlite:support.db", "postgres://h/db", "8:15: targets.support.database: leaves open whether the connection is encrypted; add ?sslmode=verify-full, or ?sslmode=disable on one machine"},
		"half a variable":                      {"sqlite:support.db", `"sqlite:${DIR/x"`, "8:16: targets.support.database: a variable is written ${NAME}, with letters, digits and _; write $${ for the two characters themselves"},
		"several organizations on team":        {"database: sqlite:support.db", "database: sqlite:support.db\n    multi_organization: true", "9:25: targets.support.multi_organization: several organizations per user are not part of the edition team; write edition: professional or enterprise, or remove this line"},
		"more memberships than there can be":   {"database: sqlite:support.db", "database: sqlite:support.db\n    max_memberships: 301", "9:22: targets.support.max_memberships: 301 is out of range; write 300 or less"},
		"a dropdown without options":           {"{type: dropdown, options: [gold, starter, expired]}", "{type: dropdown}", "10:7: targets.support.fields.level: a dropdown needs options; add options: [first, second]"},
		"options of a text":                    {"type: dropdown", "type: text", "10:27: targets.support.fields.level.options: only a dropdown has options; write type: dropdown, or remove the options"},
		"an option twice":                      {"[gold, starter, expired]", "[gold, starter, gold]", `10:56: targets.support.fields.level.options[2]: the option "gold" stands here twice, first on line 10; remove one of them`},
		"a tag of a text":                      {"vip: {type: checkbox, tag: vip}", "vip: {type: text, tag: m}", "12:30: targets.support.fields.vip.tag: only a checkbox brings a tag of its own; an option of a dropdown may: {value: gold, tag: gold}"},
		"the key of a field":                   {"vip: {", "V-I-P: {", `12:7: targets.support.fields.V-I-P: "V-I-P" cannot be the key of a field; write small letters, digits and _, beginning with a letter`},
		"a mark that is not there":             {"mark: {field: mark}", "mark: {field: makr}", "33:19: mark.field: support has no field makr; did you mean mark?"},
		"a mark that is no checkbox":           {"mark: {type: checkbox}", "mark: {type: text}", "33:19: mark.field: mark is a text; a mark needs a checkbox"},
		"no mark to retire with":               {"mark, deleted: mark}\n    mark: {field: mark}\n", "mark, deleted: hold}\n", "32:35: policy.on_gone.left: mark needs a checkbox that marks an organization; add mark: {field: mark_for_deletion}, or write hold"},
		"to delete, and never":                 {"deleted: mark", "deleted: delete", "32:50: policy.on_gone.deleted: asks to delete, and mark.delete_after says never; write mark here, or a time such as delete_after: 30d"},
		"a rule for the mark":                  {"level: plan.name", "level: plan.name\n        mark: true", "27:9: organizations.fields.mark: this field belongs to the mark of retired organizations; remove it here, or name another field under mark"},
		"the mark's exemption is the mark":     {"mark: {field: mark}", "mark: {field: mark, exempt: mark}", "33:33: mark.exempt: is the field that marks; name another checkbox"},
		"a value for the helpdesk's own":       {"level: plan.name", "level: {value: plan.name, owner: helpdesk}", "26:24: organizations.fields.level.value: is never written, because the field's owner is the helpdesk; remove the value, or write owner: crm"},
		"a field without value":                {"level: plan.name", "level: {owner: create}", "26:9: organizations.fields.level: value is required; write an expression, or owner: helpdesk for a field that is never written"},
		"a name that is never written":         {"name: account.Name", "name: {value: account.Name, owner: helpdesk}", "24:42: organizations.name.owner: an organization cannot be created without a name; write crm, or create: written once"},
		"a key that is computed":               {"name: account.Name", "name: account.Name\n      key: lower(account.Id)", "25:12: organizations.key: the key must be a column of the account as it is; write account.Id, or the column with the account's 18-character id"},
		"a time zone that is none":             {"to: support", "to: support\n    time_zone: Europa/Berlin", `23:16: time_zone: "Europa/Berlin" is no time zone; write a name of the IANA list, such as Europe/Berlin, or UTC`},
		"a cron entry that is none":            {"to: support", "to: support\n    schedule: {full: every hour}", `23:22: schedule.full: "every hour" is no cron entry; write minute, hour, day, month and weekday, such as "15 3 * * *"`},
		"a cron entry with a zone":             {"to: support", "to: support\n    schedule: {full: 'TZ=Asia/Tokyo 0 3 * * *'}", `23:23: schedule.full: "TZ=Asia/Tokyo 0 3 * * *" names a time zone of its own; take it out, and write time_zone: of the pipeline`},
		"a cron entry that never comes":        {"to: support", "to: support\n    schedule: {full: 0 0 31 6 *}", `23:22: schedule.full: "0 0 31 6 *" never comes; there is no such day in such a month`},
		"a cron entry back in time":            {"to: support", "to: support\n    schedule: {full: '@every -5m'}", `23:23: schedule.full: "@every -5m" is too often; write a second or more, such as @every 10m`},
		"a jitter of nothing":                  {"to: support", "to: support\n    schedule: {jitter: 2m}", `23:24: schedule.jitter: there is no entry whose runs it could move; add one, such as delta: "*/10 * * * *", or remove the line`},
		"a time that is none":                  {"sla_policies:", "grace: 15 days\nsla_policies:", `17:8: grace: "15 days" is not a length of time; write days, weeks or years, such as 15d, 2w or 3y1d`},
		"a share that is none":                 {"mark: {field: mark}", "mark: {field: mark}\n    guards: {retires: 120%}", "34:23: guards.retires: 120% is out of range; write 0% to 100%"},
		"a limit that is none":                 {"mark: {field: mark}", "mark: {field: mark}\n    guards: {retires: many}", `34:23: guards.retires: "many" is text; it should be off, a count such as 10, a share such as 5%, or {count: 10, share: 0.5%}`},
		"a limit below nothing":                {"mark: {field: mark}", "mark: {field: mark}\n    guards: {downgrades: {count: -1}}", "34:34: guards.downgrades.count: -1 is out of range; write 0 or more"},
		"an amount that is none":               {"mark: {field: mark}", "mark: {field: mark}\n    guards: {downgrades: {arr: much}}", `34:32: guards.downgrades.arr: "much" is not an amount; write a number such as 500000, 500_000, 500k or 1.5M`},
		"retention without a date":             {"to: support", "to: support\n    accounts: {retain: {for: 3y1d}}", "23:16: accounts.retain: says how long, and not from when; add from: an expression that gives a date, such as sla.expiration"},
		"retention without a time":             {"to: support", "to: support\n    accounts: {retain: {from: sla.expiration}}", "23:16: accounts.retain: says from when, and not how long; add for: 3y1d"},
		"a catalogue that can grant nothing":   {"subscriptions: {product: Product__c, end: End__c}\n", "", "19:3: pipelines.customers: the plan catalogue can grant nothing: no subscription columns are named; add subscriptions: {product: …, start: …, end: …} at the top of the file"},
		"no pipeline":                          {good[strings.Index(good, "pipelines:"):], "pipelines: {}\n", "19:1: pipelines: names no pipeline; add one: from which source, to which target, under which rules"},
		"a currency that is none":              {"sla_policies:", "money: {base: usd}\nsla_policies:", `17:15: money.base: "usd" is not a currency; write its code of three capital letters, such as USD`},
		"a rate of nothing":                    {"sla_policies:", "money: {base: USD, rates: {EUR: 0}}\nsla_policies:", `17:33: money.rates.EUR: "0" is not a rate; write a number above 0, such as 1.08`},
		"a dated rate without its day":         {"sla_policies:", "money: {base: USD, rates: {EUR: [{rate: 1.1}]}}\nsla_policies:", `17:34: money.rates.EUR[0]: from is required; add from: …`},
		"two rates that begin on one day":      {"sla_policies:", "money: {base: USD, rates: {EUR: [{from: 2026-01-01, rate: 1.1}, {from: 2026-01-01, rate: 1.2}]}}\nsla_policies:", `17:65: money.rates.EUR[1]: a second rate begins on 2026-01-01, the first stands on line 17; keep one of them`},
		"no rate at all":                       {"sla_policies:", "money: {base: USD, rates: {EUR: []}}\nsla_policies:", `17:28: money.rates.EUR: holds no rate; write a rate such as 1.08, or remove the line`},
		"a dated rate of nothing":              {"sla_policies:", "money: {base: USD, rates: {EUR: [{from: 2026-01-01, rate: 0}]}}\nsla_policies:", `17:59: money.rates.EUR[0].rate: "0" is not a rate; write a number above 0, such as 1.08`},
		"rates of a folder of files":           {"sla_policies:", "money: {base: USD, rates_from: source, column: CurrencyIsoCode}\nsla_policies:", `17:32: money.rates_from: the source crm is a folder of files, which hold no rates; write them under rates, and leave rates_from out`},
		"the type of a column":                 {"dir: ./crm", "dir: ./crm, columns: {accounts: {types: {A__c: money}}}", `4:67: sources.crm.columns.accounts.types.A__c: "money" is not the type of a column; write text, number, currency, checkbox, date or multi`},
		"ids to protect that are no list":      {"mark: {field: mark}", "mark: {field: mark, protect: everyone}", `33:34: mark.protect: "everyone" is text; it should be a list of account ids, or file:NAME`},
		"a field to match by that is no field": {"to: support", "to: support\n    match: {id_field: levle}", "23:23: match.id_field: support has no field levle; did you mean level?"},
		"an expression that is a list":         {"level: plan.name", `level: ["gold"]`, "26:9: organizations.fields.level: is a list; it should be an expression, or {value: …, owner: …}; put an expression that begins with [ in quotes"},
		"an expression cut by a comment":       {"level: plan.name", "level: any(sla.plans, # == 1)", "26:16: organizations.fields.level: the expression ends where a comment begins, at the #; put the whole expression in quotes"},
		"an empty expression":                  {"level: plan.name", `level: ""`, "26:17: organizations.fields.level: is empty; write an expression or remove the line"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := strings.Replace(good, tt.old, tt.with, 1)
			if src == good {
				t.Fatalf("the good file has no %q", tt.old)
			}
			_, err := config.Parse("desksync.yaml", []byte(src))
			ps := strict.Of(err)
			if len(ps) != 1 || ps[0].Error() != "desksync.yaml:"+tt.want {
				t.Errorf("got\n%v\nwant\ndesksync.yaml:%s", err, tt.want)
			}
		})
	}
}

// TestManyFaultsAtOnce reads a file as a person writes it on a bad day.
func TestManyFaultsAtOnce(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("testdata/bad-day.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, err = config.Parse("desksync.yaml", src)
	if *update {
		if err := os.WriteFile("testdata/bad-day.txt", []byte(err.Error()+"\n"), 0o644); err != nil { //nolint:gosec // test data
			t.Fatal(err)
		}
	}
	want, readErr := os.ReadFile("testdata/bad-day.txt")
	if readErr != nil {
		t.Fatal(readErr)
	}
	if diff := cmp.Diff(strings.TrimSpace(string(want)), err.Error()); diff != "" {
		t.Errorf("%s\n%s", diff, err)
	}
}

func TestReadReportsMore(t *testing.T) {
	t.Parallel()
	f, err := config.ReadText("desksync.yaml", []byte(strings.Replace(good, "on_found: hold", "on_fund: hold", 1)))
	if err != nil {
		t.Fatal(err)
	}
	f.Report("pipelines.customers.organizations.name", 8, "account has no field Name", "did you mean NAME?")
	f.Report("pipelines.customers.organizations.name", 8, "said twice", "")
	const want = `desksync.yaml:24:21: organizations.name: account has no field Name; did you mean NAME?
   24 |       name: account.Name
                            ^`
	if got := f.Err().Error(); !strings.Contains(got, want) || strings.Contains(got, "said twice") || !strings.Contains(got, "on_fund") {
		t.Errorf("got\n%s\nwant in it\n%s", got, want)
	}
}

func TestMissingFile(t *testing.T) {
	t.Parallel()
	_, err := config.Load(filepath.Join(t.TempDir(), "desksync.yaml"))
	if err == nil || !strings.HasSuffix(err.Error(), "cannot be read: no such file or directory; name another file with --config, or write one with `desksync init`") {
		t.Errorf("got %v", err)
	}
}

func TestSetChangesOneSetting(t *testing.T) {
	t.Parallel()
	f, err := config.Parse("desksync.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	for path, value := range map[string]string{"organizations.domains.tie": "lowest_id", "mark.delete_after": "7d", "organizations.fields.level": "lower(plan.name)"} {
		if err := f.Set("customers", path, value); err != nil {
			t.Errorf("Set(%s): %v", path, err)
		}
	}
	p := f.Pipelines.Get("customers")
	if p.Organizations.Domains.Tie != "lowest_id" || p.Mark.DeleteAfter.Days != 7 || p.Organizations.Fields.Get("level").Value.Text != "lower(plan.name)" {
		t.Errorf("after Set the pipeline is %+v", p)
	}
	if err := f.Set("customers", "organizations.domains.tie", "somebody"); err == nil || !strings.Contains(err.Error(), `"somebody" is not a choice; write nobody, lowest_id or alphabetical`) {
		t.Errorf("Set to a value that is no choice: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(good)
	for _, name := range []string{"../examples/gitlab/desksync.yaml", "../examples/demo/desksync.yaml", "testdata/bad-day.yaml"} {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(src))
	}
	f.Fuzz(func(t *testing.T, src string) {
		file, err := config.Parse("desksync.yaml", []byte(src))
		if (file == nil) == (err == nil) {
			t.Errorf("Parse gave %v and %v", file, err)
		}
		if err != nil {
			_ = strict.Of(err).Render(60)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	src, err := os.ReadFile("../examples/gitlab/desksync.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := config.Parse("../examples/gitlab/desksync.yaml", src); err != nil {
			b.Fatal(err)
		}
	}
}

func TestASourceCanBeSalesforce(t *testing.T) {
	t.Parallel()
	src := strings.Replace(good, "{type: csv, dir: ./crm}", `
    type: salesforce
    login_url: https://acme.my.salesforce.com
    auth: {type: jwt, client_id: "${SF_CLIENT_ID}", username: sync@acme.example, private_key: "file:/run/secrets/sf.pem"}
    objects:
      accounts: {where: "Type IN ('Customer', 'Former Customer')"}
      subscriptions: {object: Zuora__Subscription__c}`, 1)
	f, err := config.Parse("desksync.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	s := f.Sources.Get("crm")
	if s.APIVersion != "v62.0" || s.DailyShare != 0.2 || s.BulkRows != 10_000 || s.Overlap.Duration() != 10*time.Minute || s.Auth.Type != "jwt" || s.Objects.Subscriptions.Object != "Zuora__Subscription__c" {
		t.Errorf("the source is %+v", s)
	}
	if err := valid(t, compiled(t, config.Schema()), src); err != nil {
		t.Errorf("the schema refuses it: %v", err)
	}
	missing := f.Unresolved(f.Secrets(func(string) (string, bool) { return "", false }))
	if text := missing.Error(); !strings.Contains(text, "SF_CLIENT_ID is not set") || !strings.Contains(text, "/run/secrets/sf.pem does not exist") {
		t.Errorf("Unresolved = %v", text)
	}
}
