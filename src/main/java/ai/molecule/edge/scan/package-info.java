/**
 * Finds credentials that ended up where they do not belong: {@link
 * ai.molecule.edge.scan.CredentialFinder} in a stream of bytes, {@link
 * ai.molecule.edge.scan.TreeScan} in files, {@link ai.molecule.edge.scan.HistoryScan} in all that a
 * git repository ever held; {@link ai.molecule.edge.scan.ScanReport} is what they found.
 *
 * <p>A credential counts when its checksum holds, so that there are no false alarms; its text is
 * kept nowhere. Memory is bounded whatever is read. Everything here blocks and belongs to one
 * thread; what cannot be read is part of the report, and no start of git a {@link
 * ai.molecule.edge.scan.ScanException}.
 */
@NullMarked
package ai.molecule.edge.scan;

import org.jspecify.annotations.NullMarked;
