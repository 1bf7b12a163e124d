package ai.molecule.edge.controlplane.idempotency;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * SHA-256 over a JSON value: two texts of one value have one digest, whatever their white space,
 * the order of their members, the way their characters are escaped and their numbers written. For
 * that each value goes in as a tag and its content, with its length before it, members by name and
 * numbers as the shortest digits and their exponent. For one use.
 */
final class JsonDigest {
  private final MessageDigest digest = Sha256.fresh();

  private JsonDigest() {}

  /** The digest of {@code value}, which has no member twice. */
  static byte[] of(JsonNode value) {
    JsonDigest canonical = new JsonDigest();
    canonical.add(value);
    return canonical.digest.digest();
  }

  private void add(JsonNode value) {
    switch (value.getNodeType()) {
      case OBJECT -> {
        List<String> names = new ArrayList<>();
        value.fieldNames().forEachRemaining(names::add);
        Collections.sort(names);
        begin('{', names.size());
        for (String name : names) {
          text('m', name);
          add(value.path(name));
        }
      }
      case ARRAY -> {
        begin('[', value.size());
        value.forEach(this::add);
      }
      case STRING -> text('s', value.textValue());
      // No plain digits: 1e999999999 would have a thousand million of them.
      case NUMBER -> {
        BigDecimal shortest = value.decimalValue().stripTrailingZeros();
        text('n', shortest.unscaledValue() + "e" + -(long) shortest.scale());
      }
      case BOOLEAN -> begin(value.booleanValue() ? 't' : 'f', 0);
      case NULL -> begin('0', 0);
      case BINARY, MISSING, POJO -> throw new IllegalArgumentException("not JSON: " + value);
    }
  }

  private void text(char tag, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    begin(tag, bytes.length);
    digest.update(bytes);
  }

  private void begin(char tag, int length) {
    digest.update(ByteBuffer.allocate(5).put((byte) tag).putInt(length).flip());
  }
}
