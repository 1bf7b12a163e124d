/**
 * What operators see: the catalogue of meters ({@link ai.molecule.edge.telemetry.EdgeMeter}, {@link
 * ai.molecule.edge.telemetry.EdgeMeters}), log lines with fixed keys ({@link
 * ai.molecule.edge.telemetry.LogKeys}), health and the operations listener ({@link
 * ai.molecule.edge.telemetry.OperationsServer}).
 *
 * <p>A published interface: names, units and label values are listed in {@code docs/metrics.md},
 * which a test holds to the code. No credential ever gets here. Everything may be used from any
 * thread and nothing on a request's way blocks or fails: a log line that cannot be written is
 * dropped.
 */
@NullMarked
package ai.molecule.edge.telemetry;

import org.jspecify.annotations.NullMarked;
