package ai.molecule.edge.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * TLS on the public listener: versions 1.2 and 1.3, HTTP/2 and HTTP/1.1 by ALPN.
 *
 * @param certificateFile the chain in PEM, the edge's own certificate first
 * @param keyFile its private key in PEM
 * @param clientCertificates whether clients show certificates
 * @param clientCaFile who signs those, in PEM; with {@code clientCertificates} alone
 * @param handshakeTimeout until a connection must have come to terms
 * @param reloadInterval how often the files are looked at, so that new ones are used without a
 *     restart
 */
public record TlsConfig(
    Path certificateFile,
    Path keyFile,
    ClientCertificates clientCertificates,
    Optional<Path> clientCaFile,
    Duration handshakeTimeout,
    Duration reloadInterval) {

  /** Whether clients show certificates, beside their credentials. */
  public enum ClientCertificates {
    /** They are not asked. */
    NONE,
    /** They are asked; one that is shown must be valid. */
    REQUESTED,
    /** A connection without a valid one does not come about. */
    REQUIRED
  }

  public TlsConfig {
    if (clientCertificates == ClientCertificates.NONE && clientCaFile.isPresent()) {
      throw new IllegalArgumentException(
          "tls.client_ca_file is of no use while tls.client_certificates is none");
    }
    if (clientCertificates != ClientCertificates.NONE && clientCaFile.isEmpty()) {
      throw new IllegalArgumentException(
          "tls.client_ca_file is required unless tls.client_certificates is none");
    }
  }
}
