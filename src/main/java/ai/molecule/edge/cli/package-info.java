/**
 * The commands that are no server: {@link ai.molecule.edge.cli.KeysCommand} and {@link
 * ai.molecule.edge.cli.OrgsCommand} ask a running edge over its API, {@link
 * ai.molecule.edge.cli.ScanCommand} looks for leaked credentials, {@link
 * ai.molecule.edge.cli.ConfigCommand} reads the configuration as a start does. Each is a picocli
 * class, writes through its command line's writers and answers an exit code; a failure it foresaw
 * is a sentence on the error stream, never a stack trace and never a token.
 *
 * <p>One command runs in a process, on its main thread, and may block, with a deadline. Nothing
 * here starts Vert.x.
 */
@NullMarked
package ai.molecule.edge.cli;

import org.jspecify.annotations.NullMarked;
