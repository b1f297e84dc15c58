package schedule

import "context"

// Pipelines of one target form a line. Who stands in it has ticks that are due, and
// nothing else: no job, no place among the passes, no open session. The next is the one
// whose last pass began longest ago, so that nobody waits for more than one pass of each
// of the others.

// first lists the pipelines whose turn it is: the first of each line where nobody is at
// work. One that waits for its next try after a failure is among them, and keeps nobody.
func (d *Daemon) first(ctx context.Context) ([]waiting, error) {
	all, err := d.store.waiting(ctx, d.pipelines())
	lines := d.lines()
	taken := map[string]bool{}
	for _, w := range all {
		if d.alive(w.turnRow) {
			taken[lines[w.Pipeline]] = true
		}
	}
	var first []waiting
	for _, w := range all {
		line := lines[w.Pipeline]
		if taken[line] {
			continue
		}
		taken[line] = micros(w.Wait) <= 0
		first = append(first, w)
	}
	return first, err
}

// lines says which line each pipeline stands in.
func (d *Daemon) lines() map[string]string {
	lines := map[string]string{}
	for _, e := range d.known() {
		lines[e.Pipeline] = "target " + e.Target
		if e.Target == "" {
			lines[e.Pipeline] = "pipeline " + e.Pipeline
		}
	}
	return lines
}

// isFirst reports that it is a pipeline's turn in its line, and that nobody else holds
// what its pass needs. One that left the file meanwhile stands in no line.
func (d *Daemon) isFirst(ctx context.Context, pipeline string) (bool, error) {
	if d.lines()[pipeline] == "" {
		return true, nil
	}
	list, err := d.first(ctx)
	if err != nil {
		return false, err
	}
	for _, w := range list {
		if w.Pipeline == pipeline {
			return d.unheld(ctx, pipeline)
		}
	}
	return false, nil
}

// unheld asks the runner whether a pass could begin, and says once who keeps it waiting.
func (d *Daemon) unheld(ctx context.Context, pipeline string) (bool, error) {
	gate, ok := d.runner.(Gate)
	if !ok {
		return true, nil
	}
	by, err := gate.Held(ctx, pipeline)
	d.mu.Lock()
	defer d.mu.Unlock()
	if by != "" && by != d.held[pipeline] {
		d.opt.Log.Info().Str("pipeline", pipeline).Str("why", by).Msg("pass waits")
	}
	d.held[pipeline] = by
	return by == "", err
}

// othersWait reports that a pass has been applying for longer than a slice while others
// stand in its line, in whichever process their turn would come.
func (d *Daemon) othersWait(ctx context.Context, p *pass) bool {
	if p.at() != "apply" || d.opt.Now().Sub(p.begun) < d.opt.Slice {
		return false
	}
	all, err := d.store.waiting(ctx, d.pipelines())
	lines := d.lines()
	for _, w := range all {
		if w.Pipeline != p.turn.Pipeline && lines[w.Pipeline] == lines[p.turn.Pipeline] && micros(w.Wait) <= 0 {
			return err == nil
		}
	}
	return false
}
