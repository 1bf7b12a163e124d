-- What happens to orgs, told to partners: the outbox of events, the webhooks it is for, and what is to be delivered to them.
--
--   events              one row per event, written in the transaction of what it tells (EventLog); body is what every receiver gets, byte for byte
--   webhooks            where a partner wants to be told, of which events; the signing secret is sealed under a key that is not in this database
--   webhook_deliveries  one row per event and webhook that wants it, written with the event
--
-- Locks are taken in the order webhook, then its deliveries.

-- An id of version 7 (RFC 9562, section 5.7), for rows that are made many at a time.
CREATE FUNCTION edge_uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
                                          PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                                          FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$;

CREATE TABLE events (
    -- The webhook-id of every delivery of it.
    id         uuid PRIMARY KEY,
    partner_id text NOT NULL,
    org_id     uuid,
    type       text NOT NULL,
    -- When it happened.
    at         timestamptz NOT NULL,
    body       text NOT NULL
);

-- The sweep of events that are past their time.
CREATE INDEX events_oldest ON events (at);
-- What the edge holds of an org.
CREATE INDEX events_of_org ON events (org_id, at) WHERE org_id IS NOT NULL;

CREATE TABLE webhooks (
    id            uuid PRIMARY KEY,
    partner_id    text NOT NULL,
    -- Set for one that an org key made: it is told of that org alone.
    org_id        uuid REFERENCES orgs (id),
    url           text NOT NULL,
    -- Event types, or '*' for all there are and will be.
    events        text[] NOT NULL CHECK (cardinality(events) > 0),
    -- The signing secret, AES-256-GCM: 12 bytes of nonce, ciphertext, 16 bytes of tag; the id is the associated data.
    secret        bytea NOT NULL,
    -- Which key it is sealed under: nodes deliver what they can sign.
    sealed_under  text NOT NULL,
    -- Whether it leads to this machine, where only nodes that are allowed to will deliver.
    local         boolean NOT NULL,
    -- Set when its receiver said 410 Gone.
    disabled_at   timestamptz,
    -- Attempts failed since the last that did not.
    failures      integer NOT NULL DEFAULT 0,
    created_by    text NOT NULL,
    created_at    timestamptz NOT NULL
);

-- WebhookStore.list, newest first: for the admin, within a partner, within an org. The others also count what an owner has, and EventLog looks for who wants an event.
CREATE INDEX webhooks_newest ON webhooks (created_at DESC, id DESC);
CREATE INDEX webhooks_of_partner ON webhooks (partner_id, created_at DESC, id DESC);
CREATE INDEX webhooks_of_org ON webhooks (org_id, created_at DESC, id DESC) WHERE org_id IS NOT NULL;

CREATE TABLE webhook_deliveries (
    id            uuid PRIMARY KEY DEFAULT edge_uuid_v7(),
    webhook_id    uuid NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_id      uuid NOT NULL REFERENCES events (id),
    status        text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'dead')),
    -- Who is at it; due_at is then when he counts as gone.
    claim         uuid,
    -- When it is tried next, while it is pending.
    due_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Attempts begun since it was made or last replayed: the place in the schedule.
    tries         integer NOT NULL DEFAULT 0,
    -- All attempts ever begun.
    attempts      integer NOT NULL DEFAULT 0,
    -- The last attempts, newest last: [{at, duration_ms, response_status, response_body, error}].
    history       jsonb NOT NULL DEFAULT '[]',
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- When it was delivered or given up.
    ended_at      timestamptz,
    CHECK ((status = 'pending') = (ended_at IS NULL)),
    CHECK (claim IS NULL OR status = 'pending')
);

-- What is due, webhook by webhook; the couriers walk from webhook to webhook on it.
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, due_at) WHERE status = 'pending';
-- DeliveryStore.list, newest first, of any status and of one.
CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (webhook_id, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_of_status ON webhook_deliveries (webhook_id, status, created_at DESC, id DESC);
-- The sweep of what has ended.
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended_at) WHERE ended_at IS NOT NULL;
-- Which deliveries an event has left, for its sweep.
CREATE INDEX webhook_deliveries_of_event ON webhook_deliveries (event_id);
