-- The totals of each gateway, because the list may show one endpoint.
DROP TRIGGER executions_come;
DROP TRIGGER executions_change;
DROP TRIGGER executions_go;
DROP TABLE totals;
CREATE TABLE totals (
    place    TEXT    NOT NULL,
    standing INTEGER NOT NULL,
    status   TEXT    NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (place, standing, status)
) STRICT, WITHOUT ROWID;
INSERT INTO totals
    SELECT place, standing, coalesce(status, ''), count(*) FROM executions GROUP BY place, standing, coalesce(status, '');
CREATE TRIGGER executions_come AFTER INSERT ON executions BEGIN
    INSERT INTO totals VALUES (new.place, new.standing, coalesce(new.status, ''), 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER executions_change AFTER UPDATE OF standing, status ON executions BEGIN
    UPDATE totals SET count = count - 1
        WHERE place = old.place AND standing = old.standing AND status = coalesce(old.status, '');
    INSERT INTO totals VALUES (new.place, new.standing, coalesce(new.status, ''), 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER executions_go AFTER DELETE ON executions BEGIN
    UPDATE totals SET count = count - 1
        WHERE place = old.place AND standing = old.standing AND status = coalesce(old.status, '');
END;
