package ai.molecule.edge.config;

import ai.molecule.edge.ratelimit.Limit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The keys below {@code tiers}: two for each tier that the file names. */
final class TierKeys {
  static final String FORM =
      "is not a tier's key; allowed: tiers.NAME.rate_limit and tiers.NAME.burst, NAME being 1 to 64"
          + " of a-z0-9_-";

  private static final Pattern NAME =
      Pattern.compile("tiers\\.([a-z0-9_-]{1,64})\\.(rate_limit|burst)");

  private final Map<String, ConfigKey<Integer>> keys = new LinkedHashMap<>();
  private final Map<String, Integer> values = new TreeMap<>();

  static boolean owns(String name) {
    return name.startsWith("tiers.");
  }

  /** Makes the keys of the tier that {@code name} belongs to; empty when the name is no key. */
  Optional<ConfigKey<Integer>> declare(String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String tier = "tiers." + matcher.group(1);
    add(tier + ".rate_limit", Limit.RATE_PER_MINUTE_MAX, "Requests a minute.");
    add(tier + ".burst", Limit.BURST_MAX, "Requests at once; rate_limit when not given.");
    return Optional.ofNullable(keys.get(name));
  }

  private void add(String name, int max, String meaning) {
    keys.putIfAbsent(name, new ConfigKey<>(name, new Kind.Whole(1, max), null, false, meaning));
  }

  List<ConfigKey<Integer>> keys() {
    return List.copyOf(keys.values());
  }

  void set(String name, int value) {
    values.put(name, value);
  }

  /** Keys that must be given and are not there. */
  List<String> missing() {
    List<String> missing = new ArrayList<>();
    for (String name : keys.keySet()) {
      if (name.endsWith(".rate_limit") && !values.containsKey(name)) {
        missing.add(name);
      }
    }
    return missing;
  }

  /** The tiers by name; those without a rate are left out. */
  Map<String, Limit> limits() {
    Map<String, Limit> limits = new TreeMap<>();
    for (String name : keys.keySet()) {
      Matcher matcher = NAME.matcher(name);
      if (matcher.matches()) {
        String tier = matcher.group(1);
        @Nullable Integer rate = values.get("tiers." + tier + ".rate_limit");
        if (rate != null) {
          int byDefault = Math.min(rate, Limit.BURST_MAX);
          int burst = values.getOrDefault("tiers." + tier + ".burst", byDefault);
          limits.put(tier, new Limit(rate, burst));
        }
      }
    }
    return limits;
  }
}
