package journal

import (
	"context"
	"encoding/json"
	"strings"
)

// alerts redacts what is known of alerts and what was, or will be, told of them.
func (f *forgetting) alerts(ctx context.Context) error {
	for _, table := range []string{"alert", "outbox"} {
		var rows []struct {
			ID   int64
			Body string
		}
		err := f.j.inTx(ctx, "journal.forget", func(t *tx) error {
			if err := t.all(ctx, &rows, `SELECT id, body FROM `+table+` ORDER BY id`); err != nil {
				return err
			}
			for _, r := range rows {
				body := f.json(r.Body)
				if body == r.Body {
					continue
				}
				f.counts[table]++
				if _, err := t.exec(ctx, `UPDATE `+table+` SET body = ? WHERE id = ?`, body, r.ID); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// json redacts addresses and names within JSON: what stands in a sentence cannot be told
// from a name by itself, so that every mention goes.
func (f *forgetting) json(s string) string {
	for name := range f.names {
		quoted, err := json.Marshal(name)
		if err == nil {
			s = strings.ReplaceAll(s, strings.Trim(string(quoted), `"`), Forgotten)
		}
	}
	return f.text(s)
}
