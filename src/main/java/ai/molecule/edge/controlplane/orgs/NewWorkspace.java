package ai.molecule.edge.controlplane.orgs;

import io.vertx.core.json.JsonObject;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A workspace that a caller asks for. */
public record NewWorkspace(UUID id, String name, @Nullable JsonObject agentCard) {}
