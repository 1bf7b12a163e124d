package ai.molecule.edge.controlplane.usage;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/** What is metered of an org: the HTTP contract, section 6. */
public enum Meter {
  /** Time in which the org was metered: from when it was first ready until its billing closed. */
  ORG_HOURS("org_hour"),
  /** That time by the seats the org had in it, taken or not. */
  SEAT_HOURS("seat_hour"),
  /** That time by the workspaces the org had in it, the default one included. */
  WORKSPACE_HOURS("workspace_hour"),
  /** Requests that the org's keys were admitted with. */
  API_CALLS("call");

  private static final BigDecimal MICROS_PER_HOUR = BigDecimal.valueOf(3_600_000_000L);
  private static final int DECIMALS = 9;

  private final String unit;
  private final String wireName = name().toLowerCase(Locale.ROOT);

  Meter(String unit) {
    this.unit = unit;
  }

  /** The published name. */
  public String wireName() {
    return wireName;
  }

  /** What one of its quantity is. */
  public String unit() {
    return unit;
  }

  /**
   * How much {@code counted} of {@link HourUsage#counted} is in the meter's unit: calls as they
   * are, time in hours, rounded half up to nine decimals, which is four microseconds.
   */
  public BigDecimal quantity(long counted) {
    return this == API_CALLS
        ? BigDecimal.valueOf(counted)
        : BigDecimal.valueOf(counted)
            .divide(MICROS_PER_HOUR, DECIMALS, RoundingMode.HALF_UP)
            .stripTrailingZeros();
  }

  /** A quantity, or a sum of such, as a number in JSON: whole ones without decimals or exponent. */
  public static Number json(BigDecimal quantity) {
    BigDecimal stripped = quantity.stripTrailingZeros();
    if (stripped.scale() <= 0) {
      return stripped.longValueExact();
    }
    return stripped;
  }
}
