package ai.molecule.edge.credential.coherence;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Sends confirmations to the coordinators that wait for them: each to the channel in its change's
 * id. What is confirmed while an earlier statement is on its way goes together in the next. That a
 * node forgot stays true however late it is told. On the coherence context.
 */
final class ConfirmationSender {
  /** Where every node listens: for changes whose id has no address. */
  static final String OF_ALL = "edge_confirmations";

  private static final String CONFIRM =
      """
      SELECT pg_notify(told.channel, told.payload)
        FROM unnest($1::text[], $2::text[]) told (channel, payload)
      """;

  private final BiFunction<String, Tuple, Future<RowSet<Row>>> statement;
  private List<Confirmation> unsent = new ArrayList<>();
  private Promise<Void> sent = Promise.promise();
  private boolean underWay;

  /** A sender by {@code statement}, which runs one on the listening connection. */
  ConfirmationSender(BiFunction<String, Tuple, Future<RowSet<Row>>> statement) {
    this.statement = statement;
  }

  /** The channel of a node's own. */
  static String channel(ChangeAddress address) {
    return OF_ALL + "_" + address.hex();
  }

  /** Completes when it is on its way; fails when it may not be. */
  Future<Void> send(Confirmation confirmation) {
    unsent.add(confirmation);
    Future<Void> told = sent.future();
    if (!underWay) {
      sendAll();
    }
    return told;
  }

  private void sendAll() {
    List<Confirmation> batch = unsent;
    Promise<Void> told = sent;
    unsent = new ArrayList<>();
    sent = Promise.promise();
    underWay = true;
    statement
        .apply(
            CONFIRM,
            Tuple.tuple()
                .addArrayOfString(column(batch, ConfirmationSender::channel))
                .addArrayOfString(column(batch, Confirmation::payload)))
        .<Void>mapEmpty()
        .onComplete(
            done -> {
              underWay = false;
              if (!unsent.isEmpty()) {
                sendAll();
              }
              told.handle(done);
            });
  }

  private static String[] column(
      List<Confirmation> confirmations, Function<Confirmation, String> member) {
    return confirmations.stream().map(member).toArray(String[]::new);
  }

  private static String channel(Confirmation confirmation) {
    return ChangeAddress.of(confirmation.changeId())
        .map(ConfirmationSender::channel)
        .orElse(OF_ALL);
  }
}
