package main

import (
	"context"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/sandbox/salesforce"
	"github.com/desksync/desksync/sandbox/salesforce/org"
)

func (a *app) sandboxCommand() *cobra.Command {
	c := &cobra.Command{Use: "sandbox", Short: "Start a stand-in for a vendor's API, to try things on"}
	c.AddCommand(a.sandboxSalesforceCommand(), a.sandboxZendeskCommand())
	return c
}

// salesforceFlags are what the stand-in for Salesforce is started with.
type salesforceFlags struct {
	at      salesforce.Addresses
	opt     salesforce.Options
	off     []string
	keyFile string
}

func (a *app) sandboxSalesforceCommand() *cobra.Command {
	f := salesforceFlags{at: salesforce.Addresses{Login: "127.0.0.1:8460", Instance: "127.0.0.1:8461", Admin: "127.0.0.1:8462"}}
	c := &cobra.Command{
		Use:   "salesforce",
		Short: "Stand in for the APIs of Salesforce, with made-up accounts, until interrupted",
		Long: "Serves OAuth, REST, composite, Bulk 2.0 query jobs and replication on this machine only. All records are made up and kept in memory.\n" +
			"A page on the address of --admin-listen shows its state, changes records, and makes things go wrong.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.sandboxSalesforce(cmd.Context(), f) },
	}
	flags := c.Flags()
	flags.StringVar(&f.at.Instance, "listen", f.at.Instance, "`address` of the organization, for the API")
	flags.StringVar(&f.at.Login, "login-listen", f.at.Login, "`address` of the login host")
	flags.StringVar(&f.at.Admin, "admin-listen", f.at.Admin, "`address` of the page and of the admin API")
	flags.IntVar(&f.opt.Accounts, "accounts", 1000, "how many accounts there are; contacts and subscriptions follow")
	flags.Uint64Var(&f.opt.Seed, "seed", 1, "which accounts: the same `number` makes the same ones")
	flags.StringSliceVar(&f.off, "without", nil, "`features` the organization lacks: "+strings.Join(featureNames(), ", "))
	flags.BoolVar(&f.opt.Test, "test-organization", false, "be a sandbox organization: the audience of a JWT is test.salesforce.com")
	flags.StringVar(&f.keyFile, "key-file", "", "write the private key for the JWT flow to this `file`")
	return c
}

func featureNames() []string {
	var names []string
	for _, f := range org.Features() {
		names = append(names, string(f))
	}
	return names
}

func (a *app) sandboxSalesforce(ctx context.Context, f salesforceFlags) error {
	if f.opt.Accounts < 1 {
		return usage("--accounts is 1 or more")
	}
	for _, name := range f.off {
		if !slices.Contains(featureNames(), name) {
			return usage("--without knows no %q; known are: %s", name, strings.Join(featureNames(), ", "))
		}
		f.opt.Off = append(f.opt.Off, org.Feature(name))
	}
	f.opt.Now = a.now
	box, err := salesforce.Start(ctx, f.at, f.opt)
	if err != nil {
		return usage("the sandbox cannot start: %v", err)
	}
	defer func() { _ = box.Close() }()
	if err := writeKey(box, f.keyFile); err != nil {
		return err
	}
	a.sayWhere(box, f)
	return box.Wait(ctx)
}

func writeKey(box *salesforce.Sandbox, file string) error {
	if file == "" {
		return nil
	}
	key, err := box.PrivatePEM()
	if err != nil {
		return err
	}
	return os.WriteFile(file, key, 0o600)
}

// sayWhere prints the addresses and how to log in.
func (a *app) sayWhere(box *salesforce.Sandbox, f salesforceFlags) {
	audience := "https://login.salesforce.com"
	if f.opt.Test {
		audience = "https://test.salesforce.com"
	}
	if a.json {
		a.printJSON(map[string]string{
			"login_url": box.LoginURL, "instance_url": box.InstanceURL, "admin_url": box.AdminURL, "consumer_key": salesforce.ConsumerKey,
			"consumer_secret": salesforce.ConsumerSecret, "username": org.Username(0), "audience": audience,
		})
		return
	}
	for _, line := range [][2]string{
		{"login", box.LoginURL},
		{"instance", box.InstanceURL},
		{"page and admin API", box.AdminURL},
		{"consumer key", salesforce.ConsumerKey},
		{"consumer secret", salesforce.ConsumerSecret},
		{"username", org.Username(0)},
		{"audience of a JWT", audience},
		{"private key", box.AdminURL + "/sandbox/key.pem"},
	} {
		a.say("%-20s %s", line[0], line[1])
	}
	a.hint("To log in by client credentials: curl -d grant_type=client_credentials -d client_id=%s -d client_secret=%s %s/services/oauth2/token",
		salesforce.ConsumerKey, salesforce.ConsumerSecret, box.InstanceURL)
	a.hint("The JWT flow works at both hosts. Ctrl-C ends it.")
}
