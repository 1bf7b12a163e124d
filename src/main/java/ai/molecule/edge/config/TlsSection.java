package ai.molecule.edge.config;

import ai.molecule.edge.config.TlsConfig.ClientCertificates;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The section {@code tls}: TLS on the public listener. */
final class TlsSection {
  static final SectionKeys KEYS = SectionKeys.of("tls");

  private static final ConfigKey<String> CERTIFICATE_FILE =
      KEYS.optional(
          "certificate_file",
          Kind.PATH,
          "The chain of certificates in PEM; with it the public listener speaks TLS 1.2 and 1.3,"
              + " and HTTP/2.");
  private static final ConfigKey<String> KEY_FILE =
      KEYS.optional("key_file", Kind.PATH, "The private key in PEM; with tls.certificate_file.");
  private static final ConfigKey<ClientCertificates> CLIENT_CERTIFICATES =
      KEYS.choice(
          "client_certificates",
          ClientCertificates.NONE,
          "Whether clients show certificates, beside their credentials.");
  private static final ConfigKey<String> CLIENT_CA_FILE =
      KEYS.optional(
          "client_ca_file",
          Kind.PATH,
          "Who signs the clients' certificates, in PEM; unless tls.client_certificates is none.");
  private static final ConfigKey<Duration> HANDSHAKE_TIMEOUT =
      KEYS.span(
          "handshake_timeout",
          Duration.ofMillis(100),
          SectionKeys.MINUTE,
          Duration.ofSeconds(10),
          "A connection must have come to terms within this.");
  private static final ConfigKey<Duration> RELOAD_INTERVAL =
      KEYS.span(
          "reload_interval",
          Duration.ofMillis(100),
          SectionKeys.HOUR,
          Duration.ofSeconds(10),
          "How often the files are looked at; new ones are used for new connections.");

  private TlsSection() {}

  /** TLS as it is asked for; empty for a listener in clear text. */
  static Optional<TlsConfig> read(ConfigValues values) {
    Optional<Path> certificate = values.find(CERTIFICATE_FILE).map(Path::of);
    Optional<Path> key = values.find(KEY_FILE).map(Path::of);
    if (certificate.isPresent() != key.isPresent()) {
      throw new IllegalArgumentException(
          certificate.isPresent()
              ? "tls.key_file is required with tls.certificate_file"
              : "tls.certificate_file is required with tls.key_file");
    }
    if (certificate.isEmpty() && values.has(CLIENT_CA_FILE)) {
      throw new IllegalArgumentException("tls.client_ca_file is of no use without TLS");
    }
    return certificate.map(
        file ->
            new TlsConfig(
                file,
                key.orElseThrow(),
                values.get(CLIENT_CERTIFICATES),
                values.find(CLIENT_CA_FILE).map(Path::of),
                values.get(HANDSHAKE_TIMEOUT),
                values.get(RELOAD_INTERVAL)));
  }
}
