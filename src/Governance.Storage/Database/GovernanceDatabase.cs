using Microsoft.EntityFrameworkCore;

namespace Governance.Storage.Database;

/// <summary>
/// The shared governance log in a database: the tables, and what each database does in its own way. One instance per unit of work; not
/// thread-safe. Migrations live beside it, one set per database.
/// </summary>
internal abstract class GovernanceDatabase(DbContextOptions options) : DbContext(options)
{
    public const string Schema = "governance";
    public const string MigrationsTable = "migrations";
    public const int LongestStream = 400;
    public const int LongestKey = 400;

    public DbSet<StoredEvent> Events => Set<StoredEvent>();

    public DbSet<StoredLogKey> LogKeys => Set<StoredLogKey>();

    /// <summary>Makes this transaction the only one that appends, until it ends. Readers are not kept waiting.</summary>
    public abstract Task LockAppendsAsync(CancellationToken cancellationToken);

    /// <summary>What would let the log be changed or lost: privileges beyond reading and inserting, absent guards. In words; empty when nothing.</summary>
    public abstract Task<IReadOnlyList<string>> WeaknessesAsync(CancellationToken cancellationToken);

    /// <summary>Whether a constraint refused a row because there is one like it.</summary>
    public abstract bool IsDuplicate(Exception exception);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.Entity<StoredEvent>(table =>
        {
            table.ToTable("events");
            table.HasKey(e => e.Position).HasName("pk_events");
            table.HasIndex(e => new { e.Stream, e.Version }).IsUnique().HasDatabaseName("ux_events_stream_version");
            table.HasIndex(e => e.Request).IsUnique().HasDatabaseName("ux_events_request").HasFilter("request is not null");
            table.Property(e => e.Position).HasColumnName("position").ValueGeneratedNever();
            table.Property(e => e.Stream).HasColumnName("stream").HasMaxLength(LongestStream).UseCollation(OrdinalCollation);
            table.Property(e => e.Version).HasColumnName("version");
            table.Property(e => e.Request).HasColumnName("request").HasMaxLength(32).IsFixedLength();
            table.Property(e => e.Entry).HasColumnName("entry");
            table.Property(e => e.Root).HasColumnName("root").HasMaxLength(32).IsFixedLength();
        });
        modelBuilder.Entity<StoredLogKey>(table =>
        {
            table.ToTable("log_keys");
            table.HasKey(k => k.Key).HasName("pk_log_keys");
            table.Property(k => k.Key).HasColumnName("key").HasMaxLength(LongestKey).UseCollation(OrdinalCollation);
        });
    }

    /// <summary>The collation under which two texts are equal only when their characters are.</summary>
    protected abstract string OrdinalCollation { get; }
}
