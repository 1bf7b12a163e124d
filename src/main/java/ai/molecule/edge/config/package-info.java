/**
 * The configuration: each section of the file is a class, such as {@code DrainSection}, that
 * declares its keys beside the record that is read from them. {@link
 * ai.molecule.edge.config.ConfigKeys} is the catalogue of all, {@link
 * ai.molecule.edge.config.ConfigLoader} reads the file and the environment against it, {@link
 * ai.molecule.edge.config.EdgeConfig} is the result.
 *
 * <p>Strict: an unknown or repeated key, a value of the wrong type or out of bounds, an unknown
 * {@code EDGE_} variable, all are refused at start, all at once, each by its name ({@link
 * ai.molecule.edge.config.ConfigException}). A secret's value is never shown. Everything here is
 * immutable and safe on any thread.
 */
@NullMarked
package ai.molecule.edge.config;

import org.jspecify.annotations.NullMarked;
