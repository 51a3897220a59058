namespace Governance.Policy.Cel;

/// <summary>Equality and order as the language defines them: across number types, by code point for strings, element by element for aggregates.</summary>
public static class CelEquality
{
    public static bool AreEqual(in CelValue left, in CelValue right)
    {
        if (left.Kind != right.Kind)
        {
            return left.IsNumber && right.IsNumber && CompareNumbers(left, right) == 0;
        }

        return left.Kind switch
        {
            CelKind.Int or CelKind.Uint or CelKind.Bool or CelKind.Duration => left.AsInt == right.AsInt,
            CelKind.Double => left.AsDouble == right.AsDouble,
            CelKind.String => string.Equals(left.AsString, right.AsString, StringComparison.Ordinal),
            CelKind.Null or CelKind.Absent => true,
            CelKind.Bytes => left.AsBytes.AsSpan().SequenceEqual(right.AsBytes),
            CelKind.Timestamp => left.Seconds == right.Seconds && left.Nanos == right.Nanos,
            CelKind.List => Equal(left.AsList, right.AsList),
            CelKind.Map => Equal(left.AsMap, right.AsMap),
            CelKind.Type => string.Equals(left.AsType.Name, right.AsType.Name, StringComparison.Ordinal),
            CelKind.Optional => left.HasValue == right.HasValue && AreEqual(left.Unwrapped, right.Unwrapped),
            CelKind.Opaque => left.AsOpaque.Equals(right.AsOpaque),
            _ => false,
        };
    }

    /// <summary>
    /// Less than, equal, greater than (-1, 0, 1); null when the two have no order (NaN) or cannot be compared.
    /// A 64-bit integer meets a double as the nearest double.
    /// </summary>
    public static int? Compare(in CelValue left, in CelValue right)
    {
        if (left.IsNumber && right.IsNumber)
        {
            return CompareNumbers(left, right);
        }

        if (left.Kind != right.Kind)
        {
            return null;
        }

        return left.Kind switch
        {
            CelKind.Bool or CelKind.Duration => left.AsInt.CompareTo(right.AsInt),
            CelKind.String => CompareCodePoints(left.AsString, right.AsString),
            CelKind.Bytes => left.AsBytes.AsSpan().SequenceCompareTo(right.AsBytes),
            CelKind.Timestamp => left.Seconds != right.Seconds ? left.Seconds.CompareTo(right.Seconds) : left.Nanos.CompareTo(right.Nanos),
            _ => null,
        };
    }

    /// <summary>Whether two values of these kinds have an order at all.</summary>
    public static bool Comparable(in CelValue left, in CelValue right) =>
        left.Kind == right.Kind
            ? left.IsNumber || left.Kind is CelKind.Bool or CelKind.String or CelKind.Bytes or CelKind.Timestamp or CelKind.Duration
            : left.IsNumber && right.IsNumber;

    internal static int Hash(in CelValue value) => value.Kind switch
    {
        CelKind.Bool => value.AsBool ? 1 : 2,
        CelKind.Int => ((double)value.AsInt).GetHashCode(),
        CelKind.Uint => ((double)value.AsUint).GetHashCode(),
        CelKind.Double => value.AsDouble.GetHashCode(),
        CelKind.String => value.AsString.GetHashCode(StringComparison.Ordinal),
        CelKind.Bytes => value.AsBytes.Length,
        CelKind.Timestamp => HashCode.Combine(value.Seconds, value.Nanos),
        CelKind.Duration => value.TotalNanos.GetHashCode(),
        CelKind.List => value.AsList.Count + 3,
        CelKind.Map => value.AsMap.Count + 5,
        _ => (int)value.Kind,
    };

    private static int? CompareNumbers(in CelValue left, in CelValue right) => (left.Kind, right.Kind) switch
    {
        (CelKind.Int, CelKind.Int) => left.AsInt.CompareTo(right.AsInt),
        (CelKind.Uint, CelKind.Uint) => left.AsUint.CompareTo(right.AsUint),
        (CelKind.Int, CelKind.Uint) => left.AsInt < 0 ? -1 : ((ulong)left.AsInt).CompareTo(right.AsUint),
        (CelKind.Uint, CelKind.Int) => right.AsInt < 0 ? 1 : left.AsUint.CompareTo((ulong)right.AsInt),
        _ => CompareDoubles(left.ToDouble(), right.ToDouble()),
    };

    private static int? CompareDoubles(double left, double right) =>
        double.IsNaN(left) || double.IsNaN(right) ? null : left < right ? -1 : left > right ? 1 : 0;

    private static bool Equal(CelList left, CelList right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        for (var i = 0; i < left.Count; i++)
        {
            if (!AreEqual(left[i], right[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Equal(CelMap left, CelMap right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        foreach (var (key, value) in left.Entries)
        {
            if (!right.TryGet(key, out var other) || !AreEqual(value, other))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>UTF-16 order differs from code-point order only where exactly one side is a surrogate.</summary>
    private static int CompareCodePoints(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        for (var i = 0; i < length; i++)
        {
            if (left[i] != right[i])
            {
                return char.IsSurrogate(left[i]) == char.IsSurrogate(right[i])
                    ? left[i].CompareTo(right[i])
                    : char.IsSurrogate(left[i]) ? 1 : -1;
            }
        }

        return left.Length.CompareTo(right.Length);
    }
}
