namespace Governance.Policy.Cel;

/// <summary>
/// How much there is to a value, for charging: one per element at every level, one per 16 characters or bytes. Constant time, because
/// lists and maps know their own. Shared parts count every time they are reached, which is how often a walk would visit them.
/// </summary>
internal static class CelSize
{
    private const long Cap = long.MaxValue / 4;

    public static long Of(in CelValue value) => value.Kind switch
    {
        CelKind.String => 1 + (value.AsString.Length / 16),
        CelKind.Bytes => 1 + (value.AsBytes.Length / 16),
        CelKind.List => value.AsList.Size,
        CelKind.Map => value.AsMap.Size,
        CelKind.Optional => value.HasValue ? 1 + Of(value.Unwrapped) : 1,
        _ => 1,
    };

    public static long Sum(long left, long right) => Math.Min(Cap, left + right);
}
