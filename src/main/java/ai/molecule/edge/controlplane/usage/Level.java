package ai.molecule.edge.controlplane.usage;

import java.time.Instant;

/**
 * How much of an org there is from a moment on.
 *
 * @param at when it began
 * @param orgs 1 while the org is metered, else 0
 */
record Level(Instant at, int orgs, int seats, int workspaces) {}
