/**
 * Metering: what each org used in which hour.
 *
 * <p>{@link ai.molecule.edge.controlplane.usage.UsageStore} reads it, {@link
 * ai.molecule.edge.controlplane.usage.HourCloser} closes hours that are over, each once, and {@link
 * ai.molecule.edge.controlplane.usage.HourlyLevels} is the arithmetic of both. What they reckon
 * with is written elsewhere: how much of an org there is by the triggers of the migration that
 * holds the tables, which states the invariant too, and calls by {@link
 * ai.molecule.edge.credential.CallFlusher}.
 *
 * <p>Safe on any thread. Without Postgres reads fail with {@code store_unavailable}, and hours are
 * closed later.
 */
@NullMarked
package ai.molecule.edge.controlplane.usage;

import org.jspecify.annotations.NullMarked;
