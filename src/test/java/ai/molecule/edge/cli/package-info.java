/** What the commands promise to those who type them. */
@NullMarked
package ai.molecule.edge.cli;

import org.jspecify.annotations.NullMarked;
