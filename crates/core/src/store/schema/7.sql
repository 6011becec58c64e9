-- Executions that the user removed from the list. Other processes may still watch them and must not store them again.
CREATE TABLE removed (
    place   TEXT    NOT NULL,
    arn     TEXT    NOT NULL,
    removed INTEGER NOT NULL,
    PRIMARY KEY (place, arn)
) STRICT, WITHOUT ROWID;
