-- +goose Up
-- Only PostgreSQL gathers statistics of columns by itself.
SELECT 1;
