"""Credentials, and the rows of Postgres that make keys of them."""

import hashlib
import os
import secrets
import uuid
import zlib
from pathlib import Path

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
COLUMNS = ("id, hash, root_hash, version, partner_id, environment, prefix, last4, name, scopes, rate_limit, burst, "
           "lineage_id, created_by, created_at")
READ_ORGS = "2"
"""The mask of the scope orgs:read."""
HIGH = (6_000_000, 1_000_000)
"""A rate a minute and a burst that no run here meets."""


def credential(kind="mol_pk_live_"):
    """A well-formed credential: 32 random digits and their checksum."""
    text = kind + "".join(secrets.choice(ALPHABET) for _ in range(32))
    crc, digits = zlib.crc32(text.encode()), ""
    for _ in range(6):
        crc, digit = divmod(crc, 62)
        digits = ALPHABET[digit] + digits
    return text + digits


def broken(text):
    """The credential with a checksum that does not hold."""
    return text[:-1] + ("A" if text[-1] != "A" else "B")


def write(path, credentials):
    """A file of credentials, one a line, which only its owner can read."""
    path = Path(path)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write("\n".join(credentials) + "\n")
    return path


def seed(postgres, database, credentials, limit, partner="loadtest"):
    """Makes the credentials keys, in one COPY: Redis and the nodes learn of them when they are first used. Answers their ids."""
    rate, burst = limit
    ids, rows = [], []
    for number, text in enumerate(credentials):
        key, digest = str(uuid.uuid4()), "\\\\x" + hashlib.sha256(text.encode()).hexdigest()
        ids.append(key)
        rows.append("\t".join([key, digest, digest, "1", partner, "live", text[:16], text[-4:], f"load {number}", READ_ORGS,
                               str(rate), str(burst), key, "admin", "2026-01-01 00:00:00+00"]))
    postgres.sql(database, f"COPY partner_keys ({COLUMNS}) FROM STDIN", "\n".join(rows) + "\n")
    return ids
