-- AuditReads.page by action within a partner: a rare action must not walk all that the partner ever did.
CREATE INDEX audit_log_of_partner_action ON audit_log (partner_id, action, at DESC, id DESC);
