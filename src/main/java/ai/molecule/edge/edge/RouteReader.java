package ai.molecule.edge.edge;

import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.RouteSpec;
import ai.molecule.edge.proxy.UpstreamAddress;
import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads one route of the file; what is wrong with it goes to a list of faults. Used once. */
final class RouteReader {
  private static final List<String> KEYS =
      List.of(
          "prefix",
          "template",
          "upstream",
          "upstreams",
          "scope",
          "cost",
          "methods",
          "timeout_ms",
          "retries",
          "body_max_bytes",
          "org",
          "host",
          "plans");

  private static final int COST_MAX = 1_000_000;
  private static final int TIMEOUT_MILLIS_DEFAULT = 30_000;
  private static final int TIMEOUT_MILLIS_MAX = 600_000;
  private static final int RETRIES_DEFAULT = 1;
  private static final int RETRIES_MAX = 5;
  private static final int UPSTREAMS_MAX = 64;
  private static final int SEGMENTS_MAX = 32;
  private static final Pattern WORD = Pattern.compile("[0-9A-Za-z._~!$&'()*+,=:@-]{1,200}");
  private static final Pattern VARIABLE = Pattern.compile("\\{[a-z][a-z0-9_]{0,40}}");
  private static final Pattern METHOD = Pattern.compile("[A-Z]{1,20}");
  private static final Pattern HOST = Pattern.compile("\\{org}(\\.[0-9a-z-]{1,63}){1,20}");
  private static final Set<String> METHODS_NEVER = Set.of("CONNECT", "TRACE");
  private static final Set<String> PLANS = Set.of("free", "starter", "pro", "enterprise");
  private static final String ORG = "{org}";

  private final String pointer;
  private final JsonNode node;
  private final List<RouteFile.Fault> faults;

  RouteReader(String pointer, JsonNode node, List<RouteFile.Fault> faults) {
    this.pointer = pointer;
    this.node = node;
    this.faults = faults;
  }

  /** The route; empty when there is a fault in it. */
  Optional<Route> route() {
    int before = faults.size();
    if (!node.isObject()) {
      fault("", "must be a mapping");
      return Optional.empty();
    }
    node.properties().stream()
        .filter(member -> !KEYS.contains(member.getKey()))
        .forEach(
            member ->
                fault(
                    "/" + RouteFile.escaped(member.getKey()),
                    "is not a key; allowed: " + String.join(", ", KEYS)));
    String template = template();
    List<UpstreamAddress> upstreams = upstreams();
    ScopeSet scope = scope();
    int cost = (int) whole("cost", 1, COST_MAX, 1);
    Set<HttpMethod> methods = methods();
    int timeoutMillis = (int) whole("timeout_ms", 1, TIMEOUT_MILLIS_MAX, TIMEOUT_MILLIS_DEFAULT);
    int retries = (int) whole("retries", 0, RETRIES_MAX, RETRIES_DEFAULT);
    long bodyBytesMax = whole("body_max_bytes", 0, Long.MAX_VALUE, Long.MAX_VALUE);
    OrgSource org = org(template);
    if (faults.size() > before) {
      return Optional.empty();
    }
    RouteSpec spec = new RouteSpec(template, RouteSpec.Audience.KEYS_ONLY, scope, cost);
    return Optional.of(
        new Route(spec, methods, upstreams, timeoutMillis, retries, bodyBytesMax, org));
  }

  private String template() {
    boolean isTemplate = node.has("template");
    String key = isTemplate ? "template" : "prefix";
    if (isTemplate && node.has("prefix")) {
      fault("/prefix", "is given together with template");
    }
    String text = text(key, "a path such as /v1/search");
    if (text.isEmpty()) {
      return "/";
    }
    String path = text.length() > 1 && text.endsWith("/") ? chopped(text) : text;
    if (!path.startsWith("/")) {
      fault("/" + key, "must begin with /");
      return "/";
    }
    List<String> segments = RouteTable.segments(path);
    if (segments.size() > SEGMENTS_MAX) {
      fault("/" + key, "has more than " + SEGMENTS_MAX + " segments");
    }
    Set<String> variables = new LinkedHashSet<>();
    for (String segment : segments) {
      boolean isVariable = isTemplate && VARIABLE.matcher(segment).matches();
      if (isVariable && !variables.add(segment)) {
        fault("/" + key, "has " + segment + " more than once");
      } else if (!isVariable && (!WORD.matcher(segment).matches() || isDots(segment))) {
        fault(
            "/" + key,
            "has a segment that is not allowed: '"
                + segment
                + "'; allowed: letters, digits and ._~!$&'()*+,=:@-"
                + (isTemplate ? ", or a {variable}" : "; variables go into a template"));
      }
    }
    if (RouteTable.isOwn(path)) {
      fault("/" + key, "begins with /" + segments.getFirst() + ", which the edge answers itself");
    }
    return path;
  }

  private static String chopped(String text) {
    return text.substring(0, text.length() - 1);
  }

  private static boolean isDots(String segment) {
    return segment.equals(".") || segment.equals("..");
  }

  private List<UpstreamAddress> upstreams() {
    if (node.has("upstream") && node.has("upstreams")) {
      fault("/upstreams", "is given together with upstream");
    }
    List<UpstreamAddress> addresses = new ArrayList<>();
    if (!node.has("upstreams")) {
      address("/upstream", text("upstream", UpstreamAddress.FORM), addresses);
      return addresses;
    }
    List<String> urls = texts("upstreams", UpstreamAddress.FORM);
    if (urls.isEmpty() || urls.size() > UPSTREAMS_MAX) {
      fault("/upstreams", "must name 1 to " + UPSTREAMS_MAX + " upstreams");
    }
    for (int i = 0; i < urls.size(); i++) {
      address("/upstreams/" + i, urls.get(i), addresses);
    }
    return addresses;
  }

  private void address(String key, String url, List<UpstreamAddress> addresses) {
    if (url.isEmpty()) {
      return;
    }
    Optional<UpstreamAddress> address = UpstreamAddress.parse(url);
    if (address.isEmpty()) {
      fault(key, "is not allowed; allowed: " + UpstreamAddress.FORM);
    } else if (addresses.contains(address.get())) {
      fault(key, "is named more than once");
    } else {
      addresses.add(address.get());
    }
  }

  /** A route without one does not load: what it protects would be open to every key. */
  private ScopeSet scope() {
    String allowed = String.join(", ", Stream.of(Scope.values()).map(Scope::wireName).toList());
    String name = text("scope", allowed);
    if (name.isEmpty()) {
      return ScopeSet.NONE;
    }
    Optional<Scope> scope = Scope.ofWireName(name);
    if (scope.isEmpty()) {
      fault("/scope", "is no scope: '" + name + "'; allowed: " + allowed);
    }
    return scope.map(ScopeSet::of).orElse(ScopeSet.NONE);
  }

  private Set<HttpMethod> methods() {
    Set<HttpMethod> methods = new LinkedHashSet<>();
    if (!node.has("methods")) {
      return methods;
    }
    List<String> names = texts("methods", "names such as GET");
    if (names.isEmpty()) {
      fault("/methods", "must name at least one; without the key any will do");
    }
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      if (!METHOD.matcher(name).matches() || METHODS_NEVER.contains(name)) {
        fault("/methods/" + i, "is no method that can be routed: '" + name + "'");
      } else if (!methods.add(HttpMethod.valueOf(name))) {
        fault("/methods/" + i, "is named more than once");
      }
    }
    return methods;
  }

  private OrgSource org(String template) {
    Set<String> plans = plans();
    if (node.has("host") && !node.path("org").asText().equals("host")) {
      fault("/host", "is allowed with org: host alone");
    }
    if (!node.has("org")) {
      return plans.isEmpty() ? new OrgSource.Nowhere() : new OrgSource.OfKey(plans);
    }
    switch (text("org", "path or host")) {
      case "path" -> {
        int segment = RouteTable.segments(template).indexOf(ORG);
        if (segment < 0) {
          fault("/org", "is path, but there is no template with " + ORG);
        }
        return new OrgSource.Path(segment, plans);
      }
      case "host" -> {
        String host = text("host", "{org}.example.com");
        if (!HOST.matcher(host).matches()) {
          fault("/host", "is not allowed; allowed: {org}.example.com, in lower case");
          return new OrgSource.Nowhere();
        }
        return new OrgSource.Host(host.substring(ORG.length()), plans);
      }
      default -> fault("/org", "is not allowed; allowed: path or host");
    }
    return new OrgSource.Nowhere();
  }

  private Set<String> plans() {
    if (!node.has("plans")) {
      return Set.of();
    }
    List<String> names = texts("plans", "names of plans");
    if (names.isEmpty()) {
      fault("/plans", "must name at least one; without the key any will do");
    }
    for (int i = 0; i < names.size(); i++) {
      if (!PLANS.contains(names.get(i))) {
        fault("/plans/" + i, "is no plan; allowed: free, starter, pro, enterprise");
      }
    }
    return Set.copyOf(names);
  }

  /** The text of a key that must be there; empty after a fault. */
  private String text(String key, String allowed) {
    JsonNode value = node.path(key);
    if (value.isMissingNode()) {
      fault("/" + key, "is required; allowed: " + allowed);
    } else if (!value.isTextual() || value.textValue().isEmpty()) {
      fault("/" + key, "is not allowed; allowed: " + allowed);
    } else {
      return value.textValue();
    }
    return "";
  }

  private List<String> texts(String key, String allowed) {
    JsonNode list = node.path(key);
    List<String> texts = new ArrayList<>();
    if (!list.isArray()) {
      fault("/" + key, "must be a list: " + allowed);
      return texts;
    }
    for (int i = 0; i < list.size(); i++) {
      JsonNode value = list.get(i);
      if (value.isTextual() && !value.textValue().isEmpty()) {
        texts.add(value.textValue());
      } else {
        fault("/" + key + "/" + i, "is not allowed; allowed: " + allowed);
      }
    }
    return texts;
  }

  private long whole(String key, long min, long max, long byDefault) {
    JsonNode value = node.path(key);
    if (value.isMissingNode()) {
      return byDefault;
    }
    if (!value.canConvertToLong()
        || !value.isIntegralNumber()
        || value.longValue() < min
        || value.longValue() > max) {
      fault("/" + key, "must be a whole number from " + min + " to " + max);
      return byDefault;
    }
    return value.longValue();
  }

  private void fault(String key, String message) {
    faults.add(new RouteFile.Fault(pointer + key, message));
  }
}
