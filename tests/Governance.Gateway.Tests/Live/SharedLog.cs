using System.Globalization;
using Governance.Testing;

namespace Governance.Gateway.Tests.Live;

/// <summary>A PostgreSQL with the tables of the governance log, and what gateways need to share it: settings, artefacts and keys.</summary>
internal sealed class SharedLog : IDisposable
{
    private static readonly string Scripts = Path.Combine(SharedMaterial.RepositoryRoot, "deploy", "sql", "postgresql");
    private readonly TempFolder folder = new();
    private readonly PostgreSqlServer server = PostgreSqlServer.Start();
    private readonly string database;

    public SharedLog()
    {
        server.SqlFile("postgres", "admin", Path.Combine(Scripts, "roles.sql"));
        database = server.NewDatabase("governance_owner");
        server.SqlFile(database, "governance_owner", Path.Combine(Scripts, "governance.sql"));
    }

    /// <summary>Where the server listens.</summary>
    public int Port => server.Port;

    /// <summary>The data folder of a gateway.</summary>
    public string Folder(string node) => folder.File(node);

    /// <summary>As the owner of the tables. Returns what was printed.</summary>
    public string Sql(string sql) => server.Sql(database, "governance_owner", sql);

    /// <param name="port">Of a proxy before the server; null for the server itself.</param>
    public string[] Settings(string node, int? port = null)
    {
        var connection = port is null
            ? server.ConnectionString(database, "governance_app")
            : string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port};Database={database};Username=governance_app;Timeout=5;Command Timeout=5");
        return ["Store=PostgreSql", $"Replica={node}", $"ArtifactFolder={folder.File("artifacts")}", "--ConnectionStrings:Governance=" + connection];
    }

    /// <summary>The keys that all gateways of one log have.</summary>
    public void CopyKeys(string from, string to)
    {
        Directory.CreateDirectory(folder.File(to + "/keys"));
        foreach (var key in new[] { "governance-log.pem", "evidence.pem" })
        {
            File.Copy(folder.File($"{from}/keys/{key}"), folder.File($"{to}/keys/{key}"));
        }
    }

    public void Dispose()
    {
        server.Dispose();
        folder.Dispose();
    }
}
