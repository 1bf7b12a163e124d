package ai.molecule.edge.overload;

/**
 * How much may be under way on a node. Between a lowest and a highest number the bound follows how
 * long things take.
 *
 * @param callsMin operations of the control plane, however slow they are
 * @param callsMax operations of the control plane, however fast they are
 * @param revocationsMax revocations of keys and tokens, besides
 * @param upstreamMin requests to one upstream, however slow it is
 * @param upstreamMax requests to one upstream, however fast it is
 * @param partnerMax requests to upstreams of one partner, streams aside
 */
public record OverloadConfig(
    int callsMin,
    int callsMax,
    int revocationsMax,
    int upstreamMin,
    int upstreamMax,
    int partnerMax) {
  /** The shipped settings. */
  public static OverloadConfig defaults() {
    return new OverloadConfig(16, 128, 32, 64, 1_024, 256);
  }
}
