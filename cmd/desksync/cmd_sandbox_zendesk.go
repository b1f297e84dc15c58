package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/sandbox/zendesk"
)

// zendeskFlags are what the stand-in for Zendesk is started with.
type zendeskFlags struct {
	at    zendesk.Addresses
	opt   zendesk.Options
	speed float64
}

func (a *app) sandboxZendeskCommand() *cobra.Command {
	f := zendeskFlags{at: zendesk.DefaultAddresses()}
	c := &cobra.Command{
		Use:   "zendesk",
		Short: "Stand in for the Support API of Zendesk, with made-up organizations, until interrupted",
		Long: "Serves organizations, users, memberships, fields, background jobs, exports, merges, tickets and SLA policies on this machine only. All records are made up and\n" +
			"kept in memory; calls per minute are limited as on the plan. A page on the address of --admin-listen shows its state, changes records, and makes things go wrong.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.sandboxZendesk(cmd.Context(), f) },
	}
	flags := c.Flags()
	flags.StringVar(&f.at.API, "listen", f.at.API, "`address` of the API")
	flags.StringVar(&f.at.Admin, "admin-listen", f.at.Admin, "`address` of the page and of the admin API")
	flags.IntVar(&f.opt.Organizations, "organizations", 1000, "how many organizations there are; users follow")
	flags.Uint64Var(&f.opt.Seed, "seed", 1, "which organizations: the same `number` makes the same ones")
	flags.StringVar(&f.opt.Plan, "plan", zendesk.Enterprise, "how many calls a minute: "+strings.Join(planNames(), ", "))
	flags.IntVar(&f.opt.PerMinute, "per-minute", 0, "so many `calls` a minute instead of what the plan has")
	flags.BoolVar(&f.opt.MultiOrganizations, "multi-organizations", false, "let users belong to several organizations")
	flags.BoolVar(&f.opt.BulkUserImport, "bulk-user-import", false, "be an account that bulk import of users was opened for")
	flags.BoolVar(&f.opt.NoSLA, "without-sla", false, "refuse SLA policies, as plans without them do")
	flags.BoolVar(&f.opt.TokensDisabled, "without-api-tokens", false, "refuse API tokens, as all accounts will from 2027-04-30 on")
	flags.BoolVar(&f.opt.Strict, "strict", false, "refuse plainly what the vendor's pages do not describe")
	flags.Float64Var(&f.speed, "speed", 1, "let the sandbox's clock run so many `times` as fast: jobs, limits and exports")
	return c
}

func planNames() []string { return slices.Sorted(maps.Keys(zendesk.Plans())) }

func (a *app) sandboxZendesk(ctx context.Context, f zendeskFlags) error {
	switch {
	case f.opt.Organizations < 0:
		return usage("--organizations is 0 or more")
	case f.speed <= 0 || f.speed > 10_000:
		return usage("--speed is above 0, and 10000 at most")
	case f.opt.PerMinute < 0:
		return usage("--per-minute is 0 or more")
	case zendesk.Plans()[f.opt.Plan] == 0:
		return usage("--plan knows no %q; known are: %s", f.opt.Plan, strings.Join(planNames(), ", "))
	case f.opt.MultiOrganizations && f.opt.Plan == zendesk.Team:
		return usage("users of a team plan have one organization")
	}
	f.opt.Now = hasten(a.now, f.speed)
	box, err := zendesk.Start(ctx, f.at, f.opt)
	if err != nil {
		return usage("the sandbox cannot start: %v", err)
	}
	defer func() { _ = box.Close() }()
	a.sayZendesk(box)
	return box.Wait(ctx)
}

// hasten is a clock that begins now and runs so many times as fast.
func hasten(now func() time.Time, times float64) func() time.Time {
	begun := now()
	return func() time.Time { return begun.Add(time.Duration(float64(now().Sub(begun)) * times)) }
}

// sayZendesk prints the addresses and how to log in.
func (a *app) sayZendesk(box *zendesk.Listening) {
	if a.json {
		a.printJSON(map[string]string{
			"url": box.URL, "admin_url": box.AdminURL, "client_id": zendesk.ClientID, "client_secret": zendesk.ClientSecret,
			"admin_email": zendesk.AdminEmail, "api_token": zendesk.APIToken,
		})
		return
	}
	for _, line := range [][2]string{
		{"url", box.URL},
		{"page and admin API", box.AdminURL},
		{"client id", zendesk.ClientID},
		{"client secret", zendesk.ClientSecret},
		{"administrator", zendesk.AdminEmail},
		{"API token", zendesk.APIToken},
	} {
		a.say("%-20s %s", line[0], line[1])
	}
	a.hint("To see organizations: curl -u %s/token:%s %s/api/v2/organizations", zendesk.AdminEmail, zendesk.APIToken, box.URL)
	a.hint("Ctrl-C ends it.")
}
