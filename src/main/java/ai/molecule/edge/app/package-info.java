/**
 * The process: {@link ai.molecule.edge.app.Main} is the command line, {@link
 * ai.molecule.edge.app.Startup} a node's life from the configuration to the exit code, {@link
 * ai.molecule.edge.app.Failures} what is said when it fails. Below it {@code node} puts a node
 * together, {@code front} is its public listener, and {@code local} the stores of a single machine.
 *
 * <p>Nothing else may use these packages. A start that fails says why in a line, ends with an exit
 * code that {@link ai.molecule.edge.app.Main} lists, and leaves no process behind.
 */
@NullMarked
package ai.molecule.edge.app;

import org.jspecify.annotations.NullMarked;
