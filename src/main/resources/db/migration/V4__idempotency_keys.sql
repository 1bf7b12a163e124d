-- Answers to calls that made something under an Idempotency-Key, for 24 hours. A row is written in the transaction of what was made,
-- so the answer is remembered if and only if the work was done, wherever the node died.
--
-- The key itself is nowhere: it is part of what the id is the hash of, and of what the sealed answer is sealed with.

CREATE TABLE idempotency_keys (
    -- SHA-256 over the caller, the route with its path variables and the Idempotency-Key. Its first eight bytes name the advisory lock
    -- that is held while the first call is at work.
    id         bytea PRIMARY KEY CHECK (octet_length(id) = 32),
    -- For people: 'admin' or the lineage of the calling key; and the route's template.
    caller     text NOT NULL,
    route      text NOT NULL,
    -- SHA-256 over the body as a JSON value.
    body_hash  bytea NOT NULL CHECK (octet_length(body_hash) = 32),
    status     integer NOT NULL CHECK (status BETWEEN 200 AND 299),
    -- The path of what was made.
    location   text NOT NULL,
    -- The body in UTF-8, null in place of the secret.
    answer     bytea NOT NULL,
    -- The body with the secret, sealed (AES-256-GCM) under a key derived from the caller and the Idempotency-Key. Gone after ten minutes.
    sealed     bytea,
    -- The scopes that the answer shows or took, beyond the route's own: bits as in partner_keys.
    scopes     integer NOT NULL,
    -- The change that has to be known on every node before the answer is given again, as long as it is in the outbox; 0 for none.
    outbox_id  bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- IdempotencySweeper: what is to be forgotten, secrets first.
CREATE INDEX idempotency_keys_sealed ON idempotency_keys (created_at) WHERE sealed IS NOT NULL;
CREATE INDEX idempotency_keys_oldest ON idempotency_keys (created_at);
