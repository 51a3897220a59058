using System.Text.Json;
using Governance.Core.Serving;

namespace Governance.Serving.Protocol;

/// <summary>Reads the parameter <c>groups</c>: an object of attribute and group for one row, a list of such for several. Only what the route declares is taken.</summary>
internal static class GroupsReader
{
    public static List<byte> Read(ref Utf8JsonReader reader, InferenceShape shape)
    {
        var attributes = shape.Groups ?? throw StrictJson.Unfit("This route does not count by groups: leave the parameter groups out.");
        var levels = new List<byte>(attributes.Count);
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            ReadRow(ref reader, attributes, levels);
            return levels;
        }

        StrictJson.Expect(reader.TokenType, JsonTokenType.StartArray, "groups is an object of attribute and group, or a list of one for each row.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (levels.Count == shape.MaxRows * attributes.Count)
            {
                throw StrictJson.TooManyRows(shape);
            }

            StrictJson.Expect(reader.TokenType, JsonTokenType.StartObject, "groups is an object of attribute and group, or a list of one for each row.");
            ReadRow(ref reader, attributes, levels);
        }

        return levels;
    }

    private static void ReadRow(ref Utf8JsonReader reader, IReadOnlyList<GroupAttribute> attributes, List<byte> levels)
    {
        Span<byte> row = stackalloc byte[attributes.Count];
        row.Fill(CallGroups.NotGiven);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var attribute = IndexOf(in reader, attributes.Count, i => attributes[i].Name);
            if (attribute < 0 || row[attribute] != CallGroups.NotGiven)
            {
                throw StrictJson.Unfit($"groups names each attribute once, and only: {string.Join(", ", attributes.Select(a => a.Name))}.");
            }

            reader.Read();
            var of = attributes[attribute].Levels;
            var level = reader.TokenType == JsonTokenType.String ? IndexOf(in reader, of.Count, i => of[i]) : -1;
            row[attribute] = level >= 0 ? (byte)level : throw StrictJson.Unfit($"groups.{attributes[attribute].Name} is one of: {string.Join(", ", of)}.");
        }

        levels.AddRange(row);
    }

    private static int IndexOf(in Utf8JsonReader reader, int count, Func<int, string> name)
    {
        for (var i = 0; i < count; i++)
        {
            if (reader.ValueTextEquals(name(i)))
            {
                return i;
            }
        }

        return -1;
    }
}
