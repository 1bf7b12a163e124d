package ai.molecule.edge.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What everything that is made may be given. */
final class CreateOptions {
  @Option(names = "--partner", paramLabel = "ID", description = "The partner; for the admin alone.")
  private @Nullable String partner;

  @Option(
      names = "--metadata",
      paramLabel = "NAME=VALUE",
      description = "Kept with it; may be given again.")
  private Map<String, String> metadata = new LinkedHashMap<>();

  @Option(
      names = "--idempotency-key",
      paramLabel = "KEY",
      description =
          "Makes it once, however often the command is run with this key (default: a new one).")
  private @Nullable String idempotencyKey;

  CreateOptions() {}

  /** Adds what was given to a body. */
  void addTo(ObjectNode body) {
    put(body, "partner_id", partner);
    if (!metadata.isEmpty()) {
      ObjectNode object = body.putObject("metadata");
      metadata.forEach(object::put);
    }
  }

  String idempotencyKey() {
    return idempotencyKey == null ? UUID.randomUUID().toString() : idempotencyKey;
  }

  static void put(ObjectNode body, String member, @Nullable String value) {
    if (value != null) {
      body.put(member, value);
    }
  }

  static void put(ObjectNode body, String member, @Nullable Integer value) {
    if (value != null) {
      body.put(member, value);
    }
  }

  static void put(ObjectNode body, String member, @Nullable List<String> values) {
    if (values != null) {
      values.forEach(body.putArray(member)::add);
    }
  }
}
