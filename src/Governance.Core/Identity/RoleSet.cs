using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Governance.Core.Identity;

/// <summary>
/// A set of roles with value equality, listed in the order of <see cref="Role"/>. Immutable; the default value is the empty set.
/// JSON: an array of role names.
/// </summary>
[JsonConverter(typeof(RoleSetJsonConverter))]
public readonly record struct RoleSet : IReadOnlyCollection<Role>
{
    private readonly int bits;

    private RoleSet(int bits) => this.bits = bits;

    public int Count => int.PopCount(bits);

    public bool IsEmpty => bits == 0;

    public static RoleSet Of(params ReadOnlySpan<Role> roles)
    {
        var set = default(RoleSet);
        foreach (var role in roles)
        {
            set = set.With(role);
        }

        return set;
    }

    public RoleSet With(Role role) => new(bits | (1 << (int)role));

    public bool Contains(Role role) => (bits & (1 << (int)role)) != 0;

    /// <summary>True when every line of defence of these roles is <paramref name="line"/>; false for the empty set.</summary>
    public bool IsWholly(LineOfDefence line)
    {
        foreach (var role in this)
        {
            if (role.Line() != line)
            {
                return false;
            }
        }

        return !IsEmpty;
    }

    public IEnumerator<Role> GetEnumerator()
    {
        foreach (var role in RoleNames.All)
        {
            if (Contains(role))
            {
                yield return role;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => string.Join(", ", this.Select(r => r.Name()));
}

internal sealed class RoleSetJsonConverter : JsonConverter<RoleSet>
{
    public override RoleSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var set = default(RoleSet);
        foreach (var name in JsonSerializer.Deserialize<string[]>(ref reader, options) ?? [])
        {
            set = RoleNames.TryParse(name, out var role) ? set.With(role) : throw new JsonException("Not a role name.");
        }

        return set;
    }

    public override void Write(Utf8JsonWriter writer, RoleSet value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var role in value)
        {
            writer.WriteStringValue(role.Name());
        }

        writer.WriteEndArray();
    }
}
