namespace Governance.Storage.Database;

/// <summary>The tables of the scheduler library, which the same script makes as the log's.</summary>
public static class ScheduleTables
{
    /// <summary>What the names of all of them begin with.</summary>
    public const string Prefix = "schedule.qrtz_";

    /// <summary>The SQL that makes them; what is there already stays.</summary>
    public static string Script(DatabaseKind kind)
    {
        using var stream = typeof(ScheduleTables).Assembly.GetManifestResourceStream($"schedules/{kind}.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
