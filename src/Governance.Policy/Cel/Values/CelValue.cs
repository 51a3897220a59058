using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Governance.Policy.Cel;

/// <summary>
/// A value of the expression language: 24 bytes, no allocation for numbers, booleans, timestamps and durations. Immutable.
/// The default value is <see cref="CelKind.Absent"/>. Equality is that of the language (<see cref="CelEquality"/>):
/// numbers of different types are equal when they are the same number, and NaN is equal to nothing.
/// </summary>
public readonly struct CelValue : IEquatable<CelValue>
{
    private readonly object? reference;
    private readonly long bits;
    private readonly int nanos;

    private CelValue(CelKind kind, object? reference, long bits = 0, int nanos = 0)
    {
        Kind = kind;
        this.reference = reference;
        this.bits = bits;
        this.nanos = nanos;
    }

    public CelKind Kind { get; }

    public bool IsError => Kind == CelKind.Error;

    public static CelValue Null { get; } = new(CelKind.Null, null);

    public static CelValue True { get; } = new(CelKind.Bool, null, 1);

    public static CelValue False { get; } = new(CelKind.Bool, null);

    public static CelValue NoOptional { get; } = new(CelKind.Optional, null);

    public static CelValue Of(bool value) => new(CelKind.Bool, null, value ? 1 : 0);

    public static CelValue Of(long value) => new(CelKind.Int, null, value);

    public static CelValue Of(ulong value) => new(CelKind.Uint, null, unchecked((long)value));

    public static CelValue Of(double value) => new(CelKind.Double, null, BitConverter.DoubleToInt64Bits(value));

    public static CelValue Of(string value) => new(CelKind.String, value);

    /// <param name="value">Not copied: the caller gives it away.</param>
    public static CelValue Of(byte[] value) => new(CelKind.Bytes, value);

    public static CelValue Of(CelList value) => new(CelKind.List, value);

    /// <param name="values">Not copied: the caller gives it away.</param>
    public static CelValue ListOf(params CelValue[] values) => new(CelKind.List, new CelList(values));

    public static CelValue Of(CelMap value) => new(CelKind.Map, value);

    public static CelValue Of(CelType value) => new(CelKind.Type, value);

    public static CelValue Of(CelOpaque value) => new(CelKind.Opaque, value);

    public static CelValue OptionalOf(CelValue value) => new(CelKind.Optional, new Box(value));

    public static CelValue Error(CelError error) => new(CelKind.Error, error);

    public static CelValue Error(CelErrorCode code, string message) => new(CelKind.Error, new CelError(code, message));

    /// <summary>A point in time, or an error when it is outside the years 1 to 9999.</summary>
    /// <param name="seconds">Seconds since 1970-01-01T00:00:00Z.</param>
    /// <param name="nanoseconds">0 to 999,999,999.</param>
    public static CelValue Timestamp(long seconds, int nanoseconds = 0) =>
        seconds is < CelTime.MinSeconds or > CelTime.MaxSeconds
            ? Error(CelErrorCode.Overflow, "timestamp out of range (years 1 to 9999)")
            : new CelValue(CelKind.Timestamp, null, seconds, nanoseconds);

    public static CelValue Of(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        var (seconds, rest) = Math.DivRem(ticks, TimeSpan.TicksPerSecond);
        return rest < 0 ? Timestamp(seconds - 1, (int)(rest + TimeSpan.TicksPerSecond) * 100) : Timestamp(seconds, (int)rest * 100);
    }

    /// <param name="nanoseconds">The whole length; about 292 years either way.</param>
    public static CelValue Duration(long nanoseconds) => new(CelKind.Duration, null, nanoseconds);

    public bool AsBool => bits != 0;

    public long AsInt => bits;

    public ulong AsUint => unchecked((ulong)bits);

    public double AsDouble => BitConverter.Int64BitsToDouble(bits);

    public string AsString => Unsafe.As<string>(reference)!;

    public byte[] AsBytes => (byte[])reference!;

    public CelList AsList => (CelList)reference!;

    public CelMap AsMap => (CelMap)reference!;

    public CelType AsType => (CelType)reference!;

    public CelOpaque AsOpaque => (CelOpaque)reference!;

    public CelError AsError => (CelError)reference!;

    /// <summary>Seconds since the epoch of a timestamp.</summary>
    public long Seconds => bits;

    /// <summary>Nanoseconds within the second of a timestamp.</summary>
    public int Nanos => nanos;

    /// <summary>Length of a duration in nanoseconds.</summary>
    public long TotalNanos => bits;

    /// <summary>Whether an optional holds a value.</summary>
    public bool HasValue => reference is not null;

    /// <summary>What an optional holds; absent when it holds nothing.</summary>
    public CelValue Unwrapped => reference is Box box ? box.Value : default;

    public bool IsNumber => Kind is CelKind.Int or CelKind.Uint or CelKind.Double;

    /// <summary>The number as a double, whichever of the three number types it is.</summary>
    public double ToDouble() => Kind switch
    {
        CelKind.Int => AsInt,
        CelKind.Uint => AsUint,
        CelKind.Double => AsDouble,
        _ => throw new UnreachableException(),
    };

    public bool Equals(CelValue other) => CelEquality.AreEqual(this, other);

    public override bool Equals(object? obj) => obj is CelValue other && Equals(other);

    public override int GetHashCode() => CelEquality.Hash(this);

    public static bool operator ==(CelValue left, CelValue right) => left.Equals(right);

    public static bool operator !=(CelValue left, CelValue right) => !left.Equals(right);

    public override string ToString() => CelText.Display(this);

    private sealed class Box(CelValue value)
    {
        public CelValue Value { get; } = value;
    }
}

/// <summary>A value of an extension type. Implementations are immutable and define equality.</summary>
public abstract class CelOpaque
{
    public abstract CelType Type { get; }

    /// <summary>The text <c>string(x)</c> gives.</summary>
    public abstract override string ToString();
}
