/**
 * The stores the tests run against: real ones, embedded by default, in containers with {@code
 * -Dedge.stores=containers}. {@link ai.molecule.edge.stores.TestStores} hands them out.
 */
@NullMarked
package ai.molecule.edge.stores;

import org.jspecify.annotations.NullMarked;
