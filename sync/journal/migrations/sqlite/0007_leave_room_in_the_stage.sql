-- +goose Up
-- Only PostgreSQL's rows take another place when they change.
SELECT 1;
