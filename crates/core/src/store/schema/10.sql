-- Executions of the local gateway have a file of their own.
DELETE FROM payloads WHERE execution IN (SELECT id FROM executions WHERE place = 'local');
DELETE FROM executions WHERE place = 'local';
DELETE FROM inputs WHERE start IN (SELECT id FROM starts WHERE place = 'local');
DELETE FROM starts WHERE place = 'local';
DELETE FROM machines WHERE place = 'local';
DELETE FROM gateways WHERE place = 'local';

-- 1: known only from a list of the gateway's executions; the user has neither started nor named it.
ALTER TABLE executions ADD COLUMN others INTEGER NOT NULL DEFAULT 0;

-- The latest changes of executions, for other processes that show them. A process that has missed more reads everything.
CREATE TABLE changes (
    revision  INTEGER PRIMARY KEY,
    -- A new or changed execution,
    execution INTEGER,
    -- or one that the user removed,
    place     TEXT,
    arn       TEXT,
    -- or the deletion of those that ended before this time,
    pruned    INTEGER,
    -- or a start that is, or no longer is, unresolved or never started.
    start     INTEGER
) STRICT;
CREATE TRIGGER changes_leave AFTER INSERT ON changes WHEN new.revision % 1024 = 0 BEGIN
    DELETE FROM changes WHERE revision <= new.revision - 8192;
END;
CREATE TRIGGER executions_note_new AFTER INSERT ON executions BEGIN
    INSERT INTO changes (execution) VALUES (new.id);
END;
CREATE TRIGGER executions_note_change
AFTER UPDATE OF standing, status, started, stopped, error, redrive_count, redrive_date, redrive_status,
    redrive_status_reason, given_up, warning, others ON executions
WHEN (old.standing, old.status, old.started, old.stopped, old.error, old.redrive_count, old.redrive_date,
    old.redrive_status, old.redrive_status_reason, old.given_up, old.warning, old.others)
    IS NOT (new.standing, new.status, new.started, new.stopped, new.error, new.redrive_count, new.redrive_date,
    new.redrive_status, new.redrive_status_reason, new.given_up, new.warning, new.others)
BEGIN
    INSERT INTO changes (execution) VALUES (new.id);
END;

CREATE TRIGGER starts_note_change AFTER UPDATE OF state ON starts
WHEN (old.state IN ('unresolved', 'never-started')) + (new.state IN ('unresolved', 'never-started')) > 0
    AND old.state <> new.state
BEGIN
    INSERT INTO changes (start) VALUES (new.id);
END;

-- Those of others are counted under their own numbers: 10 to 12.
DROP TRIGGER executions_come;
DROP TRIGGER executions_change;
DROP TRIGGER executions_go;
CREATE TRIGGER executions_come AFTER INSERT ON executions BEGIN
    INSERT INTO totals VALUES (new.place, new.standing + 10 * new.others, coalesce(new.status, ''), 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER executions_change AFTER UPDATE OF standing, status, others ON executions BEGIN
    UPDATE totals SET count = count - 1
        WHERE place = old.place AND standing = old.standing + 10 * old.others AND status = coalesce(old.status, '');
    INSERT INTO totals VALUES (new.place, new.standing + 10 * new.others, coalesce(new.status, ''), 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER executions_go AFTER DELETE ON executions BEGIN
    UPDATE totals SET count = count - 1
        WHERE place = old.place AND standing = old.standing + 10 * old.others AND status = coalesce(old.status, '');
END;
