/**
 * The way to Postgres: configuration, two pools with a deadline on every wait, and migrations.
 *
 * <p>The way in is {@link ai.molecule.edge.postgres.PostgresPools}. It can be made while Postgres
 * is down and finds it by itself; until then every call fails with {@code store_unavailable} within
 * its deadline, and none hangs. Everything public here may be used from any thread; a future made
 * on an event loop completes on it.
 */
@NullMarked
package ai.molecule.edge.postgres;

import org.jspecify.annotations.NullMarked;
