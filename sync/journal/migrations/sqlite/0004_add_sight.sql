-- +goose Up
-- What the source's login saw when it was last described, as the source packs it; empty:
-- to be asked again.
ALTER TABLE pipeline ADD COLUMN sight text NOT NULL DEFAULT '';
