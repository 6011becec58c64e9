-- Asking for an execution. The intent is written before the request leaves.
CREATE TABLE starts (
    -- Never given twice: a process may still hold the number of a start that another has pruned.
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The process that is at it; its lock tells whether it lives.
    owner        TEXT    NOT NULL,
    place        TEXT    NOT NULL,
    endpoint     TEXT    NOT NULL,
    profile      TEXT    NOT NULL,
    machine_arn  TEXT    NOT NULL,
    machine_type TEXT    NOT NULL CHECK (machine_type IN ('STANDARD', 'EXPRESS')),
    name         TEXT    NOT NULL,
    name_origin  TEXT    NOT NULL CHECK (name_origin IN ('generated', 'chosen')),
    -- NULL when it is settled and not kept, or kept with its execution.
    input        TEXT,
    state        TEXT    NOT NULL
                 CHECK (state IN ('intended', 'sent', 'confirmed', 'refused', 'unresolved', 'never-started')),
    -- Moments are milliseconds since 1970-01-01T00:00:00Z.
    intended     INTEGER NOT NULL,
    sent         INTEGER,
    settled      INTEGER,
    -- Of the execution, when it is confirmed.
    arn          TEXT,
    -- Why it was refused or is unresolved: a failure as JSON.
    reason       TEXT,
    -- The file and line that it came from, when there were many.
    batch        INTEGER REFERENCES batches (id),
    line         INTEGER
) STRICT;
CREATE INDEX starts_by_state ON starts (state, id);
CREATE INDEX starts_by_batch ON starts (batch, line) WHERE batch IS NOT NULL;

-- Many starts from one file.
CREATE TABLE batches (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    file  TEXT    NOT NULL,
    begun INTEGER NOT NULL,
    lines INTEGER NOT NULL
) STRICT;

-- What is known of executions.
CREATE TABLE executions (
    id                    INTEGER PRIMARY KEY,
    place                 TEXT    NOT NULL,
    endpoint              TEXT    NOT NULL,
    profile               TEXT    NOT NULL,
    machine_arn           TEXT    NOT NULL,
    arn                   TEXT    NOT NULL,
    -- 0: it runs, as far as is known. 1: it ended. 2: nobody can tell.
    standing              INTEGER NOT NULL CHECK (standing IN (0, 1, 2)),
    -- DescribeExecution's word; NULL when it has not been asked about yet.
    status                TEXT,
    started               INTEGER NOT NULL,
    stopped               INTEGER,
    answered              INTEGER,
    error                 TEXT,
    redrive_count         INTEGER,
    redrive_date          INTEGER,
    redrive_status        TEXT,
    redrive_status_reason TEXT,
    -- Why it was given up: a failure as JSON.
    given_up              TEXT,
    UNIQUE (place, arn)
) STRICT;
CREATE INDEX executions_by_start ON executions (started, id);
CREATE INDEX executions_running ON executions (started, id) WHERE standing = 0;

-- How many there are of each kind: counting a hundred thousand rows would be seen at every launch.
CREATE TABLE totals (
    standing INTEGER NOT NULL,
    status   TEXT    NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (standing, status)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER executions_come AFTER INSERT ON executions BEGIN
    INSERT INTO totals VALUES (new.standing, coalesce(new.status, ''), 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER executions_change AFTER UPDATE OF standing, status ON executions BEGIN
    UPDATE totals SET count = count - 1 WHERE standing = old.standing AND status = coalesce(old.status, '');
    INSERT INTO totals VALUES (new.standing, coalesce(new.status, ''), 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER executions_go AFTER DELETE ON executions BEGIN
    UPDATE totals SET count = count - 1 WHERE standing = old.standing AND status = coalesce(old.status, '');
END;

-- Apart from the executions, so that a page of the list does not read over them.
CREATE TABLE payloads (
    execution INTEGER PRIMARY KEY REFERENCES executions (id) ON DELETE CASCADE,
    input     TEXT,
    output    TEXT,
    cause     TEXT
) STRICT;
