-- What the user chose in the UI, for the next launch.
CREATE TABLE ui_choices (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
