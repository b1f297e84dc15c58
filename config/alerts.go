package config

import (
	"fmt"
	"strconv"
	"time"
)

// Alerts says who is told what, and when not.
type Alerts struct {
	// The channels, by a name of your own.
	Channels Map[Channel] `yaml:"channels" jsonschema:"required"`
	// Who is told of what; the first that matches wins.
	Routes []Route `yaml:"routes" jsonschema:"required"`
	// Windows in which nothing is told; what still holds at their end is told then.
	Silences []Silence `yaml:"silences"`
	// Collects what is mild into one message a day.
	Digest *Digest `yaml:"digest"`
	// How many runs fail in a row before that is told.
	FailingAfter int `yaml:"failing_after" jsonschema:"minimum=1,default=3"`
	// How long a pipeline with a schedule may be without a good run.
	StaleAfter Minutes `yaml:"stale_after" jsonschema:"default=24h"`
	// How long after a telling more of the same is told; twice as much is told at once.
	GrowthAfter Minutes `yaml:"growth_after" jsonschema:"default=24h"`
	// How long after something was over it is not told anew.
	Quiet Minutes `yaml:"quiet" jsonschema:"default=30m"`
}

// Channel is where messages go. Some keys belong to some types only.
type Channel struct {
	// What kind of channel it is.
	Type string `yaml:"type" jsonschema:"required,enum=slack,enum=teams,enum=email,enum=pagerduty,enum=webhook"`
	// Slack, Teams and webhooks: the address to post to. Who knows that of Slack or Teams may post there: it must be `${VARIABLE}` or `file:NAME`.
	URL Secret `yaml:"url"`
	// Webhooks: what signs the messages, known to the receiver too.
	Secret Secret `yaml:"secret"`
	// PagerDuty: the integration key of a service, for its Events API v2.
	IntegrationKey Secret `yaml:"integration_key"`
	// E-mail: the mail server. PagerDuty: the host of the account's service region, where it is not events.pagerduty.com.
	Host string `yaml:"host"`
	// E-mail: the server's port.
	Port int `yaml:"port" jsonschema:"minimum=1,maximum=65535,default=587"`
	// E-mail: how the connection is encrypted.
	TLS string `yaml:"tls" jsonschema:"enum=starttls,enum=implicit,enum=none,default=starttls"`
	// E-mail: who logs in; nobody if left out.
	User string `yaml:"user"`
	// E-mail: the password.
	Password Secret `yaml:"password"`
	// E-mail: the sender's address.
	From string `yaml:"from"`
	// E-mail: the recipients' addresses.
	To []string `yaml:"to"`
}

// Route says who is told of what. Where several conditions are given, all must hold.
type Route struct {
	// Kinds of alerts; all if left out.
	Kinds []string `yaml:"kinds" jsonschema:"enum=drift,enum=fought,enum=held,enum=conflict,enum=failing,enum=stale,enum=shrank,enum=hidden,enum=downgrade,enum=unknown_product,enum=contract_ending,enum=no_contact,enum=quota,enum=credential,enum=credential_ending,enum=wrong_environment,enum=configuration,enum=journal"`
	// Pipelines; all if left out.
	Pipelines []string `yaml:"pipelines"`
	// This severity and above.
	Severity string `yaml:"severity" jsonschema:"enum=info,enum=warning,enum=critical,default=info"`
	// Channels; an empty list tells nobody.
	To []string `yaml:"to" jsonschema:"required" need:"name channels, or write to: [] to tell nobody"`
}

// Silence is a window in which nothing is told.
type Silence struct {
	// Days of the week on which it begins; every day if left out.
	Days []string `yaml:"days" jsonschema:"enum=mon,enum=tue,enum=wed,enum=thu,enum=fri,enum=sat,enum=sun"`
	// When it begins.
	From Clock `yaml:"from" jsonschema:"required"`
	// When it ends, on the next day if that is not after from.
	To Clock `yaml:"to" jsonschema:"required"`
	// Whose clock counts, such as Europe/Berlin.
	TimeZone string `yaml:"time_zone" jsonschema:"default=UTC"`
	// Kinds of alerts; all if left out.
	Kinds []string `yaml:"kinds" jsonschema:"enum=drift,enum=fought,enum=held,enum=conflict,enum=failing,enum=stale,enum=shrank,enum=hidden,enum=downgrade,enum=unknown_product,enum=contract_ending,enum=no_contact,enum=quota,enum=credential,enum=credential_ending,enum=wrong_environment,enum=configuration,enum=journal"`
	// Pipelines; all if left out.
	Pipelines []string `yaml:"pipelines"`
	// Only what is milder than this; everything if left out.
	Below string `yaml:"below" jsonschema:"enum=warning,enum=critical"`
}

// Digest says when what is mild is told, in one message.
type Digest struct {
	// When it is sent.
	At Clock `yaml:"at" jsonschema:"required"`
	// Whose clock counts, such as Europe/Berlin.
	TimeZone string `yaml:"time_zone" jsonschema:"default=UTC"`
	// What is milder than this waits for it.
	Below string `yaml:"below" jsonschema:"enum=warning,enum=critical,default=warning"`
}

// Clock is a time of the day; the file writes "09:00".
type Clock struct{ minutes int }

// UnmarshalText reads 09:00.
func (c *Clock) UnmarshalText(b []byte) error {
	at, err := time.Parse("15:04", string(b))
	if err != nil || len(b) != len("15:04") {
		return fmt.Errorf("%s is no time of the day; write one such as \"09:00\", in quotes", strconv.Quote(string(b)))
	}
	c.minutes = at.Hour()*60 + at.Minute()
	return nil
}

// Duration is the time since midnight.
func (c Clock) Duration() time.Duration { return time.Duration(c.minutes) * time.Minute }
