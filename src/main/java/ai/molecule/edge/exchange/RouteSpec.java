package ai.molecule.edge.exchange;

import ai.molecule.edge.credential.ScopeSet;

/**
 * What a route demands of a request.
 *
 * @param template the path with its variables in braces: the {@code route} label of metrics and
 *     logs
 * @param audience who may call it at all
 * @param needed the scopes a partner key needs, none for a route open to any key
 * @param cost tokens a request costs; 0 for a call that must work when the bucket is empty
 */
public record RouteSpec(String template, Audience audience, ScopeSet needed, int cost) {
  /** Who may call a route at all. */
  public enum Audience {
    /** The admin, and partner keys with the needed scopes. */
    ADMIN_AND_KEYS,
    /** Partner keys alone: the route is about the calling key. */
    KEYS_ONLY,
    /** Workspace tokens alone: the route is about the calling workspace. */
    WORKSPACE,
    /** Anyone: a page on which nothing stands that is not public. Its handler asks no gate. */
    EVERYONE
  }
}
