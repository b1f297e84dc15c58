package cases

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/casefile"
	"github.com/desksync/desksync/helpdesk"
)

// checker compares what came with what was expected.
type checker struct {
	*outcome
	failures []Failure
}

func (o *outcome) check(ctx context.Context) ([]Failure, error) {
	k := &checker{outcome: o}
	e := o.c.Expect
	for _, group := range []struct {
		name string
		kind helpdesk.Kind
		list config.Map[casefile.ObjectExpect]
	}{
		{"organizations", helpdesk.Organization, e.Organizations}, {"users", helpdesk.User, e.Users}, {"members", helpdesk.Membership, e.Members},
	} {
		for id, want := range group.list.All() {
			ref := helpdesk.Ref{Kind: group.kind, Key: o.canonicalKey(id)}
			k.object(group.name+"."+id, ref, want)
			if err := k.explained(ctx, group.name+"."+id+".explain", ref, want.Explain); err != nil {
				return nil, err
			}
		}
	}
	k.lists()
	k.items("held", e.Held, o.heldItems())
	k.items("conflicts", e.Conflicts, o.conflictItems())
	k.items("findings", e.Findings, o.findingItems())
	k.skipped(e.Skipped)
	k.tickets(e.Tickets)
	if err := k.joins(ctx, e.Joins); err != nil {
		return nil, err
	}
	k.number("batches", e.Batches, o.batches())
	k.number("exit", e.Exit, o.opt.Code(o.rep))
	slices.SortStableFunc(k.failures, func(a, b Failure) int { return a.Line - b.Line })
	return k.failures, nil
}

// fail notes an expectation that did not come true; path is that below expect.
func (k *checker) fail(path, expected, got string, because ...string) {
	line, _ := k.c.Locate("expect." + path)
	k.failAt(line, path, expected, got, because...)
}

func (k *checker) failAt(line int, path, expected, got string, because ...string) {
	k.failures = append(k.failures, Failure{Line: line, Path: path, Expected: expected, Got: got, Because: because})
}

// object checks one organization, user or membership.
func (k *checker) object(path string, ref helpdesk.Ref, e *casefile.ObjectExpect) {
	fields, why := k.wanted(ref)
	now, there := k.held(ref)
	absence := "the helpdesk does not have it"
	k.facts(path+".want", ref, e.Want, fields, why)
	if there {
		absence = ""
	}
	k.facts(path+".have", ref, e.Have, now.Fields, absence)
	for name, x := range map[string]struct {
		prefix string
		expect *casefile.ElementExpect
	}{"tags": {helpdesk.TagPrefix, e.Tags}, "domains": {helpdesk.DomPrefix, e.Domains}, "groups": {helpdesk.GroupPrefix, e.Groups}} {
		if x.expect != nil {
			k.elements(path+"."+name+".want", ref, x.prefix, x.expect.Want, fields, why)
			k.elements(path+"."+name+".have", ref, x.prefix, x.expect.Have, now.Fields, absence)
		}
	}
	k.policy(path+".policy", ref, string(e.Policy))
	k.causes(path+".changes", ref, e.Changes)
	k.untouched(path+".untouched", ref, e.Untouched)
	if e.Absent && why == "" {
		k.fail(path+".absent", "the rules want no such "+string(ref.Kind), "they do", k.whole(ref)...)
	}
	if e.Skip != "" && !strings.Contains(why, e.Skip) {
		k.fail(path+".skip", "nothing is wanted, because of "+strconv.Quote(e.Skip), orElse(why, "an "+string(ref.Kind)+" is wanted"), k.whole(ref)...)
	}
}

// facts checks fields that are named; absence says why the object has none at all.
func (k *checker) facts(path string, ref helpdesk.Ref, facts casefile.Facts, fields helpdesk.Fields, absence string) {
	for name, fact := range facts.All() {
		full := k.fullName(ref.Kind, name)
		want, err := k.valueOf(ref.Kind, full, *fact)
		if err != nil {
			k.failAt(fact.Line, path+"."+name, fact.Text, err.Error()+"; "+k.remedy(ref.Kind, name))
			continue
		}
		got, _ := fields.Get(full)
		if absence == "" && k.equal(ref.Kind, full, want, got) || absence != "" && want.IsEmpty() {
			continue
		}
		k.failAt(fact.Line, path+"."+name, want.String(), orElse(absence, got.String()), k.because(ref, full)...)
	}
}

// equal compares a stated value with a real one: nothing is nothing, and unset is
// not set.
func (v *world) equal(kind helpdesk.Kind, full string, a, b helpdesk.Value) bool {
	empty := func(x helpdesk.Value) bool {
		spec, _ := v.caps.Spec(kind, full)
		return x.IsEmpty() || x == helpdesk.None || x.IsZero() && (x.Type() == helpdesk.Bool || spec.ZeroIsEmpty)
	}
	if empty(a) || empty(b) {
		return empty(a) && empty(b)
	}
	return a.Text() == b.Text()
}

func orElse(text, other string) string {
	if text != "" {
		return text
	}
	return other
}

// elements checks a whole list of tags, domains or groups.
func (k *checker) elements(path string, ref helpdesk.Ref, prefix string, expect casefile.List[string], fields helpdesk.Fields, absence string) {
	if !expect.Given {
		return
	}
	want, got := sortedSet(expect.Items), sortedSet(fields.Family(prefix))
	if absence != "" && len(want) == 0 || absence == "" && slices.Equal(want, got) {
		return
	}
	var because []string
	for _, name := range differing(want, got) {
		because = append(because, k.because(ref, prefix+name)...)
	}
	k.fail(path, listText(want), orElse(absence, listText(got)), because...)
}

func sortedSet(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}

// differing are the names that stand in only one of two sorted lists.
func differing(a, b []string) []string {
	var out []string
	for _, x := range a {
		if !slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	for _, x := range b {
		if !slices.Contains(a, x) {
			out = append(out, x)
		}
	}
	return out
}

func listText(list []string) string { return "[" + strings.Join(list, ", ") + "]" }

// policy checks the SLA policy that an organization's own tags lead to: those it has
// after the run, or those it would get.
func (k *checker) policy(path string, ref helpdesk.Ref, want string) {
	if want == "" {
		return
	}
	if got := k.policyOf(ref); !strings.EqualFold(got, want) {
		k.fail(path, want, got, append([]string{"tags " + listText(k.tagsOf(ref))}, k.because(ref, k.levelField())...)...)
	}
}

func (o *outcome) tagsOf(ref helpdesk.Ref) []string {
	now, there := o.held(ref)
	if !there {
		now.Fields, _ = o.wanted(ref)
	}
	return now.Fields.Family(helpdesk.TagPrefix)
}

const noPolicy = string(casefile.NoPolicy)

func (o *outcome) policyOf(ref helpdesk.Ref) string {
	name, _ := o.store.PolicyFor(o.tagsOf(ref), "", "")
	return orElse(name, noPolicy)
}

// levelField is the field that holds the plan, or the tags where none does.
func (o *outcome) levelField() string {
	for name, rule := range o.pipeline.Mapper.Shapes()[helpdesk.Organization].Fields {
		if rule != nil && rule.Level {
			return name
		}
	}
	return helpdesk.TagPrefix
}

// causes checks that fields change, and why.
func (k *checker) causes(path string, ref helpdesk.Ref, expect config.Map[casefile.Cause]) {
	for name, cause := range expect.All() {
		full := k.fullName(ref.Kind, name)
		d, changes := k.deltaOf(ref, full)
		switch got := string(d.Cause); {
		case changes && got == string(*cause), !changes && k.letGo(ref, full) && *cause == casefile.Cause(helpdesk.LetGo):
		case changes:
			k.fail(path+"."+name, string(*cause), got, k.because(ref, full)...)
		default:
			k.fail(path+"."+name, string(*cause), "no change", k.because(ref, full)...)
		}
	}
}

// letGo reports whether the run forgot a field, which is no change.
func (o *outcome) letGo(ref helpdesk.Ref, full string) bool {
	for _, i := range o.items {
		if i.Kind == ref.Kind && i.Key == ref.Key && i.Field == full && (i.Code == string(helpdesk.LetGo) || i.Code == "rule removed") {
			return true
		}
	}
	return false
}

func (k *checker) untouched(path string, ref helpdesk.Ref, names []string) {
	was, existed := k.heldBefore(ref)
	now, there := k.held(ref)
	for i, name := range names {
		full, at := k.fullName(ref.Kind, name), fmt.Sprintf("%s[%d]", path, i)
		before, _ := was.Fields.Get(full)
		after, _ := now.Fields.Get(full)
		switch {
		case existed && !there:
			k.fail(at, name+" as it was: "+before.String(), "the "+string(ref.Kind)+" is gone", k.whole(ref)...)
		case !k.equal(ref.Kind, full, before, after):
			k.fail(at, name+" as it was: "+before.String(), after.String(), k.because(ref, full)...)
		}
	}
}
