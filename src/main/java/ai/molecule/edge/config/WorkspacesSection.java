package ai.molecule.edge.config;

import ai.molecule.edge.controlplane.WorkspacesConfig;
import ai.molecule.edge.controlplane.orgs.WorkspaceQuota;
import ai.molecule.edge.ratelimit.Limit;

/**
 * The section {@code workspaces}: how many workspaces there may be, and how often they may call.
 */
final class WorkspacesSection {
  static final SectionKeys KEYS = SectionKeys.of("workspaces");
  private static final WorkspacesConfig SHIPPED = WorkspacesConfig.defaults();

  private static final ConfigKey<Integer> FREE_MAX = quota("free_max", SHIPPED.quota().free());
  private static final ConfigKey<Integer> STARTER_MAX =
      quota("starter_max", SHIPPED.quota().starter());
  private static final ConfigKey<Integer> PRO_MAX = quota("pro_max", SHIPPED.quota().pro());
  private static final ConfigKey<Integer> ENTERPRISE_MAX =
      quota("enterprise_max", SHIPPED.quota().enterprise());
  private static final ConfigKey<Integer> TOKENS_MAX =
      KEYS.whole(
          "tokens_max",
          1,
          1_000,
          SHIPPED.quota().tokensMax(),
          "Tokens a workspace may have at a time.");
  private static final ConfigKey<Integer> RATE_LIMIT =
      KEYS.whole(
          "rate_limit",
          1,
          Limit.RATE_PER_MINUTE_MAX,
          SHIPPED.tokenLimit().ratePerMinute(),
          "Requests a minute of a workspace token made from now on.");
  private static final ConfigKey<Integer> BURST =
      KEYS.whole(
          "burst",
          1,
          Limit.BURST_MAX,
          SHIPPED.tokenLimit().burst(),
          "Requests at once of such a token.");
  private static final ConfigKey<Integer> HEARTBEATS_WAITING_MAX =
      KEYS.whole(
          "heartbeats_waiting_max",
          1,
          1_000_000,
          SHIPPED.heartbeatsWaitingMax(),
          "Workspaces whose heartbeats wait to be written, per thread; one more is answered 503.");

  private WorkspacesSection() {}

  static WorkspacesConfig read(ConfigValues values) {
    return new WorkspacesConfig(
        new WorkspaceQuota(
            values.get(FREE_MAX),
            values.get(STARTER_MAX),
            values.get(PRO_MAX),
            values.get(ENTERPRISE_MAX),
            values.get(TOKENS_MAX)),
        new Limit(values.get(RATE_LIMIT), values.get(BURST)),
        values.get(HEARTBEATS_WAITING_MAX));
  }

  private static ConfigKey<Integer> quota(String name, int byDefault) {
    String plan = name.substring(0, name.indexOf('_'));
    return KEYS.whole(
        name,
        WorkspaceQuota.UNLIMITED,
        1_000_000,
        byDefault,
        "Workspaces of an org on the plan " + plan + "; 0 is any number.");
  }
}
