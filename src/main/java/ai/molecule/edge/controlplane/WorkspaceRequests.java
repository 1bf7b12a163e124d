package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.orgs.Heartbeats;
import ai.molecule.edge.controlplane.orgs.NewWorkspace;
import ai.molecule.edge.controlplane.orgs.Workspace;
import ai.molecule.edge.controlplane.orgs.WorkspaceEdit;
import ai.molecule.edge.credential.Ids;
import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the bodies about workspaces ask for: the HTTP contract, section 7. What the contract leaves
 * open is bounded here. Each throws {@code invalid_request} with everything that is wrong.
 * Stateless.
 */
final class WorkspaceRequests {
  /** The longest agent card, in characters of its JSON. */
  static final int AGENT_CARD_CHARS_MAX = 16_384;

  static final int TASK_CHARS_MAX = 1_000;
  static final int TASKS_MAX = 1_000_000;

  private static final Set<String> CREATED = Set.of("name", "runtime", "agent_card");
  private static final Set<String> EDITED = Set.of("name", "agent_card", "state");
  private static final Set<String> BEATEN = Set.of("current_task", "active_tasks");
  private static final Set<String> STATES = Set.of("run", "pause", "stop");

  private WorkspaceRequests() {}

  /** A workspace to be made. */
  static NewWorkspace created(JsonBody json) {
    BodyMembers body = BodyMembers.of(json, CREATED);
    body.demand("name");
    String name = KeyMembers.name(body);
    body.word("runtime", Set.of(Workspace.EXTERNAL), "This must be external.");
    JsonObject agentCard = agentCard(body);
    body.throwIfWrong();
    return new NewWorkspace(Ids.next(), name == null ? "" : name, agentCard);
  }

  /** A JSON merge patch (RFC 7396) of a workspace; an agent card is replaced as a whole. */
  static WorkspaceEdit edited(JsonBody json) {
    BodyMembers body = BodyMembers.of(json, EDITED);
    body.demandNotNull("name");
    body.demandNotNull("state");
    String name = KeyMembers.name(body);
    String state = body.word("state", STATES, "This must be run, pause or stop.");
    Change<JsonObject> agentCard = body.change("agent_card", member -> agentCard(body));
    body.throwIfWrong();
    return current ->
        new WorkspaceEdit.Fields(
            name == null ? current.name() : name,
            agentCard.over(current.agentCard()),
            state == null ? current.state() : state);
  }

  /** What a workspace says of itself. */
  static Heartbeats.Beat beat(JsonBody json) {
    BodyMembers body = BodyMembers.of(json, BEATEN);
    String task = body.text("current_task", TASK_CHARS_MAX);
    Integer active = body.integer("active_tasks", 0, TASKS_MAX);
    body.throwIfWrong();
    return new Heartbeats.Beat(task, active == null ? 0 : active);
  }

  private static @Nullable JsonObject agentCard(BodyMembers body) {
    JsonNode card = body.object("agent_card");
    if (card == null) {
      return null;
    }
    String text = card.toString();
    if (text.length() > AGENT_CARD_CHARS_MAX) {
      body.wrong(
          body.at("agent_card"), "too_long", "At most " + AGENT_CARD_CHARS_MAX + " characters.");
      return null;
    }
    if (!isExact(card)) {
      body.wrong(body.at("agent_card"), "out_of_range", "A number in it is too large.");
      return null;
    }
    return new JsonObject(text);
  }

  /** Whether no number is beyond what readers of JSON can be expected to hold (RFC 7493, 2.2). */
  private static boolean isExact(JsonNode node) {
    if (node.isNumber()) {
      return Double.isFinite(node.doubleValue());
    }
    for (JsonNode child : node) {
      if (!isExact(child)) {
        return false;
      }
    }
    return true;
  }
}
