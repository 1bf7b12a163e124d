package ai.molecule.edge.controlplane.webhooks;

import java.util.UUID;

/**
 * A delivery that this node alone may attempt, until its lease ends. It shows no secret.
 *
 * @param claim by which the node shows that it still has it
 * @param eventId the {@code webhook-id}
 * @param url of the webhook
 * @param secret of the webhook
 * @param body to be sent, byte for byte
 * @param tries attempts since it was made or replayed, this one included
 */
record Claimed(
    UUID id,
    UUID claim,
    UUID webhookId,
    UUID eventId,
    String url,
    SigningSecret secret,
    String body,
    int tries) {}
