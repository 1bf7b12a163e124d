package ai.molecule.edge.exchange;

import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemRenderer;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A GET without a body over HTTP/1.1 that is answered with the very bytes that go to its
 * connection. They are those that an {@link Exchange} would make, without the objects that a server
 * needs for requests and answers of any other kind.
 */
public final class DirectCall extends Call {
  private static final byte[] NOTHING = {};

  private final HttpRequest head;
  private final HttpConnection connection;
  private final AnswerBytes answer;

  /**
   * Begins the call of a request that has just arrived.
   *
   * @param answer where its answer is put together
   */
  public DirectCall(
      HttpRequest head, HttpConnection connection, AnswerBytes answer, Completion completion) {
    super(completion);
    this.head = head;
    this.connection = connection;
    this.answer = answer;
  }

  @Override
  public HttpMethod method() {
    return HttpMethod.GET;
  }

  /** The decoder of Vert.x makes headers that are both Netty's and its own. */
  @Override
  public MultiMap headers() {
    return (MultiMap) head.headers();
  }

  @Override
  @Nullable String peerAddress() {
    return connection.remoteAddress().hostAddress();
  }

  /** The client has gone away: nothing more is answered. */
  public void abandon() {
    if (!isCompleted()) {
      status(Completion.STATUS_CLIENT_GONE);
      complete();
    }
  }

  /** Whether it has been answered or abandoned. */
  public boolean isOver() {
    return isCompleted();
  }

  /** Ends the call with 200 and a JSON body. */
  public void answer(byte[] body) {
    begin(HttpResponseStatus.OK.code());
    answer.header(HttpHeaders.CONTENT_TYPE, JSON);
    answer.end(body, "", NOTHING);
    complete();
  }

  /**
   * Ends the call with the problem behind {@code failure}; anything unexpected is logged and a 500.
   */
  public void fail(Throwable failure) {
    Problem refused = refusal(failure);
    begin(refused.code().status());
    answer.header(HttpHeaders.CONTENT_TYPE, PROBLEM_JSON);
    for (Map.Entry<String, String> header : refused.headers().entrySet()) {
      answer.header(header.getKey(), header.getValue());
    }
    // Nothing in a fit id has to be quoted.
    ProblemRenderer.Parts body = ProblemRenderer.parts(refused);
    answer.end(body.before(), requestIdText(), body.after());
    complete();
  }

  private void begin(int status) {
    status(status);
    answer.begin(status);
    putHeaders(answer);
  }
}
