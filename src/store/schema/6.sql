-- What starts send, apart from them: a start is written several times, its input once. Older starts may have it in their own
-- row still, since processes of an older version may be running.
CREATE TABLE inputs (
    start INTEGER PRIMARY KEY REFERENCES starts (id) ON DELETE CASCADE,
    input TEXT    NOT NULL
) STRICT;
