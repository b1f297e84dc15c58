package config

// Pipeline keeps one target true to one source under one mapping.
type Pipeline struct {
	// Source, by its name.
	From string `yaml:"from" jsonschema:"required"`
	// Target, by its name.
	To string `yaml:"to" jsonschema:"required"`
	// Whether it writes, or only reads, compares and alerts.
	Mode string `yaml:"mode" jsonschema:"enum=write,enum=observe,default=write"`
	// Where the calendar day is taken, such as Europe/Berlin.
	TimeZone string `yaml:"time_zone" jsonschema:"default=UTC"`
	// When it runs by itself, as cron entries of five fields.
	Schedule Schedule `yaml:"schedule"`
	// Which accounts it is about, and how their subscriptions read.
	Accounts Accounts `yaml:"accounts"`
	// How existing organizations are recognised.
	Match Match `yaml:"match"`
	// What organizations shall hold.
	Organizations Organizations `yaml:"organizations" jsonschema:"required"`
	// Which contacts become users and members; nobody does if left out.
	Members *Members `yaml:"members"`
	// What to do where someone else's value stands in the way, and when an account goes. There is no default.
	Policy Policy `yaml:"policy" jsonschema:"required" need:"write on_found, on_drift, on_clash and on_gone: there is no default, because either choice overwrites or keeps what a person did"`
	// How organizations are retired.
	Mark Mark `yaml:"mark"`
	// What is too much for one run without someone looking.
	Guards Guards `yaml:"guards"`
	// Which accounts are written so far; the others are shown as not yet.
	Scope Scope `yaml:"scope"`
}

// Schedule says when a pipeline runs by itself.
type Schedule struct {
	// Reads what changed.
	Delta string `yaml:"delta"`
	// Reads everything from the source.
	Full string `yaml:"full"`
	// Reads everything from source and target.
	Audit string `yaml:"audit"`
	// How long after its time a run begins at the latest, so that many pipelines do not begin in one second, such as 2m.
	Jitter Minutes `yaml:"jitter"`
}

// Accounts selects accounts and says how to read them.
type Accounts struct {
	// Accounts that this pipeline is about at all; one that stops being so has left. All if left out.
	Only Expr `yaml:"only"`
	// Accounts that shall have an organization; one that stops being wanted has left. All if left out.
	Wanted Expr `yaml:"wanted"`
	// Accounts that may get a new organization; the others are only updated. All if left out.
	CreateWhen Expr `yaml:"create_when"`
	// How long an account stays wanted after a date.
	Retain Retain `yaml:"retain"`
	// Columns of subscription rows, where they differ from those of the whole file.
	Subscriptions *Subscriptions `yaml:"subscriptions"`
	// The account's yearly amount, for guards and reports; the sum over its active charges if left out.
	ARR Expr `yaml:"arr"`
}

// Retain says until when an account is wanted.
type Retain struct {
	// The date it counts from; no date: wanted.
	From Expr `yaml:"from"`
	// How long, such as 3y1d, counted back from the day of the run: the account leaves once the day lies further back.
	For Span `yaml:"for"`
}

// Match says how an organization that desksync did not make is recognised.
type Match struct {
	// Custom field of the target in which the CRM id already stands.
	IDField string `yaml:"id_field"`
	// Whether an organization without any id is taken for the account of the same name, if only one has it.
	ByName bool `yaml:"by_name" jsonschema:"default=false"`
}

// Organizations says what organizations shall hold.
type Organizations struct {
	// The account's id; by it an organization is known for ever.
	Key Expr `yaml:"key"`
	// Name.
	Name FieldRule `yaml:"name" jsonschema:"required"`
	// Summary.
	Summary FieldRule `yaml:"summary"`
	// Contact information.
	Contact FieldRule `yaml:"contact"`
	// Notes.
	Notes FieldRule `yaml:"notes"`
	// Details, of Zendesk.
	Details FieldRule `yaml:"details"`
	// Whether members see each other's tickets, of Zendesk.
	SharedTickets FieldRule `yaml:"shared_tickets"`
	// Whether members may comment on each other's tickets too, of Zendesk.
	SharedComments FieldRule `yaml:"shared_comments"`
	// Custom fields, by key.
	Fields Map[FieldRule] `yaml:"fields"`
	// Tags.
	Tags Tags `yaml:"tags"`
	// E-mail domains.
	Domains Domains `yaml:"domains"`
	// Usergroups the organization is linked to: an expression that gives a list.
	Groups Groups `yaml:"groups"`
}

// FieldRule says what a field shall hold, written as an expression or in full.
type FieldRule struct {
	// What the field shall hold. An empty result removes what desksync wrote.
	Value Expr `yaml:"value"`
	// Who decides over the field: crm, create (written once), or helpdesk (never written).
	Owner string `yaml:"owner" jsonschema:"enum=crm,enum=create,enum=helpdesk,default=crm"`
	// What to do where this field was set by someone else; the pipeline's policy if left out.
	OnFound string `yaml:"on_found" jsonschema:"enum=correct,enum=hold"`
	// What to do where someone edited it; the pipeline's policy if left out.
	OnDrift string `yaml:"on_drift" jsonschema:"enum=correct,enum=hold"`
	// What to do where both sides moved; the pipeline's policy if left out.
	OnClash string `yaml:"on_clash" jsonschema:"enum=correct,enum=hold"`
}

// Tags says which tags organizations shall have.
type Tags struct {
	// Expression that gives a list of tags.
	From Expr `yaml:"from"`
	// Tags that are ours to remove even where someone else set them.
	Owned []string `yaml:"owned"`
	// Condition under which owned tags are ours; at other times those that someone else set stay. Always if left out.
	OwnedWhen Expr `yaml:"owned_when"`
	// What to do with an owned tag that someone else set; the pipeline's policy if left out.
	OnFound string `yaml:"on_found" jsonschema:"enum=correct,enum=hold"`
	// What to do where someone removed or added a tag of ours; the pipeline's policy if left out.
	OnDrift string `yaml:"on_drift" jsonschema:"enum=correct,enum=hold"`
	// What to do where both sides moved; the pipeline's policy if left out.
	OnClash string `yaml:"on_clash" jsonschema:"enum=correct,enum=hold"`
}

// Domains says which e-mail domains organizations shall have.
type Domains struct {
	// Expression that gives a list, or text separated by ; or ,.
	From Expr `yaml:"from"`
	// Who gets a domain that several accounts claim.
	Tie string `yaml:"tie" jsonschema:"enum=nobody,enum=lowest_id,enum=alphabetical,default=nobody"`
	// What to do with a domain that someone else set; the pipeline's policy if left out.
	OnFound string `yaml:"on_found" jsonschema:"enum=correct,enum=hold"`
	// What to do where someone removed or added a domain of ours; the pipeline's policy if left out.
	OnDrift string `yaml:"on_drift" jsonschema:"enum=correct,enum=hold"`
	// What to do where both sides moved; the pipeline's policy if left out.
	OnClash string `yaml:"on_clash" jsonschema:"enum=correct,enum=hold"`
}

// Groups says which usergroups organizations are linked to, written as an
// expression or in full.
type Groups struct {
	// Expression that gives a list of group names.
	From Expr `yaml:"from"`
	// What to do with a link that someone else made; the pipeline's policy if left out.
	OnFound string `yaml:"on_found" jsonschema:"enum=correct,enum=hold"`
	// What to do where someone removed or added a link of ours; the pipeline's policy if left out.
	OnDrift string `yaml:"on_drift" jsonschema:"enum=correct,enum=hold"`
	// What to do where both sides moved; the pipeline's policy if left out.
	OnClash string `yaml:"on_clash" jsonschema:"enum=correct,enum=hold"`
}

// Members says which contacts become users and members.
type Members struct {
	// Condition over a contact; the word contacts takes them all.
	Who Expr `yaml:"who" jsonschema:"required"`
	// Name of the user; contact.Name if left out.
	Name Expr `yaml:"name"`
	// E-mail address of the user, by which an existing user is recognised; contact.Email if left out.
	Email Expr `yaml:"email"`
	// Position in the organization, free text.
	Position Expr `yaml:"position"`
	// Whether the member sees all tickets of the organization.
	Manager Expr `yaml:"manager"`
	// Contacts of other accounts that belong here too, by the rows of the relations file.
	Relations *Relations `yaml:"relations"`
	// Who comes first where there is a cap, ascending; by id, oldest first, if left out.
	Order Expr `yaml:"order"`
	// Members per organization; the ones beyond are named in a finding. No limit if left out.
	Cap int `yaml:"cap" jsonschema:"minimum=1"`
	// Which organization is the default one of a user who is in several.
	Default string `yaml:"default" jsonschema:"enum=oldest,enum=first,enum=none,default=oldest"`
	// What becomes of a membership that desksync made and no contact stands for any more: it ends (remove), or stays until someone decides (hold). The user is never deleted.
	OnGone string `yaml:"on_gone" jsonschema:"enum=remove,enum=hold,default=remove"`
	// Custom fields of users, by key.
	Fields Map[FieldRule] `yaml:"fields"`
	// What to do with a membership or value that someone else made; the pipeline's policy if left out.
	OnFound string `yaml:"on_found" jsonschema:"enum=correct,enum=hold"`
	// What to do where someone edited what we wrote; the pipeline's policy if left out.
	OnDrift string `yaml:"on_drift" jsonschema:"enum=correct,enum=hold"`
	// What to do where both sides moved; the pipeline's policy if left out.
	OnClash string `yaml:"on_clash" jsonschema:"enum=correct,enum=hold"`
}

// Relations says how a contact of another account becomes a member.
type Relations struct {
	// Condition over a relation; all if left out.
	Who Expr `yaml:"who"`
	// Position in the organization.
	Position Expr `yaml:"position"`
	// Whether the member sees all tickets of the organization.
	Manager Expr `yaml:"manager"`
}

// Policy says what happens where two parties wrote, and when an account goes.
type Policy struct {
	// A field we never wrote was set by someone else.
	OnFound string `yaml:"on_found" jsonschema:"required,enum=correct,enum=hold" need:"say whether a value that someone else set is overwritten (correct) or kept until someone decides (hold); desksync does not choose for you"`
	// A field we wrote was edited in the helpdesk.
	OnDrift string `yaml:"on_drift" jsonschema:"required,enum=correct,enum=hold" need:"say whether an edit in the helpdesk is overwritten (correct) or kept until someone decides (hold); desksync does not choose for you"`
	// It was edited there, and the CRM moved too.
	OnClash string `yaml:"on_clash" jsonschema:"required,enum=correct,enum=hold" need:"say who wins where both sides moved: the CRM (correct), or nobody until someone decides (hold); desksync does not choose for you"`
	// Several accounts have one name, and the helpdesk gives it to one organization only: all wait for a decision (hold), or one keeps it and the others get the last six characters of their account's id (suffix).
	OnNameClash string `yaml:"on_name_clash" jsonschema:"enum=hold,enum=suffix,default=hold"`
	// An account went.
	OnGone OnGone `yaml:"on_gone" jsonschema:"required" need:"say what becomes of organizations whose account went: {lost: hold, left: mark, deleted: mark}; desksync does not choose for you"`
}

// OnGone says what becomes of an organization whose account went, per cause.
type OnGone struct {
	// Missing from a complete read: perhaps hidden, perhaps deleted.
	Lost string `yaml:"lost" jsonschema:"required,enum=hold,enum=mark,enum=delete" need:"write hold, mark or delete for accounts that a complete read no longer shows"`
	// Still there, but no longer wanted by a rule or a date.
	Left string `yaml:"left" jsonschema:"required,enum=hold,enum=mark,enum=delete" need:"write hold, mark or delete for accounts that a rule no longer wants"`
	// Deleted or merged away in the CRM, with proof.
	Deleted string `yaml:"deleted" jsonschema:"required,enum=hold,enum=mark,enum=delete" need:"write hold, mark or delete for accounts that the CRM deleted"`
}

// Mark says how organizations are retired.
type Mark struct {
	// Checkbox field that marks an organization for deletion.
	Field string `yaml:"field"`
	// Checkbox field that exempts one; set where a ticket is not closed.
	Exempt string `yaml:"exempt"`
	// How long after the mark it is deleted, such as 30d, or never.
	DeleteAfter Wait `yaml:"delete_after" jsonschema:"default=never"`
	// Account ids that are never retired: a list, or file:NAME.
	Protect IDList `yaml:"protect"`
}

// Guards says what is too much for one run, and for any 24 hours. A share applies
// from 20 objects; where several limits are given, each holds by itself.
type Guards struct {
	// New organizations.
	Creates *Limit `yaml:"creates"`
	// Changed organizations.
	Updates *Limit `yaml:"updates"`
	// Retired organizations; 5% if left out.
	Retires *Limit `yaml:"retires"`
	// Memberships taken away; 5% if left out.
	Removals *Limit `yaml:"removals"`
	// Changed e-mail domains.
	Domains *Limit `yaml:"domains"`
	// Organizations that drop to a worse plan, ends announced in advance not counted; more than 10, or 0.5%, if left out.
	Downgrades *Limit `yaml:"downgrades"`
	// Organizations whose SLA policy changes.
	Policies *Limit `yaml:"policies"`
	// Rows that went since the last complete read; 10% if left out. This one holds the run.
	Shrank *Limit `yaml:"shrank"`
	// What a guard holds: its kind of change, or the whole run.
	Hold string `yaml:"hold" jsonschema:"enum=kind,enum=run,default=kind"`
}

// Scope limits what is written, to begin small.
type Scope struct {
	// Account ids.
	Only []string `yaml:"only"`
	// Share of the accounts, such as 0.5%. The same share always chooses the same ones, and a larger one those too.
	Percent *Share `yaml:"percent"`
	// Condition over the account. Where several of these are given, an account must meet all.
	Rule Expr `yaml:"rule"`
}
