package ai.molecule.edge.scan;

import ai.molecule.edge.credential.CredentialKind;

/** What reports say of each kind of credential. */
enum FoundKind {
  LIVE_KEY("live-key", "live partner key", "error"),
  TEST_KEY("test-key", "test partner key", "warning"),
  WORKSPACE_TOKEN("workspace-token", "workspace token", "error");

  /** As in rules and JSON; never changes. */
  final String id;

  /** In a sentence. */
  final String words;

  /** As in SARIF. */
  final String level;

  FoundKind(String id, String words, String level) {
    this.id = id;
    this.words = words;
    this.level = level;
  }

  static FoundKind of(CredentialKind kind) {
    return switch (kind) {
      case LIVE_KEY -> LIVE_KEY;
      case TEST_KEY -> TEST_KEY;
      case WORKSPACE_TOKEN -> WORKSPACE_TOKEN;
    };
  }
}
