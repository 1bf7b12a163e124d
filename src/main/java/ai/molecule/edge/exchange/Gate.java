package ai.molecule.edge.exchange;

import ai.molecule.edge.credential.AdminToken;
import ai.molecule.edge.credential.Admission;
import ai.molecule.edge.credential.Admission.Verdict;
import ai.molecule.edge.credential.AdmissionTier;
import ai.molecule.edge.credential.Ask;
import ai.molecule.edge.credential.CredentialParser;
import ai.molecule.edge.credential.KeyHash;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.KeyState;
import ai.molecule.edge.credential.LastUse;
import ai.molecule.edge.credential.PresentedCredential;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.ratelimit.Decision;
import io.vertx.core.Future;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates, authorizes and meters a request: the only way to an {@link Admitted}. One instance
 * an event loop. Fails closed: a key that cannot be checked is a {@code store_unavailable}.
 */
public final class Gate {
  private static final String REALM = "Bearer realm=\"partner-edge\"";

  private static final String FOR_WORKSPACES = "This call is for workspace tokens.";

  private static final Problem MISSING =
      Problem.of(ProblemCode.CREDENTIAL_MISSING).with("WWW-Authenticate", REALM);
  private static final Problem[] UNAUTHORIZED = unauthorized();

  private final AdmissionTier tier;
  private final AdminToken adminToken;
  private final LastUse lastUse;
  private final CredentialParser parser;

  private Gate(
      AdmissionTier tier, AdminToken adminToken, LastUse lastUse, CredentialParser parser) {
    this.tier = tier;
    this.adminToken = adminToken;
    this.lastUse = lastUse;
    this.parser = parser;
  }

  /** A gate for the calling event loop, asking {@code tier} about keys and workspace tokens. */
  public static Gate create(AdmissionTier tier, AdminToken adminToken, LastUse lastUse) {
    return new Gate(tier, adminToken, lastUse, new CredentialParser());
  }

  /**
   * Lets the request through or refuses it.
   *
   * @return the admitted request; fails with the problem that refuses it: 401, 403, 429 or 503
   */
  public Future<Admitted> pass(Routed routed) {
    PresentedCredential presented = parser.parse(routed.exchange().request().headers());
    return switch (presented) {
      case PresentedCredential.Missing() -> Future.failedFuture(MISSING);
      case PresentedCredential.Malformed() -> unauthorized(ProblemCode.CREDENTIAL_MALFORMED);
      case PresentedCredential.AdminCandidate(KeyHash hash) -> passAdmin(routed, hash);
      case PresentedCredential.WorkspaceToken(KeyHash hash) -> passKey(routed, hash, true);
      case PresentedCredential.PartnerKey(KeyHash hash) -> passKey(routed, hash, false);
    };
  }

  /**
   * Whether a request that was admitted once would still be, but for its limit. Takes no token and
   * is no use of the key.
   *
   * @return fails when nobody who knows the key could be asked
   */
  public Future<Boolean> stillAdmits(KeyHash key, RouteSpec route, Exchange exchange) {
    return tier.admit(key, new Ask(route.needed(), 0, exchange))
        .map(admission -> admission instanceof Admission.Decided);
  }

  /**
   * A request cost other than was taken for it; see {@link AdmissionTier#settle}. Nothing is
   * settled of a request that this node let through by its own share, Redis being away.
   *
   * @param trueCost tokens it should have cost, 0 or more
   */
  public void settle(Exchange exchange, RouteSpec route, long trueCost) {
    Decision decision = exchange.decision();
    if (trueCost != route.cost()
        && decision != null
        && decision.source() != Decision.Source.LOCAL
        && exchange.principal() instanceof Principal.PartnerKey(KeyRecord key)) {
      tier.settle(
          key,
          trueCost - route.cost(),
          exchange.startNanos(),
          decision.source() == Decision.Source.LEASED);
    }
  }

  private Future<Admitted> passAdmin(Routed routed, KeyHash hash) {
    if (!adminToken.accepts(hash)) {
      return unauthorized(ProblemCode.CREDENTIAL_UNKNOWN);
    }
    RouteSpec.Audience audience = routed.route().audience();
    if (audience == RouteSpec.Audience.KEYS_ONLY) {
      return forOthers("This call is for partner keys.");
    }
    if (audience == RouteSpec.Audience.WORKSPACE) {
      return forOthers(FOR_WORKSPACES);
    }
    Principal admin = new Principal.Admin();
    routed.exchange().identified(admin, null);
    return Future.succeededFuture(new Admitted(routed.exchange(), admin, null));
  }

  /**
   * Workspace tokens are checked by the tiers that check keys. One that the route is not for takes
   * no token of its bucket.
   */
  private Future<Admitted> passKey(Routed routed, KeyHash hash, boolean workspace) {
    RouteSpec route = routed.route();
    int cost = workspace == isForWorkspaces(route) ? route.cost() : 0;
    Ask ask = new Ask(route.needed(), cost, routed.exchange());
    Admission now = tier.admitNow(hash, ask);
    if (now != null) {
      return conclude(routed, now);
    }
    return tier.admit(hash, ask).compose(admission -> conclude(routed, admission));
  }

  private static boolean isForWorkspaces(RouteSpec route) {
    return route.audience() == RouteSpec.Audience.WORKSPACE;
  }

  private static Future<Admitted> forOthers(String detail) {
    return Future.failedFuture(Problem.of(ProblemCode.INSUFFICIENT_SCOPE, detail));
  }

  private Future<Admitted> conclude(Routed routed, Admission admission) {
    return switch (admission) {
      case Admission.Unknown() -> unauthorized(ProblemCode.CREDENTIAL_UNKNOWN);
      case Admission.Refused(KeyRecord key, Verdict verdict, Decision decision) ->
          refuseKnown(routed, key, verdict, decision);
      case Admission.Decided(KeyRecord key, Decision decision, LastUse.@Nullable Cell held) -> {
        LastUse.Cell use = held == null ? lastUse.cell(key.id()) : held;
        if (decision.outcome() == Decision.Outcome.LIMITED) {
          use.touch(System.currentTimeMillis());
          known(routed, key, decision);
          yield Future.failedFuture(
              Problem.of(ProblemCode.RATE_LIMITED)
                  .retryAfter(RateLimitHeaders.retryAfterSeconds(decision)));
        }
        if (key.workspaceId() != null || isForWorkspaces(routed.route())) {
          yield concludeForWorkspaces(routed, key, decision, use);
        }
        use.admitted(System.currentTimeMillis());
        yield Future.succeededFuture(
            new Admitted(routed.exchange(), known(routed, key, decision), use));
      }
    };
  }

  /** A workspace's own calls are uses of its token, and no calls that are metered. */
  private Future<Admitted> concludeForWorkspaces(
      Routed routed, KeyRecord key, Decision decision, LastUse.Cell use) {
    use.touch(System.currentTimeMillis());
    Principal principal = known(routed, key, decision);
    if (!isForWorkspaces(routed.route())) {
      return forOthers("A workspace token serves its workspace's own calls alone.");
    }
    if (key.workspaceId() == null) {
      return forOthers(FOR_WORKSPACES);
    }
    return Future.succeededFuture(new Admitted(routed.exchange(), principal, use));
  }

  private Future<Admitted> refuseKnown(
      Routed routed, KeyRecord key, Verdict verdict, Decision decision) {
    return switch (verdict) {
      case Verdict.Ended(KeyState state) -> refuseEnded(routed, key, state, decision);
      case Verdict.AddressNotAllowed() -> {
        identified(routed, key, decision);
        yield Future.failedFuture(Problem.of(ProblemCode.IP_NOT_ALLOWED));
      }
      case Verdict.ScopeMissing(ScopeSet needed) -> {
        identified(routed, key, decision);
        yield insufficientScope(needed);
      }
      case Verdict.CostExceedsBurst() -> {
        identified(routed, key, decision);
        yield Future.failedFuture(Problem.of(ProblemCode.COST_EXCEEDS_BURST));
      }
    };
  }

  private Future<Admitted> refuseEnded(
      Routed routed, KeyRecord key, KeyState state, Decision decision) {
    ProblemCode code = state.refusal().orElse(ProblemCode.KEY_REVOKED);
    if (code.status() == 401) {
      return unauthorized(code);
    }
    identified(routed, key, decision);
    return Future.failedFuture(Problem.of(code));
  }

  /** A use of that key, but no call of it that is counted. */
  private Principal identified(Routed routed, KeyRecord key, Decision decision) {
    lastUse.cell(key.id()).touch(System.currentTimeMillis());
    return known(routed, key, decision);
  }

  private static Principal known(Routed routed, KeyRecord key, Decision decision) {
    UUID workspaceId = key.workspaceId();
    Principal principal =
        workspaceId == null
            ? new Principal.PartnerKey(key)
            : new Principal.Workspace(workspaceId, key);
    routed.exchange().identified(principal, decision);
    return principal;
  }

  /** The refusal of a key that lacks {@code needed} (RFC 6750, section 3.1). */
  public static Future<Admitted> insufficientScope(ScopeSet needed) {
    return Future.failedFuture(scopeProblem(needed));
  }

  /** The problem of a key that lacks {@code needed}, with its challenge. */
  public static Problem scopeProblem(ScopeSet needed) {
    String challenge =
        REALM
            + ", error=\"insufficient_scope\", scope=\""
            + String.join(" ", needed.wireNames())
            + "\"";
    return Problem.of(ProblemCode.INSUFFICIENT_SCOPE).with("WWW-Authenticate", challenge);
  }

  private static Future<Admitted> unauthorized(ProblemCode code) {
    return Future.failedFuture(UNAUTHORIZED[code.ordinal()]);
  }

  /** Refusals by their code, ready made: refusing is to be cheaper than admitting. */
  private static Problem[] unauthorized() {
    ProblemCode[] codes = ProblemCode.values();
    Problem[] problems = new Problem[codes.length];
    for (ProblemCode code : codes) {
      problems[code.ordinal()] =
          Problem.of(code).with("WWW-Authenticate", REALM + ", error=\"invalid_token\"");
    }
    return problems;
  }
}
