namespace Governance.Storage.Database;

/// <summary>Databases that can hold the shared governance log.</summary>
public enum DatabaseKind
{
    /// <summary>PostgreSQL 15 or newer.</summary>
    PostgreSql,

    /// <summary>SQL Server 2022 or newer, or Azure SQL: append-only ledger tables.</summary>
    SqlServer,
}

/// <summary>Where the shared governance log is. Immutable.</summary>
/// <param name="ConnectionString">For the application role, which reads and inserts and nothing else. A secret.</param>
public sealed record DatabaseLocation(DatabaseKind Kind, string ConnectionString)
{
    /// <summary>Without the connection string: this may be logged.</summary>
    public override string ToString() => Kind.ToString();

    internal GovernanceDatabase Open() => Kind == DatabaseKind.PostgreSql
        ? PostgreSqlDatabase.Open(ConnectionString)
        : SqlServerDatabase.Open(ConnectionString);
}
