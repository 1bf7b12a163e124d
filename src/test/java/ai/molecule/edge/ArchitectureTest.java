package ai.molecule.edge;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/**
 * The package map of the main code. Features first, in levels: a lower level never imports a higher
 * one, and packages of one level do not know each other but for the two exceptions named below.
 *
 * <p>Each rule names a package and then everything of ours that it may import. A package that is
 * not in the list does not exist: a new one is added here, at the level where it belongs.
 */
@AnalyzeClasses(packages = ArchitectureTest.ROOT, importOptions = ArchitectureTest.MainCode.class)
final class ArchitectureTest {

  static final String ROOT = "ai.molecule.edge";

  /** Everything that was not compiled to where this test was, wherever the build puts that. */
  static final class MainCode implements ImportOption {
    private static final String TESTS =
        ArchitectureTest.class.getProtectionDomain().getCodeSource().getLocation().getPath();

    @Override
    public boolean includes(Location location) {
      return !location.contains(TESTS);
    }
  }

  // Level 0: what everything else may speak of. Meters count problems, so telemetry knows them.

  @ArchTest static final ArchRule problem = mayImport("problem");

  @ArchTest static final ArchRule telemetry = mayImport("telemetry", "problem");

  // Level 1: the stores' clients.

  @ArchTest static final ArchRule redis = mayImport("redis", "problem", "telemetry");

  @ArchTest static final ArchRule postgres = mayImport("postgres", "problem", "telemetry");

  // Level 1 too: bounds of what is under way, which know nothing of what that is.

  @ArchTest static final ArchRule overload = mayImport("overload");

  // Level 2: limiting and forwarding, neither of which knows who is asking.

  @ArchTest
  static final ArchRule ratelimit =
      mayImport("ratelimit", "problem", "telemetry", "redis", "postgres");

  @ArchTest
  static final ArchRule proxy = mayImport("proxy", "problem", "telemetry", "redis", "postgres");

  // Level 3: keys and what they allow. A bucket belongs to a key's lineage, hence the limits.

  @ArchTest
  static final ArchRule credential =
      mayImport("credential", "problem", "telemetry", "redis", "postgres", "ratelimit");

  // Level 4: one request on its way, which both planes speak of; and what looks for leaked keys,
  // which needs their form alone.

  @ArchTest static final ArchRule scan = mayImport("scan", "credential");

  @ArchTest
  static final ArchRule exchange =
      mayImport("exchange", "problem", "telemetry", "redis", "postgres", "ratelimit", "credential");

  // Level 5: the two planes, and what describes them. They share what is below and never each
  // other.

  @ArchTest
  static final ArchRule edge =
      mayImport(
          "edge",
          "problem",
          "telemetry",
          "redis",
          "overload",
          "postgres",
          "ratelimit",
          "proxy",
          "credential",
          "exchange");

  @ArchTest
  static final ArchRule controlplane =
      mayImport(
          "controlplane",
          "problem",
          "telemetry",
          "redis",
          "overload",
          "postgres",
          "ratelimit",
          "proxy",
          "credential",
          "exchange");

  @ArchTest
  static final ArchRule reference =
      mayImport(
          "reference",
          "problem",
          "telemetry",
          "redis",
          "postgres",
          "ratelimit",
          "proxy",
          "credential",
          "exchange");

  // Level 6: the whole. Each package has its own configuration record, so config imports down only;
  // the commands know config and what they run, app alone puts everything together.

  @ArchTest
  static final ArchRule config =
      mayImport(
          "config",
          "problem",
          "telemetry",
          "redis",
          "overload",
          "postgres",
          "ratelimit",
          "proxy",
          "credential",
          "exchange",
          "edge",
          "controlplane");

  @ArchTest static final ArchRule cli = mayImport("cli", "scan", "config");

  @ArchTest
  static final ArchRule app =
      mayImport(
          "app",
          "cli",
          "problem",
          "telemetry",
          "redis",
          "overload",
          "postgres",
          "ratelimit",
          "proxy",
          "credential",
          "exchange",
          "edge",
          "controlplane",
          "reference",
          "config");

  @ArchTest
  static final ArchRule everyClassIsInOneOfThesePackages =
      classes()
          .should()
          .resideInAnyPackage(
              trees(
                  "problem",
                  "telemetry",
                  "redis",
                  "overload",
                  "postgres",
                  "ratelimit",
                  "proxy",
                  "credential",
                  "exchange",
                  "scan",
                  "edge",
                  "controlplane",
                  "reference",
                  "config",
                  "cli",
                  "app"))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching(ROOT + ".(**)").should().beFreeOfCycles().allowEmptyShould(true);

  @ArchTest
  static final ArchRule everyPackageIsNullMarked =
      classes()
          .should(
              ArchCondition.from(
                  describe(
                      "be in a package whose package-info.java says @NullMarked",
                      type -> isNullMarked(type.getPackage()))))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule namesSayWhatAClassIs =
      noClasses()
          .should()
          .haveNameMatching(".*(Utils?|Helper|Manager)(\\$.*)?")
          .because("such a name says nothing; name the thing or put the method where it belongs")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule logsThroughSlf4j =
      noClasses().should(USE_JAVA_UTIL_LOGGING).allowEmptyShould(true);

  @ArchTest
  static final ArchRule onlyTheCommandLineWritesToTheConsole =
      noClasses()
          .that()
          .resideOutsideOfPackage(tree("app"))
          .should(ACCESS_STANDARD_STREAMS)
          .allowEmptyShould(true);

  private static ArchRule mayImport(String name, String... allowed) {
    return classes()
        .that()
        .resideInAPackage(tree(name))
        .should()
        .onlyDependOnClassesThat(
            notOurs().or(resideInAnyPackage(tree(name)).or(resideInAnyPackage(trees(allowed)))))
        .as(name + " may import of ours no more than " + List.of(allowed))
        .allowEmptyShould(true);
  }

  /** The package of that name and those below it. */
  private static String tree(String name) {
    return ROOT + "." + name + "..";
  }

  private static String[] trees(String... names) {
    return Stream.of(names).map(ArchitectureTest::tree).toArray(String[]::new);
  }

  private static DescribedPredicate<JavaClass> notOurs() {
    return resideOutsideOfPackage(ROOT + "..");
  }

  private static boolean isNullMarked(JavaPackage javaPackage) {
    return javaPackage.isAnnotatedWith(NullMarked.class);
  }
}
