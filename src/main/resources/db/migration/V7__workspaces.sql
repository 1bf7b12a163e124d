-- Remote workspaces, their tokens and their heartbeats.
--
--   workspaces            one row per workspace, for ever: from created_at to deleted_at it was there to be metered
--   workspace_heartbeats  the last heartbeat of each: narrow and written all the time, so apart from the workspaces
--   partner_keys          holds the workspaces' tokens as well. A token is looked up, counted and revoked as a key is, and by the
--                         same rows; what lists or changes partner keys says workspace_id IS NULL

ALTER TABLE workspaces
    ADD COLUMN agent_card    jsonb,
    -- What its org wants of it. What it is told besides depends on the org's status: see WorkspaceRows.STATE.
    ADD COLUMN desired_state text NOT NULL DEFAULT 'run' CHECK (desired_state IN ('run', 'pause', 'stop')),
    ADD COLUMN created_by    text NOT NULL DEFAULT 'edge',
    ADD COLUMN deleted_at    timestamptz,
    ADD CHECK (deleted_at >= created_at);

-- What no code may ever do: bring back a workspace whose time has been metered.
CREATE FUNCTION workspaces_never_return() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'workspace % is deleted', OLD.id USING ERRCODE = '23514';
END $$;
CREATE TRIGGER workspaces_never_return BEFORE UPDATE OF deleted_at ON workspaces FOR EACH ROW
    WHEN (OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS DISTINCT FROM OLD.deleted_at)
    EXECUTE FUNCTION workspaces_never_return();

-- WorkspaceStore.list, newest first; WorkspaceChanges counts the living ones on it.
CREATE INDEX workspaces_living ON workspaces (org_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;

-- No foreign key: a heartbeat must not wait for, or fail with, a change of the workspace itself. Room on each page, and no index on
-- what changes, keep the updates HOT.
CREATE TABLE workspace_heartbeats (
    workspace_id uuid PRIMARY KEY,
    at           timestamptz NOT NULL,
    current_task text,
    active_tasks integer NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

ALTER TABLE partner_keys
    -- The workspace that a token acts as; null for a partner key.
    ADD COLUMN workspace_id uuid REFERENCES workspaces (id),
    ADD CHECK (workspace_id IS NULL OR (org_id IS NOT NULL AND scopes = 0 AND NOT ephemeral_org));

-- The tokens of a workspace: listed newest first, counted, and revoked with it.
CREATE INDEX partner_keys_of_workspace ON partner_keys (workspace_id, created_at DESC, id DESC) WHERE workspace_id IS NOT NULL;

-- The lists of keys pass over no tokens. partner_keys_of_org keeps them: an org's suspension and deletion reach both.
DROP INDEX partner_keys_newest;
DROP INDEX partner_keys_of_partner;
CREATE INDEX partner_keys_newest ON partner_keys (created_at DESC, id DESC) WHERE workspace_id IS NULL;
CREATE INDEX partner_keys_of_partner ON partner_keys (partner_id, created_at DESC, id DESC) WHERE workspace_id IS NULL;

-- Metering. A workspace ends with its deleted_at: usage_note as V6 has it, but for counting the living ones alone, and after a change too.
CREATE OR REPLACE FUNCTION usage_note(org uuid, moment timestamptz, metered integer, seat_count integer, ends boolean) RETURNS void LANGUAGE plpgsql AS $$
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
        SELECT count(*) INTO found_workspaces FROM workspaces w WHERE w.org_id = org AND w.deleted_at IS NULL;
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

CREATE TRIGGER usage_of_workspaces_changed AFTER UPDATE ON workspaces REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION usage_of_workspaces();
