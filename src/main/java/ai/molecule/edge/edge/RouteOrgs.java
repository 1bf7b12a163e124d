package ai.molecule.edge.edge;

import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowIterator;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the org that a request to a route is about, and checks that the key reaches it. What is out
 * of reach is {@code not_found}, the same as what does not exist.
 *
 * <p>The org of an org key is remembered for a second: its slug never changes, and when the org is
 * suspended or goes, the key itself is refused at once. Orgs of a partner-wide key are read anew
 * for each request. One per event loop.
 */
public final class RouteOrgs {
  // Index: the primary key.
  private static final String BY_ID =
      """
      SELECT id, slug, plan, status FROM orgs
       WHERE id = $1 AND partner_id = $2 AND status NOT IN ('deleting', 'deleted')
      """;

  // Index: orgs_slug_living.
  private static final String BY_SLUG =
      """
      SELECT id, slug, plan, status FROM orgs
       WHERE slug = $1 AND partner_id = $2 AND status NOT IN ('deleting', 'deleted')
      """;

  private static final Pattern SLUG = Pattern.compile("[a-z][a-z0-9-]{2,31}");
  private static final Pattern ID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final long REMEMBERED_NANOS = 1_000_000_000L;
  private static final int REMEMBERED_MAX = 10_000;

  private final PostgresPools pools;
  private final Map<UUID, Remembered> remembered =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Remembered> eldest) {
          return size() > REMEMBERED_MAX;
        }
      };

  /** Looks orgs up on the auth pool of {@code pools}. */
  public RouteOrgs(PostgresPools pools) {
    this.pools = pools;
  }

  private record Remembered(Future<Optional<Org>> org, long untilNanos) {}

  private record Org(UUID id, String slug, String plan, String status) {}

  /**
   * Checks a request.
   *
   * @param path as it was sent
   * @param host as it was sent, without the port
   * @return the id of the org that the request is about, empty when the route names none; fails
   *     with {@code not_found}, {@code org_suspended}, {@code plan_required} or {@code
   *     store_unavailable}
   */
  public Future<Optional<UUID>> check(
      OrgSource source, String path, @Nullable String host, KeyRecord key) {
    return switch (source) {
      case OrgSource.Nowhere() -> Future.succeededFuture(Optional.empty());
      case OrgSource.OfKey(Set<String> plans) -> ofKey(key, plans);
      case OrgSource.Path(int segment, Set<String> plans) ->
          named(segment(path, segment), plans, key);
      case OrgSource.Host(String domain, Set<String> plans) ->
          named(label(host, domain), plans, key);
    };
  }

  private Future<Optional<UUID>> ofKey(KeyRecord key, Set<String> plans) {
    UUID own = key.orgId();
    if (own == null) {
      return Future.failedFuture(Problem.of(ProblemCode.PLAN_REQUIRED));
    }
    return own(own, key).compose(org -> admitted(org, plans)).map(org -> Optional.empty());
  }

  private Future<Optional<UUID>> named(String ref, Set<String> plans, KeyRecord key) {
    boolean isId = ID.matcher(ref).matches();
    if (!isId && !SLUG.matcher(ref).matches()) {
      return notFound();
    }
    UUID own = key.orgId();
    Future<Optional<Org>> found;
    if (own != null) {
      found =
          own(own, key)
              .map(org -> org.filter(it -> ref.equals(isId ? it.id().toString() : it.slug())));
    } else if (isId) {
      found = read(BY_ID, Tuple.of(UUID.fromString(ref), key.partnerId()));
    } else {
      found = read(BY_SLUG, Tuple.of(ref, key.partnerId()));
    }
    return found.compose(org -> admitted(org, plans)).map(org -> Optional.of(org.id()));
  }

  private static Future<Org> admitted(Optional<Org> found, Set<String> plans) {
    if (found.isEmpty()) {
      return notFound();
    }
    Org org = found.get();
    if (org.status().equals("suspended")) {
      return Future.failedFuture(Problem.of(ProblemCode.ORG_SUSPENDED));
    }
    return plans.isEmpty() || plans.contains(org.plan())
        ? Future.succeededFuture(org)
        : Future.failedFuture(Problem.of(ProblemCode.PLAN_REQUIRED));
  }

  private static <T> Future<T> notFound() {
    return Future.failedFuture(Problem.of(ProblemCode.NOT_FOUND));
  }

  private Future<Optional<Org>> own(UUID id, KeyRecord key) {
    long now = System.nanoTime();
    Remembered known = remembered.get(id);
    if (known != null && now - known.untilNanos() < 0 && !known.org().failed()) {
      return known.org();
    }
    Future<Optional<Org>> org = read(BY_ID, Tuple.of(id, key.partnerId()));
    remembered.put(id, new Remembered(org, now + REMEMBERED_NANOS));
    return org;
  }

  private Future<Optional<Org>> read(String sql, Tuple parameters) {
    return pools.query(pools.auth(), sql, parameters).map(RouteOrgs::first);
  }

  private static Optional<Org> first(RowSet<Row> rows) {
    RowIterator<Row> row = rows.iterator();
    if (!row.hasNext()) {
      return Optional.empty();
    }
    Row org = row.next();
    return Optional.of(
        new Org(
            org.getUUID("id"),
            org.getString("slug"),
            org.getString("plan"),
            org.getString("status")));
  }

  private static String segment(String path, int index) {
    List<String> segments = RouteTable.segments(path);
    return index < segments.size() ? segments.get(index) : "";
  }

  private static String label(@Nullable String host, String domain) {
    String name = host == null ? "" : host.toLowerCase(Locale.ROOT);
    return name.endsWith(domain) ? name.substring(0, name.length() - domain.length()) : "";
  }
}
