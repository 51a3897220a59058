using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Governance.Storage.Database;

/// <summary>The shared log on PostgreSQL: advisory lock, triggers, privileges.</summary>
internal sealed class PostgreSqlDatabase(DbContextOptions<PostgreSqlDatabase> options) : GovernanceDatabase(options)
{
    /// <summary>Channel on which the insert trigger tells of new events.</summary>
    public const string Channel = "governance_events";

    /// <summary>Key of the transaction-scoped advisory lock: "gov" and the number of the lock.</summary>
    private const long AppendLock = 0x676f76_01;

    protected override string OrdinalCollation => "C";

    public static PostgreSqlDatabase Open(string connectionString) => new(new DbContextOptionsBuilder<PostgreSqlDatabase>()
        .UseNpgsql(connectionString, npgsql => npgsql.MigrationsHistoryTable(MigrationsTable, Schema)).Options);

    public override Task LockAppendsAsync(CancellationToken cancellationToken) =>
        Database.ExecuteSqlAsync($"set local synchronous_commit = on; select pg_advisory_xact_lock({AppendLock})", cancellationToken);

    public override async Task<IReadOnlyList<string>> WeaknessesAsync(CancellationToken cancellationToken) =>
        await Database.SqlQuery<string>($"""
            select p || ' on governance.' || t as "Value"
            from unnest(array['events', 'log_keys']) t, unnest(array['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) p
            where has_table_privilege('governance.' || t, p)
            union all
            select 'trigger ' || g || ' is not enabled on governance.' || t
            from (values ('events', 'append_in_order'), ('events', 'refuse_change'), ('events', 'refuse_truncate'), ('log_keys', 'refuse_change'),
                ('log_keys', 'refuse_truncate')) guards(t, g)
            where not exists (
                select 1 from pg_trigger where tgrelid = ('governance.' || t)::regclass and tgname = g and tgenabled in ('O', 'A'))
            """).ToListAsync(cancellationToken);

    public override bool IsDuplicate(Exception exception) =>
        exception is DbUpdateException { InnerException: PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } };
}
