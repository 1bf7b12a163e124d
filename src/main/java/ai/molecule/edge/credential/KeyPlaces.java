package ai.molecule.edge.credential;

import ai.molecule.edge.ratelimit.BucketKeys;
import java.util.List;

/** Where a key's record and its lineage's bucket stand in Redis. */
final class KeyPlaces {
  private KeyPlaces() {}

  /** The record's place in the bucket's slot: what the admit script reads. */
  static String besideBucket(KeyHash hash, KeyHash root) {
    String text = root.base64Url();
    return BucketKeys.record(hash.equals(root) ? text : hash.base64Url(), text);
  }

  /** The lineage's bucket. */
  static String bucket(KeyHash root) {
    return BucketKeys.bucket(root.base64Url());
  }

  /** Every place of the key's record: one, or two for a rotated key. */
  static List<String> all(KeyRecord key) {
    String own = besideBucket(key.hash(), key.hash());
    return key.root().equals(key.hash())
        ? List.of(own)
        : List.of(own, besideBucket(key.hash(), key.root()));
  }
}
