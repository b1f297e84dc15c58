// Command cmd writes a generated CRM export into a folder:
//
//	go run ./internal/crmgen/cmd -accounts 1000 -dir /tmp/crm
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/desksync/desksync/internal/crmgen"
	"github.com/desksync/desksync/internal/day"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	var opt crmgen.Options
	flags := flag.NewFlagSet("crmgen", flag.ContinueOnError)
	dir := flags.String("dir", "crm", "folder to write")
	flags.IntVar(&opt.Accounts, "accounts", 1000, "number of accounts")
	flags.Float64Var(&opt.Contacts, "contacts", 2.4, "contacts per account")
	flags.Float64Var(&opt.Charges, "charges", 1.5, "charges per account")
	flags.Float64Var(&opt.Relations, "relations", 0, "share of contacts with a second account")
	flags.Uint64Var(&opt.Seed, "seed", 1, "another seed, another CRM")
	flags.BoolVar(&opt.Shuffled, "shuffled", false, "rows in no order")
	flags.TextVar(&opt.Day, "day", day.MustParse("2026-11-21"), "day around which charges run")
	odd := flags.Bool("odd", false, "with the oddities of real life: duplicate names, shared domains, unknown products, expired charges, partners")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *odd {
		opt.Odd = crmgen.RealLife()
	}
	totals, err := crmgen.Write(ctx, *dir, opt)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "%s: %d accounts, %d contacts, %d charges, %d relations\n", *dir, totals.Accounts, totals.Contacts, totals.Charges, totals.Relations)
	return nil
}
