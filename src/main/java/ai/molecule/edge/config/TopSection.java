package ai.molecule.edge.config;

/** The keys that stand in no section: where files are. */
final class TopSection {
  static final SectionKeys KEYS = SectionKeys.top();

  static final ConfigKey<String> DATA_DIR =
      KEYS.key("data_dir", Kind.PATH, ".edge", "Where the embedded stores keep their files.");
  static final ConfigKey<String> ROUTES_FILE =
      KEYS.key(
          "routes_file",
          Kind.PATH,
          "conf/routes.yaml",
          "The routes to other services; read again when it changes.");

  private TopSection() {}
}
