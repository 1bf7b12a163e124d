-- Orgs completed: what callers see of them, how they are provisioned and torn down, and their members.
--
--   orgs            one row per org, for ever; the columns of V1 mean what they did, so a node of that version goes on reading them
--   org_steps       the steps of bringing an org up (its first generation) and of taking it down (the next one)
--   org_members     who has a seat
--   org_resources   what the embedded provisioner made for an org: its namespaces and its console page
--   workspaces      the workspaces of an org, of which provisioning makes the first
--   scheduled_tasks the jobs of db-scheduler (its own layout, version 16); a job is added in the transaction that needs it done
--
-- Rows written by V1 (none, outside of tests) get defaults.

ALTER TABLE orgs
    ADD COLUMN name               text NOT NULL DEFAULT '',
    ADD COLUMN plan               text NOT NULL DEFAULT 'starter' CHECK (plan IN ('free', 'starter', 'pro', 'enterprise')),
    ADD COLUMN seats              integer NOT NULL DEFAULT 5 CHECK (seats BETWEEN 1 AND 100000),
    -- display_name, logo_url, primary_color, support_email, custom_domain: those that are set.
    ADD COLUMN branding           jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN external_id        text,
    ADD COLUMN ephemeral          boolean NOT NULL DEFAULT false,
    ADD COLUMN ttl_seconds        integer CHECK (ttl_seconds BETWEEN 60 AND 604800),
    -- When an ephemeral org is torn down if nobody did it before.
    ADD COLUMN expires_at         timestamptz,
    ADD COLUMN metadata           jsonb NOT NULL DEFAULT '{}',
    -- Grows when the org begins to go. A step works for one generation and has lost when it finds another.
    ADD COLUMN generation         bigint NOT NULL DEFAULT 1 CHECK (generation > 0),
    ADD COLUMN created_by         text NOT NULL DEFAULT 'admin',
    ADD COLUMN ready_at           timestamptz,
    ADD COLUMN deleted_at         timestamptz,
    -- Metering begins when the org is first ready and ends, once and for all, in the transaction that deletes the org.
    ADD COLUMN billing_started_at timestamptz,
    ADD COLUMN billing_closed_at  timestamptz,
    ADD CHECK (ephemeral = (ttl_seconds IS NOT NULL)),
    ADD CHECK (ephemeral = (expires_at IS NOT NULL));

UPDATE orgs SET name = slug;

-- What no code may ever do, whatever its mistakes: bring back an org that is going, or open a closed account again.
CREATE FUNCTION orgs_never_return() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status = 'deleted' AND NEW.status <> 'deleted')
       OR (OLD.status = 'deleting' AND NEW.status NOT IN ('deleting', 'deleted')) THEN
        RAISE EXCEPTION 'org % is % and cannot become %', OLD.id, OLD.status, NEW.status USING ERRCODE = '23514';
    END IF;
    IF OLD.billing_closed_at IS NOT NULL AND NEW.billing_closed_at IS DISTINCT FROM OLD.billing_closed_at THEN
        RAISE EXCEPTION 'billing of org % is closed', OLD.id USING ERRCODE = '23514';
    END IF;
    IF NEW.generation < OLD.generation THEN
        RAISE EXCEPTION 'the generation of org % cannot go back', OLD.id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orgs_never_return BEFORE UPDATE ON orgs FOR EACH ROW EXECUTE FUNCTION orgs_never_return();

-- A slug is one living org's; OrgReads.one by slug.
CREATE UNIQUE INDEX orgs_slug_living ON orgs (slug) WHERE status <> 'deleted';
-- A marketplace's own id is one living org's of its partner.
CREATE UNIQUE INDEX orgs_external_id_living ON orgs (partner_id, external_id)
    WHERE status <> 'deleted' AND external_id IS NOT NULL;
-- OrgReads.page for the admin: all living orgs, newest first.
CREATE INDEX orgs_living_newest ON orgs (created_at DESC, id DESC) WHERE status <> 'deleted';
-- OrgReads.page within a partner, newest first; OrgCreation counts a partner's living orgs on it.
CREATE INDEX orgs_living_of_partner ON orgs (partner_id, created_at DESC, id DESC) WHERE status <> 'deleted';
-- OrgReads.page by status, for the admin and within a partner. The first also holds what is in motion, for OrgSweeper.
CREATE INDEX orgs_of_status ON orgs (status, created_at DESC, id DESC);
CREATE INDEX orgs_of_partner_status ON orgs (partner_id, status, created_at DESC, id DESC);
-- OrgReads.page by external_id.
CREATE INDEX orgs_of_external_id ON orgs (external_id, created_at DESC, id DESC) WHERE external_id IS NOT NULL;
-- OrgSweeper: ephemeral orgs whose time is up.
CREATE INDEX orgs_expiry ON orgs (expires_at) WHERE ephemeral AND status NOT IN ('deleting', 'deleted');

CREATE TABLE org_steps (
    org_id      uuid NOT NULL REFERENCES orgs (id),
    -- The org's generation that the step works for: the first brings it up, the next takes it down.
    generation  bigint NOT NULL,
    -- In the order of the work.
    position    integer NOT NULL,
    step        text NOT NULL CHECK (step IN ('record', 'database', 'network', 'workspace_runtime', 'console', 'billing')),
    -- lost: the org began to go meanwhile, and what the step had made is taken back.
    status      text NOT NULL CHECK (status IN ('pending', 'running', 'succeeded', 'failed', 'lost')),
    attempts    integer NOT NULL DEFAULT 0,
    started_at  timestamptz,
    finished_at timestamptz,
    error       text,
    PRIMARY KEY (org_id, generation, step)
);

CREATE TABLE org_members (
    id         uuid PRIMARY KEY,
    org_id     uuid NOT NULL REFERENCES orgs (id),
    email      text NOT NULL,
    role       text NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL
);

-- An address has one seat, however it is capitalised.
CREATE UNIQUE INDEX org_members_email ON org_members (org_id, lower(email));
-- OrgMembers.list, newest first; the count of seats taken.
CREATE INDEX org_members_newest ON org_members (org_id, created_at DESC, id DESC);

CREATE TABLE org_resources (
    org_id     uuid NOT NULL REFERENCES orgs (id),
    kind       text NOT NULL CHECK (kind IN ('database', 'network', 'console')),
    name       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, kind)
);

CREATE TABLE workspaces (
    id         uuid PRIMARY KEY,
    org_id     uuid NOT NULL REFERENCES orgs (id),
    name       text NOT NULL,
    runtime    text NOT NULL DEFAULT 'external',
    is_default boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The workspaces of an org, newest first.
CREATE INDEX workspaces_of_org ON workspaces (org_id, created_at DESC, id DESC);
-- Provisioning twice makes one default workspace.
CREATE UNIQUE INDEX workspaces_default ON workspaces (org_id) WHERE is_default;

CREATE TABLE scheduled_tasks (
    task_name            text NOT NULL,
    -- For a step of an org: org:generation:step.
    task_instance        text NOT NULL,
    task_data            bytea,
    execution_time       timestamptz NOT NULL,
    picked               boolean NOT NULL,
    picked_by            text,
    last_success         timestamptz,
    last_failure         timestamptz,
    consecutive_failures integer,
    last_heartbeat       timestamptz,
    version              bigint NOT NULL,
    priority             smallint,
    PRIMARY KEY (task_name, task_instance)
);

-- db-scheduler's polling, and its search for jobs whose node is gone.
CREATE INDEX scheduled_tasks_due ON scheduled_tasks (execution_time);
CREATE INDEX scheduled_tasks_heartbeat ON scheduled_tasks (last_heartbeat);
