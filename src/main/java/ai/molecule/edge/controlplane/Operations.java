package ai.molecule.edge.controlplane;

import java.util.List;
import java.util.stream.Stream;

/** What the control plane of one event loop can do, by what it does it to. */
public record Operations(
    KeysApi keys,
    OrgsApi orgs,
    MembersApi members,
    UsageApi usage,
    WorkspacesApi workspaces,
    OwnWorkspaceApi ownWorkspace,
    AuditApi audit,
    ExportApi exports,
    WebhooksApi webhooks) {
  /** Every route, declared once. */
  List<ControlRoute> routes() {
    return Stream.of(
            KeyRoutes.of(keys),
            OrgRoutes.of(orgs, members, usage),
            WorkspaceRoutes.managed(workspaces),
            WorkspaceRoutes.own(ownWorkspace),
            List.of(audit.route(), exports.route()),
            WebhookRoutes.of(webhooks))
        .flatMap(List::stream)
        .toList();
  }
}
