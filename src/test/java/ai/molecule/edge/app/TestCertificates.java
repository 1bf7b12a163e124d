package ai.molecule.edge.app;

import ai.molecule.edge.config.FrontConfig;
import ai.molecule.edge.config.Http2Config;
import ai.molecule.edge.config.TlsConfig;
import ai.molecule.edge.exchange.CallerAddresses;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Certificates made by the JDK's keytool, and clients that show them. */
final class TestCertificates {
  private static final char[] PASSWORD = "changeit".toCharArray();

  private TestCertificates() {}

  /** A certificate that signs itself, with its key. */
  record Made(KeyStore store, X509Certificate certificate) {
    void write(Path certificateFile, Path keyFile) throws IOException, GeneralSecurityException {
      Files.writeString(certificateFile, pem("CERTIFICATE", certificate.getEncoded()));
      Files.writeString(keyFile, pem("PRIVATE KEY", store.getKey("it", PASSWORD).getEncoded()));
    }
  }

  static Made make(Path directory, String name, String algorithm)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path file = directory.resolve(name + ".p12");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "it",
                "-dname",
                "CN=" + name,
                "-keyalg",
                algorithm,
                "-ext",
                "SAN=dns:localhost,ip:127.0.0.1",
                "-ext",
                "BC=ca:true",
                "-validity",
                "30",
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit",
                "-keystore",
                file.toString()));
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IOException(said);
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    return new Made(store, (X509Certificate) store.getCertificate("it"));
  }

  /** A listener with TLS, whose certificate is made in that directory. */
  static FrontConfig front(Path directory, Http2Config http2)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path certificate = directory.resolve("edge.crt");
    Path privateKey = directory.resolve("edge.key");
    make(directory, "edge", "EC").write(certificate, privateKey);
    TlsConfig tls =
        new TlsConfig(
            certificate,
            privateKey,
            TlsConfig.ClientCertificates.NONE,
            Optional.empty(),
            Duration.ofSeconds(10),
            Duration.ofMinutes(1));
    return new FrontConfig(
        Optional.of(tls), http2, FrontConfig.ProxyProtocol.NONE, CallerAddresses.DIRECT);
  }

  static String pem(String kind, byte[] der) {
    return "-----BEGIN "
        + kind
        + "-----\n"
        + Base64.getMimeEncoder().encodeToString(der)
        + "\n-----END "
        + kind
        + "-----\n";
  }

  /** A client that takes every certificate, and shows those given. */
  static SSLContext client(Made... shown) throws GeneralSecurityException {
    KeyManager[] own = null;
    if (shown.length > 0) {
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(shown[0].store(), PASSWORD);
      own = keys.getKeyManagers();
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own, new TrustManager[] {new Trusting()}, null);
    return context;
  }

  /** It is not the client that is tested. */
  private static final class Trusting extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  /** The certificate that the other side showed. */
  static Certificate shown(javax.net.ssl.SSLSocket socket) throws IOException {
    return socket.getSession().getPeerCertificates()[0];
  }
}
