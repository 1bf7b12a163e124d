package ai.molecule.edge.telemetry;

import java.util.Locale;

/**
 * What a label can have as its value, where that is one of a few words; each enum is one label's.
 */
public sealed interface LabelValue {
  /** The constant's name. */
  String name();

  /** Its place among the label's values, from 0. */
  int ordinal();

  /** As metrics show it: the name in lower case, a method's as it is. */
  default String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** HTTP methods that are told apart. */
  enum Method implements LabelValue {
    GET,
    HEAD,
    POST,
    PUT,
    PATCH,
    DELETE,
    OPTIONS,
    OTHER;

    @Override
    public String text() {
      return name();
    }
  }

  /**
   * The tiers of authentication, cheapest first, in the order of {@code credential.TierMeter.Tier}.
   */
  enum Tier implements LabelValue {
    LEASED,
    REDIS_TOKEN,
    REDIS_RECORD,
    POSTGRES,
    LOCAL
  }

  /** What the limiter can say, in the order of {@code ratelimit.Decision}. */
  enum Outcome implements LabelValue {
    ADMITTED,
    LIMITED,
    PEEKED
  }

  /** The stores. */
  enum Store implements LabelValue {
    REDIS,
    POSTGRES
  }

  /** What is asked of a store. */
  enum StoreOp implements LabelValue {
    /** The admission script. */
    ADMIT,
    /** The script that writes a record. */
    PUT,
    /** A key by its hash, from the primary. */
    LOOKUP,
    /** A transaction of the control plane. */
    CHANGE,
    /** A read of the control plane. */
    READ,
    /** The batch of times of last use. */
    FLUSH,
    /** The probe of health. */
    PROBE
  }

  /** Whose room was full. */
  enum Overload implements LabelValue {
    /** Control plane calls. */
    CALLS,
    /** Revocations. */
    REVOCATIONS,
    /** Requests to one upstream, or to all of a route. */
    UPSTREAM,
    /** Forwarded requests of one partner. */
    PARTNER
  }

  /** What becomes of a call under an Idempotency-Key. */
  enum Repetition implements LabelValue {
    /** It was the first, and was done or refused. */
    FIRST,
    /** It was told what the first was. */
    REPLAYED,
    /** Its body is another than the first's. */
    MISMATCH,
    /** The first is still at work. */
    IN_FLIGHT
  }

  /** What became of an attempt, in the order of {@code proxy.UpstreamOutcome}. */
  enum Upstream implements LabelValue {
    ANSWERED,
    REFUSED,
    RESET,
    TIMEOUT,
    SATURATED,
    INVALID,
    CUT,
    CLIENT_GONE,
    KEY_GONE
  }

  /** What became of a changed file of routes. */
  enum Reload implements LabelValue {
    APPLIED,
    REFUSED
  }

  /** What attempts to deliver come to, in the order of {@code webhooks.CourierMeter.Outcome}. */
  enum WebhookOutcome implements LabelValue {
    /** The receiver took the event. */
    DELIVERED,
    /** It did not, and is tried again. */
    FAILED,
    /** It did not, and is not tried again. */
    DEAD
  }

  /** What happens to keys. */
  enum KeyAction implements LabelValue {
    CREATE,
    UPDATE,
    ROTATE,
    REVOKE
  }
}
