package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/crm/csvfile"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/near"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/schedule"
)

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use: "backup FILE", Short: "Write the whole journal into a new file, while everything goes on", Args: oneArg("the file to write"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				if err := s.journal.Backup(cmd.Context(), args[0]); err != nil {
					return err
				}
				if s.json {
					s.printJSON(map[string]any{"file": args[0]})
					return nil
				}
				s.say("the journal is in %s; it holds what the CRM said of people: keep it as safe as the journal", args[0])
				return nil
			})
		},
	}
}

func (a *app) restoreCommand() *cobra.Command {
	var byHand bool
	c := &cobra.Command{
		Use: "restore FILE", Short: "Put a backup where the journal shall stand; the first run after it only looks",
		Long: "Puts a backup where the configured journal shall stand. Nothing may stand there yet. The first run of every pipeline after it\n" +
			"only looks, because the helpdesk may have moved since the backup was made. Where the database's own tools put the journal back,\n" +
			"as pg_restore does, --by-hand says so afterwards, and names no file.\n\n" + exitHelp,
		Args: func(cmd *cobra.Command, args []string) error {
			if byHand {
				return cobra.NoArgs(cmd, args)
			}
			return oneArg("the backup")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if byHand {
				return a.with(cmd.Context(), func(s *session) error { return s.restored(cmd.Context()) })
			}
			return a.restore(cmd.Context(), args[0])
		},
	}
	c.Flags().BoolVar(&byHand, "by-hand", false, "the journal was put back already: only note that it came out of a backup")
	return c
}

// restored notes that the journal came out of a backup, which others put back.
func (s *session) restored(ctx context.Context) error {
	for _, name := range s.file.Targets.Names() {
		by, err := s.journal.Held(ctx, name)
		if err != nil {
			return err
		}
		if by != nil {
			return fault.New("restore", fault.Unsafe, by)
		}
	}
	dsn, err := s.journalDSN(s.file)
	if err != nil {
		return err
	}
	if err := s.journal.MarkRestored(ctx, s.who()); err != nil {
		return err
	}
	if err := schedule.Restored(ctx, dsn.Reveal(), s.now); err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	if s.json {
		s.printJSON(map[string]any{"next_run_only_looks": true})
		return nil
	}
	s.say("noted; the next run only looks (desksync reconcile), the one after it writes again")
	return nil
}

func (a *app) restore(ctx context.Context, path string) error {
	file, err := config.Load(a.config)
	if err != nil {
		return err
	}
	dsn, err := a.journalDSN(file)
	if err != nil {
		return err
	}
	if err := journal.Restore(ctx, path, dsn.Reveal(), a.who(), journal.Options{Now: a.now, Log: a.log}); err != nil {
		return err
	}
	if err := schedule.Restored(ctx, dsn.Reveal(), a.now); err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	if a.json {
		a.printJSON(map[string]any{"restored_from": path, "next_run_only_looks": true})
		return nil
	}
	a.say("restored from %s; the next run only looks (desksync reconcile), the one after it writes again", path)
	return nil
}

func (a *app) rebindCommand() *cobra.Command {
	return &cobra.Command{
		Use: "rebind source|target NAME ACCOUNT", Short: "Accept another CRM organization or helpdesk account behind a known name",
		Long: "desksync remembers which CRM organization and which helpdesk account stand behind a name, and refuses another one: a refreshed\n" +
			"sandbox, a copied file. When the change is right, name the new account here, as the refusal shows it.\n\n" + exitHelp,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 3 || args[0] != journal.SourceSide && args[0] != journal.TargetSide {
				return usage("rebind wants three arguments: source or target, its name in the file, and the account that the refusal shows")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.rebind(cmd.Context(), args[0], args[1], args[2]) })
		},
	}
}

func (s *session) rebind(ctx context.Context, side, name, account string) error {
	check := s.checkSource
	if side == journal.TargetSide {
		check = s.checkTarget
	}
	if err := check(name, account); err != nil {
		return err
	}
	if err := s.journal.Rebind(ctx, side, name, account, s.who()); err != nil {
		return err
	}
	if s.json {
		s.printJSON(map[string]any{"side": side, "name": name, "account": account})
		return nil
	}
	s.say("%s %s is now %s", side, name, account)
	return nil
}

// checkSource refuses what cannot be the CRM organization behind a source.
func (s *session) checkSource(name, account string) error {
	source := s.file.Sources.Get(name)
	if source == nil {
		return usage("there is no source %q in %s%s", name, s.file.Name(), near.Known(name, s.file.Sources.Names()))
	}
	if source.IDs == csvfile.TextIDs {
		if strings.TrimSpace(account) == "" {
			return usage("the organization of source %s cannot be empty; give what its manifest says under organization", name)
		}
		return nil
	}
	if _, err := crm.ParseID(account); err != nil {
		return usage("source %s: %v; give the organization as the refusal of desksync reconcile shows it", name, err)
	}
	if !strings.HasPrefix(account, organizationPrefix) {
		return usage("source %s: %s is no Salesforce organization, whose ids begin with %s; give it as the refusal of desksync reconcile shows it", name, account, organizationPrefix)
	}
	return nil
}

// organizationPrefix begins the ids of Salesforce organizations.
const organizationPrefix = "00D"

var (
	storeAccount   = regexp.MustCompile(`^sqldesk:[A-Z2-7]{26}$`)
	zendeskAccount = regexp.MustCompile(`(?i)^[a-z0-9.-]+(\.[a-z0-9-]+|:[0-9]+)$`)
)

// checkTarget refuses what cannot be the account of a target.
func (s *session) checkTarget(name, account string) error {
	target := s.file.Targets.Get(name)
	switch {
	case target == nil:
		return usage("there is no target %q in %s%s", name, s.file.Name(), near.Known(name, s.file.Targets.Names()))
	case target.Type == "zendesk" && !zendeskAccount.MatchString(account):
		return usage("target %s: %q is no account of Zendesk; one is the host of its address, as the refusal of desksync reconcile shows it", name, account)
	case target.Type != "zendesk" && !storeAccount.MatchString(account):
		return usage("target %s: %q is no helpdesk store; one is sqldesk: and 26 letters and digits, as the refusal of desksync reconcile shows it", name, account)
	}
	return nil
}
