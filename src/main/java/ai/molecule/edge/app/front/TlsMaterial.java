package ai.molecule.edge.app.front;

import ai.molecule.edge.config.TlsConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SSLOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;

/**
 * What the files of {@link TlsConfig} held when they were read: certificates and their key.
 * Immutable; reading and checking block.
 *
 * @param certificate the chain in PEM
 * @param key the private key in PEM
 * @param clientCa who signs the clients' certificates, in PEM
 */
record TlsMaterial(Buffer certificate, Buffer key, Optional<Buffer> clientCa) {
  private static final Set<String> VERSIONS = Set.of("TLSv1.2", "TLSv1.3");
  private static final byte[] PROBE = {1, 2, 3};

  /** Those of the files, if TLS is spoken; fails with what {@link #read} says. */
  static Future<Optional<TlsMaterial>> of(Vertx vertx, Optional<TlsConfig> config) {
    return config
        .map(files -> vertx.executeBlocking(() -> Optional.of(read(vertx, files))))
        .orElse(Future.succeededFuture(Optional.empty()));
  }

  /**
   * Reads the files and checks that they fit together.
   *
   * @throws IOException saying what is wrong with which file
   */
  static TlsMaterial read(Vertx vertx, TlsConfig config) throws IOException {
    Optional<Path> ca = config.clientCaFile();
    TlsMaterial material =
        new TlsMaterial(
            bytes("tls.certificate_file", config.certificateFile()),
            bytes("tls.key_file", config.keyFile()),
            ca.isPresent() ? Optional.of(bytes("tls.client_ca_file", ca.get())) : Optional.empty());
    try {
      material.check(vertx);
    } catch (Exception e) {
      throw new IOException(
          "tls.certificate_file and tls.key_file: %s and %s: %s"
              .formatted(config.certificateFile(), config.keyFile(), reason(e)),
          e);
    }
    if (ca.isPresent()) {
      try {
        material.trust().orElseThrow().getTrustManagerFactory(vertx);
      } catch (Exception e) {
        throw new IOException("tls.client_ca_file: " + ca.get() + ": " + reason(e), e);
      }
    }
    return material;
  }

  private static Buffer bytes(String key, Path file) throws IOException {
    try {
      return Buffer.buffer(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new IOException(
          key + ": " + file + " cannot be read: " + e.getClass().getSimpleName(), e);
    }
  }

  private static String reason(Exception e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  /** Half of a renewal, a new certificate with the old key, would break every handshake. */
  private void check(Vertx vertx) throws Exception {
    KeyManager[] managers = keyCert().getKeyManagerFactory(vertx).getKeyManagers();
    X509KeyManager manager = (X509KeyManager) managers[0];
    for (String type : new String[] {"RSA", "EC", "EdDSA", "Ed25519"}) {
      String[] aliases = manager.getServerAliases(type, null);
      if (aliases != null && aliases.length > 0) {
        X509Certificate own = manager.getCertificateChain(aliases[0])[0];
        checkPair(own, manager.getPrivateKey(aliases[0]));
        return;
      }
    }
    throw new GeneralSecurityException("no certificate with an RSA, EC or Ed25519 key");
  }

  private static void checkPair(X509Certificate certificate, PrivateKey key)
      throws GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> "EdDSA";
        };
    Signature signing = Signature.getInstance(algorithm);
    signing.initSign(key);
    signing.update(PROBE);
    Signature verifying = Signature.getInstance(algorithm);
    verifying.initVerify(certificate.getPublicKey());
    verifying.update(PROBE);
    if (!verifying.verify(signing.sign())) {
      throw new GeneralSecurityException("the key is not that of the certificate");
    }
  }

  PemKeyCertOptions keyCert() {
    return new PemKeyCertOptions().addCertValue(certificate).addKeyValue(key);
  }

  private Optional<PemTrustOptions> trust() {
    return clientCa.map(ca -> new PemTrustOptions().addCertValue(ca));
  }

  /** The settings of a listener with these. */
  ServerSSLOptions options(TlsConfig config) {
    ServerSSLOptions options = new ServerSSLOptions();
    options.setClientAuth(clientAuth(config));
    fill(options);
    return options;
  }

  /** Puts these and the versions of TLS that are spoken into {@code options}. */
  void fill(SSLOptions options) {
    options.setKeyCertOptions(keyCert());
    options.setEnabledSecureTransportProtocols(VERSIONS);
    trust().ifPresent(options::setTrustOptions);
  }

  /** What is asked of clients. */
  static ClientAuth clientAuth(TlsConfig config) {
    return switch (config.clientCertificates()) {
      case NONE -> ClientAuth.NONE;
      case REQUESTED -> ClientAuth.REQUEST;
      case REQUIRED -> ClientAuth.REQUIRED;
    };
  }

  @Override
  public String toString() {
    return "TLS material " + Arrays.hashCode(certificate.getBytes());
  }
}
