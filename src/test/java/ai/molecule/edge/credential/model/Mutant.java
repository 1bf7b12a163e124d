package ai.molecule.edge.credential.model;

/** The protocol with one step taken away or spoilt. The model has to notice. */
enum Mutant {
  NONE("the protocol as it is"),
  SESSIONS_NOT_AWAITED("announce answers that no session is alive"),
  CONFIRM_BEFORE_DROP("a node confirms before its event loops have dropped"),
  CONFIRM_WITHOUT_DROP("a node confirms and keeps the entry"),
  CONFIRM_BEFORE_LAST_LOOP("a node confirms when the first of its event loops has dropped"),
  READS_SURVIVE_DROP("dropping a key leaves the reads under way alone"),
  READS_SURVIVE_NEW_SESSION("dropping everything leaves the reads under way alone"),
  FENCE_DOES_NOT_FENCE("a fenced session can be renewed"),
  FENCED_NOT_AWAITED("fencing says that nothing is left of the session"),
  EXPIRED_SESSION_RENEWED_AND_COUNTED("a session is renewed after its end, and believed in"),
  SESSION_TRUSTED_TOO_LONG("a node trusts its session past its end"),
  SESSION_COUNTED_FROM_ANSWER("a renewal counts from its answer, not from its sending"),
  CACHE_WITHOUT_SESSION("the cache is trusted without a session"),
  CACHE_KEPT_OVER_SESSIONS("the cache outlives the session"),
  CACHE_KEPT_BY_NEW_SESSION("a new session begins with what the cache holds by then"),
  NO_TOMBSTONE("the tombstone is not written"),
  ANNOUNCED_BEFORE_REDIS("the nodes are told before the tombstone is written"),
  PUT_IGNORES_VERSIONS("a record is written over a higher version"),
  PUT_IGNORES_INCARNATION("a fill writes into whatever Redis there is"),
  RECORD_OF_ANY_INCARNATION("records of an earlier incarnation are believed"),
  FILLS_SHARED_OVER_INCARNATIONS("a fill shares a read that began before Redis lost its memory"),
  LATE_RENEWAL_COUNTED("a renewal counts although it is answered after the session's end"),
  DECIDING_READS_SHARED("while Redis is away, requests share reads that began before them"),

  // Equivalent: what they take away serves promptness, or is held by something else as well.
  EXPIRED_SESSION_RENEWED("a session can be renewed after its end"),
  CACHE_KEPT_BY_ENDED_SESSION("a session that ends leaves the cache as it is"),
  LOST_CONNECTION_IGNORED("a node whose listening connection is lost goes on with its session"),
  NOTIFIED_BEFORE_READ("announce notifies before it reads the sessions");

  final String what;

  Mutant(String what) {
    this.what = what;
  }

  boolean renewsExpired() {
    return this == EXPIRED_SESSION_RENEWED || this == EXPIRED_SESSION_RENEWED_AND_COUNTED;
  }
}
