/**
 * How much may be under way at a time: a bound that follows how long things take ({@link
 * ai.molecule.edge.overload.InFlight}), and equal shares under one ({@link
 * ai.molecule.edge.overload.Shares}). Nothing here waits or queues: what finds no room is refused,
 * and the caller says how. Everything here is safe on any thread.
 */
@NullMarked
package ai.molecule.edge.overload;

import org.jspecify.annotations.NullMarked;
