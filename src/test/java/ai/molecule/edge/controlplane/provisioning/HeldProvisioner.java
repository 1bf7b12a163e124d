package ai.molecule.edge.controlplane.provisioning;

import io.vertx.core.Future;
import io.vertx.core.Promise;

/** Stops once at its first call, before or after doing it, until it is let go; or for ever. */
final class HeldProvisioner implements Provisioner {
  /** When it stops. */
  enum Moment {
    BEFORE_THE_CALL,
    AFTER_THE_CALL
  }

  private final Provisioner inner;
  private final Moment moment;
  private final Promise<Void> reached = Promise.promise();
  private final Promise<Void> gate = Promise.promise();
  private boolean held;

  HeldProvisioner(Provisioner inner, Moment moment) {
    this.inner = inner;
    this.moment = moment;
  }

  /** Completes when it has stopped. */
  Future<Void> reached() {
    return reached.future();
  }

  void letGo() {
    gate.complete();
  }

  @Override
  public Future<Void> provision(Order order) {
    return first() ? hold(() -> inner.provision(order)) : inner.provision(order);
  }

  @Override
  public Future<Void> release(Order order) {
    return first() ? hold(() -> inner.release(order)) : inner.release(order);
  }

  private synchronized boolean first() {
    boolean first = !held;
    held = true;
    return first;
  }

  private interface Call {
    Future<Void> make();
  }

  private Future<Void> hold(Call call) {
    return switch (moment) {
      case BEFORE_THE_CALL -> {
        reached.complete();
        yield gate.future().compose(go -> call.make());
      }
      case AFTER_THE_CALL ->
          call.make()
              .compose(
                  made -> {
                    reached.complete();
                    return gate.future();
                  });
    };
  }
}
