package ai.molecule.edge.proxy;

import static ai.molecule.edge.proxy.ClientUnderTest.OK;
import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.proxy.ClientUnderTest.Asked;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of the bytes that come over a connection is an answer, and whose. */
class UpstreamAnswersTest {
  private ClientUnderTest client;

  private void start(int waiting, RawUpstream.Script script) {
    client = ClientUnderTest.start(1, waiting, script);
  }

  /** Every connection ends behind its answer. */
  private void startOnce(String answer) {
    start(
        0,
        (head, connection) -> {
          connection.write(answer);
          connection.close();
        });
  }

  @AfterEach
  void stop() {
    client.close();
  }

  /** Those who wait get the connection in the very turn in which the answer has come. */
  @Test
  void whatIsBehindAnAnswerReachesNobody() {
    start(
        10,
        (head, connection) ->
            connection.write(
                RawUpstream.ok(head.line().split(" ")[1]) + RawUpstream.ok("/of another")));
    List<Asked> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      all.add(client.ask("/" + i));
    }
    for (Asked one : all) {
      assertThat(one.outcome()).isEqualTo("200 " + one.path);
    }
    assertThat(client.upstream.connections()).isEqualTo(10);
  }

  @Test
  void interimAnswersAreDropped() {
    String interim =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n"
            + "HTTP/1.1 199 Any\r\n\r\n";
    start(0, (head, connection) -> connection.write(interim + OK));
    for (int i = 0; i < 5; i++) {
      assertThat(client.ask("/" + i).outcome()).isEqualTo("200 ok");
    }
    assertThat(client.upstream.connections()).isEqualTo(1);
  }

  @Test
  void theAnswerToAHeadWithABodyHasNone() {
    start(
        0, (head, connection) -> connection.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"));
    for (int i = 0; i < 2; i++) {
      assertThat(client.askWithBody("HEAD", 0).outcome()).isEqualTo("200 ");
    }
    assertThat(client.upstream.connections()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip, chunked", "gzip", "chunked, gzip", "chunked, chunked"})
  void anAnswerInACodingThatNobodyAskedForIsNone(String coding) {
    startOnce("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + coding + "\r\n\r\n2\r\nok\r\n0\r\n\r\n");
    assertThat(client.ask("/").outcome()).isEqualTo("failed INVALID");
  }

  @ParameterizedTest
  @ValueSource(strings = {"000", "42", "099", "1000", "2000"})
  void aStatusThatIsNoneIsNoAnswer(String status) {
    startOnce("HTTP/1.1 " + status + " What\r\nContent-Length: 2\r\n\r\nok" + OK);
    assertThat(client.ask("/").outcome()).isEqualTo("failed INVALID");
  }
}
