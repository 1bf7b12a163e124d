package ai.molecule.edge.credential.model;

import ai.molecule.edge.credential.Admission;
import ai.molecule.edge.credential.ModelCache;
import org.jspecify.annotations.Nullable;

/** What has to hold in every state. That no late request is let in, {@link World} watches. */
final class Invariant {
  private Invariant() {}

  /** What does not hold, in words, or null. */
  static @Nullable String violated(World world) {
    if (world.redis.wentBack) {
      return "a version in Redis went back";
    }
    if (!world.isAnswered) {
      return null;
    }
    if (world.redis.visible() == 1) {
      return "Redis shows the active record after the answer";
    }
    for (ModelNode node : world.nodes) {
      for (ModelNode.Loop loop : node.loops) {
        if (isActive(loop)
            && loop.warm().admit(TheKey.HASH, TheKey.LOOK).result() instanceof Admission.Decided) {
          return "node " + node.index + " would admit from its cache after the answer";
        }
      }
    }
    return null;
  }

  /**
   * Whether the active version is nowhere any more: not in Postgres, Redis or a cache, and in no
   * answer or write under way. Nothing can bring it back, so there is nothing left to look for.
   */
  static boolean isSafeForEver(World world) {
    boolean returns =
        world.mutant == Mutant.RECORD_OF_ANY_INCARNATION
            && world.redis.wasActive
            && world.redisLossesLeft > 0;
    if (world.postgres.keyVersion == 1 || world.redis.visible() == 1 || returns) {
      return false;
    }
    for (Call call : world.calls) {
      boolean tellsOfIt = call.kind != Call.Kind.RENEW && Fingerprint.outcome(call) == 1;
      if (call.version == 1 || tellsOfIt) {
        return false;
      }
    }
    for (Request request : world.requests) {
      if (request.waiting == Request.Waiting.ADMIT && request.known == 1) {
        return false;
      }
    }
    for (ModelNode node : world.nodes) {
      if (node.loops.stream().anyMatch(Invariant::isActive)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isActive(ModelNode.Loop loop) {
    return ModelCache.version(loop.cache(), TheKey.HASH) == 1;
  }
}
