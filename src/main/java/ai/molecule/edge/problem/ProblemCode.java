package ai.molecule.edge.problem;

import java.util.Locale;

/**
 * The closed catalogue of problem codes: the published {@code code} member, its status, its title
 * and who has to act. Source: the HTTP contract, sections 2, 3 and 8. Listed in {@code
 * docs/errors.md}, which a test compares with this enum.
 */
public enum ProblemCode {
  CREDENTIAL_MISSING(401, FaultDomain.CALLER, "No credential", "Send Authorization: Bearer <key>."),
  CREDENTIAL_MALFORMED(
      401,
      FaultDomain.CALLER,
      "Malformed credential",
      "The Authorization header must be one Bearer credential whose form and checksum are right."),
  CREDENTIAL_UNKNOWN(
      401, FaultDomain.CALLER, "Unknown credential", "No key with this credential exists."),
  KEY_REVOKED(401, FaultDomain.CALLER, "Key revoked", "This key has been revoked."),
  KEY_EXPIRED(401, FaultDomain.CALLER, "Key expired", "This key is past its expiry."),
  KEY_ROTATED(
      401,
      FaultDomain.CALLER,
      "Key rotated",
      "This key was replaced and its grace period is over."),
  KEY_DISABLED(401, FaultDomain.CALLER, "Key disabled", "This key is disabled."),
  INSUFFICIENT_SCOPE(
      403, FaultDomain.CALLER, "Insufficient scope", "The key lacks the scope this call needs."),
  IP_NOT_ALLOWED(
      403,
      FaultDomain.CALLER,
      "Address not allowed",
      "The caller's address is outside the key's ip_allow."),
  ESCALATION_REFUSED(
      403,
      FaultDomain.CALLER,
      "Escalation refused",
      "A key cannot grant a scope, a limit or a reach that it lacks itself."),
  AUTHZ_UNCLEAR(
      403,
      FaultDomain.CALLER,
      "Unclear request",
      "It is not clear which request is asked about, or no route covers it."),
  ORG_SUSPENDED(403, FaultDomain.CALLER, "Org suspended", "The key's org is suspended."),
  NOT_FOUND(404, FaultDomain.CALLER, "Not found", "There is no such resource."),
  METHOD_NOT_ALLOWED(
      405, FaultDomain.CALLER, "Method not allowed", "The resource does not have this method."),
  BAD_REQUEST(400, FaultDomain.CALLER, "Bad request", "The request is not well-formed HTTP."),
  URI_TOO_LONG(414, FaultDomain.CALLER, "URI too long", "The request line is over the limit."),
  HEADERS_TOO_LARGE(
      431,
      FaultDomain.CALLER,
      "Headers too large",
      "The headers are more, or together longer, than the limit."),
  INVALID_REQUEST(
      400, FaultDomain.CALLER, "Invalid request", "The request has members that are not valid."),
  MALFORMED_JSON(400, FaultDomain.CALLER, "Malformed JSON", "The body is not JSON."),
  BODY_TOO_LARGE(413, FaultDomain.CALLER, "Body too large", "The body is over the limit."),
  UNSUPPORTED_MEDIA_TYPE(
      415, FaultDomain.CALLER, "Unsupported media type", "Send application/json."),
  ALREADY_ROTATED(409, FaultDomain.CALLER, "Already rotated", "This key already has a successor."),
  WRONG_STATE(
      409, FaultDomain.CALLER, "Wrong state", "The resource's state does not allow this call."),
  SLUG_RESERVED(400, FaultDomain.CALLER, "Slug reserved", "This slug is kept for the platform."),
  SLUG_TAKEN(409, FaultDomain.CALLER, "Slug taken", "A living org has this slug."),
  EXTERNAL_ID_TAKEN(
      409,
      FaultDomain.CALLER,
      "External id taken",
      "A living org of this partner has this external_id."),
  ORG_LIMIT(
      409, FaultDomain.CALLER, "Too many orgs", "The partner has as many orgs as it may have."),
  SEATS_EXHAUSTED(409, FaultDomain.CALLER, "No seat left", "All seats of the org are taken."),
  MEMBER_EXISTS(
      409, FaultDomain.CALLER, "Already a member", "The org has a member with this email."),
  IDEMPOTENCY_IN_FLIGHT(
      409,
      FaultDomain.CALLER,
      "Still running",
      "The first call with this Idempotency-Key is still running; repeat this one to be told what"
          + " it made."),
  IDEMPOTENCY_MISMATCH(
      422,
      FaultDomain.CALLER,
      "Another body",
      "This Idempotency-Key was used here with another body."),
  WORKSPACE_LIMIT(
      409,
      FaultDomain.CALLER,
      "Too many workspaces",
      "The org has as many workspaces as its plan allows."),
  TOKEN_LIMIT(
      409,
      FaultDomain.CALLER,
      "Too many tokens",
      "The workspace has as many tokens as it may have; revoke one first."),
  WEBHOOK_LIMIT(
      409,
      FaultDomain.CALLER,
      "Too many webhooks",
      "The partner or the org has as many webhooks as it may have."),
  RATE_LIMITED(
      429, FaultDomain.CALLER, "Rate limited", "The key's limit is used up; see Retry-After."),
  COST_EXCEEDS_BURST(
      403,
      FaultDomain.CALLER,
      "Cost exceeds burst",
      "The call costs more tokens than the key's burst: it could never be admitted."),
  PLAN_REQUIRED(
      403, FaultDomain.CALLER, "Plan required", "The org's plan does not include this call."),
  STREAM_LIMIT(
      429,
      FaultDomain.CALLER,
      "Too many streams",
      "The key has as many streams open as it may have."),
  CONCURRENCY_LIMIT(
      429,
      FaultDomain.CALLER,
      "Too many at once",
      "The partner has as many requests under way as it may have."),
  UPSTREAM_REFUSED(
      503, FaultDomain.UPSTREAM, "Upstream refused", "The service behind the edge is not there."),
  UPSTREAM_RESET(
      502,
      FaultDomain.UPSTREAM,
      "Upstream reset",
      "The service behind the edge closed the connection before it answered."),
  UPSTREAM_INVALID(
      502,
      FaultDomain.UPSTREAM,
      "Upstream answer invalid",
      "The service behind the edge answered with something that is not HTTP, or with too much."),
  UPSTREAM_TIMEOUT(
      504,
      FaultDomain.UPSTREAM,
      "Upstream timeout",
      "The service behind the edge did not answer in time."),
  UPSTREAM_SATURATED(
      503,
      FaultDomain.UPSTREAM,
      "Upstream saturated",
      "As many requests wait for the service behind the edge as may; retry after a moment."),
  STORE_UNAVAILABLE(
      503,
      FaultDomain.EDGE,
      "Temporarily unavailable",
      "A store the edge depends on did not answer; retry after a moment."),
  OVERLOADED(
      503, FaultDomain.EDGE, "Overloaded", "The edge is at its limit; retry after a moment."),
  INTERNAL_ERROR(500, FaultDomain.EDGE, "Internal error", "The edge failed; it has been logged.");

  /** Who has to act for the problem to go away. */
  public enum FaultDomain {
    CALLER,
    EDGE,
    UPSTREAM
  }

  private final int status;
  private final FaultDomain faultDomain;
  private final String title;
  private final String detail;
  private final String code;

  ProblemCode(int status, FaultDomain faultDomain, String title, String detail) {
    this.status = status;
    this.faultDomain = faultDomain;
    this.title = title;
    this.detail = detail;
    this.code = name().toLowerCase(Locale.ROOT);
  }

  /** The HTTP status this code always comes with. */
  public int status() {
    return status;
  }

  /** Who has to act. */
  public FaultDomain faultDomain() {
    return faultDomain;
  }

  /** The short, fixed summary: {@code title} of RFC 9457. */
  public String title() {
    return title;
  }

  /** The sentence used when a problem brings none of its own. */
  public String defaultDetail() {
    return detail;
  }

  /** The published name, such as {@code not_found}. */
  public String code() {
    return code;
  }

  /** The problem type URI of RFC 9457. */
  public String type() {
    return "urn:molecule:problem:" + code;
  }
}
