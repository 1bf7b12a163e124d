package ai.molecule.edge.controlplane.orgs;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A remote workspace of an org, and how it was last heard of.
 *
 * @param partnerId the org's partner
 * @param runtime where it runs: {@code external}, outside of the platform
 * @param isDefault whether it came with the org
 * @param agentCard what its agents can do, in their own words; null when nobody said
 * @param state what it is to do: {@code run}, {@code pause} or {@code stop}
 * @param online whether its last heartbeat is less than {@value #OFFLINE_AFTER_SECONDS} seconds old
 * @param heartbeat the last one; null before the first
 */
public record Workspace(
    UUID id,
    UUID orgId,
    String partnerId,
    String name,
    String runtime,
    boolean isDefault,
    @Nullable JsonObject agentCard,
    String state,
    boolean online,
    @Nullable Heartbeat heartbeat,
    Instant createdAt) {
  /** The only runtime there is: a workspace runs where its owner runs it. */
  public static final String EXTERNAL = "external";

  /** A workspace that was silent for this long is offline: the HTTP contract, section 7. */
  public static final int OFFLINE_AFTER_SECONDS = 90;

  /**
   * What a workspace last said of itself.
   *
   * @param at when it arrived, by the clock of Postgres
   */
  public record Heartbeat(Instant at, @Nullable String currentTask, int activeTasks) {}
}
