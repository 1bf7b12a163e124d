/**
 * The API's description and its rendering for people, which the edge serves itself: {@link
 * ai.molecule.edge.reference.ReferencePages}. What is served comes from the jar, is read once, off
 * the event loops, and stays in memory. Safe on any thread.
 */
@NullMarked
package ai.molecule.edge.reference;

import org.jspecify.annotations.NullMarked;
