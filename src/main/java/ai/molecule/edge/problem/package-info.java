/**
 * What the edge answers when it does not do what was asked: one catalogue of codes ({@link
 * ai.molecule.edge.problem.ProblemCode}), one value that travels as a failed future ({@link
 * ai.molecule.edge.problem.Problem}) and one renderer ({@link
 * ai.molecule.edge.problem.ProblemRenderer}). Everything here is immutable and safe on any thread.
 */
@NullMarked
package ai.molecule.edge.problem;

import org.jspecify.annotations.NullMarked;
