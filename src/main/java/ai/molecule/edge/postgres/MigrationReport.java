package ai.molecule.edge.postgres;

import org.jspecify.annotations.Nullable;

/**
 * What a migration did.
 *
 * @param versionBefore the schema's version found, null in an empty database
 * @param versionAfter the schema's version now
 * @param applied how many migrations ran
 * @param databaseIsNewer whether the schema was made by a newer version of the edge: fine during a
 *     rolling restart
 */
public record MigrationReport(
    @Nullable String versionBefore, String versionAfter, int applied, boolean databaseIsNewer) {}
