package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"

	"github.com/desksync/desksync/config/strict"
)

// check reports what the shape alone does not show: names that lead nowhere,
// things named twice, settings that contradict each other.
func (f *File) check() {
	f.checkDSN("journal.dsn", f.Journal.DSN)
	f.checkTraces()
	f.checkSources()
	f.checkMoney()
	f.checkTargets()
	f.checkScopes()
	f.checkPlans()
	f.checkPolicies("sla_policies", f.SLAPolicies)
	f.checkCoupledTags()
	if f.Pipelines != nil && len(f.Pipelines) == 0 {
		f.doc.ReportKey("pipelines", "names no pipeline", "add one: from which source, to which target, under which rules")
	}
	for name, p := range f.Pipelines.All() {
		c := pipelineCheck{file: f, path: "pipelines." + name, p: p}
		c.all()
	}
	f.checkAlerts()
}

func (f *File) checkDSN(path string, s Secret) {
	text := s.text
	if text == "" || strings.HasPrefix(text, "file:") || strings.HasPrefix(text, "${") {
		return // known only when it is looked up
	}
	postgres := strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://")
	switch {
	case strings.HasPrefix(text, "sqlite:") && text != "sqlite:":
	case !postgres:
		f.doc.Report(path, "names no database", "write sqlite:FILE or postgres://USER@HOST/DATABASE?sslmode=verify-full")
	case !strings.Contains(text, "sslmode=") && !strings.Contains(text, "${"):
		f.doc.Report(path, "leaves open whether the connection is encrypted", "add ?sslmode=verify-full, or ?sslmode=disable on one machine")
	}
}

func (f *File) checkTraces() {
	text := f.Serve.Traces
	if text == "" {
		return
	}
	if u, err := url.Parse(text); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		f.doc.Report("serve.traces", fmt.Sprintf("%q is no address of a collector", text), "write http://HOST:4318 or https://HOST, without /v1/traces")
	}
}

// notBuilt holds the kinds of target that are planned.
var notBuilt = map[string]string{
	"deskpro": "use type: sqldesk, the embedded helpdesk store, or zendesk",
	"jsm":     "use type: sqldesk, the embedded helpdesk store, or zendesk",
}

// DecodeYAML reads the target; of a type that is not built, only that is said.
func (t *Target) DecodeYAML(n strict.Node) {
	type plain Target
	if built(n) {
		n.Into((*plain)(t))
	}
}

func built(n strict.Node) bool {
	for _, e := range n.Entries() {
		fix, planned := notBuilt[e.Value.Text()]
		if e.Key != "type" || !planned {
			continue
		}
		e.Value.Report(fmt.Sprintf("this desksync has no %s adapter", e.Value.Text()), fix)
		return false
	}
	return true
}

func (f *File) checkPlans() {
	plans, products := map[string]int{}, map[string]int{}
	for i, p := range f.Plans {
		path := fmt.Sprintf("plans[%d]", i)
		f.twice(plans, p.Plan, path+".plan", "the plan %s is listed twice, first on line %d", "keep one row and give it all products")
		f.checkPlanSLA(path+".sla", p)
		for j, product := range p.Products {
			f.twice(products, product, fmt.Sprintf("%s.products[%d]", path, j),
				"the product %q is listed twice, first on line %d", "keep it in one row: a product grants one plan")
		}
	}
}

func (f *File) checkPlanSLA(path string, p Plan) {
	if p.SLA == "" || p.SLA == "none" {
		return
	}
	names := []string{"none"}
	for _, s := range f.SLAPolicies {
		if s.Name == p.SLA {
			return
		}
		names = append(names, s.Name)
	}
	f.doc.Report(path, fmt.Sprintf("the plan %s has the SLA %s, which is no policy", p.Plan, p.SLA),
		meant(p.SLA, names, "add it to sla_policies, or write sla: none"))
}

func (f *File) checkPolicies(path string, policies []SLAPolicy) {
	seen := map[string]int{}
	for i, p := range policies {
		at := fmt.Sprintf("%s[%d]", path, i)
		f.twice(seen, p.Name, at, "the policy %s is listed twice, first on line %d", "keep the first; the first that matches wins")
		if p.Name == "none" {
			f.doc.Report(at, "no policy can be named none", "none says that a plan has no policy; choose another name")
		}
	}
}

// twice reports a name that was seen before and notes the line of a new one.
func (f *File) twice(seen map[string]int, name, path, msg, fix string) {
	if name == "" {
		return
	}
	if first, ok := seen[name]; ok {
		f.doc.Report(path, fmt.Sprintf(msg, name, first), fix)
		return
	}
	seen[name], _ = f.doc.Locate(path)
}

func meant(name string, words []string, otherwise string) string {
	if s := strict.Closest(name, words); s != "" {
		return "did you mean " + s + "?"
	}
	return otherwise
}

// Cause returns the innermost reason of a failed file operation, such as "no such
// file or directory": the message around it names the file.
func Cause(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err.Error()
	}
	return err.Error()
}
