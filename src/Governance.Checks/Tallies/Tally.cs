namespace Governance.Checks.Tallies;

/// <summary>What the rows of one or more shards counted up to: numbered count maps. Immutable.</summary>
public sealed class Tally
{
    private readonly SortedDictionary<int, CountMap> maps;

    internal Tally(SortedDictionary<int, CountMap> maps) => this.maps = maps;

    /// <summary>The map in a slot, empty when no row counted there.</summary>
    public CountMap Map(int slot, int width) => maps.TryGetValue(slot, out var map) ? map : CountMap.Empty(width);

    /// <summary>The tally of all parts together. At least one.</summary>
    public static Tally Merge(IReadOnlyList<Tally> parts) =>
        new(new SortedDictionary<int, CountMap>(parts
            .SelectMany(p => p.maps)
            .GroupBy(m => m.Key, m => m.Value)
            .ToDictionary(g => g.Key, g => CountMap.Merge([.. g]))));

    internal void Write(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(maps.Count);
        foreach (var (slot, map) in maps)
        {
            writer.Write7BitEncodedInt(slot);
            map.Write(writer);
        }
    }

    internal static Tally Read(BinaryReader reader)
    {
        var read = new SortedDictionary<int, CountMap>();
        for (var remaining = reader.Read7BitEncodedInt(); remaining > 0; remaining--)
        {
            var slot = reader.Read7BitEncodedInt();
            read[slot] = CountMap.Read(reader);
        }

        return new Tally(read);
    }
}

/// <summary>Builds the tally of one shard. Not thread-safe.</summary>
public sealed class TallyBuilder
{
    private readonly SortedDictionary<int, CountMapBuilder> builders = [];

    /// <summary>The builder of a slot; a slot always has the same width.</summary>
    public CountMapBuilder Map(int slot, int width)
    {
        if (!builders.TryGetValue(slot, out var builder))
        {
            builders[slot] = builder = new CountMapBuilder(width);
        }

        return builder;
    }

    public Tally Build() =>
        new(new SortedDictionary<int, CountMap>(builders.ToDictionary(b => b.Key, b => b.Value.Build())));
}
