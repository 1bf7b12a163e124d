package ai.molecule.edge.credential.model;

/** A request under way, and what its continuation has captured. */
final class Request {
  /** What it waits for. */
  enum Waiting {
    ADMIT,
    PUT,
    /** A read of the primary, on which it rides with others. */
    FILL,
    /** The same while Redis is away. */
    DECIDE,
    /** The read after the one under way. */
    DECIDE_NEXT
  }

  final int id;
  final int node;
  final int loop;

  /** Whether it started after the revocation had been answered. */
  final boolean late;

  Waiting waiting = Waiting.ADMIT;
  int questions;
  int known;
  int generation;
  int noted;

  Request(int id, int node, int loop, boolean late) {
    this.id = id;
    this.node = node;
    this.loop = loop;
    this.late = late;
  }
}
