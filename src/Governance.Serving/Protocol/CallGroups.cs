using Governance.Core.Serving;

namespace Governance.Serving.Protocol;

/// <summary>The protected groups of a request's rows, as places among declared levels: what is not declared cannot be held. Immutable.</summary>
/// <param name="Attributes">Those the route takes.</param>
/// <param name="Levels">Row-major <c>[rows, attributes]</c>; <see cref="NotGiven"/> where the caller did not say.</param>
public sealed record CallGroups(IReadOnlyList<GroupAttribute> Attributes, ReadOnlyMemory<byte> Levels)
{
    public const byte NotGiven = byte.MaxValue;

    /// <summary>The group of a row; null when the caller did not say.</summary>
    public string? Of(int row, int attribute) =>
        Levels.Span[(row * Attributes.Count) + attribute] is var level and not NotGiven ? Attributes[attribute].Levels[level] : null;

    /// <summary>Groups of a row by attribute; null when it has none.</summary>
    public IReadOnlyDictionary<string, string>? Of(int row)
    {
        var given = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var attribute = 0; attribute < Attributes.Count; attribute++)
        {
            if (Of(row, attribute) is { } level)
            {
                given[Attributes[attribute].Name] = level;
            }
        }

        return given.Count == 0 ? null : given;
    }
}
