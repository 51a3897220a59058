using Governance.Storage.Database;
using Governance.Testing;

namespace Governance.Storage.Tests;

/// <summary>One PostgreSQL server for the tests that need it, started for the first and stopped after the last, with a migrated database for each.</summary>
public sealed class PostgreSqlFixture : IDisposable
{
    private readonly Lazy<PostgreSqlServer> server = new(Prepare);

    public PostgreSqlServer Server => server.Value;

    public static string Scripts { get; } = Path.Combine(SharedMaterial.RepositoryRoot, "deploy", "sql", "postgresql");

    /// <summary>A new database with the schema of today: as an operator would make it, from the scripts.</summary>
    public string NewDatabase()
    {
        PostgreSqlServer.SkipUnlessInstalled();
        var name = Server.NewDatabase("governance_owner");
        Server.SqlFile(name, "governance_owner", Path.Combine(Scripts, "governance.sql"));
        return name;
    }

    internal DatabaseLocation Location(string database, string user = "governance_app") => new(DatabaseKind.PostgreSql, Server.ConnectionString(database, user));

    public void Dispose()
    {
        if (server.IsValueCreated)
        {
            Npgsql.NpgsqlConnection.ClearAllPools();
            Server.Dispose();
        }
    }

    private static PostgreSqlServer Prepare()
    {
        var server = PostgreSqlServer.Start();
        server.SqlFile("postgres", "admin", Path.Combine(Scripts, "roles.sql"));
        server.SqlFile("postgres", "admin", Path.Combine(Scripts, "roles.sql"));
        return server;
    }
}
