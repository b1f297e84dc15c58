package main

import (
	"reflect"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/casefile"
	"github.com/desksync/desksync/internal/day"
)

// scalarWords say what types with a form of their own take.
var scalarWords = map[reflect.Type]string{
	reflect.TypeFor[config.Expr]():       "[expression](#expressions)",
	reflect.TypeFor[config.Literal]():    "any value",
	reflect.TypeFor[config.Secret]():     "text or [secret](#secrets)",
	reflect.TypeFor[config.Path]():       "path",
	reflect.TypeFor[config.Span]():       "[time](#values)",
	reflect.TypeFor[config.Wait]():       "`never` or [time](#values)",
	reflect.TypeFor[config.Minutes]():    "[minutes](#values)",
	reflect.TypeFor[config.Clock]():      "[time of the day](#values)",
	reflect.TypeFor[config.Share]():      "[share](#values)",
	reflect.TypeFor[config.Amount]():     "[amount](#values)",
	reflect.TypeFor[config.Rate]():       "number above 0",
	reflect.TypeFor[config.Rates]():      "number above 0, or a list of `{from: 2026-01-01, rate: 1.27}`",
	reflect.TypeFor[config.Currency]():   "currency, such as `USD`",
	reflect.TypeFor[config.ColumnType](): "`text`, `number`, `currency`, `checkbox`, `date` or `multi`",
	reflect.TypeFor[config.IDList]():     "list of ids, or `file:NAME`",
	reflect.TypeFor[day.Day]():           "day, such as `2026-12-31`",
	reflect.TypeFor[casefile.Fact]():     "any value, a list, or nothing",
	reflect.TypeFor[casefile.Row]():      "columns and their values",
	reflect.TypeFor[casefile.Written]():  "`all`, or values by full name",
	reflect.TypeFor[casefile.Says]():     "text or list of texts",
	reflect.TypeFor[casefile.Cause]():    "[cause](#causes)",
}

// formWords say how else a section may be written.
var formWords = map[reflect.Type]string{
	reflect.TypeFor[config.FieldRule](): "[expression](#expressions) or ",
	reflect.TypeFor[config.Groups]():    "[expression](#expressions) or ",
	reflect.TypeFor[config.Journal]():   "name of the database, or ",
	reflect.TypeFor[config.SLAPolicy](): "name or ",
	reflect.TypeFor[config.Option]():    "value or ",
	reflect.TypeFor[casefile.Item]():    "account id or ",
	reflect.TypeFor[config.Limit]():     "`off`, a count, a [share](#values), or ",
}
