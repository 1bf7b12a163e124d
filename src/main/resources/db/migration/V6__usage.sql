-- Metering. What an org uses is a function of two records: how much of it there was over time (usage_levels), and how many calls its keys
-- made in each hour (usage_calls). Each hour is closed once, some seconds after its end, and is a row that never changes (usage_hours).
--
--   usage_accounts  one row per org, from its creation: up to where its hours are closed. Its lock orders everything about the org
--   usage_levels    how much of the org there is from a moment on: written by triggers, so no code can forget it; only ever added to
--   usage_calls     calls admitted, by key and hour; those of partner-wide keys have no org
--   usage_flushes   the last batch of calls that each node has written, so that a repeated one is not counted twice
--   usage_hours     closed hours that had any usage
--
-- The invariant: what is written of an hour that is closed never changes, and what happens is in exactly one hour. Of time: a level is noted,
-- and an hour closed, under the lock of the account, and a level is never noted before closed_until. Of calls: they are written while holding
-- usage_counting(), and hours are closed while holding usage_closing(), which exclude each other; a call of a closed hour goes to the first
-- open one. Times are timestamptz, so microseconds, and so are the quantities of time.

-- The clock of metering: the one place to ask what time it is.
CREATE FUNCTION usage_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';

-- Until the end of the transaction no hour is closed by others.
CREATE FUNCTION usage_counting() RETURNS void LANGUAGE sql VOLATILE AS
    'SELECT pg_advisory_xact_lock_shared(hashtextextended(''usage hours'', 0))';

-- Until the end of the transaction no calls are written by others.
CREATE FUNCTION usage_closing() RETURNS void LANGUAGE sql VOLATILE AS
    'SELECT pg_advisory_xact_lock(hashtextextended(''usage hours'', 0))';

CREATE TABLE usage_accounts (
    org_id       uuid PRIMARY KEY REFERENCES orgs (id),
    -- Hours before this are closed. Always a whole hour, UTC.
    closed_until timestamptz NOT NULL CHECK (closed_until = date_trunc('hour', closed_until, 'UTC')),
    -- When the next hour can be closed, but for the time that late calls are waited for; null when there is none any more.
    due_at       timestamptz,
    -- When the org's billing was closed: from then on its levels are 0.
    ended_at     timestamptz,
    -- When its last hour was closed.
    settled_at   timestamptz,
    CHECK ((due_at IS NULL) = (settled_at IS NOT NULL))
) WITH (fillfactor = 70);

-- HourCloser: what is due, the longest overdue first.
CREATE INDEX usage_accounts_due ON usage_accounts (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE usage_levels (
    org_id     uuid NOT NULL REFERENCES orgs (id),
    at         timestamptz NOT NULL,
    -- 1 while the org is metered: from when it is first ready until its billing is closed, suspended or not.
    orgs       integer NOT NULL CHECK (orgs IN (0, 1)),
    seats      integer NOT NULL CHECK (seats >= 0),
    workspaces integer NOT NULL CHECK (workspaces >= 0),
    PRIMARY KEY (org_id, at)
);

CREATE TABLE usage_calls (
    key_id     uuid NOT NULL,
    hour       timestamptz NOT NULL,
    partner_id text NOT NULL,
    org_id     uuid,
    calls      bigint NOT NULL CHECK (calls > 0),
    PRIMARY KEY (key_id, hour)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

-- HourCloser and UsageStore: the calls of an org's keys in an hour.
CREATE INDEX usage_calls_of_org ON usage_calls (org_id, hour) WHERE org_id IS NOT NULL;

CREATE TABLE usage_flushes (
    -- A node from its start to its end.
    node_id    uuid PRIMARY KEY,
    sequence   bigint NOT NULL,
    flushed_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);

CREATE TABLE usage_hours (
    org_id           uuid NOT NULL REFERENCES orgs (id),
    hour             timestamptz NOT NULL CHECK (hour = date_trunc('hour', hour, 'UTC')),
    org_micros       bigint NOT NULL CHECK (org_micros >= 0),
    seat_micros      bigint NOT NULL CHECK (seat_micros >= 0),
    workspace_micros bigint NOT NULL CHECK (workspace_micros >= 0),
    api_calls        bigint NOT NULL CHECK (api_calls >= 0),
    closed_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, hour)
);

-- What no code may ever do, whatever its mistakes: change what has been metered, or open a closed hour again.
CREATE FUNCTION usage_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of org % is not to be changed', TG_TABLE_NAME, OLD.org_id USING ERRCODE = '23514';
END $$;
CREATE TRIGGER usage_hours_never_change BEFORE UPDATE OR DELETE ON usage_hours
    FOR EACH ROW EXECUTE FUNCTION usage_never_changes();
CREATE TRIGGER usage_levels_never_change BEFORE UPDATE OR DELETE ON usage_levels
    FOR EACH ROW EXECUTE FUNCTION usage_never_changes();

CREATE FUNCTION usage_accounts_never_return() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.closed_until < OLD.closed_until
       OR OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at
       OR OLD.settled_at IS NOT NULL THEN
        RAISE EXCEPTION 'the hours of org % before % are closed', OLD.org_id, OLD.closed_until USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER usage_accounts_never_return BEFORE UPDATE ON usage_accounts
    FOR EACH ROW EXECUTE FUNCTION usage_accounts_never_return();

CREATE FUNCTION usage_hours_are_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM usage_accounts a
                    WHERE a.org_id = NEW.org_id AND a.settled_at IS NULL AND a.closed_until = NEW.hour) THEN
        RAISE EXCEPTION 'hour % of org % is not the one to be closed', NEW.hour, NEW.org_id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER usage_hours_are_open BEFORE INSERT ON usage_hours
    FOR EACH ROW EXECUTE FUNCTION usage_hours_are_open();

CREATE FUNCTION usage_levels_are_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM usage_accounts a
                    WHERE a.org_id = NEW.org_id AND a.ended_at IS NULL AND a.closed_until <= NEW.at) THEN
        RAISE EXCEPTION 'the account of org % is closed at %', NEW.org_id, NEW.at USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER usage_levels_are_open BEFORE INSERT ON usage_levels
    FOR EACH ROW EXECUTE FUNCTION usage_levels_are_open();

-- How much of an org there is from a moment on. Takes the lock of its account, so what others noted is seen; a moment that is not after the
-- last one, or whose hour is closed, becomes the first that is free. With ends, the last there will be.
CREATE FUNCTION usage_note(org uuid, moment timestamptz, metered integer, seat_count integer, ends boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    account usage_accounts;
    latest  usage_levels;
    found_workspaces integer := 0;
    noted   timestamptz;
BEGIN
    SELECT * INTO account FROM usage_accounts a WHERE a.org_id = org FOR UPDATE;
    IF NOT FOUND OR account.ended_at IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT * INTO latest FROM usage_levels l WHERE l.org_id = org ORDER BY l.at DESC LIMIT 1;
    IF metered IS NULL THEN
        -- The workspaces have changed, and nothing else.
        metered := coalesce(latest.orgs, 0);
        seat_count := coalesce(latest.seats, 0);
    END IF;
    IF metered = 1 THEN
        SELECT count(*) INTO found_workspaces FROM workspaces w WHERE w.org_id = org;
    END IF;
    noted := greatest(moment, account.closed_until, latest.at + interval '1 microsecond');
    IF (metered, seat_count, found_workspaces)
       IS DISTINCT FROM (coalesce(latest.orgs, 0), coalesce(latest.seats, 0), coalesce(latest.workspaces, 0)) THEN
        INSERT INTO usage_levels (org_id, at, orgs, seats, workspaces) VALUES (org, noted, metered, seat_count, found_workspaces);
    END IF;
    IF ends THEN
        UPDATE usage_accounts SET ended_at = noted, due_at = least(due_at, noted) WHERE org_id = org;
    END IF;
END $$;

CREATE FUNCTION usage_of_org() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    first_hour timestamptz;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.billing_closed_at IS NOT NULL OR NEW.status = 'deleted' THEN
            RETURN NULL;
        END IF;
        first_hour := date_trunc('hour', least(usage_now(), NEW.billing_started_at), 'UTC');
        INSERT INTO usage_accounts (org_id, closed_until, due_at) VALUES (NEW.id, first_hour, first_hour + interval '1 hour');
        IF NEW.billing_started_at IS NOT NULL THEN
            PERFORM usage_note(NEW.id, NEW.billing_started_at, 1, NEW.seats, false);
        END IF;
    ELSIF NEW.billing_closed_at IS NOT NULL THEN
        PERFORM usage_note(NEW.id, NEW.billing_closed_at, 0, 0, true);
    ELSIF NEW.billing_started_at IS NOT NULL AND OLD.billing_started_at IS NULL THEN
        PERFORM usage_note(NEW.id, NEW.billing_started_at, 1, NEW.seats, false);
    ELSIF NEW.billing_started_at IS NOT NULL AND NEW.seats <> OLD.seats THEN
        PERFORM usage_note(NEW.id, usage_now(), 1, NEW.seats, false);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER usage_of_org AFTER INSERT OR UPDATE OF seats, billing_started_at, billing_closed_at ON orgs
    FOR EACH ROW EXECUTE FUNCTION usage_of_org();

CREATE FUNCTION usage_of_workspaces() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    org uuid;
BEGIN
    -- In the order of their ids, the same for everybody.
    FOR org IN SELECT DISTINCT c.org_id FROM changed c ORDER BY c.org_id LOOP
        PERFORM usage_note(org, usage_now(), NULL, NULL, false);
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER usage_of_workspaces_added AFTER INSERT ON workspaces REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION usage_of_workspaces();
CREATE TRIGGER usage_of_workspaces_removed AFTER DELETE ON workspaces REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION usage_of_workspaces();

-- The orgs that there are: metered since they were, with the seats and workspaces of today.
INSERT INTO usage_accounts (org_id, closed_until, due_at)
SELECT o.id, h.hour, h.hour + interval '1 hour'
  FROM orgs o CROSS JOIN LATERAL (SELECT date_trunc('hour', coalesce(o.billing_started_at, now()), 'UTC') AS hour) h
 WHERE o.billing_closed_at IS NULL AND o.status <> 'deleted';
INSERT INTO usage_levels (org_id, at, orgs, seats, workspaces)
SELECT o.id, o.billing_started_at, 1, o.seats, (SELECT count(*) FROM workspaces w WHERE w.org_id = o.id)
  FROM orgs o WHERE o.billing_started_at IS NOT NULL AND o.billing_closed_at IS NULL AND o.status <> 'deleted';
