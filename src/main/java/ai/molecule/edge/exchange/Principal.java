package ai.molecule.edge.exchange;

import static java.util.Objects.requireNonNull;

import ai.molecule.edge.credential.Actor;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.credential.Scope;
import java.util.UUID;

/** Who a request acts as, once authenticated. */
public sealed interface Principal {
  /** The platform's administrator. */
  record Admin() implements Principal {
    @Override
    public Reach reach() {
      return new Reach.Everything();
    }

    @Override
    public Actor actor() {
      return Actor.ADMIN;
    }

    @Override
    public boolean has(Scope scope) {
      return true;
    }
  }

  /** A partner, or one of its orgs. */
  record PartnerKey(KeyRecord key) implements Principal {
    @Override
    public Reach reach() {
      return key.orgId() == null
          ? new Reach.OfPartner(key.partnerId())
          : new Reach.OfOrg(key.partnerId(), key.orgId());
    }

    @Override
    public Actor actor() {
      return Actor.partnerKey(key.id());
    }

    @Override
    public boolean has(Scope scope) {
      return key.scopes().has(scope);
    }
  }

  /** One remote workspace, by one of its tokens. It holds no scope: its routes are its own. */
  record Workspace(UUID id, KeyRecord token) implements Principal {
    @Override
    public Reach reach() {
      return new Reach.OfWorkspace(token.partnerId(), requireNonNull(token.orgId()), id);
    }

    @Override
    public Actor actor() {
      return Actor.workspace(id);
    }

    @Override
    public boolean has(Scope scope) {
      return false;
    }
  }

  /** What the principal can see and touch. */
  Reach reach();

  /** How the audit log names it. */
  Actor actor();

  /** Whether it may do what {@code scope} stands for; the admin may do everything. */
  boolean has(Scope scope);
}
