package ai.molecule.edge.credential;

/**
 * A key to be written.
 *
 * @param key as {@link KeyRows#created} made it: what Postgres will give back
 * @param context what its audit row says besides
 */
record NewKey(KeyRecord key, AuditContext context) {}
