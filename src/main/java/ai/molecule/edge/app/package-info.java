/**
 * The composition root: {@link ai.molecule.edge.app.Main} is the command line, {@link
 * ai.molecule.edge.app.Startup} what happens until a node serves, {@link ai.molecule.edge.app.Node}
 * a node with what it is made of, {@link ai.molecule.edge.app.EdgeVerticle} binds the public
 * listener on each event loop.
 *
 * <p>Nothing else may use this package. A start that fails says why in a sentence, ends with an
 * exit code that {@link ai.molecule.edge.app.Main} lists, and leaves no process behind.
 */
@NullMarked
package ai.molecule.edge.app;

import org.jspecify.annotations.NullMarked;
