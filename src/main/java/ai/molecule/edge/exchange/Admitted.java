package ai.molecule.edge.exchange;

/**
 * Last stage: a request that was authenticated, authorized and metered. Only {@link Gate} makes
 * one, and handlers accept nothing else.
 */
public final class Admitted {
  private final Exchange exchange;
  private final Principal principal;

  Admitted(Exchange exchange, Principal principal) {
    this.exchange = exchange;
    this.principal = principal;
  }

  /** The request and its answer. */
  public Exchange exchange() {
    return exchange;
  }

  /** Who the request acts as. */
  public Principal principal() {
    return principal;
  }
}
