package ai.molecule.edge.controlplane;

import java.time.Duration;

/**
 * What the body of a request may be.
 *
 * @param bytesMax the longest body that is read
 * @param timeMax how long a body may take, wanted or not; a slow one is refused or its connection
 *     closed
 */
public record BodyLimits(int bytesMax, Duration timeMax) {}
