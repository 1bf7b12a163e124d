package ai.molecule.edge.controlplane.usage;

import java.time.Instant;

/**
 * What one org used in one hour.
 *
 * @param hour when the hour begins
 * @param orgMicros microseconds in which the org was metered
 * @param seatMicros those by its seats
 * @param workspaceMicros those by its workspaces
 * @param apiCalls calls admitted with its keys
 */
public record HourUsage(
    Instant hour, long orgMicros, long seatMicros, long workspaceMicros, long apiCalls) {

  /** What was counted for {@code meter}: microseconds, or calls. */
  public long counted(Meter meter) {
    return switch (meter) {
      case ORG_HOURS -> orgMicros;
      case SEAT_HOURS -> seatMicros;
      case WORKSPACE_HOURS -> workspaceMicros;
      case API_CALLS -> apiCalls;
    };
  }

  /** Whether nothing was used. */
  public boolean isNothing() {
    return orgMicros == 0 && seatMicros == 0 && workspaceMicros == 0 && apiCalls == 0;
  }

  HourUsage withCalls(long calls) {
    return new HourUsage(hour, orgMicros, seatMicros, workspaceMicros, calls);
  }
}
