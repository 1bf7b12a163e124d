package ai.molecule.edge.problem;

/**
 * One thing wrong with a request.
 *
 * @param pointer a JSON pointer as a URI fragment (RFC 6901 section 6), such as {@code #/scopes/0};
 *     for a query parameter {@code ?name}
 * @param code a stable word, such as {@code unknown_member}
 * @param detail a sentence for people
 */
public record FieldError(String pointer, String code, String detail) {}
