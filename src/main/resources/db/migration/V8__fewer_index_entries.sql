-- A new key belongs to no org as a rule, and so does its audit row: no entries in indexes that only orgs are asked for by.

-- OrgChanges: the living keys of a lineage that came with an org, to know whether the org ends with this revocation.
DROP INDEX partner_keys_of_lineage;
CREATE INDEX partner_keys_of_lineage ON partner_keys (lineage_id) WHERE ephemeral_org;

-- AuditReads.page within an org.
DROP INDEX audit_log_of_org;
CREATE INDEX audit_log_of_org ON audit_log (org_id, at DESC, id DESC) WHERE org_id IS NOT NULL;
