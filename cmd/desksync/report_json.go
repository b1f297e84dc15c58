package main

import (
	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/reconcile"
)

// reportJSON is a report as one object.
func reportJSON(r *reconcile.Report) map[string]any {
	out := map[string]any{
		"run": r.Run, "pipeline": r.Pipeline, "mode": r.Mode, "day": r.Day, "state": r.State, "todo": r.Summary.Todo, "held": r.Summary.Held, "guarded": r.Summary.Guarded,
		"in_step": r.Summary.InStep, "conflicts": r.Conflicts, "merges": r.Merges, "findings": r.Findings, "written": r.Applied, "failed": r.Failed, "waiting": r.Waiting, "left": r.Left, "spared": r.Spared, "raced": r.Raced,
		"sla": r.Impact.Moves(), "cost": r.Cost, "guards": guardsJSON(r), "notices": append([]reconcile.Notice{}, r.Notices...), "reads": readsJSON(r), "resumed": r.Resumed,
		"failures": failuresJSON(r), "refused": movedJSON(r), "standing": r.Standing,
	}
	if r.Forecast {
		out["foreseen"] = foreseenJSON(r)
	}
	if r.Rates != nil {
		out["rates"] = r.Rates
	}
	if r.Again != nil {
		out["again"] = reportJSON(r.Again)
	}
	if !r.Since.IsZero() {
		out["since"], out["last_full"] = r.Since.UTC(), r.LastFull.UTC()
	}
	if u := r.Calls; u.Max > 0 {
		out["calls"] = map[string]any{"source": u.Calls, "used": u.Used, "limit": u.Max}
	}
	return out
}

func foreseenJSON(r *reconcile.Report) []map[string]any {
	out := []map[string]any{}
	for _, i := range r.Foreseen {
		out = append(out, map[string]any{"code": i.Code, "account": i.Account, "field": i.Field, "text": i.Text})
	}
	return out
}

func guardsJSON(r *reconcile.Report) []map[string]any {
	out := []map[string]any{}
	for _, g := range r.Tripped {
		out = append(out, map[string]any{"guard": g.Guard, "text": g.Text, "changes": g.Changes, "accounts": g.Accounts, "arr": g.ARR})
	}
	for _, x := range r.Shrunk {
		out = append(out, map[string]any{"guard": "shrank", "text": x.Text, "role": x.Role, "before": x.Before, "now": x.Now})
	}
	return out
}

func readsJSON(r *reconcile.Report) []map[string]any {
	out := []map[string]any{}
	for _, x := range r.Reads {
		out = append(out, map[string]any{
			"role": x.Role, "rows": x.Rows, "before": x.Before, "changed": x.Changed, "missing": x.Missing, "bad": x.Report.BadRows,
			"skipped": rowsJSON(x.Report.Skipped), "noted": rowsJSON(x.Report.Noted), "complete": x.Report.Complete, "why": x.Report.Why, "cut": x.Report.Cut, "way": x.Report.Way,
		})
	}
	return out
}

func rowsJSON(list []crm.Bad) []map[string]string {
	out := []map[string]string{}
	for _, b := range list {
		out = append(out, map[string]string{"where": b.Where, "what": b.What, "fix": b.Fix})
	}
	return out
}

// failuresJSON lists what the target refused, as far as the report names it.
func failuresJSON(r *reconcile.Report) []map[string]any {
	out := []map[string]any{}
	for _, f := range r.Failures {
		out = append(out, map[string]any{"account": f.Account, "key": f.Key, "text": fault.Plain(f.Err)})
	}
	return out
}

// movedJSON lists what was not written because something moved since it was computed.
func movedJSON(r *reconcile.Report) []map[string]any {
	out := []map[string]any{}
	for i := range r.Refused {
		c := &r.Refused[i].Change
		out = append(out, map[string]any{
			"change": c.ID, "op": c.Op, "kind": c.Ref.Kind, "key": c.Ref.Key, "account": c.Account, "name": c.Name, "fields": r.Refused[i].Fields, "why": r.Refused[i].Why,
		})
	}
	return out
}
