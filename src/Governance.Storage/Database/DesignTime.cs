using Microsoft.EntityFrameworkCore.Design;

namespace Governance.Storage.Database;

/// <summary>For <c>dotnet ef</c>: writes migrations and scripts without a server.</summary>
internal sealed class PostgreSqlDesign : IDesignTimeDbContextFactory<PostgreSqlDatabase>
{
    public PostgreSqlDatabase CreateDbContext(string[] args) => PostgreSqlDatabase.Open("Host=design.invalid");
}

/// <summary>For <c>dotnet ef</c>: writes migrations and scripts without a server.</summary>
internal sealed class SqlServerDesign : IDesignTimeDbContextFactory<SqlServerDatabase>
{
    public SqlServerDatabase CreateDbContext(string[] args) => SqlServerDatabase.Open("Server=design.invalid");
}
