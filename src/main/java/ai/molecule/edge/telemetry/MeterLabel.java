package ai.molecule.edge.telemetry;

import java.util.Arrays;
import java.util.Locale;

/** A label of a meter, and all the values it can have. */
public enum MeterLabel {
  ROUTE("route templates, `unmatched`"),
  METHOD(values(LabelValue.Method.values())),
  STATUS("HTTP status codes, 499"),
  PROBLEM("problem codes, `none`"),
  TIER(values(LabelValue.Tier.values())),
  OUTCOME(values(LabelValue.Outcome.values())),
  STORE(values(LabelValue.Store.values())),
  OP(values(LabelValue.StoreOp.values())),
  ACTION(values(LabelValue.KeyAction.values())),
  RESULT(values(LabelValue.Repetition.values())),
  UPSTREAM(values(LabelValue.Upstream.values())),
  RELOAD(values(LabelValue.Reload.values())),
  OVERLOAD(values(LabelValue.Overload.values())),
  WEBHOOK_OUTCOME(values(LabelValue.WebhookOutcome.values()));

  private final String allowed;

  MeterLabel(String allowed) {
    this.allowed = allowed;
  }

  /** The label's name. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Its values, for people. */
  public String allowed() {
    return allowed;
  }

  private static String values(LabelValue[] constants) {
    return String.join(", ", Arrays.stream(constants).map(one -> "`" + one.text() + "`").toList());
  }
}
