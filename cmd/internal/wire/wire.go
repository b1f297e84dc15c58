// Package wire builds the parts that a pass works with from the configuration: source,
// target, rules, guards, alerts. It decides nothing; what is wrong with the file is
// reported to the file.
package wire

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
	"github.com/desksync/desksync/internal/near"
	"github.com/desksync/desksync/internal/secret"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sla"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/reconcile"
)

// Pipeline turns one pipeline of the configuration into the parts that a pass works
// with. Nothing is opened until a method says so.
type Pipeline struct {
	File    *config.File
	Name    string // empty: no pipeline of the file, for a target that none writes to
	Config  *config.Pipeline
	Secrets secret.Source
	Merging map[string]bool                                                           // accounts whose organizations wait to be merged, where that was asked for
	Whole   bool                                                                      // the source shows roles too that no rule names
	Keys    func(context.Context, helpdesk.Kind, []string) (map[string]string, error) // whose objects of the target are, by target id; nil: nobody knows
	Reserve func(context.Context, func([]zendesk.Reserved) zendesk.Reservation) error // notes calls before they are made; nil: nobody else makes any

	env     Env
	domains *domains.Rules // once they are asked for
}

// Env is what parts are given of the process that they work in.
type Env struct {
	Now    func() time.Time
	Lookup func(string) (string, bool) // environment; nil: the process's
	Log    zerolog.Logger
	Calls  func(*zendesk.Options) // how Zendesk is called; nil: over the network, by the clock
}

// New looks a pipeline of the file up. It is a Mistake where there is none.
func New(file *config.File, pipeline string, env Env) (*Pipeline, error) {
	cfg := file.Pipelines.Get(pipeline)
	if cfg == nil {
		return nil, mistaken("there is no pipeline %q in %s%s", pipeline, file.Name(), near.Known(pipeline, file.Pipelines.Names()))
	}
	return build(file, pipeline, cfg, env), nil
}

func build(file *config.File, name string, cfg *config.Pipeline, env Env) *Pipeline {
	return &Pipeline{File: file, Name: name, Config: cfg, Secrets: file.Secrets(env.Lookup), env: env}
}

// Source returns the pipeline's CRM. Columns are spelled as the rules spell them.
func (w *Pipeline) Source() (crm.Source, error) {
	return w.sourceNamed(w.Config.From)
}

// Target opens the pipeline's helpdesk; observed ones cannot write.
func (w *Pipeline) Target(ctx context.Context, instance string, readOnly bool) (Target, error) {
	return w.targetNamed(ctx, w.Config.To, instance, readOnly || w.Observes())
}

// Observes reports that the pipeline only looks at its helpdesk.
func (w *Pipeline) Observes() bool { return w.Config.Mode == "observe" }

// Assemble compiles the rules against what both ends offer. Whatever is wrong is
// reported to the file, all at once, and returned as its error.
func (w *Pipeline) Assemble(ctx context.Context, source crm.Source, tgt helpdesk.Target) (reconcile.Pipeline, error) {
	var p reconcile.Pipeline
	rules := w.Rules()
	schema, err := source.Describe(ctx)
	if err != nil {
		return p, fmt.Errorf("%s: %w", w.Config.From, err)
	}
	caps, err := tgt.Describe(ctx)
	if err != nil {
		return p, fmt.Errorf("%s: %w", w.Config.To, err)
	}
	mapper := w.Compile(schema, caps, rules)
	w.checkTags(caps, rules)
	scope := w.scope()
	overrides, overrideErr := w.Overrides()
	mark, markErr := w.Mark()
	if err := errors.Join(w.File.Err(), overrideErr, markErr); err != nil {
		return p, err
	}
	p = reconcile.Pipeline{
		Name: w.Name, SourceName: w.Config.From, TargetName: w.Config.To, Source: source, Target: tgt, Mapper: mapper, Rules: rules,
		Guards: w.guards(), Mark: mark, Overrides: overrides, Observe: w.Observes(), Location: w.Location(), Config: w.File.Text(),
		Gone:        reconcile.GonePolicies{Lost: w.Config.Policy.OnGone.Lost, Left: w.Config.Policy.OnGone.Left, Deleted: w.Config.Policy.OnGone.Deleted, Members: w.leavers()},
		FullEvery:   w.File.Sources.Get(w.Config.From).FullEvery.Duration(),
		Match:       reconcile.Match{IDField: w.Config.Match.IDField, ByName: w.Config.Match.ByName},
		OnNameClash: w.Config.Policy.OnNameClash, Tie: domains.Tie(w.Config.Organizations.Domains.Tie), Scope: scope,
	}
	return p, nil
}

// leavers is what becomes of memberships that no contact stands for any more.
func (w *Pipeline) leavers() string {
	if w.Config.Members == nil {
		return ""
	}
	return w.Config.Members.OnGone
}

// Rules builds the plan catalogue, and reports what is wrong with it to the file.
func (w *Pipeline) Rules() *sla.Rules {
	rules, problems := sla.New(slaConfig(w.File, w.Config))
	for _, p := range problems {
		w.File.Report(p.Path, 0, p.Msg, p.Fix)
	}
	return rules
}

// Compile compiles the rules; whatever is wrong is reported to the file.
func (w *Pipeline) Compile(schema crm.Schema, caps helpdesk.Capabilities, rules *sla.Rules) *mapping.Mapper {
	mapper, problems := mapping.Compile(w.spec(), schema, caps, rules)
	for _, p := range problems {
		w.File.Report(w.path(p.Path), p.Offset, p.Msg, p.Fix)
	}
	return mapper
}

// path is the place in the file of a path that mapping knows within its pipeline, or
// beside it.
func (w *Pipeline) path(inner string) string {
	switch {
	case strings.HasPrefix(inner, "money."):
		return inner
	case inner == "relations.contact":
		return "sources." + w.Config.From + ".columns." + inner
	default:
		return "pipelines." + w.Name + "." + inner
	}
}

// checkTags reports plan tags that the target also sets by itself, through a
// dropdown's option or a checkbox: nobody could say whose such a tag is. What the
// file alone shows stands in its own place already, and is not said twice.
func (w *Pipeline) checkTags(caps helpdesk.Capabilities, rules *sla.Rules) {
	if w.Config.Organizations.Tags.From.IsZero() {
		return // this pipeline writes no tags
	}
	by := caps.Coupled(helpdesk.Organization)
	for i, plan := range rules.Plans() {
		field, path := by[plan.SLATag()], fmt.Sprintf("plans[%d].plan", i)
		if i < len(w.File.Plans) && w.File.Plans[i].Tag != "" {
			path = fmt.Sprintf("plans[%d].tag", i)
		}
		if field != "" {
			w.File.Report(path, 0, fmt.Sprintf("the tag %q is also what %s brings in %s", plan.SLATag(), field, w.Config.To),
				"give the plan another tag, or leave the plan's tag to the field")
		}
	}
}

// Overrides reads those of the file that are in force, whatever the rules take.
func (w *Pipeline) Overrides() ([]sla.Override, error) { return w.OverridesFor(nil) }

// OverridesFor reads the overrides of the file, and refuses values that the rules cannot
// take; without rules (nil) nobody asks them.
func (w *Pipeline) OverridesFor(rules *mapping.Mapper) ([]sla.Override, error) {
	list, err := w.File.LoadOverrides(w.Secrets, w.checkAccount, func(o *config.Override) (string, error) {
		if rules == nil || o.Field == sla.PlanField || o.Field != helpdesk.Name && w.Config.Organizations.Fields.Get(o.Field) == nil {
			return "", nil // the catalogue's, or another pipeline's
		}
		return "value", rules.CheckOverride(o.Field, string(o.Value))
	})
	out := make([]sla.Override, len(list))
	for i, o := range list {
		if out[i].Account, err = w.Key(o.Account); err != nil {
			return nil, err
		}
		out[i] = OverrideOf(out[i].Account, o)
	}
	return out, err
}

// checkAccount refuses an account that is no id of the pipeline's source.
func (w *Pipeline) checkAccount(o *config.Override) (part string, err error) {
	if o.Account == "" {
		return "", nil // said already
	}
	if _, err := w.Key(o.Account); err != nil {
		return "account", fmt.Errorf("%w; write the account's id as the CRM shows it", err)
	}
	return "", nil
}

// OverrideOf is an override as the catalogue takes it, of an account under its id.
func OverrideOf(account string, o config.Override) sla.Override {
	return sla.Override{
		Account: account, Field: o.Field, Value: string(o.Value), Reason: o.Reason, Author: o.Author, Source: o.Source, From: o.From, Until: o.Until,
	}
}

// Key reads an account id as the pipeline's source writes it.
func (w *Pipeline) Key(id string) (string, error) {
	if s := w.File.Sources.Get(w.Config.From); s != nil && s.IDs == "text" {
		return id, nil
	}
	return crm.ParseID(id)
}

// Mark says how organizations of lost customers are marked, how long they stay, and which
// are spared.
func (w *Pipeline) Mark() (changeset.Mark, error) {
	m := w.Config.Mark
	out := changeset.Mark{DeleteAfter: m.DeleteAfter.Days, Never: m.DeleteAfter.Never, Protect: map[string]bool{}}
	if m.Field != "" {
		out.Field = helpdesk.FieldPrefix + m.Field
	}
	if m.Exempt != "" {
		out.Exempt = helpdesk.FieldPrefix + m.Exempt
	}
	listed, err := w.File.Protected(w.Name, w.Config, w.Secrets)
	for _, id := range listed {
		key, idErr := w.Key(id.ID)
		if idErr != nil {
			err = errors.Join(err, mistaken("%s: %v", id.Where, idErr))
		}
		out.Protect[key] = true
	}
	return out, err
}

// scope says what is written so far; wrong ids are reported to the file.
func (w *Pipeline) scope() reconcile.Scope {
	s := reconcile.Scope{}
	if w.Config.Scope.Percent != nil {
		s.Share = float64(*w.Config.Scope.Percent)
	}
	for i, id := range w.Config.Scope.Only {
		if s.Only == nil {
			s.Only = map[string]bool{}
		}
		key, err := w.Key(id)
		if err != nil {
			w.File.Report(w.path(pathOf("scope.only", i)), 0, err.Error(), "write the account's id as the CRM shows it")
		}
		s.Only[key] = true
	}
	return s
}

// Today is the calendar day in a pipeline's zone.
func (w *Pipeline) Today() day.Day {
	return day.Of(w.env.Now().In(w.Location()))
}

// Location is the pipeline's time zone; the configuration says where it is none.
func (w *Pipeline) Location() *time.Location { return Zone(w.Config.TimeZone) }

// Zone is a time zone by its name; UTC where it is none, which the configuration says.
func Zone(name string) *time.Location {
	location, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return location
}

// Offered is what the file says that the target offers; nothing is known of a helpdesk
// whose fields the file does not name, or of none.
func (w *Pipeline) Offered() helpdesk.Capabilities {
	t := w.File.Targets.Get(w.Config.To)
	if t == nil || t.Type != "sqldesk" && len(t.Fields) == 0 {
		return helpdesk.Capabilities{}
	}
	if t.Type == "zendesk" {
		return zendeskOffers(t)
	}
	return sqldesk.Offers(w.StoreOptions(TargetSpec{Name: w.Config.To, Config: t}))
}

// CompileOpen compiles the rules against a source whose columns nobody asked for.
func (w *Pipeline) CompileOpen(caps helpdesk.Capabilities, rules *sla.Rules) (*mapping.Mapper, []mapping.Problem) {
	spec := w.spec()
	spec.Open = true
	return mapping.Compile(spec, crm.Schema{}, caps, rules)
}
