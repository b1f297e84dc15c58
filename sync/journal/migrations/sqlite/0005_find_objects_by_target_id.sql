-- +goose Up
-- The kind stands behind the id: before it, a planner without statistics takes the
-- index's own condition on the kind for the narrower one, and reads all ids.
DROP INDEX object_target_id;
CREATE INDEX object_target_id ON object (target, target_id) WHERE kind < 3; -- memberships are many and rarely asked for so
