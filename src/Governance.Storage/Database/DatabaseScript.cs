using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Governance.Storage.Database;

/// <summary>The SQL that brings a database of any earlier version, or an empty one, to this version.</summary>
public static class DatabaseScript
{
    /// <summary>Running it again changes nothing. The files under <c>deploy/sql</c> hold the same.</summary>
    public static string Idempotent(DatabaseKind kind)
    {
        using var database = new DatabaseLocation(kind, kind == DatabaseKind.PostgreSql ? "Host=none" : "Server=none").Open();
        return database.GetService<IMigrator>().GenerateScript(options: MigrationsSqlGenerationOptions.Idempotent);
    }
}
