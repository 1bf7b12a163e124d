/**
 * The commands that are no server: {@link ai.molecule.edge.cli.ScanCommand} looks for leaked
 * credentials. Each is one picocli class, writes through its command line's writers and answers an
 * exit code; a failure it foresaw is one sentence on the error stream.
 *
 * <p>One command runs in a process, on its main thread, and may block. Nothing here starts Vert.x.
 */
@NullMarked
package ai.molecule.edge.cli;

import org.jspecify.annotations.NullMarked;
