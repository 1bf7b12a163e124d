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
import ai.molecule.edge.credential.WarmKey;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.ratelimit.Decision;
import io.vertx.core.Completable;
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

  private static final Passage MISSING =
      new Passage.Refused(
          Problem.of(ProblemCode.CREDENTIAL_MISSING).with("WWW-Authenticate", REALM));
  private static final Passage[] UNAUTHORIZED = unauthorized();

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
    Exchange exchange = routed.exchange();
    RouteSpec route = routed.route();
    PresentedCredential presented = parser.parse(exchange.headers());
    Passage now = now(exchange, route, presented);
    return now != null
        ? future(exchange, now)
        : later(exchange, route, presented).compose(passage -> future(exchange, passage));
  }

  /**
   * The same for a direct call.
   *
   * @param later told the answer when a store has to be asked for it; fails as {@link
   *     #pass(Routed)}
   * @return the answer when it is known at once; else null
   */
  public @Nullable Passage pass(DirectCall call, RouteSpec route, Completable<Passage> later) {
    call.route(route.template());
    PresentedCredential presented = parser.parse(call.headers());
    Passage now = now(call, route, presented);
    if (now == null) {
      later(call, route, presented).onComplete(later);
    }
    return now;
  }

  /** What stores say to a key or token about which nothing can be said at once. */
  private Future<Passage> later(Call call, RouteSpec route, PresentedCredential presented) {
    boolean workspace = presented instanceof PresentedCredential.WorkspaceToken;
    KeyHash hash =
        switch (presented) {
          case PresentedCredential.WorkspaceToken(KeyHash token) -> token;
          case PresentedCredential.PartnerKey(KeyHash key) -> key;
          default -> throw new IllegalStateException("is decided at once");
        };
    return tier.admitByStores(hash, ask(call, route, workspace))
        .map(admission -> conclude(call, route, admission));
  }

  private @Nullable Passage now(Call call, RouteSpec route, PresentedCredential presented) {
    return switch (presented) {
      case PresentedCredential.Missing() -> MISSING;
      case PresentedCredential.Malformed() -> unauthorized(ProblemCode.CREDENTIAL_MALFORMED);
      case PresentedCredential.AdminCandidate(KeyHash hash) -> passAdmin(call, route, hash);
      case PresentedCredential.WorkspaceToken(KeyHash hash) -> keyNow(call, route, hash, true);
      case PresentedCredential.PartnerKey(KeyHash hash) -> keyNow(call, route, hash, false);
    };
  }

  private @Nullable Passage keyNow(Call call, RouteSpec route, KeyHash hash, boolean workspace) {
    Admission now = tier.admitNow(hash, ask(call, route, workspace));
    return now == null ? null : conclude(call, route, now);
  }

  /**
   * Workspace tokens are checked by the tiers that check keys. One that the route is not for takes
   * no token of its bucket.
   */
  private static Ask ask(Call call, RouteSpec route, boolean workspace) {
    return new Ask(route.needed(), workspace == isForWorkspaces(route) ? route.cost() : 0, call);
  }

  private static Future<Admitted> future(Exchange exchange, Passage passage) {
    return switch (passage) {
      case Passage.Refused(Problem problem) -> Future.failedFuture(problem);
      case Passage.Passed passed -> Future.succeededFuture(new Admitted(exchange, passed));
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
      tier.settle(key, trueCost - route.cost(), exchange.startNanos());
    }
  }

  private Passage passAdmin(Call call, RouteSpec route, KeyHash hash) {
    if (!adminToken.accepts(hash)) {
      return unauthorized(ProblemCode.CREDENTIAL_UNKNOWN);
    }
    RouteSpec.Audience audience = route.audience();
    if (audience == RouteSpec.Audience.KEYS_ONLY) {
      return forOthers("This call is for partner keys.");
    }
    if (audience == RouteSpec.Audience.WORKSPACE) {
      return forOthers(FOR_WORKSPACES);
    }
    Principal admin = new Principal.Admin();
    call.identified(admin, null, false);
    return new Passage.Passed(admin, null, null);
  }

  private static boolean isForWorkspaces(RouteSpec route) {
    return route.audience() == RouteSpec.Audience.WORKSPACE;
  }

  private static Passage forOthers(String detail) {
    return new Passage.Refused(Problem.of(ProblemCode.INSUFFICIENT_SCOPE, detail));
  }

  private Passage conclude(Call call, RouteSpec route, Admission admission) {
    return switch (admission) {
      case Admission.Unknown() -> unauthorized(ProblemCode.CREDENTIAL_UNKNOWN);
      case Admission.Refused(KeyRecord key, Verdict verdict, Decision decision) ->
          refuseKnown(call, key, verdict, decision);
      case Admission.Decided(KeyRecord key, Decision decision, @Nullable WarmKey warm) -> {
        LastUse.Cell use = warm == null ? lastUse.cell(key.id()) : warm.use();
        if (decision.outcome() == Decision.Outcome.LIMITED) {
          use.touch(System.currentTimeMillis());
          known(call, key, decision);
          yield new Passage.Refused(
              Problem.of(ProblemCode.RATE_LIMITED)
                  .retryAfter(RateLimitHeaders.retryAfterSeconds(decision)));
        }
        boolean plain = warm != null && warm.isPlain();
        if (isForWorkspaces(route) || !plain && key.workspaceId() != null) {
          yield concludeForWorkspaces(call, route, key, decision, use);
        }
        use.admitted(System.currentTimeMillis());
        Principal principal = new Principal.PartnerKey(key);
        call.identified(principal, decision, !plain);
        yield new Passage.Passed(principal, use, warm);
      }
    };
  }

  /** A workspace's own calls are uses of its token, and no calls that are metered. */
  private Passage concludeForWorkspaces(
      Call call, RouteSpec route, KeyRecord key, Decision decision, LastUse.Cell use) {
    use.touch(System.currentTimeMillis());
    Principal principal = known(call, key, decision);
    if (!isForWorkspaces(route)) {
      return forOthers("A workspace token serves its workspace's own calls alone.");
    }
    if (key.workspaceId() == null) {
      return forOthers(FOR_WORKSPACES);
    }
    return new Passage.Passed(principal, use, null);
  }

  private Passage refuseKnown(Call call, KeyRecord key, Verdict verdict, Decision decision) {
    return switch (verdict) {
      case Verdict.Ended(KeyState state) -> refuseEnded(call, key, state, decision);
      case Verdict.AddressNotAllowed() -> {
        identified(call, key, decision);
        yield new Passage.Refused(Problem.of(ProblemCode.IP_NOT_ALLOWED));
      }
      case Verdict.ScopeMissing(ScopeSet needed) -> {
        identified(call, key, decision);
        yield insufficientScope(needed);
      }
      case Verdict.CostExceedsBurst() -> {
        identified(call, key, decision);
        yield new Passage.Refused(Problem.of(ProblemCode.COST_EXCEEDS_BURST));
      }
    };
  }

  private Passage refuseEnded(Call call, KeyRecord key, KeyState state, Decision decision) {
    ProblemCode code = state.refusal().orElse(ProblemCode.KEY_REVOKED);
    if (code.status() == 401) {
      return unauthorized(code);
    }
    identified(call, key, decision);
    return new Passage.Refused(Problem.of(code));
  }

  /** A use of that key, but no call of it that is counted. */
  private Principal identified(Call call, KeyRecord key, Decision decision) {
    lastUse.cell(key.id()).touch(System.currentTimeMillis());
    return known(call, key, decision);
  }

  private static Principal known(Call call, KeyRecord key, Decision decision) {
    UUID workspaceId = key.workspaceId();
    Principal principal =
        workspaceId == null
            ? new Principal.PartnerKey(key)
            : new Principal.Workspace(workspaceId, key);
    call.identified(principal, decision, true);
    return principal;
  }

  /** The refusal of a key that lacks {@code needed} (RFC 6750, section 3.1). */
  private static Passage insufficientScope(ScopeSet needed) {
    return new Passage.Refused(scopeProblem(needed));
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

  private static Passage unauthorized(ProblemCode code) {
    return UNAUTHORIZED[code.ordinal()];
  }

  /** Refusals by their code, ready made: refusing is to be cheaper than admitting. */
  private static Passage[] unauthorized() {
    ProblemCode[] codes = ProblemCode.values();
    Passage[] refusals = new Passage[codes.length];
    for (ProblemCode code : codes) {
      refusals[code.ordinal()] =
          new Passage.Refused(
              Problem.of(code).with("WWW-Authenticate", REALM + ", error=\"invalid_token\""));
    }
    return refusals;
  }
}
