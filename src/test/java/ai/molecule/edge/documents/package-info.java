/**
 * What holds the documents to the program: the shell blocks of a document as one session, and what
 * a document prints as their result against what they printed.
 */
package ai.molecule.edge.documents;
