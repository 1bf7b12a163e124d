/** What the way to Postgres guarantees, against real servers that are hurt. */
@NullMarked
package ai.molecule.edge.postgres;

import org.jspecify.annotations.NullMarked;
