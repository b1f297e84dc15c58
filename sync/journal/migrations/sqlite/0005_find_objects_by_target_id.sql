-- +goose Up
-- Queries repeat the condition, so that it must be none that narrows: a planner without
-- statistics took kind < 3 for narrower than the id, and read all ids. An id is one
-- object's, or a few targets' and kinds'.
DROP INDEX object_target_id;
CREATE INDEX object_target_id ON object (target_id) WHERE kind <> 3; -- memberships are many and rarely asked for so
