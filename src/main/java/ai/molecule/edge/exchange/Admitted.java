package ai.molecule.edge.exchange;

import ai.molecule.edge.credential.AuditContext;

/**
 * Last stage: a request that was authenticated, authorized and metered. Only {@link Gate} makes
 * one, and handlers accept nothing else.
 */
public final class Admitted {
  private final Exchange exchange;
  private final Passage.Passed passed;

  Admitted(Exchange exchange, Passage.Passed passed) {
    this.exchange = exchange;
    this.passed = passed;
  }

  /** The request and its answer. */
  public Exchange exchange() {
    return exchange;
  }

  /** How the gate let it through. */
  public Passage.Passed passed() {
    return passed;
  }

  /** Who the request acts as. */
  public Principal principal() {
    return passed.principal();
  }

  /** What the audit log says of a change by this request, besides the change itself. */
  public AuditContext audit(String action) {
    return new AuditContext(principal().actor(), action, exchange.requestId());
  }
}
