package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/domains"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/helpdesk/zendesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/secret"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sla"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// wiring turns one pipeline of the configuration into the parts that a pass works
// with. Nothing is opened until a method says so.
type wiring struct {
	file    *config.File
	name    string
	cfg     *config.Pipeline
	secrets secret.Source
	now     func() time.Time
	domains *domains.Rules  // once they are asked for
	merging map[string]bool // accounts whose organizations wait to be merged, where that was asked for
	whole   bool            // the source shows roles too that no rule names
	log     zerolog.Logger
	keys    func(context.Context, helpdesk.Kind, []string) (map[string]string, error) // whose objects of the target are, by target id; nil: nobody knows
	calls   func(*zendesk.Options)
	reserve func(context.Context, int, int) ([]zendesk.Reserved, error) // notes calls before they are made; nil: nobody else makes any
}

func (a *app) wire(file *config.File, pipeline string) (*wiring, error) {
	cfg := file.Pipelines.Get(pipeline)
	if cfg == nil {
		return nil, usage("there is no pipeline %q in %s; known are: %v", pipeline, file.Name(), file.Pipelines.Names())
	}
	return &wiring{file: file, name: pipeline, cfg: cfg, secrets: file.Secrets(a.lookup), now: a.now, log: a.log, calls: a.calls}, nil
}

// source returns the pipeline's CRM. Columns are spelled as the rules spell them.
func (w *wiring) source() (crm.Source, error) {
	return w.sourceNamed(w.cfg.From)
}

// target opens the pipeline's helpdesk; observed ones cannot write.
func (w *wiring) target(ctx context.Context, instance string, readOnly bool) (target, error) {
	return w.targetNamed(ctx, w.cfg.To, instance, readOnly || w.observes())
}

func (w *wiring) observes() bool { return w.cfg.Mode == "observe" }

// pipeline compiles the rules against what both ends offer. Whatever is wrong is
// reported to the file, all at once, and returned as its error.
func (w *wiring) pipeline(ctx context.Context, source crm.Source, tgt helpdesk.Target) (reconcile.Pipeline, error) {
	var p reconcile.Pipeline
	rules := w.rules()
	schema, err := source.Describe(ctx)
	if err != nil {
		return p, fmt.Errorf("%s: %w", w.cfg.From, err)
	}
	caps, err := tgt.Describe(ctx)
	if err != nil {
		return p, fmt.Errorf("%s: %w", w.cfg.To, err)
	}
	mapper := w.compile(schema, caps, rules)
	w.checkTags(caps, rules)
	scope := w.scope()
	overrides, overrideErr := w.overrides()
	mark, markErr := w.mark()
	if err := errors.Join(w.file.Err(), overrideErr, markErr); err != nil {
		return p, err
	}
	p = reconcile.Pipeline{
		Name: w.name, SourceName: w.cfg.From, TargetName: w.cfg.To, Source: source, Target: tgt, Mapper: mapper, Rules: rules,
		Guards: w.guards(), Mark: mark, Overrides: overrides, Observe: w.observes(), Location: w.location(), Config: w.file.Text(),
		Gone:        reconcile.GonePolicies{Lost: w.cfg.Policy.OnGone.Lost, Left: w.cfg.Policy.OnGone.Left, Deleted: w.cfg.Policy.OnGone.Deleted, Members: w.leavers()},
		FullEvery:   w.file.Sources.Get(w.cfg.From).FullEvery.Duration(),
		Match:       reconcile.Match{IDField: w.cfg.Match.IDField, ByName: w.cfg.Match.ByName},
		OnNameClash: w.cfg.Policy.OnNameClash, Tie: w.cfg.Organizations.Domains.Tie, Scope: scope,
	}
	return p, nil
}

// leavers is what becomes of memberships that no contact stands for any more.
func (w *wiring) leavers() string {
	if w.cfg.Members == nil {
		return ""
	}
	return w.cfg.Members.OnGone
}

// rules builds the plan catalogue, and reports what is wrong with it to the file.
func (w *wiring) rules() *sla.Rules {
	rules, problems := sla.New(slaConfig(w.file, w.cfg))
	for _, p := range problems {
		w.file.Report(p.Path, 0, p.Msg, p.Fix)
	}
	return rules
}

func (w *wiring) compile(schema crm.Schema, caps helpdesk.Capabilities, rules *sla.Rules) *mapping.Mapper {
	mapper, problems := mapping.Compile(w.spec(), schema, caps, rules)
	for _, p := range problems {
		w.file.Report(w.path(p.Path), p.Offset, p.Msg, p.Fix)
	}
	return mapper
}

// path is the place in the file of a path that mapping knows within its pipeline, or
// beside it.
func (w *wiring) path(inner string) string {
	switch {
	case strings.HasPrefix(inner, "money."):
		return inner
	case inner == "relations.contact":
		return "sources." + w.cfg.From + ".columns." + inner
	default:
		return "pipelines." + w.name + "." + inner
	}
}

// checkTags reports plan tags that the target also sets by itself, through a
// dropdown's option or a checkbox: nobody could say whose such a tag is. What the
// file alone shows stands in its own place already, and is not said twice.
func (w *wiring) checkTags(caps helpdesk.Capabilities, rules *sla.Rules) {
	if w.cfg.Organizations.Tags.From.IsZero() {
		return // this pipeline writes no tags
	}
	by := map[string]string{}
	for _, spec := range caps.Specs[helpdesk.Organization] {
		by[spec.Tag] = spec.Name
		for _, o := range spec.Choices {
			by[o.Tag] = spec.Name
		}
	}
	delete(by, "")
	for i, plan := range rules.Plans() {
		field, path := by[plan.SLATag()], fmt.Sprintf("plans[%d].plan", i)
		if i < len(w.file.Plans) && w.file.Plans[i].Tag != "" {
			path = fmt.Sprintf("plans[%d].tag", i)
		}
		if field != "" {
			w.file.Report(path, 0, fmt.Sprintf("the tag %q is also what %s brings in %s", plan.SLATag(), field, w.cfg.To),
				"give the plan another tag, or leave the plan's tag to the field")
		}
	}
}

func (w *wiring) overrides() ([]sla.Override, error) { return w.overridesFor(nil) }

// overridesFor reads the overrides of the file, and refuses values that the rules cannot
// take; without rules (nil) nobody asks them.
func (w *wiring) overridesFor(rules *mapping.Mapper) ([]sla.Override, error) {
	list, err := w.file.LoadOverrides(w.secrets, w.checkAccount, func(o *config.Override) (string, error) {
		if rules == nil || o.Field == sla.PlanField || o.Field != helpdesk.Name && w.cfg.Organizations.Fields.Get(o.Field) == nil {
			return "", nil // the catalogue's, or another pipeline's
		}
		return "value", rules.CheckOverride(o.Field, string(o.Value))
	})
	out := make([]sla.Override, len(list))
	for i, o := range list {
		if out[i].Account, err = w.key(o.Account); err != nil {
			return nil, err
		}
		out[i] = overrideOf(out[i].Account, o)
	}
	return out, err
}

// checkAccount refuses an account that is no id of the pipeline's source.
func (w *wiring) checkAccount(o *config.Override) (part string, err error) {
	if o.Account == "" {
		return "", nil // said already
	}
	if _, err := w.key(o.Account); err != nil {
		return "account", fmt.Errorf("%w; write the account's id as the CRM shows it", err)
	}
	return "", nil
}

func overrideOf(account string, o config.Override) sla.Override {
	return sla.Override{
		Account: account, Field: o.Field, Value: string(o.Value), Reason: o.Reason, Author: o.Author, Source: o.Source, From: o.From, Until: o.Until,
	}
}

// key reads an account id as the pipeline's source writes it.
func (w *wiring) key(id string) (string, error) {
	if s := w.file.Sources.Get(w.cfg.From); s != nil && s.IDs == "text" {
		return id, nil
	}
	return crm.ParseID(id)
}

func (w *wiring) mark() (changeset.Mark, error) {
	m := w.cfg.Mark
	out := changeset.Mark{DeleteAfter: m.DeleteAfter.Days, Never: m.DeleteAfter.Never, Protect: map[string]bool{}}
	if m.Field != "" {
		out.Field = helpdesk.FieldPrefix + m.Field
	}
	if m.Exempt != "" {
		out.Exempt = helpdesk.FieldPrefix + m.Exempt
	}
	listed, err := w.file.Protected(w.name, w.cfg, w.secrets)
	for _, id := range listed {
		key, idErr := w.key(id.ID)
		if idErr != nil {
			err = errors.Join(err, usage("%s: %v", id.Where, idErr))
		}
		out.Protect[key] = true
	}
	return out, err
}

// scope says what is written so far; wrong ids are reported to the file.
func (w *wiring) scope() reconcile.Scope {
	s := reconcile.Scope{}
	if w.cfg.Scope.Percent != nil {
		s.Share = float64(*w.cfg.Scope.Percent)
	}
	for i, id := range w.cfg.Scope.Only {
		if s.Only == nil {
			s.Only = map[string]bool{}
		}
		key, err := w.key(id)
		if err != nil {
			w.file.Report(w.path(pathOf("scope.only", i)), 0, err.Error(), "write the account's id as the CRM shows it")
		}
		s.Only[key] = true
	}
	return s
}

// reconciler puts a pass together over an open journal.
func (a *app) reconciler(p reconcile.Pipeline, j *journal.Journal) *reconcile.Reconciler {
	return reconcile.New(p, j, reconcile.Options{
		Now: a.now, Log: a.log, Holder: journal.HolderName(), Progress: a.progress, Checkpoint: a.checkpoint, Phase: a.phases(p.Name),
	})
}

// today is the calendar day in a pipeline's zone.
func (w *wiring) today() day.Day {
	return day.Of(w.now().In(w.location()))
}

// location is the pipeline's time zone; the configuration says where it is none.
func (w *wiring) location() *time.Location { return zoneOf(w.cfg.TimeZone) }

// zoneOf is a time zone by its name; UTC where it is none, which the configuration says.
func zoneOf(name string) *time.Location {
	location, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return location
}

// offered is what the file says that the target offers; nothing is known of a helpdesk
// whose fields the file does not name, or of none.
func (w *wiring) offered() helpdesk.Capabilities {
	t := w.file.Targets.Get(w.cfg.To)
	if t == nil || t.Type != "sqldesk" && len(t.Fields) == 0 {
		return helpdesk.Capabilities{}
	}
	return sqldesk.Offers(w.storeOptions(targetSpec{name: w.cfg.To, cfg: t}))
}

// compileOpen compiles the rules against a source whose columns nobody asked for.
func (w *wiring) compileOpen(caps helpdesk.Capabilities, rules *sla.Rules) (*mapping.Mapper, []mapping.Problem) {
	spec := w.spec()
	spec.Open = true
	return mapping.Compile(spec, crm.Schema{}, caps, rules)
}
