/**
 * Holds the API's description to rules, and the server to the description. {@link
 * ai.molecule.edge.reference.OpenApiDocument} is how tests read it.
 */
package ai.molecule.edge.reference;
