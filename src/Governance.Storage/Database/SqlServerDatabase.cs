using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Governance.Storage.Database;

/// <summary>The shared log on SQL Server 2022: append-only ledger tables, application lock.</summary>
internal sealed class SqlServerDatabase(DbContextOptions<SqlServerDatabase> options) : GovernanceDatabase(options)
{
    private const int UniqueIndexViolation = 2601;
    private const int UniqueConstraintViolation = 2627;

    protected override string OrdinalCollation => "Latin1_General_100_BIN2_UTF8";

    public static SqlServerDatabase Open(string connectionString) => new(new DbContextOptionsBuilder<SqlServerDatabase>()
        .UseSqlServer(connectionString, server => server.MigrationsHistoryTable(MigrationsTable, Schema))
        .ReplaceService<IMigrationsSqlGenerator, LedgerTableSqlGenerator>().Options);

    public override Task LockAppendsAsync(CancellationToken cancellationToken) => Database.ExecuteSqlAsync(
        $"""
        declare @outcome int;
        exec @outcome = sp_getapplock @Resource = 'governance.events', @LockMode = 'Exclusive', @LockOwner = 'Transaction', @LockTimeout = 30000;
        if @outcome < 0 throw 50001, 'The lock on appends was not granted within 30 seconds.', 1;
        """,
        cancellationToken);

    /// <summary>The engine refuses changes of an append-only ledger table to everybody; what is left is who could replace the table.</summary>
    public override async Task<IReadOnlyList<string>> WeaknessesAsync(CancellationToken cancellationToken) =>
        await Database.SqlQuery<string>($"""
            select p + ' on ' + t as [Value]
            from (values ('governance.events'), ('governance.log_keys')) as logs(t), (values ('ALTER'), ('CONTROL'), ('UPDATE'), ('DELETE')) as excess(p)
            where has_perms_by_name(t, 'OBJECT', p) = 1
            union all
            select t + ' is no append-only ledger table'
            from (values ('governance.events'), ('governance.log_keys')) as logs(t)
            where not exists (select 1 from sys.tables s where s.object_id = object_id(t) and s.ledger_type = 3)
            union all
            select 'delayed durability is forced on the database' from sys.databases where database_id = db_id() and delayed_durability = 2
            """).ToListAsync(cancellationToken);

    public override bool IsDuplicate(Exception exception) =>
        exception is DbUpdateException { InnerException: SqlException { Number: UniqueIndexViolation or UniqueConstraintViolation } };

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<StoredEvent>().Property(e => e.Stream).IsUnicode(false);
        modelBuilder.Entity<StoredLogKey>().Property(k => k.Key).IsUnicode(false);
    }
}
