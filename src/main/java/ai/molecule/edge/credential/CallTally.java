package ai.molecule.edge.credential;

import java.util.UUID;

/**
 * Calls that one key was admitted with in one hour.
 *
 * @param hourMillis when the hour begins, in milliseconds of the epoch
 */
record CallTally(UUID keyId, long hourMillis, long calls) {}
