namespace Governance.Policy.Cel;

/// <summary>Calendar fields of timestamps, in UTC or in a named zone, and whole units of durations.</summary>
internal static class TimeFunctions
{
    public static void AddTo(FunctionTable table)
    {
        Field(table, "getFullYear", t => t.Year);
        Field(table, "getMonth", t => t.Month - 1);
        Field(table, "getDate", t => t.Day);
        Field(table, "getDayOfMonth", t => t.Day - 1);
        Field(table, "getDayOfWeek", t => (int)t.DayOfWeek);
        Field(table, "getDayOfYear", t => t.DayOfYear - 1);
        Field(table, "getHours", t => t.Hour);
        Field(table, "getMinutes", t => t.Minute);
        Field(table, "getSeconds", t => t.Second);
        table.Member("getMilliseconds", CelType.Int, CelType.Timestamp, (in CelValue v) => CelValue.Of((long)v.Nanos / 1_000_000));
        table.Member("getMilliseconds", CelType.Int, CelType.Timestamp, CelType.String, (in CelValue v, in CelValue zone) =>
            CelTime.TryLocal(v, zone.AsString, out _) ? CelValue.Of((long)v.Nanos / 1_000_000) : UnknownZone());
        Unit(table, "getHours", 3600 * CelTime.NanosPerSecond);
        Unit(table, "getMinutes", 60 * CelTime.NanosPerSecond);
        Unit(table, "getSeconds", CelTime.NanosPerSecond);
        table.Member("getMilliseconds", CelType.Int, CelType.Duration, (in CelValue v) => CelValue.Of(v.TotalNanos % CelTime.NanosPerSecond / 1_000_000));
    }

    private static void Field(FunctionTable table, string name, Func<DateTime, int> field)
    {
        table.Member(name, CelType.Int, CelType.Timestamp, (in CelValue v) =>
        {
            CelTime.TryLocal(v, "UTC", out var time);
            return CelValue.Of((long)field(time));
        });
        table.Member(name, CelType.Int, CelType.Timestamp, CelType.String, (in CelValue v, in CelValue zone) =>
            CelTime.TryLocal(v, zone.AsString, out var time) ? CelValue.Of((long)field(time)) : UnknownZone());
    }

    private static void Unit(FunctionTable table, string name, long nanos) =>
        table.Member(name, CelType.Int, CelType.Duration, (in CelValue v) => CelValue.Of(v.TotalNanos / nanos));

    private static CelValue UnknownZone() =>
        CelValue.Error(CelErrorCode.InvalidArgument, "unknown time zone; use an IANA name such as 'Europe/London' or an offset such as '+01:00'");
}
