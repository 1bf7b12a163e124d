package ai.molecule.edge.controlplane;

import ai.molecule.edge.credential.Cursor;
import ai.molecule.edge.credential.Page;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.exchange.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What every list has in common: {@code limit} and {@code cursor}, and its answer. Stateless. */
final class PageParameters {
  private PageParameters() {}

  /** The page asked for; what is wrong is noted in {@code query}. */
  static PageRequest of(QueryParameters query) {
    @Nullable Integer limit =
        query.value(
            "limit",
            PageParameters::limit,
            "out_of_range",
            "This must be 1 to " + PageRequest.LIMIT_MAX + ".");
    @Nullable Cursor after =
        query.value(
            "cursor",
            text -> Cursor.parse(text).orElse(null),
            "invalid_cursor",
            "This must be the next_cursor of an earlier answer.");
    return new PageRequest(limit == null ? PageRequest.LIMIT_DEFAULT : limit, after);
  }

  private static @Nullable Integer limit(String text) {
    if (!text.matches("[0-9]{1,4}")) {
      return null;
    }
    int limit = Integer.parseInt(text);
    return limit >= 1 && limit <= PageRequest.LIMIT_MAX ? limit : null;
  }

  /** The page asked for of a list without filters; throws {@code invalid_request} when wrong. */
  static PageRequest only(QueryParameters query) {
    PageRequest page = of(query);
    query.throwIfWrong();
    return page;
  }

  /** The answer to a list: 200, with its items and where the next page begins. */
  static <T> Answer answer(Page<T> page, Function<T, JsonObject> json) {
    JsonArray data = new JsonArray();
    page.items().forEach(item -> data.add(json.apply(item)));
    Cursor next = page.next();
    JsonObject body =
        new JsonObject().put("data", data).put("next_cursor", next == null ? null : next.text());
    return Answer.json(200, body);
  }
}
