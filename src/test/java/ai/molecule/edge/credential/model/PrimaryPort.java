package ai.molecule.edge.credential.model;

import ai.molecule.edge.credential.KeyHash;
import ai.molecule.edge.credential.KeyLookup;
import io.vertx.core.Future;

/** The primary, as one node reads it. */
record PrimaryPort(World world, ModelNode node, Call.Kind kind) implements KeyLookup {
  @Override
  public Future<Result> find(KeyHash hash) {
    Call call = world.newCall(kind);
    call.node = node.index;
    call.noted = kind == Call.Kind.FIND_TO_FILL ? world.current().noted : 0;
    return call.future();
  }
}
