package config_test

import (
	"encoding"
	"fmt"
	"strings"
	"testing"

	"github.com/desksync/desksync/config"
)

func TestValues(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		into encoding.TextUnmarshaler
		text string
		want string // rendered; empty: refused
	}{
		"days":                      {new(config.Span), "15d", "15d"},
		"weeks are days":            {new(config.Span), "2w", "14d"},
		"years and days":            {new(config.Span), "3y1d", "3y1d"},
		"years, weeks and days":     {new(config.Span), "1y2w3d", "1y17d"},
		"no time":                   {new(config.Span), "0d", "0d"},
		"no unit":                   {new(config.Span), "15", ""},
		"an unknown unit":           {new(config.Span), "15h", ""},
		"units in another order":    {new(config.Span), "1d3y", ""},
		"a unit twice":              {new(config.Span), "1d1d", ""},
		"a negative time":           {new(config.Span), "-1d", ""},
		"a fraction of a day":       {new(config.Span), "1.5d", ""},
		"nothing for a time":        {new(config.Span), "", ""},
		"more than a calendar":      {new(config.Span), "999999y", ""},
		"never":                     {new(config.Wait), "never", "never"},
		"to wait days":              {new(config.Wait), "30d", "30d"},
		"to wait years":             {new(config.Wait), "1y", ""},
		"to wait":                   {new(config.Wait), "soon", ""},
		"minutes":                   {new(config.Minutes), "10m", "10m"},
		"sixty of them":             {new(config.Minutes), "60m", "1h"},
		"hours":                     {new(config.Minutes), "12h", "12h"},
		"an hour too many":          {new(config.Minutes), "169h", ""},
		"a minute too many":         {new(config.Minutes), "10081m", ""},
		"no minutes":                {new(config.Minutes), "0m", ""},
		"minutes below nothing":     {new(config.Minutes), "-5m", ""},
		"minutes without a unit":    {new(config.Minutes), "10", ""},
		"a unit without minutes":    {new(config.Minutes), "m", ""},
		"nothing for minutes":       {new(config.Minutes), "", ""},
		"seconds":                   {new(config.Minutes), "90s", ""},
		"a share":                   {new(config.Share), "5%", "5%"},
		"a small share":             {new(config.Share), "0.5%", "0.5%"},
		"a share with a space":      {new(config.Share), "5 %", "5%"},
		"all":                       {new(config.Share), "100%", "100%"},
		"more than all":             {new(config.Share), "101%", ""},
		"less than nothing":         {new(config.Share), "-1%", ""},
		"a share without its sign":  {new(config.Share), "5", ""},
		"a share that is no number": {new(config.Share), "NaN%", ""},
		"a share in hexadecimal":    {new(config.Share), "0x5%", ""},
		"an amount":                 {new(config.Amount), "500000", "500000"},
		"thousands":                 {new(config.Amount), "500k", "500000"},
		"millions":                  {new(config.Amount), "1.5M", "1500000"},
		"with underscores":          {new(config.Amount), "500_000", "500000"},
		"a negative amount":         {new(config.Amount), "-1", ""},
		"an amount in words":        {new(config.Amount), "much", ""},
		"an exponent":               {new(config.Amount), "1e9", ""},
		"too much":                  {new(config.Amount), "9999999999M", ""},
		"a rate":                    {new(config.Rate), "1.08", "1.08"},
		"a rate of nothing":         {new(config.Rate), "0", ""},
		"a rate below nothing":      {new(config.Rate), "-1", ""},
		"a currency":                {new(config.Currency), "USD", "USD"},
		"a currency in small":       {new(config.Currency), "usd", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.into.UnmarshalText([]byte(tt.text))
			if tt.want == "" {
				if err == nil || !strings.Contains(err.Error(), "; ") && !strings.Contains(err.Error(), "write") {
					t.Errorf("%q was read as %v, error %v; want a refusal that says what to write", tt.text, tt.into, err)
				}
				return
			}
			if got := shown(tt.into); err != nil || got != tt.want {
				t.Errorf("%q was read as %s, %v; want %s", tt.text, got, err, tt.want)
			}
		})
	}
}

func shown(v any) string {
	switch x := v.(type) {
	case fmt.Stringer:
		return x.String()
	case *config.Rate:
		return fmt.Sprint(*x)
	case *config.Currency:
		return string(*x)
	default:
		return fmt.Sprint(v)
	}
}

// FuzzValues holds that what is read is rendered so that it is read again as the same.
func FuzzValues(f *testing.F) {
	for _, s := range []string{"15d", "3y1d", "never", "5%", "0.5%", "500k", "1_0", "%", "", "y", "99999999999999999999d", "1w1d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, pair := range [][2]interface {
			encoding.TextUnmarshaler
			fmt.Stringer
		}{
			{new(config.Span), new(config.Span)},
			{new(config.Wait), new(config.Wait)},
			{new(config.Share), new(config.Share)},
			{new(config.Amount), new(config.Amount)},
		} {
			if pair[0].UnmarshalText([]byte(text)) != nil {
				continue
			}
			if err := pair[1].UnmarshalText([]byte(pair[0].String())); err != nil || pair[0].String() != pair[1].String() {
				t.Errorf("%q is %s, read again %s, %v", text, pair[0], pair[1], err)
			}
		}
	})
}
