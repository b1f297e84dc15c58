-- +goose Up

-- One number for the whole store, counted up once by each transaction that changes
-- what is listed. writing holds the writer while a transaction of Apply is open, and
-- is null in every committed state: a null tells the triggers that someone else writes.
CREATE TABLE change_counter (
	id      integer PRIMARY KEY CHECK (id = 1),
	seq     bigint  NOT NULL,
	writing bigint
);
INSERT INTO change_counter (id, seq) VALUES (1, 0);

CREATE TABLE change_writer (
	id   integer PRIMARY KEY AUTOINCREMENT,
	name text    NOT NULL UNIQUE
);

CREATE TABLE tombstone (
	seq       bigint NOT NULL,
	kind      text   NOT NULL CHECK (kind IN ('organization', 'user', 'membership')),
	object_id bigint NOT NULL,
	writer    bigint NOT NULL DEFAULT 0,
	PRIMARY KEY (kind, seq, object_id)
) WITHOUT ROWID;

CREATE TABLE setting (
	name  text PRIMARY KEY,
	value text NOT NULL
) WITHOUT ROWID;

CREATE TABLE field (
	key      text    PRIMARY KEY CHECK (key <> ''),
	label    text    NOT NULL,
	type     text    NOT NULL CHECK (type IN ('text', 'dropdown', 'decimal', 'integer', 'checkbox', 'date')),
	max_len  integer NOT NULL DEFAULT 0,
	tag      text    NOT NULL DEFAULT ''
) WITHOUT ROWID;

CREATE TABLE field_option (
	field_key text    NOT NULL REFERENCES field (key) ON DELETE CASCADE,
	value     text    NOT NULL,
	label     text    NOT NULL,
	tag       text    NOT NULL DEFAULT '',
	position  integer NOT NULL,
	PRIMARY KEY (field_key, value)
) WITHOUT ROWID;

CREATE TABLE organization (
	id          integer PRIMARY KEY AUTOINCREMENT,
	external_id text    UNIQUE CHECK (external_id <> ''),
	name        text    NOT NULL CHECK (trim(name) <> '' AND length(name) <= 255),
	name_fold   text    CHECK (name_fold <> ''),
	summary     text    NOT NULL DEFAULT '',
	contact     text    NOT NULL DEFAULT '',
	notes       text    NOT NULL DEFAULT '',
	parent_id   bigint  REFERENCES organization (id) ON DELETE SET NULL CHECK (parent_id <> id),
	shared      text    NOT NULL DEFAULT 'none' CHECK (shared IN ('none', 'read', 'write')),
	fields      text    NOT NULL DEFAULT '{}' CHECK (json_type(fields) = 'object'),
	marked_on   text,
	created_at  timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
	updated_at  timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
	seq         bigint  NOT NULL DEFAULT 0,
	writer      bigint  NOT NULL DEFAULT 0,
	other_seq   bigint  NOT NULL DEFAULT 0
);
CREATE INDEX organization_seq    ON organization (seq);
CREATE INDEX organization_parent ON organization (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE organization_tag (
	organization_id bigint NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
	tag             text   NOT NULL CHECK (tag <> ''),
	PRIMARY KEY (organization_id, tag)
) WITHOUT ROWID;

CREATE TABLE organization_domain (
	organization_id bigint NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
	domain          text   NOT NULL CHECK (domain <> ''),
	PRIMARY KEY (organization_id, domain)
) WITHOUT ROWID;
CREATE INDEX organization_domain_domain ON organization_domain (domain);

CREATE TABLE finding_acknowledgement (
	organization_id bigint NOT NULL,
	domain          text   NOT NULL,
	shared          text   NOT NULL,
	by_whom         text   NOT NULL,
	reason          text   NOT NULL CHECK (trim(reason) <> ''),
	at              timestamp NOT NULL,
	PRIMARY KEY (organization_id, domain),
	FOREIGN KEY (organization_id, domain) REFERENCES organization_domain (organization_id, domain) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE TABLE helpdesk_user (
	id          integer PRIMARY KEY AUTOINCREMENT,
	external_id text    UNIQUE CHECK (external_id <> ''),
	name        text    NOT NULL DEFAULT '',
	email       text    NOT NULL DEFAULT '',
	email_fold  text    UNIQUE CHECK (email_fold <> ''),
	role        text    NOT NULL DEFAULT 'end_user' CHECK (role IN ('end_user', 'agent', 'admin')),
	suspended   boolean NOT NULL DEFAULT 0,
	created_at  timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
	updated_at  timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
	seq         bigint  NOT NULL DEFAULT 0,
	writer      bigint  NOT NULL DEFAULT 0,
	other_seq   bigint  NOT NULL DEFAULT 0
);
CREATE INDEX helpdesk_user_seq ON helpdesk_user (seq);

CREATE TABLE membership (
	id              integer PRIMARY KEY AUTOINCREMENT,
	user_id         bigint  NOT NULL REFERENCES helpdesk_user (id) ON DELETE CASCADE,
	organization_id bigint  NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
	is_default      boolean NOT NULL DEFAULT 0,
	position        text    NOT NULL DEFAULT '',
	manager         boolean NOT NULL DEFAULT 0,
	copy_on_new     boolean NOT NULL DEFAULT 0,
	roles           text    NOT NULL DEFAULT '',
	created_at      timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
	seq             bigint  NOT NULL DEFAULT 0,
	writer          bigint  NOT NULL DEFAULT 0,
	other_seq       bigint  NOT NULL DEFAULT 0,
	UNIQUE (user_id, organization_id)
);
CREATE UNIQUE INDEX membership_one_default ON membership (user_id) WHERE is_default;
CREATE INDEX membership_organization ON membership (organization_id);
CREATE INDEX membership_seq ON membership (seq);

CREATE TABLE usergroup (
	id   integer PRIMARY KEY AUTOINCREMENT,
	name text    NOT NULL UNIQUE CHECK (trim(name) <> '')
);

CREATE TABLE organization_group (
	organization_id bigint NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
	group_id        bigint NOT NULL REFERENCES usergroup (id) ON DELETE CASCADE,
	PRIMARY KEY (organization_id, group_id)
) WITHOUT ROWID;
CREATE INDEX organization_group_group ON organization_group (group_id);

CREATE TABLE user_group (
	user_id  bigint NOT NULL REFERENCES helpdesk_user (id) ON DELETE CASCADE,
	group_id bigint NOT NULL REFERENCES usergroup (id) ON DELETE CASCADE,
	PRIMARY KEY (user_id, group_id)
) WITHOUT ROWID;
CREATE INDEX user_group_group ON user_group (group_id);

CREATE TABLE project (
	id   integer PRIMARY KEY AUTOINCREMENT,
	name text    NOT NULL UNIQUE CHECK (trim(name) <> '')
);

CREATE TABLE project_organization (
	project_id      bigint NOT NULL REFERENCES project (id) ON DELETE CASCADE,
	organization_id bigint NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
	PRIMARY KEY (project_id, organization_id)
) WITHOUT ROWID;
CREATE INDEX project_organization_organization ON project_organization (organization_id);

CREATE TABLE ticket (
	id              integer PRIMARY KEY AUTOINCREMENT,
	organization_id bigint  REFERENCES organization (id) ON DELETE SET NULL,
	requester_id    bigint  REFERENCES helpdesk_user (id) ON DELETE SET NULL,
	subject         text    NOT NULL DEFAULT '',
	status          text    NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'open', 'pending', 'hold', 'solved', 'closed')),
	form            text    NOT NULL DEFAULT '',
	stage           text    NOT NULL DEFAULT '',
	created_at      timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
	updated_at      timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))
);
CREATE INDEX ticket_organization ON ticket (organization_id, status);
CREATE INDEX ticket_requester    ON ticket (requester_id);

CREATE TABLE ticket_tag (
	ticket_id bigint NOT NULL REFERENCES ticket (id) ON DELETE CASCADE,
	tag       text   NOT NULL CHECK (tag <> ''),
	PRIMARY KEY (ticket_id, tag)
) WITHOUT ROWID;

CREATE TABLE ticket_cc (
	ticket_id bigint NOT NULL REFERENCES ticket (id) ON DELETE CASCADE,
	user_id   bigint NOT NULL REFERENCES helpdesk_user (id) ON DELETE CASCADE,
	PRIMARY KEY (ticket_id, user_id)
) WITHOUT ROWID;
CREATE INDEX ticket_cc_user ON ticket_cc (user_id);

CREATE TABLE sla_policy (
	position integer PRIMARY KEY,
	name     text    NOT NULL UNIQUE CHECK (name <> ''),
	filter   text    NOT NULL CHECK (json_valid(filter))
);

-- Every tag that an organization has: its own, and those that its fields bring.
CREATE VIEW organization_every_tag AS
	SELECT organization_id, tag, 'own' AS origin FROM organization_tag
	UNION ALL
	SELECT o.id, f.tag, 'field'
	FROM   organization o JOIN json_each(o.fields) e JOIN field f ON f.key = e.key
	WHERE  f.type = 'checkbox' AND f.tag <> '' AND e.type = 'true'
	UNION ALL
	SELECT o.id, p.tag, 'field'
	FROM   organization o JOIN json_each(o.fields) e JOIN field_option p ON p.field_key = e.key AND p.value = e.value
	WHERE  p.tag <> '';

-- Who is in a group: those added one by one, and the members of linked organizations.
CREATE VIEW usergroup_member AS
	SELECT group_id, user_id, max(by_hand) AS by_hand, max(by_link) AS by_link
	FROM (
		SELECT group_id, user_id, 1 AS by_hand, 0 AS by_link FROM user_group
		UNION ALL
		SELECT l.group_id, m.user_id, 0, 1 FROM organization_group l JOIN membership m ON m.organization_id = l.organization_id
	) AS every
	GROUP BY group_id, user_id;

-- What others write moves seq, so that an incremental listing sees it.

-- +goose StatementBegin
CREATE TRIGGER organization_inserted AFTER INSERT ON organization WHEN NEW.seq = 0 AND (SELECT writing FROM change_counter) IS NULL
BEGIN
	UPDATE change_counter SET seq = seq + 1;
	UPDATE organization
	SET    seq = (SELECT seq FROM change_counter), writer = 0,
	       name_fold = coalesce(NEW.name_fold, lower(trim(NEW.name)))
	WHERE  id = NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER organization_updated AFTER UPDATE ON organization WHEN NEW.seq = OLD.seq AND (SELECT writing FROM change_counter) IS NULL
BEGIN
	UPDATE change_counter SET seq = seq + 1;
	UPDATE organization
	SET    seq = (SELECT seq FROM change_counter), writer = 0,
	       updated_at = CASE WHEN NEW.updated_at = OLD.updated_at THEN strftime('%Y-%m-%d %H:%M:%f+00:00', 'now') ELSE NEW.updated_at END,
	       name_fold = CASE WHEN NEW.name_fold IS NULL OR NEW.name <> OLD.name AND NEW.name_fold = OLD.name_fold THEN lower(trim(NEW.name)) ELSE NEW.name_fold END
	WHERE  id = NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER organization_rekeyed AFTER UPDATE OF external_id ON organization WHEN NEW.external_id IS NOT OLD.external_id
BEGIN
	UPDATE change_counter SET seq = seq + 1 WHERE writing IS NULL;
	UPDATE membership SET seq = (SELECT seq FROM change_counter), writer = 0 WHERE organization_id = NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER organization_deleted AFTER DELETE ON organization
BEGIN
	UPDATE change_counter SET seq = seq + 1 WHERE writing IS NULL;
	INSERT INTO tombstone (kind, object_id, seq, writer) SELECT 'organization', OLD.id, seq, coalesce(writing, 0) FROM change_counter;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER organization_kept BEFORE DELETE ON organization WHEN EXISTS (SELECT 1 FROM ticket WHERE organization_id = OLD.id AND status <> 'closed')
BEGIN
	SELECT RAISE(ABORT, 'an organization with a ticket that is not closed is never deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER organization_acyclic BEFORE UPDATE OF parent_id ON organization WHEN NEW.parent_id IS NOT NULL
BEGIN
	SELECT RAISE(ABORT, 'an organization cannot have one of its descendants as parent')
	WHERE  NEW.id IN (
		WITH RECURSIVE above (id) AS (
			SELECT NEW.parent_id
			UNION
			SELECT o.parent_id FROM organization o JOIN above ON o.id = above.id WHERE o.parent_id IS NOT NULL
		)
		SELECT id FROM above);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER organization_reshared AFTER UPDATE OF shared ON organization WHEN NEW.shared <> OLD.shared
BEGIN
	DELETE FROM finding_acknowledgement WHERE organization_id = NEW.id;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER organization_tag_inserted AFTER INSERT ON organization_tag WHEN (SELECT writing FROM change_counter) IS NULL
BEGIN
	UPDATE organization SET updated_at = strftime('%Y-%m-%d %H:%M:%f+00:00', 'now') WHERE id = NEW.organization_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER organization_tag_updated AFTER UPDATE ON organization_tag WHEN (SELECT writing FROM change_counter) IS NULL
BEGIN
	UPDATE organization SET updated_at = strftime('%Y-%m-%d %H:%M:%f+00:00', 'now') WHERE id IN (NEW.organization_id, OLD.organization_id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER organization_tag_deleted AFTER DELETE ON organization_tag WHEN (SELECT writing FROM change_counter) IS NULL
BEGIN
	UPDATE organization SET updated_at = strftime('%Y-%m-%d %H:%M:%f+00:00', 'now') WHERE id = OLD.organization_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER organization_domain_inserted AFTER INSERT ON organization_domain WHEN (SELECT writing FROM change_counter) IS NULL
BEGIN
	UPDATE organization SET updated_at = strftime('%Y-%m-%d %H:%M:%f+00:00', 'now') WHERE id = NEW.organization_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER organization_domain_updated AFTER UPDATE ON organization_domain WHEN (SELECT writing FROM change_counter) IS NULL
BEGIN
	UPDATE organization SET updated_at = strftime('%Y-%m-%d %H:%M:%f+00:00', 'now') WHERE id IN (NEW.organization_id, OLD.organization_id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER organization_domain_deleted AFTER DELETE ON organization_domain WHEN (SELECT writing FROM change_counter) IS NULL
BEGIN
	UPDATE organization SET updated_at = strftime('%Y-%m-%d %H:%M:%f+00:00', 'now') WHERE id = OLD.organization_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER organization_group_inserted AFTER INSERT ON organization_group WHEN (SELECT writing FROM change_counter) IS NULL
BEGIN
	UPDATE organization SET updated_at = strftime('%Y-%m-%d %H:%M:%f+00:00', 'now') WHERE id = NEW.organization_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER organization_group_deleted AFTER DELETE ON organization_group WHEN (SELECT writing FROM change_counter) IS NULL
BEGIN
	UPDATE organization SET updated_at = strftime('%Y-%m-%d %H:%M:%f+00:00', 'now') WHERE id = OLD.organization_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER usergroup_renamed AFTER UPDATE OF name ON usergroup
BEGIN
	UPDATE organization SET updated_at = strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')
	WHERE  id IN (SELECT organization_id FROM organization_group WHERE group_id = NEW.id);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER helpdesk_user_inserted AFTER INSERT ON helpdesk_user WHEN NEW.seq = 0 AND (SELECT writing FROM change_counter) IS NULL
BEGIN
	UPDATE change_counter SET seq = seq + 1;
	UPDATE helpdesk_user
	SET    seq = (SELECT seq FROM change_counter), writer = 0,
	       email_fold = coalesce(NEW.email_fold, nullif(lower(trim(NEW.email)), ''))
	WHERE  id = NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER helpdesk_user_updated AFTER UPDATE ON helpdesk_user WHEN NEW.seq = OLD.seq AND (SELECT writing FROM change_counter) IS NULL
BEGIN
	UPDATE change_counter SET seq = seq + 1;
	UPDATE helpdesk_user
	SET    seq = (SELECT seq FROM change_counter), writer = 0,
	       updated_at = CASE WHEN NEW.updated_at = OLD.updated_at THEN strftime('%Y-%m-%d %H:%M:%f+00:00', 'now') ELSE NEW.updated_at END,
	       email_fold = CASE WHEN NEW.email <> OLD.email AND NEW.email_fold IS OLD.email_fold THEN nullif(lower(trim(NEW.email)), '') ELSE NEW.email_fold END
	WHERE  id = NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER helpdesk_user_rekeyed AFTER UPDATE OF external_id ON helpdesk_user WHEN NEW.external_id IS NOT OLD.external_id
BEGIN
	UPDATE change_counter SET seq = seq + 1 WHERE writing IS NULL;
	UPDATE membership SET seq = (SELECT seq FROM change_counter), writer = 0 WHERE user_id = NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER helpdesk_user_deleted AFTER DELETE ON helpdesk_user
BEGIN
	UPDATE change_counter SET seq = seq + 1 WHERE writing IS NULL;
	INSERT INTO tombstone (kind, object_id, seq, writer) SELECT 'user', OLD.id, seq, coalesce(writing, 0) FROM change_counter;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER membership_limited BEFORE INSERT ON membership
WHEN NEW.seq = 0 AND (SELECT writing FROM change_counter) IS NULL
	AND (SELECT count(*) FROM membership WHERE user_id = NEW.user_id)
	    >= (SELECT CAST(value AS integer) FROM setting WHERE name = 'max_memberships')
BEGIN
	SELECT RAISE(ABORT, 'the user is in as many organizations as this store allows');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER membership_inserted AFTER INSERT ON membership WHEN NEW.seq = 0 AND (SELECT writing FROM change_counter) IS NULL
BEGIN
	UPDATE change_counter SET seq = seq + 1;
	UPDATE membership
	SET    seq = (SELECT seq FROM change_counter), writer = 0,
	       is_default = NOT EXISTS (SELECT 1 FROM membership WHERE user_id = NEW.user_id AND is_default AND id <> NEW.id)
	WHERE  id = NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER membership_updated AFTER UPDATE ON membership WHEN NEW.seq = OLD.seq AND (SELECT writing FROM change_counter) IS NULL
BEGIN
	UPDATE change_counter SET seq = seq + 1;
	UPDATE membership SET seq = (SELECT seq FROM change_counter), writer = 0 WHERE id = NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER membership_deleted AFTER DELETE ON membership
BEGIN
	UPDATE change_counter SET seq = seq + 1 WHERE writing IS NULL;
	INSERT INTO tombstone (kind, object_id, seq, writer) SELECT 'membership', OLD.id, seq, coalesce(writing, 0) FROM change_counter;
	UPDATE membership SET is_default = 1, seq = (SELECT seq FROM change_counter), writer = 0
	WHERE  OLD.is_default AND id = (SELECT min(id) FROM membership WHERE user_id = OLD.user_id);
END;
-- +goose StatementEnd
