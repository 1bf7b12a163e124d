/**
 * An explicit-state model of the revocation protocol that drives the real classes: every order of
 * store calls, answers, failures, notifications and time, up to stated bounds.
 *
 * <p>{@link ai.molecule.edge.credential.model.World} is one state: real {@code NodeSession}s,
 * {@code Coordinator}s and tiers over stores in memory whose calls end when a move says so. {@link
 * ai.molecule.edge.credential.model.Explorer} walks through all states breadth first, by replay.
 */
@NullMarked
package ai.molecule.edge.credential.model;

import org.jspecify.annotations.NullMarked;
