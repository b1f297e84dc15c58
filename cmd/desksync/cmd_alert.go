package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/cmd/internal/wire"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/alert"
	"github.com/desksync/desksync/sync/alert/notify"
	"github.com/desksync/desksync/sync/journal"
)

func (a *app) alertCommand() *cobra.Command {
	c := &cobra.Command{Use: "alert", Short: "List what people are told of, and try the channels"}
	c.AddCommand(
		&cobra.Command{
			Use: "list", Short: "List what holds now, since when, and who was told", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return a.with(cmd.Context(), func(s *session) error { return s.listAlerts(cmd.Context()) })
			},
		},
		&cobra.Command{
			Use: "test [CHANNEL]", Short: "Send one test message to a channel, or to each", Args: cobra.MaximumNArgs(1),
			Long: "Sends one message to the channel named, or to every channel of the file, and says what became of it. A PagerDuty incident is\n" +
				"resolved again at once.\n\n" + exitHelp,
			RunE: func(cmd *cobra.Command, args []string) error {
				return a.with(cmd.Context(), func(s *session) error { return s.testChannels(cmd.Context(), args) })
			},
		})
	return c
}

func (s *session) listAlerts(ctx context.Context) error {
	teller, err := s.teller()
	if err != nil {
		return err
	}
	states, err := teller.Known(ctx)
	if err != nil {
		return err
	}
	holding := 0
	for i := range states {
		if states[i].Holds {
			holding++
			s.printAlert(&states[i])
		}
	}
	if holding == 0 {
		s.hint("nothing is the matter")
	}
	return s.printOutbox(ctx)
}

func (s *session) printAlert(st *alert.State) {
	c := &st.Condition
	if s.json {
		s.printJSON(map[string]any{"alert": c, "told": toldAt(st), "told_to": st.Told.To})
		return
	}
	s.prose(0, "%s %s: %s", strings.ToUpper(c.Severity.String()), c.Kind, c.Title)
	if names := slices.Clone(c.Subjects); len(names) > 0 {
		if c.More > 0 {
			names = append(names, "and "+comma(c.More)+" more")
		}
		s.prose(2, "%s", strings.Join(names, ", "))
	}
	if c.Text != "" {
		s.prose(2, "%s", c.Text)
	}
	s.prose(2, "since %s; %s", stamp(c.Since), toldText(st))
	if c.Command != "" && !s.quiet {
		s.prose(2, "%s: %s", strings.ToLower(c.Kind.Invites()), c.Command)
	}
}

func toldAt(st *alert.State) *time.Time {
	if st.Told.At.IsZero() {
		return nil
	}
	return &st.Told.At
}

func toldText(st *alert.State) string {
	if st.Told.At.IsZero() {
		return "nobody was told yet"
	}
	return "told to " + strings.Join(st.Told.To, ", ") + " at " + stamp(st.Told.At)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// outboxShown bounds how many messages that did not come through are listed.
const outboxShown = 20

// printOutbox lists messages that did not come through: those that wait for another
// try, and those that were given up.
func (s *session) printOutbox(ctx context.Context) error {
	for _, state := range []journal.OutgoingState{journal.Waiting, journal.GivenUp} {
		list, err := s.journal.Messages(ctx, state, outboxShown)
		if err != nil {
			return err
		}
		for _, m := range list {
			s.printOutgoing(&m)
		}
	}
	return nil
}

func (s *session) printOutgoing(m *journal.Outgoing) {
	if s.json {
		s.printJSON(map[string]any{"message": m.Message, "channel": m.Channel, "state": m.State, "attempts": m.Attempts, "made": m.Made, "said": m.Said})
		return
	}
	said := ""
	if m.Said != "" {
		said = "; the last said: " + m.Said
	}
	s.prose(0, "message to %s of %s: %s after %s%s", m.Channel, stamp(m.Made), m.State, count(m.Attempts, "attempt"), said)
}

func (s *session) testChannels(ctx context.Context, args []string) error {
	if s.file.Alerts == nil {
		return usage("%s has no alerts; docs/alerts.md says how to add channels", s.file.Name())
	}
	names, channels := s.file.Alerts.Channels.Names(), wire.Channels(s.file, s.env())
	if len(args) > 0 {
		if channels[args[0]] == nil {
			return usage("there is no channel %q in %s; known are: %s", args[0], s.file.Name(), strings.Join(names, ", "))
		}
		names = args
	}
	worst := exitOK
	for _, name := range names {
		err := s.testChannel(ctx, name, channels[name])
		if err != nil {
			worst = exitFailed
		}
		s.sayTested(name, err)
	}
	return exit(worst)
}

func (s *session) sayTested(name string, err error) {
	said := "sent"
	if partly, ok := errors.AsType[*alert.Partly](err); ok {
		said = "sent, but " + partly.Error()
	} else if err != nil {
		said = "not sent: " + fault.Plain(err)
	}
	if s.json {
		s.printJSON(map[string]any{"channel": name, "sent": err == nil, "said": said})
		return
	}
	s.prose(0, "%s: %s", name, said)
}

// testChannel sends a message that says what it is, and takes back what it opened.
func (s *session) testChannel(ctx context.Context, name string, n alert.Notifier) error {
	ctx, cancel := context.WithTimeout(ctx, 2*tellBound)
	defer cancel()
	now := s.now().UTC()
	m := alert.Message{ID: "test-" + now.Format("20060102T150405.000000"), Channel: name, At: now, Parts: []alert.Part{{
		Event: alert.Begun, At: now, Condition: alert.Condition{
			Key: alert.Key(alert.Test, name), Kind: alert.Test, Level: 1, Title: "desksync can reach this channel", Text: "Somebody tried it out; nothing is the matter.", Since: now,
		},
	}}}
	err := n.Send(ctx, m)
	if err != nil || !notify.Apart(s.file.Alerts.Channels.Get(name).Type) {
		return err
	}
	m.Parts[0].Event = alert.Ended
	return n.Send(ctx, m)
}
