using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Governance.Serving.Protocol;

/// <summary>What the readers of this room share: each value of its type, each member once at any depth, counts bounded.</summary>
internal static class StrictJson
{
    /// <summary>Members of an object that we have no use for.</summary>
    public const int MostUnknownMembers = 64;

    public static readonly JsonReaderOptions Options = new() { MaxDepth = 8, CommentHandling = JsonCommentHandling.Disallow };

    /// <summary>The next value: a string of 1 to <paramref name="longest"/> characters without control characters.</summary>
    public static string Line(ref Utf8JsonReader reader, string name, int longest)
    {
        reader.Read();
        return Present(in reader, name, longest);
    }

    /// <summary>The present value, as <see cref="Line"/>.</summary>
    public static string Present(in Utf8JsonReader reader, string name, int longest)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
        return text.Length >= 1 && text.Length <= longest && !HasControl(text)
            ? text
            : throw Unfit($"{name} is a string of 1 to {longest} characters without control characters.");
    }

    /// <summary>The next value: true or false.</summary>
    public static bool Flag(ref Utf8JsonReader reader, string name)
    {
        reader.Read();
        return reader.TokenType is JsonTokenType.True or JsonTokenType.False ? reader.GetBoolean() : throw Unfit($"{name} is true or false.");
    }

    public static void Begin(ref Utf8JsonReader reader, JsonTokenType expected, string detail)
    {
        reader.Read();
        Expect(reader.TokenType, expected, detail);
    }

    public static void Expect(JsonTokenType actual, JsonTokenType expected, string detail)
    {
        if (actual != expected)
        {
            throw Unfit(detail);
        }
    }

    /// <summary>Notes a known member; it may be there once.</summary>
    public static void Once<T>(ref T seen, T member, string name)
        where T : struct, Enum
    {
        var (before, bit) = (Unsafe.BitCast<T, int>(seen), Unsafe.BitCast<T, int>(member));
        seen = (before & bit) == 0
            ? Unsafe.BitCast<int, T>(before | bit)
            : throw Twice(name);
    }

    /// <summary>Passes over the next value, refusing duplicate members inside it.</summary>
    public static void Skip(ref Utf8JsonReader reader)
    {
        reader.Read();
        SkipPresent(ref reader);
    }

    /// <summary>Passes over a member of no use, refusing one whose name was there before.</summary>
    public static void SkipMember(ref Utf8JsonReader reader, ref HashSet<string>? names)
    {
        names ??= new HashSet<string>(StringComparer.Ordinal);
        if (!names.Add(reader.GetString()!))
        {
            throw Twice("of one name");
        }

        if (names.Count > MostUnknownMembers)
        {
            throw Unfit($"An object has more than {MostUnknownMembers} members that are not the protocol's.");
        }

        Skip(ref reader);
    }

    public static FaultException Unfit(string detail) => new(new InferenceFault(422, "unfit-request", detail));

    public static FaultException TooManyRows(InferenceShape shape) =>
        new(new InferenceFault(413, "too-many-rows", $"One request holds at most {shape.MaxRows} rows of {shape.Features.Count} features."));

    private static FaultException Twice(string name) => Unfit($"A member {name} is there twice.");

    private static void SkipPresent(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            HashSet<string>? names = null;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                SkipMember(ref reader, ref names);
            }
        }
        else if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                SkipPresent(ref reader);
            }
        }
    }

    private static bool HasControl(string text)
    {
        foreach (var c in text)
        {
            if (char.IsControl(c))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Carries a fault out of the recursive readers; never leaves them.</summary>
internal sealed class FaultException(InferenceFault fault) : Exception
{
    public InferenceFault Fault { get; } = fault;
}
