package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/schedule"
)

// audit records that whoever runs this command decided something.
func (s *session) audit(ctx context.Context, what, ref, detail string) error {
	return s.journal.AddAudit(ctx, journal.Audit{Who: s.who(), What: what, Ref: ref, Detail: detail})
}

func (a *app) auditCommand() *cobra.Command {
	c := &cobra.Command{Use: "audit", Short: "Who decided what, and when"}
	var since string
	export := &cobra.Command{
		Use: "export", Short: "Print the audit as JSON, one line each, oldest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.exportAudit(cmd.Context(), since) })
		},
	}
	export.Flags().StringVar(&since, "since", "", "from this `day` on, written YYYY-MM-DD")
	c.AddCommand(export)
	return c
}

func (s *session) exportAudit(ctx context.Context, since string) error {
	d, err := day.Parse(since)
	if err != nil {
		return usage("--since: %v", err)
	}
	var from time.Time
	if d != 0 {
		from = d.Time()
	}
	for line, err := range s.journal.AuditExport(ctx, from) {
		if err != nil {
			return err
		}
		s.printJSON(map[string]any{"id": line.ID, "at": line.At.UTC(), "who": line.Who, "what": line.What, "ref": line.Ref, "detail": line.Detail})
	}
	return nil
}

func (a *app) forgetCommand() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use: "forget EMAIL|CONTACT", Short: "Redact a person in the journal, and leave a receipt",
		Long: "Redacts a person everywhere in the journal: what was read of them, what was written of them, what was said of them. Ids stay, for\n" +
			"they name nobody. The helpdesk itself is not touched: delete the user there. Delete the person in the CRM first, or the next read\n" +
			"brings them back.\n\n" + exitHelp,
		Args: oneArg("an e-mail address or a contact id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.forget(cmd.Context(), args[0], reason) })
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why, for the receipt (required)")
	return c
}

// forgetInQueue redacts what the queue of the daemons, in the journal's database, says of a
// person.
func (s *session) forgetInQueue(ctx context.Context, redact func(string) string) (map[string]int, error) {
	dsn, err := s.journalDSN(s.file)
	if err != nil {
		return nil, err
	}
	v, err := schedule.OpenView(ctx, dsn.Reveal(), s.now)
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	n, err := v.Forget(ctx, redact)
	return map[string]int{"turn": n}, errors.Join(err, v.Close())
}

func (s *session) forget(ctx context.Context, word, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return usage("say why with --reason, such as the number of the request")
	}
	p := journal.Person{Contact: word, Who: s.who(), Reason: reason, Beside: s.forgetInQueue}
	if strings.Contains(word, "@") {
		p.Contact, p.Email = "", word
	}
	receipt, err := s.journal.Forget(ctx, p)
	if err != nil {
		return err
	}
	if s.json {
		s.printJSON(map[string]any{"receipt": receipt.ID, "at": receipt.At, "redacted": receipt.Counts})
		return nil
	}
	redacted := 0
	s.say("receipt %d of %s", receipt.ID, receipt.At.UTC().Format(time.RFC3339))
	for _, table := range slices.Sorted(maps.Keys(receipt.Counts)) {
		s.say("  %-12s %s", table, count(receipt.Counts[table], "row"))
		redacted += receipt.Counts[table]
	}
	if redacted == 0 {
		s.say("nothing is recorded of %s, and nothing was redacted; see whether it is written as in the CRM", word)
	}
	return nil
}
