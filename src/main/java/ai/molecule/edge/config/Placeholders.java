package ai.molecule.edge.config;

/** Stand in for the addresses of embedded stores while the rest of a section is checked. */
final class Placeholders {
  static final String POSTGRES_URI = "postgresql://edge@localhost/edge";
  static final String REDIS_URI = "redis://localhost";

  private Placeholders() {}
}
