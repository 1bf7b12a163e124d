-- Partner keys and what surrounds them. Postgres is the truth; Redis and the nodes hold copies by version.
--
--   orgs            the orgs of a partner; what keys need of them for now
--   partner_keys    one row per key, for ever: revoked keys stay listed. The plaintext is nowhere, only its SHA-256
--   key_last_used   when a key was last used: narrow and written all the time, so apart from the keys
--   audit_log       one row per mutation, written in the mutation's own transaction
--   change_outbox   changes not yet known on every node; a row goes away only when its change has been announced
--   node_sessions   nodes that may answer from their caches, and until when
--
-- Times are timestamptz, so microseconds. Every row a request touches is reached through its partner and org in the query itself.

CREATE TABLE orgs (
    id         uuid PRIMARY KEY,
    partner_id text NOT NULL CHECK (partner_id ~ '^[a-z0-9_-]{1,64}$'),
    slug       text NOT NULL,
    status     text NOT NULL CHECK (status IN ('provisioning', 'running', 'suspended', 'deleting', 'deleted', 'failed')),
    -- When the status became what it is: keys of an org that is going count as revoked since then.
    status_at  timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    -- What the keys' foreign key refers to, so that a key and its org can never differ in partner.
    UNIQUE (id, partner_id)
);

CREATE TABLE partner_keys (
    id             uuid PRIMARY KEY,
    hash           bytea NOT NULL CHECK (octet_length(hash) = 32),
    -- The hash of the lineage's first key, which names the bucket in Redis; the key's own hash unless it came from a rotation.
    root_hash      bytea NOT NULL CHECK (octet_length(root_hash) = 32),
    -- Grows by one with every change: the higher version wins in Redis and on the nodes.
    version        bigint NOT NULL CHECK (version > 0),
    partner_id     text NOT NULL CHECK (partner_id ~ '^[a-z0-9_-]{1,64}$'),
    org_id         uuid,
    -- Whether the org was created with the key and ends with its lineage.
    ephemeral_org  boolean NOT NULL DEFAULT false,
    environment    text NOT NULL CHECK (environment IN ('live', 'test')),
    prefix         text NOT NULL,
    last4          text NOT NULL,
    name           text NOT NULL,
    description    text,
    -- Bits by the ordinal of the scope, which never changes.
    scopes         integer NOT NULL,
    tier           text,
    rate_limit     integer NOT NULL CHECK (rate_limit BETWEEN 1 AND 60000000),
    burst          integer NOT NULL CHECK (burst BETWEEN 1 AND 1000000),
    ip_allow       text[] NOT NULL DEFAULT '{}',
    disabled       boolean NOT NULL DEFAULT false,
    lineage_id     uuid NOT NULL,
    predecessor_id uuid,
    successor_id   uuid,
    rotated_at     timestamptz,
    grace_until    timestamptz,
    created_by     text NOT NULL,
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz,
    revoked_at     timestamptz,
    metadata       jsonb NOT NULL DEFAULT '{}',
    CHECK (org_id IS NOT NULL OR NOT ephemeral_org),
    FOREIGN KEY (org_id, partner_id) REFERENCES orgs (id, partner_id)
);

-- PostgresLookup: a presented credential's key.
CREATE UNIQUE INDEX partner_keys_hash ON partner_keys (hash);
-- KeyStore.list for the admin: all keys, newest first.
CREATE INDEX partner_keys_newest ON partner_keys (created_at DESC, id DESC);
-- KeyStore.list within a partner, newest first.
CREATE INDEX partner_keys_of_partner ON partner_keys (partner_id, created_at DESC, id DESC);
-- KeyStore.list within an org, newest first; all keys of an org when it is suspended or deleted; the foreign key.
CREATE INDEX partner_keys_of_org ON partner_keys (org_id, created_at DESC, id DESC) WHERE org_id IS NOT NULL;
-- Living keys of a lineage: whether an ephemeral org ends with this revocation.
CREATE INDEX partner_keys_of_lineage ON partner_keys (lineage_id);

-- LastUseFlusher, every two seconds from every node. Room on each page, and no index on what changes, keep the updates HOT.
-- No foreign key: a flush must not wait for, or fail with, a change of the key itself.
CREATE TABLE key_last_used (
    key_id       uuid PRIMARY KEY,
    last_used_at timestamptz NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE audit_log (
    id          uuid PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_type  text NOT NULL,
    actor_id    text NOT NULL,
    action      text NOT NULL,
    target_type text NOT NULL,
    target_id   text NOT NULL,
    partner_id  text,
    org_id      uuid,
    request_id  text NOT NULL,
    -- {"member": {"from": …, "to": …}} for each member that changed; never a secret or a hash.
    changes     jsonb NOT NULL DEFAULT '{}'
);

-- The audit list, newest first: all of it, and by each of its filters.
CREATE INDEX audit_log_newest ON audit_log (at DESC, id DESC);
CREATE INDEX audit_log_of_partner ON audit_log (partner_id, at DESC, id DESC);
CREATE INDEX audit_log_of_org ON audit_log (org_id, at DESC, id DESC);
CREATE INDEX audit_log_of_action ON audit_log (action, at DESC, id DESC);

CREATE TABLE change_outbox (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The keys that changed. Their rows are read again when the change is redone, so it is the newest version that is announced.
    key_ids       uuid[] NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Until when a node that is redoing the change has it for itself; null before the first redo.
    claimed_until timestamptz
);

-- ChangeOutbox.claimStale: the oldest changes. The table is nearly always empty.
CREATE INDEX change_outbox_oldest ON change_outbox (created_at);

CREATE TABLE node_sessions (
    session_id uuid PRIMARY KEY,
    node_name  text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    -- A fenced session cannot be renewed any more; it still has to be waited out.
    fenced     boolean NOT NULL DEFAULT false
) WITH (fillfactor = 70);

-- The sessions still alive, read by every change; those long gone, removed by their expiry.
CREATE INDEX node_sessions_expiry ON node_sessions (expires_at);
