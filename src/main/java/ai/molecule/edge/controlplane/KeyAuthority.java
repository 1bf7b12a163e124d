package ai.molecule.edge.controlplane;

import ai.molecule.edge.credential.AddressRanges;
import ai.molecule.edge.credential.Environment;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.Principal;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.ratelimit.Limit;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a caller that manages keys may grant: the admin everything, a key nothing that it lacks
 * itself. Pure; refusals are {@code escalation_refused} unless said otherwise.
 *
 * @param own the key whose powers are the bound; empty for the admin
 */
record KeyAuthority(Optional<KeyRecord> own) {
  /** The authority of that caller. */
  static KeyAuthority of(Principal caller) {
    return switch (caller) {
      case Principal.Admin() -> new KeyAuthority(Optional.empty());
      case Principal.PartnerKey(KeyRecord key) -> new KeyAuthority(Optional.of(key));
      case Principal.Workspace ignored ->
          throw Problem.of(ProblemCode.INSUFFICIENT_SCOPE, "A workspace manages no keys.");
    };
  }

  /** Whether the caller belongs to no partner, and so has to name one. */
  boolean isPlatform() {
    return own.isEmpty();
  }

  /** The partner of a new key: the caller's own, whoever asks for another is refused. */
  String partner(@Nullable String asked) {
    String partner = own.map(KeyRecord::partnerId).orElse(asked);
    if (partner == null) {
      throw Problem.invalid("#/partner_id", "required", "This member is required.");
    }
    if (asked != null && !asked.equals(partner)) {
      throw refused("A key cannot make keys of another partner.");
    }
    return partner;
  }

  /**
   * The org of a new key: an org key makes keys of its org alone.
   *
   * @throws Problem {@code invalid_request} for another org, the same as for an unknown one
   */
  @Nullable UUID org(@Nullable UUID asked) {
    UUID bound = own.map(KeyRecord::orgId).orElse(null);
    if (bound == null || asked == null || asked.equals(bound)) {
      return bound == null ? asked : bound;
    }
    throw Problem.invalid("#/org_id", "unknown_org", "There is no such org.");
  }

  /** The environment of a new key: test keys make test keys. */
  Environment environment(@Nullable Environment asked) {
    Environment byDefault = own.map(KeyRecord::environment).orElse(Environment.LIVE);
    Environment environment = asked == null ? byDefault : asked;
    demandEnvironment(environment);
    return environment;
  }

  /** The limit of a new key: what the request names must be had, defaults are lowered to it. */
  Limit limit(LimitAsked asked, Limit defaults) {
    Integer rateNamed = asked.rateNamed();
    Integer burstNamed = asked.burstNamedForNewKey();
    demandLimit(rateNamed, burstNamed);
    int rate = rateNamed == null ? lowered(defaults).ratePerMinute() : rateNamed;
    if (burstNamed != null) {
      return new Limit(rate, burstNamed);
    }
    int byDefault = rateNamed == null ? defaults.burst() : LimitAsked.burstFor(rate);
    return new Limit(rate, lowered(new Limit(rate, byDefault)).burst());
  }

  private Limit lowered(Limit limit) {
    return own.map(KeyRecord::limit)
        .map(
            bound ->
                new Limit(
                    Math.min(limit.ratePerMinute(), bound.ratePerMinute()),
                    Math.min(limit.burst(), bound.burst())))
        .orElse(limit);
  }

  /** The addresses of a new key: the caller's own unless narrower ones are asked for. */
  AddressRanges ranges(@Nullable AddressRanges asked) {
    if (asked == null || asked.isAnywhere()) {
      return own.map(KeyRecord::ipAllow).orElse(AddressRanges.ANYWHERE);
    }
    demandRanges(asked);
    return asked;
  }

  /** Refuses scopes that the caller lacks. */
  void demandScopes(ScopeSet scopes) {
    if (own.isPresent() && !own.get().scopes().hasAll(scopes)) {
      throw refused("A key cannot grant a scope that it lacks itself.");
    }
  }

  /** Refuses a rate or burst above the caller's; null is one that is not being set. */
  void demandLimit(@Nullable Integer ratePerMinute, @Nullable Integer burst) {
    if (own.isEmpty()) {
      return;
    }
    Limit bound = own.get().limit();
    boolean within =
        (ratePerMinute == null || ratePerMinute <= bound.ratePerMinute())
            && (burst == null || burst <= bound.burst());
    if (!within) {
      throw refused("A key cannot grant a limit above its own.");
    }
  }

  /** Refuses addresses outside the caller's {@code ip_allow}. */
  void demandRanges(AddressRanges ranges) {
    if (own.isPresent() && !ranges.isWithin(own.get().ipAllow())) {
      throw refused("A key cannot grant addresses outside its own ip_allow.");
    }
  }

  /** Refuses live keys to a test key. */
  void demandEnvironment(Environment environment) {
    if (environment == Environment.LIVE
        && own.map(KeyRecord::environment).orElse(Environment.LIVE) == Environment.TEST) {
      throw refused("A test key cannot make live keys or widen them.");
    }
  }

  /** Refuses a key with any power that the caller lacks: to hand it out is to grant them all. */
  void demandAll(KeyRecord key) {
    demandEnvironment(key.environment());
    demandScopes(key.scopes());
    demandLimit(key.limit().ratePerMinute(), key.limit().burst());
    demandRanges(key.ipAllow());
  }

  private static Problem refused(String why) {
    return Problem.of(ProblemCode.ESCALATION_REFUSED, why);
  }
}
