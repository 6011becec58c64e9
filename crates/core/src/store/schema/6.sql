-- The inputs of starts, in a separate table: a start is written several times, its input once. Starts of older versions,
-- which may still be running, have the input in their own row.
CREATE TABLE inputs (
    start INTEGER PRIMARY KEY REFERENCES starts (id) ON DELETE CASCADE,
    input TEXT    NOT NULL
) STRICT;
